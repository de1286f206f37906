"""Arabic bylines that name a place beside the author, and the agencies that sign there.

Newsrooms write `الرياض - محمد علي`, `محمد علي - جدة`, `لندن : (رويترز)` or `محمد علي من الدمام`,
each in its own order. Who signs is told from where by the names of agencies and of cities, and where
neither is known by length: a single word beside a full name is a place, a section or a task.
"""

import re

from streams.fold import fold

_ARABIC = re.compile(r"[\u0621-\u064a]")
_PART = re.compile(r"\s*[,،;؛|•·\n]\s*")
_MARK = re.compile(r"\s*[-–—:\"]\s*|\s+[ـ/]\s*|\s*[ـ/]\s+")
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]{0,80}[)\]]\s*")
_ASIDE_OF_PLACE = re.compile(_ASIDE.pattern + r"(?=[-–—:])")
_FROM = re.compile(r"(?:\s+|(?<=»))من\s+\S{1,30}(?:\s(?!و)\S{1,30})?(?:\s+و(?=\S)|$)")
_SPELLED = re.compile(r"(?<!\w)و\s[اأ]\s?س(?!\w)")  # the agency واس, letter by letter
_AND = re.compile(r"\s+و\s*(?=\S)")
_EDGES = " ()[]'*.\u200e\u200f"
_QUOTES = str.maketrans("", "", '«»“”"')
# Names that begin with the letter that also means "and".
# fmt: off
_WAW_NAMES = frozenset((
    "واصف", "واصل", "وائل", "وجدان", "وجدي", "وجيه", "وحيد", "وداد", "وديع", "ورد", "وردة", "وسام", "وسن",
    "وسيم",
    "وصال", "وصفي", "وضاح", "وعد", "وفاء", "وفيق", "ولاء", "وليد", "وهاب", "وهبة", "وهبي",
))
# fmt: on
_OF = (" بن", " ابن", " بنت", " آل", " أبو", " ابو", " أم")  # a name goes on behind these
_AGENCIES = """
واس|رويترز|رويتر|أ ف ب|أفب|الفرنسية|فرانس برس|وكالة فرانس برس|د ب أ|الألمانية|أ ب|أسوشيتد برس|
الأسوشيتد برس|أسوشيتدبرس|وكالات|الوكالات|وام|قنا|كونا|بنا|بترا|سانا|سبأ|معا|وفا|وات|واج|أش أ|أ ش أ|
الأناضول|وكالة الأناضول|سبوتنيك|شينخوا|تاس|إنترفاكس|يو بي آي|يو بي اي|بلومبيرغ|بلومبرغ|سي إن إن|
بي بي سي|إفي|أنسا|إرنا|فارس|تسنيم|نوفوستي|كيودو|يونهاب|وكالات الأنباء|وكالات أنباء
"""
_PLACES = """
الرياض|جدة|مكة|مكة المكرمة|المدينة المنورة|الدمام|الخبر|الظهران|الأحساء|الهفوف|القطيف|الجبيل|
حفر الباطن|الخفجي|بريدة|عنيزة|القصيم|حائل|تبوك|الجوف|سكاكا|عرعر|طريف|القريات|رفحاء|الطائف|الباحة|
أبها|خميس مشيط|بيشة|نجران|جازان|جيزان|صبيا|ينبع|رابغ|القنفذة|محايل عسير|محايل|عسير|الخرج|المجمعة|
الزلفي|شقراء|الدوادمي|عفيف|وادي الدواسر|الأفلاج|الرس|العلا|الليث|النماص|شرورة|المخواة|بلجرشي|
ظهران الجنوب|رأس تنورة|بقيق|الخرمة|رنية|تربة|دبي|أبوظبي|أبو ظبي|الشارقة|عجمان|رأس الخيمة|الفجيرة|
العين|الدوحة|الكويت|المنامة|مسقط|صلالة|صنعاء|عدن|تعز|مأرب|الحديدة|المكلا|بغداد|البصرة|الموصل|أربيل|
كركوك|النجف|كربلاء|السليمانية|الأنبار|دمشق|حلب|حمص|حماة|اللاذقية|إدلب|درعا|دير الزور|الرقة|بيروت|
طرابلس|صيدا|صور|عمان|عمّان|إربد|الزرقاء|القدس|القدس المحتلة|رام الله|غزة|نابلس|الخليل|جنين|بيت لحم|
حيفا|تل أبيب|القاهرة|الإسكندرية|الجيزة|أسوان|الأقصر|السويس|بورسعيد|الإسماعيلية|شرم الشيخ|العريش|
سيناء|طنطا|المنصورة|الخرطوم|أم درمان|بورتسودان|جوبا|بنغازي|مصراتة|سبها|تونس|صفاقس|سوسة|الجزائر|
وهران|قسنطينة|الرباط|الدار البيضاء|مراكش|فاس|طنجة|أغادير|نواكشوط|مقديشو|جيبوتي|هرجيسا|واشنطن|
نيويورك|لوس أنجلوس|شيكاغو|بوسطن|هيوستن|ميامي|سان فرانسيسكو|أوتاوا|تورونتو|مونتريال|مكسيكو|
مكسيكو سيتي|برازيليا|ريو دي جانيرو|ساو باولو|ساوباولو|بوينس آيرس|سانتياغو|بوغوتا|كراكاس|ليما|هافانا|
لندن|مانشستر|باريس|مرسيليا|ليون|برلين|فرانكفورت|ميونيخ|هامبورغ|بون|كولونيا|بروكسل|أمستردام|لاهاي|
جنيف|زيوريخ|بيرن|فيينا|روما|ميلانو|الفاتيكان|مدريد|برشلونة|لشبونة|أثينا|وارسو|براغ|بودابست|بوخارست|
صوفيا|بلغراد|سراييفو|زغرب|ستوكهولم|أوسلو|كوبنهاغن|هلسنكي|دبلن|موسكو|سان بطرسبرغ|كييف|مينسك|إسطنبول|
اسطنبول|أنقرة|إزمير|طهران|أصفهان|تبريز|مشهد|كابول|كابل|قندهار|إسلام آباد|كراتشي|لاهور|بيشاور|
نيودلهي|نيو دلهي|دلهي|مومباي|دكا|كولومبو|كاتماندو|بكين|بيكين|شنغهاي|هونغ كونغ|هونج كونج|طوكيو|سول|
سيول|سيئول|بيونغ يانغ|تايبيه|مانيلا|جاكرتا|كوالالمبور|كوالا لمبور|سنغافورة|بانكوك|هانوي|سيدني|
كانبيرا|ملبورن|أديس أبابا|نيروبي|كمبالا|لاغوس|أبوجا|أكرا|داكار|باماكو|نيامي|نجامينا|جوهانسبرغ|
كيب تاون|بريتوريا|هراري|عواصم|الأمم المتحدة|نيقوسيا|السويد|ألمانيا|جينيف|ميونخ|بوينوس ايرس|شتوتغارت|
ياوندي|اليمن|سوريا|العراق|لبنان|مصر|ليبيا
"""
_TASKS = """
متابعة|متابعات|إعداد|تحقيق|تحقيقات|ترجمة|الترجمة|تقرير|تقارير|كتب|كتبت|حوار|خاص|تغطية|تحرير|بقلم|
رصد|قراءة|تصوير|عدسة|استطلاع|تقرير مصور|حاوره|حاورته|شعر|لقاء|لقاءات|أجرى الحوار|أجرت الحوار|
يجيب عنها|نص|المحرر
"""


def _keys(names: str) -> frozenset[str]:
    return frozenset(_key(name) for name in names.replace("\n", "").split("|"))


def _key(name: str) -> str:
    return fold(name).replace(" ", "")


_AGENCY_KEYS, _PLACE_KEYS, _TASK_KEYS = _keys(_AGENCIES), _keys(_PLACES), _keys(_TASKS)


def is_arabic(text: str) -> bool:
    """Return whether a byline is written in Arabic letters, what it has in brackets aside."""
    return bool(_ARABIC.search(text)) and bool(_ARABIC.search(_ASIDE.sub(" ", text)))


def split_arabic(text: str) -> list[str]:
    """Return who signs an Arabic byline, one by one, without where and without their tasks."""
    # "سول (كوريا) - رويترز" is one part, "محمد علي (جدة) سارة حسن (أبها)" are two.
    bare = _ASIDE.sub(" ; ", _ASIDE_OF_PLACE.sub(" ", text))
    if not bare.rstrip(" ;").endswith(":"):
        text = bare
    text = _FROM.sub(" ; ", _SPELLED.sub("واس", text))
    signed = [name for part in _PART.split(text) for name in _split_and(_strip_place(part)) if name]
    people = [name for name in signed if _key(name) not in _PLACE_KEYS]
    return people or signed[-1:]


def _strip_place(part: str) -> str:
    pieces = [piece.translate(_QUOTES).strip(_EDGES) for piece in _MARK.split(part)]
    pieces = [piece for piece in pieces if piece and _key(piece) not in _TASK_KEYS]
    for piece in pieces:
        if _key(piece) in _AGENCY_KEYS:
            return piece
    elsewhere = [piece for piece in pieces if _key(piece) not in _PLACE_KEYS]
    # "دبي - الرياض": both are cities, but the second is the paper.
    return max(elsewhere, key=lambda piece: " " in piece, default=pieces[-1] if pieces else "")


def _split_and(name: str) -> list[str]:
    """Split two full names at the letter between them that means "and"."""
    for found in _AND.finditer(name):
        left, right = name[: found.start()], name[found.end() :]
        word = name[found.start() :].split(maxsplit=1)[0]
        if word in _WAW_NAMES or len(right.split(maxsplit=1)[0]) < 3 or left.endswith(_OF):
            continue
        if 2 <= len(left.split()) <= 4 and " " in right:
            return [left, *_split_and(right)]
    return [name]
