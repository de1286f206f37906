import random
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.copies.index import Index, Keys

DAY = "2026-11-01"
ALL = 1 << 28


def article(number: int) -> str:
    return f"{number:032x}"


def keys(*hashes: int, whole: int = 0, complete_below: int = ALL) -> Keys:
    return Keys(whole, np.array(sorted(hashes), np.uint32), complete_below)


def own_keys(number: int) -> Keys:
    return keys(*random.Random(number).sample(range(ALL), 128), whole=number)


def find(index: Index, asked: Keys, share: float = 0.49) -> set[str]:
    return set(index.find_near(asked.hashes, asked.complete_below, share))


def test_articles_are_found_by_the_hashes_they_share() -> None:
    index = Index()
    index.add(article(1), DAY, keys(1, 2, 3, 4))
    index.add(article(2), DAY, keys(3, 4, 5, 6))
    assert find(index, keys(2, 3, 4, 9)) == {article(1), article(2)}
    assert find(index, keys(2, 3, 9)) == {article(1)}
    assert find(index, keys(7, 8)) == set()
    assert find(index, keys()) == set()


def test_an_article_is_found_by_its_whole_text() -> None:
    index = Index()
    index.add(article(1), DAY, keys(1, 2, 3, whole=77))
    index.add(article(2), DAY, keys(4, 5, whole=78))
    assert index.find_same(77) == [article(1)]
    assert index.find_same(79) == []


@pytest.mark.slow
def test_nothing_is_lost_when_the_newest_become_runs_and_runs_are_merged() -> None:
    index = Index()
    for number in range(3_000):
        index.add(article(number), DAY, own_keys(number))
    for number in range(0, 3_000, 97):
        assert find(index, own_keys(number)) == {article(number)}
        assert article(number) in index.find_same(number)
    assert index.nbytes / 3_000 < 1_200


def test_many_added_at_once_are_found_like_those_added_one_by_one() -> None:
    index = Index()
    index.add(article(9_999), DAY, own_keys(9_999))
    index.extend((article(number), DAY, own_keys(number)) for number in range(1_500))
    index.add(article(8_888), DAY, own_keys(8_888))
    for number in (0, 1_499, 8_888, 9_999):
        assert find(index, own_keys(number)) == {article(number)}
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
    assert find(index, own_keys(999)) == set()
    assert find(index, own_keys(1_000)) == {article(1_000)}
    index.add(article(5_000), "2026-11-10", own_keys(5_000))
    assert find(index, own_keys(5_000)) == set()
    index.add(article(5_001), "2026-11-11", own_keys(5_001))
    assert find(index, own_keys(5_001)) == {article(5_001)}


@pytest.mark.parametrize("fresh", [True, False], ids=["in the dict", "in a run"])
def test_a_discarded_article_is_not_found(fresh: bool) -> None:
    index = Index()
    index.add(article(1), DAY, own_keys(1))
    if not fresh:
        index.extend([])
    index.discard(article(1), own_keys(1))
    index.add(article(1), DAY, own_keys(2))
    assert find(index, own_keys(1)) == set()
    assert index.find_same(1) == []
    assert find(index, own_keys(2)) == {article(1)}
    assert len(index) == 1


def test_a_hash_of_more_than_fifty_articles_tells_nothing() -> None:
    index = Index()
    for number in range(60):
        index.add(article(number), DAY, keys(7, 8, 9, 1_000 + number, whole=number))
    assert find(index, keys(7, 8, 9)) == set()
    assert find(index, keys(7, 8, 9, 1_003)) == {article(3)}
    for number in range(15):
        index.discard(article(number), keys(whole=number))
    assert len(find(index, keys(7, 8, 9))) == 45


def test_discarded_revisions_without_number_hide_no_living_article() -> None:
    index = Index()
    index.add(article(1), DAY, keys(7, 8, 9, whole=1))
    for _ in range(900):
        index.add(article(2), DAY, keys(7, 8, 9, whole=2))
        index.discard(article(2), keys(whole=2))
    index.add(article(2), DAY, keys(7, 8, 9, whole=2))
    assert find(index, keys(7, 8, 9)) == {article(1), article(2)}


def test_a_flash_is_found_from_the_long_report_that_holds_it() -> None:
    chance = random.Random(5)
    flash = chance.sample(range(ALL), 12)
    index = Index()
    index.add(article(1), DAY, keys(*flash))
    report = sorted({*flash, *chance.sample(range(ALL), 500)})
    assert find(index, keys(*report)) == {article(1)}


def test_a_passage_of_a_long_report_is_found_though_few_of_its_hashes_are_kept() -> None:
    chance = random.Random(6)
    report = sorted(chance.sample(range(ALL), 1_000))
    index = Index()
    index.add(article(1), DAY, keys(*report[:128], complete_below=report[128]))
    passage = chance.sample(report, 100)
    assert find(index, keys(*passage)) == {article(1)}
    assert find(index, keys(*chance.sample(range(ALL), 100))) == set()


small = st.frozensets(st.integers(0, 40), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(small, max_size=30), small, st.integers(0, 30))
def test_it_answers_as_a_plain_count_would(
    articles: list[frozenset[int]], asked: frozenset[int], at_once: int
) -> None:
    index = Index()
    listed = [(article(number), DAY, keys(*has)) for number, has in enumerate(articles)]
    index.extend(listed[:at_once])
    for one in listed[at_once:]:
        index.add(*one)
    expected = set()
    for number, has in enumerate(articles):
        fewer = min(len(has), len(asked))
        if len(has & asked) >= 2 and len(has & asked) / fewer >= 0.49 - 1 / sqrt(fewer):
            expected.add(article(number))
    assert find(index, keys(*asked)) == expected
