import random
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article, Duplicate
from schemas.cleaned import Cleaned
from schemas.codec import decode, encode
from schemas.ids import hash_parts
from streams.copies.compare import Verdict, build_index, compare
from streams.copies.fingerprint import fingerprint
from streams.copies.index import Index
from streams.copies.row import Row
from streams.measure import content_hash, text_key

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def paragraph(seed: int, words: int = 60) -> str:
    """Return made-up prose; another seed shares words with it but no run of five."""
    chance = random.Random(seed)
    syllables = ["ka", "lo", "mir", "ten", "su", "bra", "vel", "no", "dis", "pa", "ri", "ol"]
    return " ".join("".join(chance.choices(syllables, k=2)) for _ in range(words))


def text(*seeds: int) -> str:
    return "\n\n".join(paragraph(seed) for seed in seeds)


@dataclass
class Desk:
    """Rows and index, and letters handed to compare one after the other."""

    rows: dict[str, Row]
    index: Index

    def deliver(
        self,
        name: str,
        body: str,
        *,
        raw: str | None = None,
        input: str | None = None,
        title: str | None = None,
        uncut: str | None = None,
        replay: bool = False,
        now: datetime = NOW,
        **fields: Any,
    ) -> Verdict:
        raw_id = hash_parts("raw", raw or f"{name} {body} {title}")
        article = Article(
            article_id=hash_parts("article", name),
            url=f"https://{name}.example/",
            title=title,
            text=body,
            language="en",
            content_hash=content_hash(title, None, body),
            fingerprint=fingerprint(body),
            source="test",
            raw_id=raw_id,
            fetched_at=fields.pop("fetched_at", NOW),
            versions={},
            **fields,
        )
        cleaned = Cleaned(
            input=input or f"in {raw_id}",
            article=article,
            uncut_hash=hash_parts("uncut", uncut or f"{title} {body}"),
            text_key=text_key(body),
        )
        return compare(cleaned, self.rows, self.index, now=now, replay=replay)


@pytest.fixture
def desk() -> Desk:
    return Desk({}, Index())


def describe(verdict: Verdict) -> str:
    """Return `outcome revision`, and `relation of` where there is one."""
    outcome = verdict.outcome
    names = {hash_parts("article", name): name for name in "abcdefgh"}
    edge = f" {outcome.relation} of {names[outcome.duplicate_of]}" if outcome.duplicate_of else ""
    return f"{outcome.outcome} {outcome.revision}{edge}"


def template(place: str, *numbers: int) -> str:
    return (
        f"An earthquake of magnitude {numbers[0]} was felt on the coast of {place} this morning, the "
        f"seismological office said. It struck at {numbers[1]} local time at a depth of {numbers[2]} "
        f"kilometres, about {numbers[3]} kilometres from the nearest town. There was no word of damage, "
        f"and no warning of a wave was given. Calls to the office came from {numbers[4]} places."
    )


A, B, C = text(1, 2, 3, 4), text(11, 12, 13, 14), text(21, 22, 23, 24)
FLASH = text(1)

STORIES: dict[str, list[tuple[str, str, str]]] = {
    "two reports": [("a", A, "published 1"), ("b", B, "published 1")],
    "the same text at another address": [("a", A, "published 1"), ("b", A, "duplicate 1 same_text of a")],
    "the same text in other spelling": [
        ("a", A, "published 1"),
        ("b", A.upper().replace(" ", "  "), "duplicate 1 same_text of a"),
    ],
    "a copy with another paragraph": [
        ("a", A, "published 1"),
        ("b", A + "\n\n" + paragraph(9, 20), "duplicate 1 near_copy of a"),
    ],
    "a copy of a copy is linked to the first": [
        ("a", A, "published 1"),
        ("b", A, "duplicate 1 same_text of a"),
        ("c", A + " at last", "duplicate 1 near_copy of a"),
    ],
    "the first paragraph alone": [("a", A, "published 1"), ("b", FLASH, "duplicate 1 excerpt of a")],
    "a flash, then the report that holds it": [
        ("a", FLASH, "published 1"),
        ("b", A, "published 1 contains of a"),
    ],
    "a report with a little added is a copy that contains it": [
        ("a", text(1, 2), "published 1"),
        ("b", text(1, 2, 5), "duplicate 1 contains of a"),
    ],
    "one template with other numbers": [
        ("a", template("the north", 41, 755, 12, 36, 17), "published 1"),
        ("b", template("the south", 52, 1120, 33, 80, 201), "published 1 same_template of a"),
    ],
    "one template with the same numbers": [
        ("a", template("the north", 41, 755, 12, 36, 17), "published 1"),
        ("b", template("the south", 41, 755, 12, 36, 17), "duplicate 1 near_copy of a"),
    ],
    "a page that changes and changes back": [
        ("a", A, "published 1"),
        ("a", B, "revised 2"),
        ("a", A, "revised 3"),
    ],
    "a revision is found, what it replaced is not": [
        ("a", A, "published 1"),
        ("a", B, "revised 2"),
        ("b", A, "published 1"),
        ("c", B, "duplicate 1 same_text of a"),
    ],
    "a copy gets a text of its own": [
        ("a", A, "published 1"),
        ("b", A, "duplicate 1 same_text of a"),
        ("b", B, "published 2"),
        ("c", B, "duplicate 1 same_text of b"),
    ],
    "a copy is revised and still is one": [
        ("a", A, "published 1"),
        ("b", A, "duplicate 1 same_text of a"),
        ("b", text(1, 2), "duplicate 2 excerpt of a"),
    ],
    "a published article that turns into a copy stays published": [
        ("a", A, "published 1"),
        ("b", B, "published 1"),
        ("b", A, "revised 2"),
    ],
    "the better of two originals": [
        ("a", text(1, 2, 31, 32, 33, 34), "published 1"),
        ("b", text(1, 2, 3, 7, 8), "published 1"),
        ("c", text(1, 2, 3), "duplicate 1 excerpt of b"),
    ],
    "of two alike the earlier": [
        ("a", text(1, 2, 41, 42, 43), "published 1"),
        ("b", text(1, 2, 51, 52, 53), "published 1"),
        ("c", text(1, 2), "duplicate 1 excerpt of a"),
    ],
    "texts without words are nobody's copy": [("a", "…", "published 1"), ("b", "—", "published 1")],
    "arabic in two spellings": [
        ("a", "أعلنت الحكومة اليوم عن خطة جديدة لإعادة بناء المدارس في القرى", "published 1"),
        ("b", "اعلنت الحكومه اليوم عن خطة جديدة لاعادة بناء المدارس فى القرى", "duplicate 1 same_text of a"),
    ],
    "persian with and without zwnj": [
        ("a", "دولت می‌گوید برنامه تازه‌ای برای ساخت مدرسه‌ها دارد", "published 1"),
        ("b", "دولت میگوید برنامه تازهای برای ساخت مدرسهها دارد", "duplicate 1 same_text of a"),
    ],
    "korean composed and decomposed": [
        ("a", "정부는 오늘 계획을 발표했다", "published 1"),
        ("b", unicodedata.normalize("NFD", "정부는 오늘 계획을 발표했다"), "duplicate 1 same_text of a"),
    ],
    "chinese with a word changed": [
        ("a", "政府今天宣布了一项重建农村学校的新计划，明年春天开始施工。", "published 1"),
        ("b", "政府昨天宣布了一项重建农村学校的新计划，明年春天开始施工。", "duplicate 1 near_copy of a"),
    ],
    "thai with a word added": [
        ("a", "รัฐบาลประกาศแผนใหม่ในการสร้างโรงเรียนในหมู่บ้านทั่วประเทศภายในสามปี", "published 1"),
        ("b", "วันนี้รัฐบาลประกาศแผนใหม่ในการสร้างโรงเรียนในหมู่บ้านทั่วประเทศภายในสามปี", "duplicate 1 near_copy of a"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_each_delivery_of_a_story_ends_as_it_should(story: list[tuple[str, str, str]], desk: Desk) -> None:
    told = [
        describe(desk.deliver(name, body, raw=f"{at}", fetched_at=NOW + timedelta(minutes=at)))
        for at, (name, body, _) in enumerate(story)
    ]
    assert told == [expected for _, _, expected in story]


def test_a_delivery_that_is_known_gets_the_same_answer_and_record(desk: Desk) -> None:
    desk.deliver("a", A)
    first = desk.deliver("b", A + " once more", fetched_at=NOW - timedelta(hours=1))
    rows = dict(desk.rows)
    again = desk.deliver("b", A + " once more", fetched_at=NOW - timedelta(hours=1))
    assert again == first
    assert isinstance(first.record, Duplicate)
    assert desk.rows == rows


def test_a_late_redelivery_of_a_superseded_revision_gets_its_outcome_and_no_record(desk: Desk) -> None:
    first = desk.deliver("a", A)
    desk.deliver("a", B)
    late = desk.deliver("a", A)
    assert late.outcome == first.outcome
    assert late.record is None
    assert desk.rows[first.outcome.article_id or ""].revision == 2


def test_the_same_raw_article_from_another_input_is_unchanged_even_when_superseded(desk: Desk) -> None:
    desk.deliver("a", A, raw="one")
    assert describe(desk.deliver("a", A, raw="one", input="elsewhere")) == "unchanged 1"
    desk.deliver("a", B, raw="two")
    assert describe(desk.deliver("a", A, raw="one", input="somewhere")) == "unchanged 2"
    assert describe(desk.deliver("a", A, raw="one", input="elsewhere")) == "unchanged 1"


def test_the_same_text_fetched_again_is_unchanged(desk: Desk) -> None:
    desk.deliver("a", A, raw="monday")
    again = desk.deliver("a", A, raw="tuesday")
    assert describe(again) == "unchanged 1"
    assert again.record is None


def test_a_new_headline_is_a_revision(desk: Desk) -> None:
    desk.deliver("a", A, title="Talks begin")
    assert describe(desk.deliver("a", A, title="Talks fail")) == "revised 2"


def test_neither_a_new_rule_nor_changed_furniture_makes_a_revision(desk: Desk) -> None:
    footer = A + "\n\nRead also: the weather"
    desk.deliver("a", footer, raw="1", uncut="with footer")
    assert describe(desk.deliver("a", A, raw="2", uncut="with footer")) == "unchanged 1"
    assert describe(desk.deliver("a", A, raw="3", uncut="another footer")) == "unchanged 1"
    assert describe(desk.deliver("a", A, raw="4", uncut="a third footer")) == "unchanged 1"
    assert describe(desk.deliver("a", B, raw="5", uncut="another text")) == "revised 2"


def test_only_a_replay_revises_for_a_new_rule(desk: Desk) -> None:
    footer = A + "\n\nRead also: the weather"
    desk.deliver("a", footer, raw="1", uncut="with footer")
    replayed = desk.deliver("a", A, raw="1", uncut="with footer", replay=True)
    assert describe(replayed) == "revised 2"
    assert replayed.record is not None
    assert replayed.record.text == A
    assert describe(desk.deliver("a", A, raw="1", uncut="with footer", replay=True)) == "unchanged 2"
    assert describe(desk.deliver("a", A, raw="1", uncut="with footer")) == "revised 2"


def test_a_rule_changed_between_two_deliveries_of_one_page_sends_no_other_text(desk: Desk) -> None:
    footer = A + "\n\nRead also: the weather"
    desk.deliver("a", footer, raw="1", uncut="with footer")
    again = desk.deliver("a", A, raw="1", uncut="with footer")
    assert describe(again) == "published 1"
    assert again.record is None


def test_a_record_says_whose_copy_it_is_and_how_much_of_it(desk: Desk) -> None:
    original = desk.deliver("a", A)
    copy = desk.deliver("b", text(1, 2)).record
    assert isinstance(copy, Duplicate)
    assert copy.duplicate_of == original.outcome.article_id
    assert copy.relation == "excerpt"
    assert copy.overlap == pytest.approx(1, abs=0.05)
    assert copy.overlap_of == pytest.approx(0.5, abs=0.05)
    assert copy.processed_at == NOW
    assert (copy.text, copy.url) == (text(1, 2), "https://b.example/")


def test_a_full_report_is_published_with_its_edge_to_the_flash(desk: Desk) -> None:
    flash = desk.deliver("a", FLASH)
    report = desk.deliver("b", A)
    assert isinstance(report.record, Article)
    assert report.record.duplicate_of == report.outcome.duplicate_of == flash.outcome.article_id
    assert report.record.overlap == report.outcome.overlap == pytest.approx(0.25, abs=0.05)
    revised = desk.deliver("b", A + "\n\n" + text(5, 6, 7, 8))
    assert isinstance(revised.record, Article)
    assert revised.record.relation == "contains"
    assert revised.record.overlap == pytest.approx(0.125, abs=0.05)


MOMENTS: dict[str, tuple[dict[str, Any], bool]] = {
    "fetched later": ({"fetched_at": NOW + timedelta(hours=1)}, False),
    "fetched earlier": ({"fetched_at": NOW - timedelta(hours=1)}, True),
    "fetched later, but published earlier": (
        {
            "fetched_at": NOW + timedelta(hours=1),
            "published_at": NOW - timedelta(hours=1),
            "published_at_precision": "second",
        },
        True,
    ),
    "published that day, nobody knows when": (
        {
            "fetched_at": NOW + timedelta(hours=1),
            "published_at": NOW.replace(hour=0),
            "published_at_precision": "day",
        },
        False,
    ),
    "published after it was fetched": (
        {
            "fetched_at": NOW - timedelta(hours=1),
            "published_at": NOW + timedelta(days=2),
            "published_at_precision": "second",
        },
        True,
    ),
}


@pytest.mark.parametrize(("fields", "precedes"), MOMENTS.values(), ids=MOMENTS)
def test_a_copy_tells_whether_it_appeared_before_the_first_seen(
    fields: dict[str, Any], precedes: bool, desk: Desk
) -> None:
    desk.deliver("a", A)
    record = desk.deliver("b", A, **fields).record
    assert isinstance(record, Duplicate)
    assert record.precedes is precedes


def test_what_the_index_forgot_is_no_original_but_still_known(desk: Desk) -> None:
    desk.deliver("a", A)
    desk.index.forget("2026-11-23")
    later = NOW + timedelta(days=1)
    assert describe(desk.deliver("b", A, now=later)) == "published 1"
    assert describe(desk.deliver("a", A, raw="again", now=later)) == "unchanged 1"


def test_a_page_polled_for_years_keeps_a_row_of_bounded_size(desk: Desk) -> None:
    for fetch in range(1000):
        desk.deliver("a", A, raw=f"{fetch}")
    (row,) = desk.rows.values()
    assert len(encode(row)) < 100_000
    assert describe(desk.deliver("a", B, raw="new")) == "revised 2"
    assert describe(desk.deliver("a", A, raw="999")) == "unchanged 1"
    assert len(desk.rows) == 1


def published(rows: Iterable[Row]) -> Iterator[tuple[str, str, str, str]]:
    """Yield what an index is built from, as a store gives it."""
    for row in rows:
        if row.verdict != "duplicate":
            yield row.article_id, row.since, row.text_key, row.fingerprint


def test_a_fingerprint_of_an_older_version_is_found_by_its_whole_text_alone(desk: Desk) -> None:
    desk.deliver("a", A)
    rows = {key: replace(row, fingerprint="f0:AAAA") for key, row in desk.rows.items()}
    old = Desk(rows, build_index(published(rows.values())))
    assert describe(old.deliver("b", A + " and more")) == "published 1"
    assert describe(old.deliver("c", A)) == "duplicate 1 same_text of a"


# A delivery: which article, which pieces of text stand in it, which fetch.
deliveries = st.lists(
    st.tuples(
        st.sampled_from("abcde"), st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 2)
    ),
    min_size=1,
    max_size=14,
)


def hand_over(desk: Desk, delivery: tuple[str, list[int], int]) -> Verdict:
    name, pieces, fetch = delivery
    return desk.deliver(name, text(*pieces), raw=f"{name} {pieces} {fetch}")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(deliveries)
def test_everything_delivered_twice_changes_nothing(given: list[tuple[str, list[int], int]]) -> None:
    once, twice = Desk({}, Index()), Desk({}, Index())
    for delivery in given:
        first = hand_over(once, delivery)
        assert hand_over(twice, delivery) == first
        again = hand_over(twice, delivery)
        assert again.outcome == first.outcome
    assert twice.rows == once.rows


@settings(max_examples=60, deadline=None)
@given(deliveries, st.integers(0, 14))
def test_a_restart_changes_no_verdict(given: list[tuple[str, list[int], int]], at: int) -> None:
    straight, restarted = Desk({}, Index()), Desk({}, Index())
    for number, delivery in enumerate(given):
        if number == at:
            kept = [encode(row) for row in restarted.rows.values()]
            rows = [decode(row, Row) for row in kept]
            restarted = Desk({row.article_id: row for row in rows}, build_index(published(rows)))
        assert hand_over(restarted, delivery) == hand_over(straight, delivery)
    assert restarted.rows == straight.rows


@settings(max_examples=60, deadline=None)
@given(deliveries)
def test_whatever_is_called_an_original_was_published_and_is_another_article(
    given: list[tuple[str, list[int], int]],
) -> None:
    desk = Desk({}, Index())
    for delivery in given:
        outcome = hand_over(desk, delivery).outcome
        if outcome.duplicate_of:
            assert outcome.duplicate_of != outcome.article_id
            assert desk.rows[outcome.duplicate_of].verdict in ("published", "revised")
