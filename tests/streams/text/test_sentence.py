"""Sentence ends of every script are known."""

import pytest

from streams.text.sentence import ends_closed, ends_sentence

ENDED = [
    "He left.",
    "Why?",
    "لماذا؟",
    "ختم.",
    "یہ خبر ہے۔",
    "完了。",
    "समाप्त।",
    "“He left.”",
    'قال: "انتهى."',
    "He left…",
    "(He left.)",
]
OPEN = ["He left", "وبين خصوم", 'قالت المصادر إن "هدف', "and then,", "وقال:", "完"]
CLOSED_WITHOUT_MARK = ['He called it "a day"', "(الأناضول)", "عبارة «قديمة»", "นี่คือข่าว"]


@pytest.mark.parametrize("line", ENDED)
def test_an_ended_sentence_is_seen(line: str) -> None:
    assert ends_sentence(line)
    assert ends_closed(line)


@pytest.mark.parametrize("line", OPEN)
def test_an_open_end_is_seen(line: str) -> None:
    assert not ends_sentence(line)
    assert not ends_closed(line)


@pytest.mark.parametrize("line", CLOSED_WITHOUT_MARK)
def test_a_closed_quotation_or_a_script_without_marks_may_be_complete(line: str) -> None:
    assert ends_closed(line)
    assert not ends_sentence(line)
