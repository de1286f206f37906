"""Wrapped lines are joined on strong evidence, and nothing else is."""

import time
from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft
from streams.text.unwrap import unwrap


def unwrapped(*lines: str) -> tuple[str, ...]:
    raw = RawArticle(
        raw_id="0" * 32,
        source="s",
        content="",
        content_type="text/plain",
        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return unwrap(Draft(raw=raw, lines=lines)).lines


JOINED = [
    pytest.param(
        [
            "أعلنت بلدية المدينة الساحلية مساء الأحد أنها ستعيد فتح الجسر القديم أمام حركة",
            "المشاة بعد انتهاء أعمال الترميم التي استمرت عامين كاملين، على أن يفتح للسيارات في",
            "أيلول.",
            "وقال رئيس البلدية إن العمل كلف نصف ما كان مقدرا له.",
        ],
        ["0 1 2", "3"],
        id="a sentence cut at a width, its last word alone",
    ),
    pytest.param(
        [
            'وقال المهندس إن "الجسر',
            'القديم أقوى مما يبدو عليه اليوم"، مضيفا أن السكان يعرفون ذلك.',
            "وشكر العمال.",
        ],
        ["0 1", "2"],
        id="cut inside an open quotation",
    ),
    pytest.param(
        ["وأضاف أن البلدية (التي تدير", "الجسر منذ ستين عاما) ستضع لوحة عند كل مدخل من مداخله."],
        ["0 1"],
        id="cut inside an open bracket",
    ),
    pytest.param(
        [
            "The town hall said on Sunday that it would open the old bridge with",
            "a small ceremony on the eastern side.",
        ],
        ["0 1"],
        id="English cut after a word that leads on",
    ),
    pytest.param(
        [
            "The engineer who repaired the old bridge said that nobody had ever",
            "counted the stones in it before her.",
        ],
        ["0 1"],
        id="English that goes on in small letters",
    ),
]

PARAGRAPH = [
    "أعلنت بلدية المدينة الساحلية مساء الأحد أنها ستعيد فتح الجسر القديم",
    "أمام حركة المشاة بعد انتهاء أعمال الترميم التي استمرت عامين كاملين،",
    "وقالت إن العمل كلف نصف المبلغ المقدر له، وإن ما بقي سينفق على لوحة",
    "عند كل مدخل.",
]
AROUND = "وقال رئيس البلدية إن الجسر بني قبل ستين عاما، وإن العبارة كانت تنقل الناس قبله بين ضفتي النهر."
JOINED += [
    pytest.param(
        [AROUND, *PARAGRAPH, AROUND], ["0", "1 2 3 4", "5"], id="one paragraph wrapped at a width of its own"
    ),
    pytest.param(
        [
            "وتعود ملكية الأرض التي أقيم عليها المدخل الشرقي إلى جمعية الجسر",
            "القديم التي أسسها البناؤون، وهي تطالب بمقعد في المجلس.",
            "ويحمل شعار المدينة صورة الجسر القديم منذ عقود.",
        ],
        ["0 1", "2"],
        id="two words that stand side by side elsewhere",
    ),
]

JOINED += [
    pytest.param(
        [
            AROUND,
            AROUND,
            AROUND,
            "ويبلغ طول الجسر الجديد ضعف طول القديم، إذ يدور حول صخرة تسكنها",
            "طيور البحر في الربيع، وقد أصر السكان على ألا تمسها أعمال البناء كلها.",
        ],
        ["0", "1", "2", "3 4"],
        id="a clause that goes on",
    ),
]

KEPT = [
    pytest.param(
        [
            "بلدية الساحل تعيد فتح الجسر القديم، والعبارة تبحر للمرة الأخيرة",
            "أعلنت بلدية المدينة الساحلية مساء الأحد أنها ستعيد فتح الجسر القديم أمام المشاة بعد عامين.",
        ],
        id="a headline of two clauses",
    ),
    pytest.param(
        [
            "موجز عن أحوال الطقس في مدن الساحل والجبل هذا الأسبوع",
            "موجز عن حركة العبارات بين الجزر والساحل هذا الأسبوع",
            "موجز عن أسعار",
        ],
        id="headlines of one length",
    ),
    pytest.param(
        ["تفاهم جديد بين البلدية وسكان الضفة الشرقية", "وذكرت البلدية أن الجسر سيفتح قريبا."], id="sub-head"
    ),
    pytest.param(
        [
            "خطة لترميم الأسوار وتنسيق بين المتاحف",
            "وبحسب الخطة، فإن العمل سيبدأ في الربيع.",
            "مراحل العمل",
            "تبدأ من الشمال.",
        ],
        id="sub-heads among paragraphs",
    ),
    pytest.param(["يا طيور البحر عودي للديار", "قد طال ليل الغائبين", "وأضاء قنديل المنار."], id="verse"),
    pytest.param(
        ['"Nobody asked us', 'and nobody will," he said. "We are used to it."'], id="a quotation of its own"
    ),
    pytest.param(
        ["Bring the following things to the meeting at the town hall:", "the old map of the bridge."],
        id="list",
    ),
    pytest.param(["- The stones of the eastern side of the old bridge", "- the planks."], id="bullets"),
    pytest.param(
        ["The bridge will stay closed for a month, the mayor said.", "on Sunday he changed his mind."],
        id="full stop",
    ),
    pytest.param(
        ["حضر الحفل عدد كبير من الأقارب والأصدقاء والزملاء من المدينة،", "تهانينا."],
        id="a wish after a comma",
    ),
]


@pytest.mark.parametrize(("lines", "groups"), JOINED)
def test_the_pieces_of_a_sentence_are_joined(lines: list[str], groups: list[str]) -> None:
    expected = tuple(" ".join(lines[int(i)] for i in group.split()) for group in groups)
    assert unwrapped(*lines) == expected


@pytest.mark.parametrize("lines", KEPT)
def test_complete_lines_are_not_joined(lines: list[str]) -> None:
    assert unwrapped(*lines) == tuple(lines)


WRAPPED = """\
The ferry that has carried the mail between the islands since 1951 made
its last crossing on Friday, an hour late and with a brass band on deck.
The captain, who has missed two crossings in thirty years, said that he
would now learn to swim.
Passengers had queued since dawn. Some wore the caps of the old line and
some had never been on a boat. "It is a fine day to begin," one of them
said.
The islands will be served by a bridge from Monday. The bridge is longer
than the crossing was, since it goes around the seals."""


def test_a_text_wrapped_at_one_width_gets_its_paragraphs_back() -> None:
    paragraphs = unwrapped(*WRAPPED.split("\n"))
    assert len(paragraphs) == 3
    assert paragraphs[0].endswith("learn to swim.")
    assert paragraphs[1].startswith("Passengers had queued")
    assert paragraphs[1].endswith("one of them said.")


HYPHENATED = """\
The council of the islands met on Friday and asked for a short-
term loan, since the municipality had spent what was in its old
box on a band, a brass one. The treasurer said that the munici-
pality would pay it back with the first fish of the new season,
if there is one. Nobody in the hall thought it a strange offer,
since the box had been filled with fish before in bad years."""


def test_a_hyphen_at_the_end_of_a_line_goes_only_where_the_text_has_the_whole_word() -> None:
    (paragraph,) = unwrapped(*HYPHENATED.split("\n"))
    assert "a short-term loan" in paragraph
    assert "said that the municipality would pay" in paragraph


def test_a_million_lines_take_no_time() -> None:
    lines = ("word and then some more words that fill the line with",) * 200_000
    started = time.process_time()
    assert len(unwrapped(*lines)) <= len(lines)
    assert time.process_time() - started < 5
