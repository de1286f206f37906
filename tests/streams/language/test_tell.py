import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft, Metadata
from streams.language.tell import load, tell, tell_language

TEXTS = {
    "ar": "أعلنت الحكومة اليوم عن خطة جديدة لإعادة بناء المدارس في القرى التي تضررت من السيول",
    "fa": "دولت امروز از برنامه تازه‌ای برای بازسازی مدرسه‌های روستاهای آسیب‌دیده از سیل خبر داد",
    "ur": "حکومت نے آج سیلاب سے متاثرہ دیہات میں اسکولوں کی تعمیر کے نئے منصوبے کا اعلان کیا ہے",
    "ps": "حکومت نن د سېلاب ځپلو کلیو د ښوونځیو د بیا جوړولو لپاره د نوي پلان اعلان وکړ",
    "he": "הממשלה הודיעה היום על תוכנית חדשה לשיקום בתי הספר בכפרים שנפגעו מהשיטפונות",
    "en": "The government announced a new plan today to rebuild the schools in villages hit by the floods",
    "de": "Die Regierung hat heute einen neuen Plan für die Schulen in den Dörfern vorgestellt",
    "fr": "Le gouvernement a annoncé aujourd'hui un nouveau plan de reconstruction des écoles des villages",
    "es": "El gobierno anunció hoy un nuevo plan para reconstruir las escuelas de los pueblos afectados",
    "pt": "O governo anunciou hoje um novo plano para reconstruir as escolas das aldeias atingidas",
    "it": "Il governo ha annunciato oggi un nuovo piano per ricostruire le scuole dei villaggi colpiti",
    "nl": "De regering heeft vandaag een nieuw plan aangekondigd om de scholen in de dorpen te herbouwen",
    "nb": "Regjeringen la i dag fram en ny plan for å bygge opp igjen skolene i landsbyene etter flommen",
    "tr": "Hükümet bugün selden zarar gören köylerdeki okulların yeniden inşası için yeni bir plan açıkladı",
    "az": "Hökumət bu gün daşqından zərər çəkmiş kəndlərdəki məktəblərin bərpası üçün yeni plan açıqladı",
    "ru": "Правительство объявило сегодня о новом плане восстановления школ в пострадавших деревнях",
    "uk": "Уряд оголосив сьогодні про новий план відбудови шкіл у селах, які постраждали від повені",
    "sr": "Влада је данас објавила нови план за обнову школа у селима која су погођена поплавама",
    "kk": "Үкімет бүгін су тасқынынан зардап шеккен ауылдардағы мектептерді қалпына келтіреді",
    "is": "Ríkisstjórnin kynnti í dag nýja áætlun um að endurbyggja skólana í þorpunum eftir flóðin",
    "el": "Η κυβέρνηση ανακοίνωσε σήμερα ένα νέο σχέδιο για τα σχολεία στα χωριά",
    "hi": "सरकार ने आज बाढ़ से प्रभावित गाँवों में स्कूलों के पुनर्निर्माण की नई योजना की घोषणा की",
    "ne": "सरकारले आज बाढीबाट प्रभावित गाउँका विद्यालयहरू पुनर्निर्माण गर्ने नयाँ योजना घोषणा गरेको छ",
    "bn": "সরকার আজ বন্যাকবলিত গ্রামগুলির বিদ্যালয় পুনর্নির্মাণের নতুন পরিকল্পনা ঘোষণা করেছে",
    "th": "รัฐบาลประกาศแผนใหม่ในการสร้างโรงเรียนในหมู่บ้านที่ถูกน้ำท่วม",
    "ko": "정부는 오늘 홍수 피해를 입은 마을의 학교를 다시 짓는 계획을 발표했다",
    "ja": "政府は今日、洪水の被害を受けた村の学校を再建する新しい計画を発表した",
    "zh-Hans": "政府今天宣布了一项重建受灾农村学校的新计划",
    "zh-Hant": "政府今天宣布了一項重建受災農村學校的新計劃",
    "ka": "მთავრობამ დღეს სკოლების აღდგენის ახალი გეგმა გამოაცხადა",
    "sw": "Serikali leo imetangaza mpango mpya wa kujenga upya shule katika vijiji vilivyokumbwa na mafuriko",
    "ms": "Kerajaan hari ini mengumumkan pelan baharu bagi membina semula sekolah kerana banjir, kata beliau",
    "id": "Pemerintah hari ini mengumumkan rencana baru untuk membangun sekolah karena banjir, katanya",
    "mi": "I kī te kāwanatanga i te rā nei ka hangaia anō ngā kura i roto i ngā kāinga i pā ki te waipuke",
    "tn": "Puso e itsisitse gompieno gore e tla aga dikole tse dintsha kwa metseng e e amilweng ke morwalela",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_of_news_is_told(language: str) -> None:
    told, confidence = tell(TEXTS[language])
    assert told == language
    assert 0.5 < confidence < 1


NO_TEXT = {
    "nothing": "",
    "white space": " \n\t",
    "numbers": "12.345 – 67,8 % (2026)",
    "emoji": "😀😀😀 🎉",
    "punctuation": "?!… — «»",
    "an address": "https://news.example/world/latest-report-from-the-capital",
    "two letters": "OK",
    "a name": "Ali Reza",
    "a handle": "@thenewsroom #breakingnews",
}


@pytest.mark.parametrize("text", NO_TEXT.values(), ids=NO_TEXT)
def test_what_is_too_little_for_an_answer_is_undetermined(text: str) -> None:
    assert tell(text) == ("und", 0.0)


@pytest.mark.parametrize(("text", "language"), [("속보", "und"), ("ด่วน", "th"), ("ראש הממשלה", "he")])
def test_a_script_of_one_language_needs_few_letters(text: str, language: str) -> None:
    assert tell(text)[0] == language


def test_addresses_and_latin_names_do_not_hide_the_language() -> None:
    text = (
        f"https://a.example/one {TEXTS['ar']} https://b.example/two Reuters @agency https://c.example/three"
    )
    assert tell(text)[0] == "ar"


def test_a_banner_in_another_language_before_a_long_text_decides_nothing() -> None:
    banner = "We value your privacy. This site uses cookies to give you the best experience. Accept all. "
    assert tell(banner + f"{TEXTS['ar']}. " * 12)[0] == "ar"


@pytest.mark.parametrize("place", [0, 1, 2], ids=["at the start", "in the middle", "at the end"])
def test_a_long_table_of_numbers_hides_no_language(place: int) -> None:
    parts = [f"{TEXTS['sw']}. " * 8, f"{TEXTS['sw']}. " * 8]
    parts.insert(place, "12.5 | 88,3 | 4 : 2\n" * 60)
    assert tell("\n".join(parts))[0] == "sw"


def test_what_the_page_says_of_itself_decides_between_near_equals_only() -> None:
    croatian = "Vlada gradi nove škole u selima"
    assert tell(croatian, "hr")[0] == "hr"
    assert tell(croatian, "bs-BA")[0] == "bs"
    assert tell(TEXTS["de"], "en") == tell(TEXTS["de"])
    assert tell(TEXTS["he"], "iw")[0] == "he"


def test_models_that_agree_are_surer_than_models_that_do_not() -> None:
    assert tell(TEXTS["de"])[1] == 0.999
    assert tell("Vlada gradi nove škole u selima")[1] < 0.9


def draft(*lines: str, title: str | None = None, declared: str | None = None) -> Draft:
    raw = RawArticle(
        raw_id="0" * 32, source="test", content="", content_type="text/plain", fetched_at=datetime.now(UTC)
    )
    return Draft(raw=raw, title=title, lines=lines, metadata=Metadata(language=declared))


def test_the_title_speaks_where_the_body_is_short() -> None:
    told = tell_language(draft("2:1 (1:0)", title="Die Mannschaft gewinnt das Spiel gegen den Meister"))
    assert told.language == "de"
    assert told.language_confidence > 0.9


def test_the_title_says_nothing_where_the_body_is_long() -> None:
    assert tell_language(draft(*[TEXTS["fr"]] * 3, title=TEXTS["en"])).language == "fr"


def test_a_draft_without_text_is_undetermined() -> None:
    told = tell_language(draft())
    assert (told.language, told.language_confidence) == ("und", 0.0)


@pytest.mark.slow
def test_the_answer_is_the_same_in_every_thread_and_process() -> None:
    load()
    texts = [text[:40] for text in TEXTS.values()]
    expected = [tell(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(tell, texts * 5)) == expected * 5
    script = "import sys; from streams.language.tell import tell; print([tell(t) for t in sys.argv[1:]])"
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", script, *texts],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == str(expected)


def test_a_hostile_text_is_answered_at_once() -> None:
    for text in ("a" * 5_000_000, "a." * 2_000_000 + "@", "\u0301" * 1_000_000, "\ud800" * 1_000):
        tell(text)
