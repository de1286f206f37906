import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.fold import fold

SAME = {
    "case": ("The NEW York", "the new york"),
    "punctuation and white space": ("“Don’t”,\n he said…", "don't he said"),
    "latin accents": ("Él niño, Łódź, Bjørn", "el nino Lodz Bjorn"),
    "sharp s": ("STRASSE", "Straße"),
    "a stroke on a sign": ("a ≠ b", "a =\u0338 b"),
    "turkish dotted and dotless i": ("IĞDIR İzmir", "ığdır izmir"),
    "ligatures and wide letters": ("ﬁve ＡＢＣ", "five abc"),
    "harakat and tatweel": ("الرَّئِيسُ قــال", "الرئيس قال"),
    "hamza on alef, alef maqsura, teh marbuta": ("إلى أعمال المدرسة", "الي اعمال المدرسه"),
    "hamza on its seat, composed or not": ("مسؤول", "مسو\u0654ول"),
    "lam-alef presentation form": ("ﻻ ﺳﻼﻡ", "لا سلام"),
    "persian yeh and keheh": ("یک کتاب", "يك كتاب"),
    "persian compound with and without zwnj": ("می‌خواهد", "میخواهد"),
    "arabic-indic, persian and devanagari digits": ("٢٠٢٦ ۲۰۲۶ २०२६", "2026 2026 2026"),
    "hebrew points and maqaf": ("שָׁלוֹם־עולם", "שלום עולם"),
    "korean decomposed": (unicodedata.normalize("NFD", "한국어 뉴스"), "한국어 뉴스"),
    "half-width kana": ("ｶﾞﾗｽ", "ガラス"),
    "greek final sigma and tonos": ("ΛΌΓΟΣ", "λόγος"),
    "russian yo": ("Ещё", "еще"),
    "invisible characters": ("in\u00advis\u200bible\u2066 \ufefftext\u2069", "invisible text"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_two_spellings_of_one_text_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


DIFFERENT = {
    "hindi vowel signs": ("की", "के"),
    "thai vowels": ("นี", "นำ"),
    "bengali vowel signs": ("কি", "কো"),
    "voiced kana": ("か", "が"),
    "hangul": ("가", "각"),
    "numbers": ("1,5", "15"),
    "words run together": ("new york", "newyork"),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_words_are_divided_by_one_space_and_nothing_else_remains() -> None:
    assert fold(" «A»\t— b_c 😀\r\n(3.5 %) ") == "a b c 3 5"
    assert fold("!!! … 😀") == fold("") == ""


@given(st.text())
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="utf-8")))
def test_normal_forms_of_one_text_fold_to_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("marks", ["\u0301\u0327", "\u0e38\u0e48", "\u064e\u0651"])
def test_a_million_marks_on_one_letter_hold_nothing_up(marks: str) -> None:
    began = time.process_time()
    fold("ก" + marks * 500_000)
    assert time.process_time() - began < 2
