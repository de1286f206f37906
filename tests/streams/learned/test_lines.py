import time

import pytest

from streams.learned.lines import is_long, is_prose, line_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("إظهار أخبار متعلقة", "اظهار أخبار متعلقه", id="spelling habits"),
        pytest.param("اقـرأ أيضًا:", "اقرأ أيضا", id="tatweel, harakat and punctuation"),
        pytest.param("Views: 1,204", "Views: 88,017", id="numbers of a form"),
        pytest.param("تحديث ٢٠:٢٦", "تحديث 09:05", id="numbers of another script"),
        pytest.param(
            "Write to anna@paper.example", "Write to b.omar@desk.paper.example", id="mail addresses"
        ),
        pytest.param("More: https://paper.example/a?b=1", "More: www.paper.example/x", id="web addresses"),
    ],
)
def test_one_piece_of_furniture_has_one_key_however_it_is_written(one: str, other: str) -> None:
    assert line_keys([one]) == line_keys([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Read also", "Read more", id="other words"),
        pytest.param(
            "The index closed today at 9214 points after the shares of 51 companies in the market rose again",
            "The index closed today at 9377 points after the shares of 12 companies in the market rose again",
            id="numbers of a sentence are its news",
        ),
        pytest.param(
            "本日の東京株式市場では平均株価の終値が39214円となり、続伸しました。",
            "本日の東京株式市場では平均株価の終値が38877円となり、続伸しました。",
            id="also where there are no spaces",
        ),
    ],
)
def test_two_lines_that_say_two_things_have_two_keys(one: str, other: str) -> None:
    assert line_keys([one]) != line_keys([other])


def test_a_line_without_letters_has_no_key() -> None:
    assert line_keys(["***", "12:30", "", "____"]) == (0, 0, 0, 0)


def test_keys_fit_a_signed_64_bit_integer_and_stand_in_the_order_of_the_lines() -> None:
    keys = line_keys([f"line number {chr(97 + i)}" for i in range(26)])
    assert len(set(keys)) == 26
    assert all(0 < key < 2**63 for key in keys)


def test_a_million_lines_have_keys_at_both_ends_only() -> None:
    keys = line_keys(["Read also"] * 1_000_000)
    assert len(keys) == 1_000_000
    assert sum(map(bool, keys)) == 512
    assert keys[0]
    assert keys[-1]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a" * 5_000_000, id="one word"),
        pytest.param("@" * 5_000_000, id="at signs"),
        pytest.param("a@" + "a." * 2_500_000, id="a host without end"),
        pytest.param("a" * 200 + "@" + "-" * 4_999_800, id="a mail address that is none"),
        pytest.param("http://" * 700_000, id="addresses in addresses"),
    ],
)
def test_a_hostile_line_of_5_mb_costs_no_time(line: str) -> None:
    started = time.process_time()
    line_keys([line])
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("line", "long", "prose"),
    [
        pytest.param("Show related news", False, False, id="a marker"),
        pytest.param("関連ニュースを見る", False, False, id="a marker without spaces"),
        pytest.param(
            "The bridge over the river opens again on Sunday, the council said.",
            True,
            False,
            id="short sentence",
        ),
        pytest.param(
            "川にかかる橋は日曜日に再び開通すると市が発表しました。", True, False, id="one without spaces"
        ),
        pytest.param(
            "川にかかる橋は日曜日に再び開通すると市が発表しました。" * 2,
            True,
            True,
            id="prose without spaces",
        ),
        pytest.param("the news of the day " * 5, True, True, id="prose"),
    ],
)
def test_labels_sentences_and_prose_are_told_apart(line: str, long: bool, prose: bool) -> None:
    assert (is_long(line), is_prose(line)) == (long, prose)


def test_an_address_in_a_long_line_tells_that_it_is_furniture_and_no_sentence_of_its_own() -> None:
    sentence = "the committee said " + "that it would look into the complaints " * 3
    assert is_prose(sentence)
    assert not is_prose(sentence + " at desk@paper.example")
