import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.index import Index, Keys


def article(number: int) -> str:
    return f"{number:032x}"


def keys(*numbers: int) -> Keys:
    return np.array(numbers, np.uint32)


def own_keys(number: int) -> Keys:
    chance = random.Random(number)
    return keys(*sorted(chance.sample(range(1 << 28), 128)))


def test_articles_are_found_by_the_keys_they_share() -> None:
    index = Index()
    index.add(article(1), "2026-11-01", keys(1, 2, 3, 4))
    index.add(article(2), "2026-11-02", keys(3, 4, 5, 6))
    assert index.find(keys(2, 3, 4, 9), 2) == {article(1): 3, article(2): 2}
    assert index.find(keys(2, 3, 4, 9), 3) == {article(1): 3}
    assert index.find(keys(7, 8), 1) == {}
    assert index.find(keys(), 1) == {}


def test_nothing_is_lost_when_the_newest_become_runs_and_runs_are_merged() -> None:
    index = Index()
    for number in range(3_000):
        index.add(article(number), "2026-11-01", own_keys(number))
    for number in range(0, 3_000, 97):
        assert index.find(own_keys(number), 3) == {article(number): 128}
    assert index.nbytes / 3_000 < 1_200


def test_many_added_at_once_are_found_like_those_added_one_by_one() -> None:
    index = Index()
    index.add(article(9_999), "2026-11-01", own_keys(9_999))
    index.extend((article(number), "2026-11-01", own_keys(number)) for number in range(1_500))
    index.add(article(8_888), "2026-11-01", own_keys(8_888))
    for number in (0, 1_499, 8_888, 9_999):
        assert index.find(own_keys(number), 3) == {article(number): 128}
    assert len(index) == 1_502


def test_days_are_forgotten_and_their_memory_given_back() -> None:
    index = Index()
    for number in range(2_000):
        index.add(article(number), f"2026-11-{1 + number // 100:02}", own_keys(number))
    index.extend([])  # nothing more in the dict, whose size is not told
    before = index.nbytes
    index.forget("2026-11-11")
    assert len(index) == 1_000
    assert index.nbytes < 0.6 * before
    assert index.find(own_keys(999), 3) == {}
    assert index.find(own_keys(1_000), 3) == {article(1_000): 128}
    index.add(article(5_000), "2026-11-10", own_keys(5_000))
    assert index.find(own_keys(5_000), 3) == {}
    index.add(article(5_001), "2026-11-11", own_keys(5_001))
    assert index.find(own_keys(5_001), 3) == {article(5_001): 128}


@pytest.mark.parametrize("fresh", [True, False], ids=["in the dict", "in a run"])
def test_a_discarded_article_is_not_found(fresh: bool) -> None:
    index = Index()
    index.add(article(1), "2026-11-01", own_keys(1))
    if not fresh:
        index.extend([])
    index.discard(article(1), own_keys(1))
    index.add(article(1), "2026-11-01", own_keys(2))
    assert index.find(own_keys(1), 1) == {}
    assert index.find(own_keys(2), 1) == {article(1): 128}
    assert len(index) == 1


def test_a_key_of_more_than_fifty_articles_tells_nothing_and_is_asked_for_less() -> None:
    index = Index()
    for number in range(60):
        index.add(article(number), "2026-11-01", keys(7, 1_000 + number))
    assert index.find(keys(7), 1) == {}
    assert index.find(keys(7, 1_003), 2) == {article(3): 1}
    for number in range(15):
        index.discard(article(number), keys(7, 1_000 + number))
    assert len(index.find(keys(7), 1)) == 45


def test_discarded_revisions_without_number_hide_no_living_article() -> None:
    index = Index()
    index.add(article(1), "2026-11-01", keys(7, 8, 9))
    for _ in range(900):
        index.add(article(2), "2026-11-01", keys(7, 8, 9))
        index.discard(article(2), keys(7, 8, 9))
    index.add(article(2), "2026-11-01", keys(7, 8, 9))
    assert index.find(keys(7, 8, 9), 3) == {article(1): 3, article(2): 3}


small = st.frozensets(st.integers(0, 40), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(small, max_size=30), small, st.integers(1, 3), st.integers(0, 30))
def test_it_answers_as_a_plain_count_would(
    articles: list[frozenset[int]], asked: frozenset[int], shared: int, at_once: int
) -> None:
    index = Index()
    listed = [(article(number), "2026-11-01", keys(*sorted(has))) for number, has in enumerate(articles)]
    index.extend(listed[:at_once])
    for one in listed[at_once:]:
        index.add(*one)
    counts = {article(number): len(has & asked) for number, has in enumerate(articles)}
    expected = {name: count for name, count in counts.items() if count >= shared}
    assert index.find(keys(*sorted(asked)), shared) == expected
