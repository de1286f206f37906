"""A host teaches which lines are not news: told as stories of one host's pages."""

import random
import sys
from collections.abc import Sequence
from itertools import count

import pytest

from streams.learned.host_lines import HostLines, snapshot
from streams.learned.judge import judge
from streams.learned.learn import fold_row, page_row
from streams.learned.lines import line_keys

_WORDS = (
    "river",
    "market",
    "school",
    "council",
    "harvest",
    "bridge",
    "doctor",
    "library",
    "winter",
    "garden",
)
_news = random.Random(7)


def write_news(words: int = 14) -> str:
    """Return a sentence nobody has written before, longer than any label."""
    return " ".join(_news.choice(_WORDS) + _news.choice("abcdefgh") * 2 for _ in range(words)) + "."


class Host:
    """One host's pages in the order of their arrival."""

    def __init__(self) -> None:
        self.state = HostLines()
        self.seq = count()

    def publish(self, lines: Sequence[str], article: str | None = None) -> list[str]:
        """Return the lines that are cut from the page, then let the page teach."""
        seq = next(self.seq)
        keys = line_keys(lines)
        cut = [lines[verdict.line] for verdict in judge(lines, keys, self.state, seq)]
        fold_row(self.state, page_row(self.state, seq, article or f"article {seq}", lines, keys))
        return cut


def test_a_marker_in_the_middle_is_known_after_ten_articles() -> None:
    host = Host()
    cuts = [host.publish([write_news(), "Show related news", write_news()]) for _ in range(12)]
    assert cuts == [[]] * 10 + [["Show related news"]] * 2


def test_a_byline_at_the_head_is_known_after_five_articles() -> None:
    host = Host()
    cuts = [host.publish(["The paper, Riverton", write_news(), write_news()]) for _ in range(6)]
    assert cuts == [[]] * 5 + [["The paper, Riverton"]]


def test_a_footer_of_six_lines_with_changing_numbers_is_known_after_five_articles() -> None:
    host = Host()
    footer = ["_" * 80, "Support us", "Account 12 at the bank", "Follow us here", "Print", "Read 14 times"]
    for _ in range(5):
        assert host.publish([write_news(), write_news(), *footer]) == []
    footer[-1] = "Read 2,051 times"
    assert host.publish([write_news(), write_news(), *footer]) == footer


def test_a_line_known_at_the_head_stays_where_it_stands_in_the_middle() -> None:
    host = Host()
    for _ in range(8):
        host.publish(["The paper, Riverton", write_news(), write_news()])
    assert host.publish([write_news(), "The paper, Riverton", write_news()]) == []


def test_an_unknown_short_line_inside_a_known_footer_goes_with_it() -> None:
    host = Host()
    for _ in range(6):
        host.publish([write_news(), write_news(), "Support us", "Follow us here"])
    assert host.publish([write_news(), write_news(), "Support us", "New: our app", "Follow us here"]) == [
        "Support us",
        "New: our app",
        "Follow us here",
    ]


def test_a_poem_that_follows_a_known_line_stays() -> None:
    host = Host()
    for _ in range(6):
        host.publish([write_news(), write_news(), "The last word"])
    poem = ["The river keeps no letters", "and the bridge has none to send"]
    assert host.publish([write_news(), write_news(), "The last word", *poem]) == ["The last word"]


def test_wire_copy_posted_twenty_times_teaches_nothing() -> None:
    host = Host()
    quotation = "“We will rebuild the bridge,” she said."
    copy = [write_news(), quotation, write_news(), write_news()]
    for _ in range(20):
        assert host.publish(copy) == []
    for _ in range(20):
        assert host.publish([*copy[:3], write_news()]) == []
    assert host.state.learned == {}


def test_one_article_revised_thirty_times_teaches_nothing() -> None:
    host = Host()
    for _ in range(30):
        assert host.publish([write_news(), "Latest", write_news(), "More follows"], article="the same") == []
    assert host.state.learned == {}


def test_a_background_paragraph_of_a_running_story_is_news() -> None:
    host = Host()
    background = write_news(words=30)
    for page in range(300):
        lines = [write_news(), write_news(), background] if page % 5 == 0 else [write_news(), write_news()]
        assert host.publish(lines) == []


def test_a_long_notice_under_every_article_is_not() -> None:
    host = Host()
    notice = write_news(words=30)
    cuts = [host.publish([write_news(), write_news(), notice]) for _ in range(25)]
    assert cuts == [[]] * 20 + [[notice]] * 5


def test_the_sub_head_of_a_weekly_column_is_news() -> None:
    host = Host()
    for page in range(3000):
        lines = [write_news(), "Sectors", write_news()] if page % 150 == 0 else [write_news()]
        assert host.publish(lines) == []


def test_a_line_of_long_ago_begins_anew() -> None:
    host = Host()
    for _ in range(4):
        host.publish([write_news(), write_news(), "Good night"])
    for _ in range(2_001):
        host.publish([write_news()])
    cuts = [host.publish([write_news(), write_news(), "Good night"]) for _ in range(7)]
    assert cuts == [[]] * 5 + [["Good night"]] * 2


def test_a_label_that_introduces_something_needs_to_stand_under_every_tenth_article() -> None:
    seldom, often = Host(), Host()
    for page in range(600):
        column = [write_news(), write_news(), "The last word:", write_news(4)]
        assert seldom.publish(column if page % 15 == 0 else [write_news()]) == []
    for _ in range(10):
        assert often.publish([write_news(), write_news(), "Read also:", write_news(4)]) == []
    assert often.publish([write_news(), write_news(), "Read also:", "Bridge opens"]) == ["Read also:"]


def test_an_article_is_never_cut_down_to_nothing() -> None:
    host = Host()
    for _ in range(12):
        host.publish([write_news(), write_news(), "Closed for today", "Come back soon"])
    assert host.publish(["Closed for today", "Come back soon"]) == []
    assert host.publish(["A storm", "Closed for today", "Come back soon"]) == []


def test_a_flash_of_one_line_loses_its_footer() -> None:
    host = Host()
    for _ in range(12):
        host.publish([write_news(), write_news(), "Closed for today", "Come back soon"])
    flash = "A storm hits the coast tonight, the harbour is closed"
    assert host.publish([flash, "Closed for today", "Come back soon"]) == [
        "Closed for today",
        "Come back soon",
    ]


def test_daily_figures_in_a_standing_form_are_news() -> None:
    host = Host()
    for day in range(100):
        lines = [
            write_news(),
            f"The market index closed at {9000 + day} points with {day} companies up and {99 - day} down",
        ]
        assert host.publish(lines) == []


def test_a_page_is_judged_by_promotions_older_than_itself() -> None:
    host = Host()
    pages = [[write_news(), "Show related news", write_news()] for _ in range(15)]
    first = [host.publish(page) for page in pages]
    # The same pages are delivered again: the state has moved on, the verdicts have not.
    again = [
        [page[verdict.line] for verdict in judge(page, line_keys(page), host.state, seq)]
        for seq, page in enumerate(pages)
    ]
    assert again == first


def test_a_row_folded_twice_or_late_counts_once() -> None:
    host = Host()
    rows = []
    for seq in range(9):
        lines = [write_news(), "Show related news", write_news()]
        rows.append(page_row(host.state, seq, f"article {seq}", lines, line_keys(lines)))
        fold_row(host.state, rows[-1])
    before = snapshot(host.state)
    for row in rows:
        fold_row(host.state, row)
    assert snapshot(host.state) == before


def test_a_line_that_has_gone_out_of_use_gives_way_when_there_are_too_many() -> None:
    host = Host()
    for line in range(300):
        for _ in range(5):
            host.publish([f"Desk {chr(97 + line % 26)}{chr(97 + line // 26)}", write_news()])
    assert len(host.state.learned) == 256
    for _ in range(5_000):
        host.publish([write_news()])
    for _ in range(5):
        host.publish(["The new desk", write_news()])
    assert host.publish(["The new desk", write_news()]) == ["The new desk"]
    assert len(host.state.learned) == 256


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param(([write_news(4) for _ in range(500)] for _ in range(120)), id="60,000 different lines"),
        pytest.param(
            ([write_news(4) for _ in range(100_000)] for _ in range(1)), id="an article of 100,000 lines"
        ),
        pytest.param(
            ([f"{'ab'[i % 2] * 150} {i // 10}"] * 3 for i in range(2000)), id="one line in every article"
        ),
        pytest.param(
            ([f"{i // 6} " + chr(0x627 + j) * 119 for j in range(26)] for i in range(1500)),
            id="long lines to learn",
        ),
    ],
)
def test_memory_stays_bounded_whatever_a_host_sends(pages: Sequence[Sequence[str]]) -> None:
    host = Host()
    for lines in pages:
        host.publish(lines)
    assert measure(host.state) < 160_000
    assert len(snapshot(host.state)) < 160_000


def measure(state: HostLines) -> int:
    """Return the bytes of the state with all that hangs on it."""
    met: set[int] = set()

    def weigh(item: object) -> int:
        if id(item) in met or item is None:
            return 0
        met.add(id(item))
        inner: list[object] = []
        if isinstance(item, dict):
            inner = [*item, *item.values()]
        elif isinstance(item, list):
            inner = item
        elif hasattr(item, "__slots__"):
            inner = [getattr(item, name) for name in item.__slots__]
        return sys.getsizeof(item) + sum(map(weigh, inner))

    return weigh(state)
