"""Lines that rules know are cut and recorded; the sentences of an article are not."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.article import Removal
from schemas.raw import RawArticle
from streams.cutting.cut import cut
from streams.cutting.rule import Rules, load_rules
from streams.draft import Draft, Metadata

SHIPPED = load_rules()
PROSE = "قالت البلدية إن الجسر القديم سيغلق أمام السيارات شهرا كاملا ابتداء من يوم السبت المقبل."
ENGLISH = "The old bridge will be closed to cars for a month from Saturday, the town hall said."


def draft(*lines: str, host: str = "", publisher: str | None = None) -> Draft:
    raw = RawArticle(
        raw_id="0" * 32,
        source="s",
        content="",
        content_type="text/plain",
        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return Draft(raw=raw, host=host, lines=lines, metadata=Metadata(publisher=publisher))


def left(*lines: str, rules: Rules = SHIPPED, host: str = "") -> tuple[str, ...]:
    return cut(draft(*lines, host=host), rules).lines


MARKERS = [
    "اظهار أخبار متعلقة", "إظهار أخبار متعلقة:", "أخبار ذات صلة",
    "اقرأ أيضًا: البلدية تفتح ممرا للمشاة", "إقرأ أيضاً .. كم عمر الجسر؟",
    "اقرأ/ي أيضا | كم عمر الجسر؟", "شاهد أيضا الجسر من الجو", "للمزيد: تاريخ الجسر", "إعلان",
    "شارك الخبر", "حمل تطبيق الجريدة من هنا", "اشترك في نشرتنا البريدية ليصلك جديد المدينة",
    "تابعونا على تلغرام", "انضموا إلى قناتنا على واتساب", "فيسبوك تويتر واتساب",
    "Read also: The town opens a path", "RELATED: How old is the bridge?",
    "Also read | The town opens a path", "Advertisement", "Sign up for our morning newsletter.",
    "Follow us on Facebook and Twitter", "Download our free app today",
    "Share on Facebook Tweet WhatsApp", "You may also like",
    "Get the latest news straight to your inbox.", "بیشتر بخوانید: پل چند سال دارد؟",
    "به کانال تلگرام ما بپیوندید",
]  # fmt: skip

SENTENCES = [
    "Read more about it in the report, he said.", "Related companies were asked to leave the hall.",
    "Share prices fell on Monday.", "Follow us, said the guide, and we did.",
    "Comments by the mayor were met with silence.", "Watch: the word that every keeper hates.",
    "اقرأ المزيد عن الجسر في المكتبة، قال المهندس.", "شارك في الحفل مئة من سكان الجزر.",
    "تابعونا ونحن نعبر النهر، كتب أحدهم على لوحة.", "التعليقات على القرار كانت قليلة.",
    "للمزيد من الوضوح قال الوزير إنه لن يستقيل.", "Subscribe, they shouted, but nobody did.",
    "Source: the word means a spring.", "أعلن الوزير أن إعلان النتائج تأجل.",
    "انضم إلى مجموعة من الثوار وهو في العشرين.", "اشترك في خدمة الإسعاف بعد تخرجه بعام.",
    "سجل في القائمة السوداء بسبب ديونه.", "تابع آلاف المغردين عبر تويتر الحادثة لحظة بلحظة.",
    "تحميل تطبيقات مجهولة قد يعرض الهاتف للخطر.", "تقارير متعلقة بالفساد",
    "يحظر نقل البضائع عبر الجسر بعد منتصف الليل.", "نشر التقرير يوم الأحد وأثار جدلا واسعا.",
    "وكالة الطاقة لا تتحمل المسؤولية وحدها، كما قال.", "حقوق الملكية الفكرية موضوع الجلسة المقبلة.",
    "Donate blood, officials urged on Sunday.", "Download the maps before you leave, the guide says.",
    "Join us in the fight, he told the crowd.", "The commission is an independent body of the islands.",
    "More news from the front reached the town at night, he wrote.",
    "Get the latest prices before you buy, she says.",
]  # fmt: skip


@pytest.mark.parametrize("line", MARKERS)
@pytest.mark.parametrize("lines", [(PROSE, "{}", PROSE + " ثم يفتح."), (PROSE, "{}")], ids=["middle", "end"])
def test_a_marker_goes(line: str, lines: tuple[str, ...]) -> None:
    cleaned = cut(draft(*(text.format(line) for text in lines)), SHIPPED)
    assert line not in cleaned.lines
    assert [removal.text for removal in cleaned.removed] == [line]


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_stays(line: str) -> None:
    assert left(PROSE, line, ENGLISH) == (PROSE, line, ENGLISH)
    assert left(PROSE, line) == (PROSE, line)


@pytest.mark.parametrize(
    "heading", ["التعليقات", "التعليقات (3)", "3 تعليقات", "Comments", "Leave a comment", "نظرات"]
)
def test_a_heading_of_comments_goes_with_what_follows(heading: str) -> None:
    assert left(PROSE, heading) == (PROSE,)
    assert left(PROSE, heading, "أبو محمد", "خبر جميل") == (PROSE,)


def test_a_heading_of_comments_in_the_middle_is_a_sub_head() -> None:
    assert left(PROSE, "التعليقات", PROSE + " ثم يفتح.") == (PROSE, "التعليقات", PROSE + " ثم يفتح.")


def test_the_headline_below_a_marker_with_a_colon_goes_too() -> None:
    assert left(PROSE, "اقرأ أيضا:", "كم عمر الجسر القديم", ENGLISH) == (PROSE, ENGLISH)
    assert left(PROSE, "أخبار ذات صلة", "مراحل العمل", ENGLISH) == (PROSE, "مراحل العمل", ENGLISH)


def test_the_headline_that_a_marker_tells_to_read_goes_too() -> None:
    assert left(PROSE, "اقرأ المزيد", "كم عمر الجسر القديم؟", ENGLISH) == (PROSE, ENGLISH)
    assert left(PROSE, "اقرأ المزيد", PROSE + " ثم يفتح.") == (PROSE, PROSE + " ثم يفتح.")


def test_related_headlines_above_the_text_go() -> None:
    assert left("أخبار ذات صلة", "كم عمر الجسر القديم", PROSE, ENGLISH) == (PROSE, ENGLISH)


def test_a_box_goes_up_to_the_line_that_closes_it() -> None:
    box = ("تخطى قصص مقترحة وواصل القراءة", "من بنى الجسر؟", "كم عمر الجسر؟", "قصص مقترحة نهاية")
    assert left(PROSE, *box, ENGLISH) == (PROSE, ENGLISH)
    assert left(PROSE, box[0], "من بنى الجسر؟", ENGLISH) == (PROSE, "من بنى الجسر؟", ENGLISH)


def test_a_footer_below_a_rule_goes_whole_and_a_rule_between_paragraphs_stays() -> None:
    footer = ("_" * 40, "The Gazette moved", "It is now at www.gazette.example")
    assert left(ENGLISH, *footer) == (ENGLISH,)
    assert left(ENGLISH, "_" * 40, PROSE) == (ENGLISH, "_" * 40, PROSE)


def test_a_publisher_is_known_by_its_footer() -> None:
    lines = (ENGLISH, "_____", "SouthFront: Analysis and Intelligence", "NOW hosted at southfront.press")
    cleaned = cut(draft(*lines), SHIPPED)
    assert cleaned.lines == (ENGLISH,)
    assert cleaned.removed == tuple(
        Removal(text=line, kind="footer", rule="southfront.footer@1") for line in lines[1:]
    )
    assert cleaned.metadata.publisher == "SouthFront"
    assert cut(draft(*lines, publisher="Someone"), SHIPPED).metadata.publisher == "Someone"


OWN = """
version = 1
why = "The writer stands in front, the tags at the end of the last paragraph."
hosts = ["gazette.example"]
[[cut]]
name = "tags"
kind = "tags"
pieces = ["[.] (Tags .{1,40})$"]
where = "tail"
[[cut]]
name = "byline"
kind = "byline"
bylines = ["([A-Z][a-z]+ [A-Z][a-z]+), Gazette"]
where = "head"
"""


def test_pieces_leave_their_line_and_a_byline_moves_to_the_authors(tmp_path: Path) -> None:
    (tmp_path / "gazette.toml").write_text(OWN, encoding="utf-8")
    cleaned = cut(
        draft("Some One, Gazette", PROSE, ENGLISH + " Tags bridge town", host="gazette.example"),
        load_rules([tmp_path]),
    )
    assert cleaned.lines == (PROSE, ENGLISH)
    assert cleaned.authors == ("Some One",)
    assert cleaned.removed == (Removal(text="Tags bridge town", kind="tags", rule="gazette.tags@1"),)


def test_a_text_of_nothing_but_markers_stays() -> None:
    assert left("Share", "Advertisement") == ("Share", "Advertisement")


def test_hostile_texts_take_no_time() -> None:
    started = time.process_time()
    left("a" * 5_000_000)
    left(*["Share this: " + "…" * 50] * 20_000, PROSE)
    left(*["Comments"] * 20_000, PROSE)
    assert time.process_time() - started < 10
