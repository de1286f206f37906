import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.copies.fingerprint import containment, fingerprint, read_fingerprint, share_of_numbers


def words(*ranges: range) -> str:
    """Return a text of words that occur once each: w1 w2 w3 …"""
    return " ".join(f"w{number}" for numbers in ranges for number in numbers)


def compare(one: str, other: str) -> tuple[float, float]:
    return containment(read_fingerprint(fingerprint(one)), read_fingerprint(fingerprint(other)))


PAIRS = {
    "the same text": (words(range(300)), words(range(300)), (1, 1)),
    "nothing in common": (words(range(300)), words(range(500, 800)), (0, 0)),
    "a quarter cut out": (words(range(100)), words(range(400)), (1, 0.25)),
    "half of each": (words(range(400)), words(range(200, 600)), (0.5, 0.5)),
    "paragraphs in another order": (
        words(range(100), range(100, 200)),
        words(range(100, 200), range(100)),
        (0.98, 0.98),
    ),
}


@pytest.mark.parametrize(("one", "other", "shares"), PAIRS.values(), ids=PAIRS)
def test_the_share_of_one_text_in_another_is_near_exact(
    one: str, other: str, shares: tuple[float, float]
) -> None:
    assert compare(one, other) == pytest.approx(shares, abs=0.02)


def test_the_share_of_long_texts_is_estimated() -> None:
    one, other = words(range(6_000)), words(range(3_000, 20_000))
    assert compare(one, other) == pytest.approx((0.5, 3_000 / 17_000), abs=0.08)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أعلنت الحكومة، اليوم، عن خطّة إلى المدرسة", "اعلنت الحكومه اليوم عن خطة الى المدرسه"),
        ("政府今天宣布，新计划。", "政府今天宣布新计划"),
        ("รัฐบาล ประกาศแผนใหม่", "รัฐบาลประกาศแผนใหม่"),
        ("Der Präsident sprach – gestern – in KÖLN.", "der prasident sprach gestern in koln"),
    ],
    ids=["arabic letters and harakat", "chinese punctuation", "thai spaces", "german umlauts"],
)
def test_spelling_changes_no_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


def test_unrelated_thai_texts_share_next_to_nothing() -> None:
    one = "รัฐบาลประกาศแผนใหม่ในการสร้างโรงเรียนในหมู่บ้านทั่วประเทศภายในสามปีข้างหน้า"
    other = "นักฟุตบอลทีมชาติได้รับบาดเจ็บที่หัวเข่าระหว่างการแข่งขันเมื่อคืนวันเสาร์ที่ผ่านมา"
    assert max(compare(one, other)) < 0.05


SHORT = {
    "no word": ("…", 0),
    "nothing": ("", 0),
    "one word": ("news", 1),
    "four words": ("four words of news", 1),
    "six": ("six words make two runs here", 2),
}


@pytest.mark.parametrize(("text", "hashes"), SHORT.values(), ids=SHORT)
def test_a_short_text_has_at_most_one_hash_for_what_there_is(text: str, hashes: int) -> None:
    assert len(read_fingerprint(fingerprint(text)).hashes) == hashes


def test_two_short_texts_are_told_apart() -> None:
    assert compare("one word", "another word") == (0, 0)
    assert compare("one", "one two") == (0, 0)


def test_a_fingerprint_has_an_upper_bound_and_reads_back_sorted() -> None:
    long = fingerprint(words(range(100_000)))
    assert len(long) < 2_800
    hashes = read_fingerprint(long).hashes
    assert len(hashes) == 768
    assert (np.diff(hashes.astype(np.int64)) > 0).all()


def test_numbers_tell_one_template_filled_twice() -> None:
    def read(*numbers: int) -> float | None:
        filled = read_fingerprint(fingerprint("rates " + " and ".join(map(str, numbers))))
        return share_of_numbers(filled, read_fingerprint(fingerprint("rates 10 20 30 40")))

    assert read(10, 20, 30, 40) == 1
    assert read(10, 21, 31, 41) == 0.25
    assert read(10, 20, 30, 40, 50, 60) == 1
    assert read(10, 20, 30) is None


WRONG = {
    "another version": "f0:AAAA",
    "no version": "AAAA",
    "no base64": "f1:§",
    "no head": "f1:AAAA",
    "cut short": fingerprint(words(range(300)))[:400],
    "empty": "",
}


@pytest.mark.parametrize("written", WRONG.values(), ids=WRONG)
def test_what_is_no_fingerprint_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        read_fingerprint(written)


def test_a_text_of_a_million_words_or_one_holds_nothing_up() -> None:
    began = time.process_time()
    for text in ("a " * 500_000, "x" * 5_000_000, "字" * 300_000):
        fingerprint(text)
    assert time.process_time() - began < 6


texts = st.lists(st.integers(0, 30), max_size=700).map(lambda numbers: " ".join(map(str, numbers)))


@given(texts, texts)
def test_containment_is_a_share_and_swaps_with_its_texts(one: str, other: str) -> None:
    there, back = compare(one, other)
    assert 0 <= there <= 1
    assert 0 <= back <= 1
    assert compare(other, one) == (back, there)


@given(texts)
def test_a_text_stands_whole_in_itself(text: str) -> None:
    assert compare(text, text) == ((1, 1) if text else (0, 0))


def test_estimates_do_not_lean_to_one_side() -> None:
    chance = random.Random(7)
    errors = []
    for _ in range(40):
        start = chance.randrange(1_000_000)
        errors.append(
            compare(words(range(start, start + 2_000)), words(range(start + 900, start + 2_900)))[0]
        )
    assert sum(errors) / len(errors) == pytest.approx(0.55, abs=0.02)
