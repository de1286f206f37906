import pytest

from streams.measure import content_hash, count_words, direction, reading_minutes, text_key

WORDS = {
    "english": ("It’s a well-known fact — he said.", "en", 6),
    "arabic": ("أعلنت الحكومة، اليوم، عن خطة جديدة.", "ar", 6),
    "persian compounds are one": ("دولت می‌گوید", "fa", 2),
    "chinese by character": ("政府今天宣布，新计划。", "zh-Hans", 9),
    "japanese with a name in latin letters": ("新型 iPhone を発表", "ja", 6),
    "thai by letter, marks are not counted": ("ที่นี่", "th", 2),
    "korean by word": ("정부는 오늘 발표했다", "ko", 3),
    "an unknown language in han": ("政府", "und", 2),
    "nothing": (" \n — ", "en", 0),
}


@pytest.mark.parametrize(("text", "language", "words"), WORDS.values(), ids=WORDS)
def test_words_are_counted_as_the_language_divides_them(text: str, language: str, words: int) -> None:
    assert count_words(text, language) == words


DIRECTIONS = {
    "english": ("A report", "ltr"),
    "arabic": ("تقرير", "rtl"),
    "hebrew": ("דיווח", "rtl"),
    "arabic that opens with an agency": ("REUTERS: أعلنت الحكومة اليوم عن خطة جديدة", "rtl"),
    "english that quotes arabic": ("The paper نبأ was founded in the north", "ltr"),
    "numbers alone": ("2026", "ltr"),
    "nothing": ("", "ltr"),
    "as much of both, arabic first": ("نبأ abc", "rtl"),
    "as much of both, latin first": ("abc نبأ", "ltr"),
    "accents and han": ("Überfall 新闻", "ltr"),
}


@pytest.mark.parametrize(("text", "expected"), DIRECTIONS.values(), ids=DIRECTIONS)
def test_direction_is_that_of_most_letters(text: str, expected: str) -> None:
    assert direction(text) == expected


@pytest.mark.parametrize(
    ("words", "language", "minutes"),
    [(0, "en", 0), (20, "en", 1), (684, "en", 3), (690, "ar", 5), (1_020, "zh-Hant", 4), (368, "sw", 2)],
)
def test_reading_takes_as_long_as_a_reader_of_that_language_needs(
    words: int, language: str, minutes: int
) -> None:
    assert reading_minutes(words, language) == minutes


def test_content_hash_sees_every_letter_but_no_white_space() -> None:
    said = content_hash("Title", None, "One.\n\nTwo.")
    assert content_hash(" Title", "", "One.  \nTwo. ") == said
    assert content_hash("Title", None, "One.\n\nTwo") != said
    assert content_hash("title", None, "One.\n\nTwo.") != said
    assert content_hash(None, "Title", "One.\n\nTwo.") != said


def test_text_key_is_one_for_two_spellings() -> None:
    assert text_key("أعلنت، اليوم") == text_key("اعلنت\n\nاليوم")
    assert text_key("today") != text_key("yesterday")
