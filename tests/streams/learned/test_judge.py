from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.cleaned import Cleaned
from streams.learned.host_lines import HostLines, restore, snapshot
from streams.learned.judge import cut_learned, judge
from streams.learned.learn import fold_row, page_row
from streams.learned.lines import line_keys

_STREETS = [
    "Mill Lane",
    "Oak Street",
    "the harbour",
    "the old market",
    "the station",
    "North Bridge",
    "the park",
]


def make_cleaned(lines: list[str], authors: tuple[str, ...] = ()) -> Cleaned:
    article = Article(
        article_id="a" * 32,
        host="www.paper.example",
        text="\n\n".join(lines),
        authors=authors,
        content_hash="b" * 32,
        source="test",
        raw_id="c" * 32,
        fetched_at=datetime(2026, 1, 2, tzinfo=UTC),
        versions={},
    )
    return Cleaned(
        input="x", article=article, uncut_hash="d" * 32, text_key="e" * 32, line_keys=line_keys(lines)
    )


def teach(*lines: str) -> HostLines:
    """Return a state to which the labels came around seven different reports ("NEWS" in `lines`)."""
    state = HostLines()
    for seq, street in enumerate(_STREETS):
        news = f"The council closes {street} for two weeks, and {street} gets new pipes and lamps."
        page = [news if line == "NEWS" else line for line in lines]
        fold_row(state, page_row(state, seq, street, page, line_keys(page)))
    return state


NEWS = "A school in the north of the town opens its doors again after the flood of last winter."


def test_what_is_cut_is_told_with_a_rule_that_can_be_looked_up() -> None:
    state = teach("NEWS", "NEWS", "Follow us here")
    cleaned = cut_learned(make_cleaned([NEWS, NEWS, "Follow us here"]), state, 7, "paper.example")
    (removal,) = cleaned.article.removed
    assert (removal.text, removal.kind) == ("Follow us here", "furniture")
    (key,) = state.learned
    assert removal.rule == f"learned.paper.example.{key:016x}@5"


def test_text_and_keys_stay_beside_each_other() -> None:
    cleaned = cut_learned(
        make_cleaned([NEWS, NEWS, "Follow us here"]),
        teach("NEWS", "NEWS", "Follow us here"),
        7,
        "paper.example",
    )
    assert cleaned.article.text == f"{NEWS}\n\n{NEWS}"
    assert cleaned.line_keys == line_keys([NEWS, NEWS])


@pytest.mark.parametrize(
    ("line", "known", "authors"),
    [
        pytest.param("By Jane Miller", (), ("Jane Miller",), id="an introduced name becomes the author"),
        pytest.param("بقلم: سالم الحامد", (), ("سالم الحامد",), id="in Arabic too"),
        pytest.param("By Jane Miller", ("J. Miller",), ("J. Miller",), id="an author the page named stays"),
        pytest.param("Riverton, the desk", (), (), id="a place is nobody"),
        pytest.param("Local news", (), (), id="a section is nobody"),
    ],
)
def test_a_label_at_the_head_leaves_the_text(
    line: str, known: tuple[str, ...], authors: tuple[str, ...]
) -> None:
    cleaned = cut_learned(make_cleaned([line, NEWS], known), teach(line, "NEWS"), 7, "paper.example")
    assert cleaned.article.text == NEWS
    assert cleaned.article.authors == authors
    assert [(removal.text, removal.kind) for removal in cleaned.article.removed] == [(line, "byline")]


def test_an_article_of_which_nothing_goes_is_the_same_object() -> None:
    cleaned = make_cleaned([NEWS])
    assert cut_learned(cleaned, teach("NEWS", "Follow us here"), 7, "paper.example") is cleaned
    assert cut_learned(cleaned, HostLines(), 0, "paper.example") is cleaned


def test_an_article_without_line_keys_is_left_alone() -> None:
    cleaned = replace(make_cleaned([NEWS, "Follow us here"]), line_keys=())
    assert cut_learned(cleaned, teach("NEWS", "Follow us here"), 7, "paper.example") is cleaned


_labels = st.lists(
    st.sampled_from(["Follow us", "Local news", "By Jane Miller", "Sectors", "More:"]), max_size=3
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(_labels, _labels, _labels), min_size=20, max_size=60), st.randoms())
def test_no_redelivery_changes_a_verdict(shapes: list[tuple[list[str], ...]], random: Random) -> None:
    state = HostLines()
    pages, verdicts = [], []
    for seq, (head, middle, tail) in enumerate(shapes):
        news = [f"{' '.join(random.choices(_STREETS, k=5))} {half} {random.random()}" for half in "ab"]
        page = [*head, news[0], *middle, news[1], *tail]
        keys = line_keys(page)
        pages.append((page, keys))
        verdicts.append(judge(page, keys, state, seq))
        row = page_row(state, seq, f"article {seq}", page, keys)
        fold_row(state, row)
        if random.random() < 0.1:
            state = restore(snapshot(state))
    again = [judge(page, keys, state, seq) for seq, (page, keys) in enumerate(pages)]
    assert again == verdicts
