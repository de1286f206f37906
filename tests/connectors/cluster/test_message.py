"""A letter on its way to Kafka becomes an event, and comes back with all that it was."""

from datetime import UTC, datetime

import pytest

from connectors.cluster.message import read_letter, write_headers
from schemas.letter import CE_TIME, CE_TYPE, CLEAN, DEAD, INPUT, RAW_ID, Letter
from tests.letters import make_article, make_outcome

LETTERS = [
    pytest.param(make_article(1), id="article"),
    pytest.param(make_outcome(1), id="outcome"),
    pytest.param(Letter(DEAD, "k", b"\xff", {INPUT: "a:1", RAW_ID: "1" * 32}), id="dead"),
]


@pytest.mark.parametrize("letter", LETTERS)
def test_it_is_an_event_and_comes_back(letter: Letter) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    headers = write_headers(letter)
    back = read_letter(letter.topic, letter.key.encode(), letter.value, headers)
    assert (back.key, back.value) == (letter.key, letter.value)
    assert letter.headers.items() <= back.headers.items()
    assert back.headers[CE_TYPE].startswith("news.")
    assert letter.topic.startswith("news.articles") or datetime.fromisoformat(back.headers[CE_TIME]) >= before


def test_a_message_from_before_there_were_these_headers_is_read_as_ever() -> None:
    old = [(INPUT, b"a:1"), (RAW_ID, b"1" * 32)]
    letter = make_article(1)
    assert read_letter(letter.topic, b"k", letter.value, old).headers == {INPUT: "a:1", RAW_ID: "1" * 32}


def test_what_is_internal_has_no_more_than_it_needs() -> None:
    headers = {INPUT: "a:1", RAW_ID: "1" * 32}
    assert dict(write_headers(Letter(CLEAN, "k", b"{}", headers))) == {INPUT: b"a:1", RAW_ID: b"1" * 32}
