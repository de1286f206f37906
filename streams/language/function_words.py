"""Words that tell what the statistical models cannot: languages they don't know, and a close pair.

A language is recognised by its commonest particles and conjunctions, which make up a third of any text
or more (Ingle 1976, "A Language Identification Table"; Dunning 1994 calls them its signature).
"""

import re

# Māori, Tswana and Tsonga are in neither model. Northern and Southern Sotho are in one: they stand here
# for Tswana to be told from.
_COMMON = {
    "mi": "te ngā nga ki ko i e o a he me ka kua kei mō mo nā na nō no hoki ana ai mai atu rā ra nei ia "
    "tēnei tenei taua rātou ratou tātou kāore kaore roto runga katoa hei kia kāhore anō ano mā ma",
    "tn": "le ya ka go mo e ba ke fa gore wa kwa tsa ga re se sa kgotsa jaaka fela gongwe jwa tla mme gape "
    "o a di bo la lo tse tseo eo yo yoo bao bone nna dira gonne mabapi kgona ntse sengwe jaanong",
    "nso": "le ya ka go mo e ba ke ge gore wa kua tša ga wo se sa goba bjalo fela bja tla gomme gape "
    "o a di bo la lo tše tšeo yeo yo bao wona nna dira gobane mabapi kgona moka setšhaba bjang",
    "st": "le ya ka ho mo e ba ke ha hore wa tsa re se sa kapa jwalo feela tla mme hape "
    "o a di bo la lo tse tseo eo yo bao bona nna etsa hobane haholo kgona jwang setjhaba hona",
    "ts": "ku na hi xi swi ka ya leswaku eka va ndzi loko kumbe naswona lowu leyi leswi u a tani ngopfu "
    "wa swa xa ta le ni la lava lexi laha hinkwaswo nga kambe kutani vona yena xikan'we rin'wana ma mi i",
}
_MALAY = (
    "kerana bahawa boleh wang polis manakala ialah iaitu mahu pejabat rasmi universiti peratus kerajaan "
    "syarikat beliau kereta basikal bandar disember julai ogos daripada pelbagai perkhidmatan aktiviti "
    "kualiti telefon isnin jumaat ahad hendaklah menerusi encik adakah membolehkan merupakan lelaki"
)
_INDONESIAN = (
    "karena bahwa bisa uang polisi sementara adalah yakni yaitu mau kantor resmi universitas persen "
    "pemerintah perusahaan mobil sepeda desember juli agustus dari berbagai layanan aktivitas kualitas "
    "telepon senin jumat minggu karyawan butuh gimana nggak cuma kapan pria sangat saat provinsi rabu"
)
COMMON = {language: frozenset(words.split()) for language, words in _COMMON.items()}
MALAY, INDONESIAN = frozenset(_MALAY.split()), frozenset(_INDONESIAN.split())

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_COVERED = 0.35
_DISTINCT = 3


def recognise(text: str) -> str | None:
    """Return the language whose commonest words make up a third of the text, None where none's do."""
    words = _WORD.findall(text.lower())
    covered = {language: sum(word in common for word in words) for language, common in COMMON.items()}
    best = max(covered, key=lambda language: covered[language])
    if covered[best] < max(1, _COVERED * len(words)) or len(COMMON[best] & set(words)) < _DISTINCT:
        return None
    return best if list(covered.values()).count(covered[best]) == 1 else None


def prefer_malay(text: str) -> int:
    """Return how many more words only Malay has than words only Indonesian has."""
    words = set(_WORD.findall(text.lower()))
    return len(words & MALAY) - len(words & INDONESIAN)
