"""Messages of raw as letters, whoever wrote them: each can be sent on, and has a name of its own."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cluster.receive import receive
from schemas.codec import encode
from schemas.letter import DETAIL, INPUT, RAW, RAW_ID, UNREAD, Letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_LETTER
from schemas.raw import RawArticle
from tests.streams.app.letters import FETCHED

ID = "0123456789abcdef" * 2
WHERE = "news.raw.v1:3:71"
HEADERS = [(INPUT, b"a.jsonl:1"), (RAW_ID, ID.encode())]
ARTICLE = encode(
    RawArticle(
        raw_id=ID,
        source="desk",
        url="https://pier.example/1",
        content="a",
        content_type="text/plain",
        fetched_at=FETCHED,
    )
)


def test_what_a_source_of_ours_wrote_is_the_letter_it_wrote() -> None:
    assert receive(RAW, WHERE, b"pier.example", b"value", HEADERS) == Letter(
        RAW, "pier.example", b"value", {INPUT: "a.jsonl:1", RAW_ID: ID}
    )


def test_without_headers_a_delivery_is_named_by_its_place_and_its_record() -> None:
    letter = receive(RAW, WHERE, b"pier.example", ARTICLE, [("trace", b"7")])
    assert letter.headers == {INPUT: WHERE, RAW_ID: ID, "trace": "7"}
    assert letter.key == "pier.example"
    assert letter.value == ARTICLE


def test_without_a_key_it_is_keyed_by_its_id() -> None:
    assert receive(RAW, WHERE, None, ARTICLE, []).key == ID


@pytest.mark.parametrize("value", [b"", b"no json", b"\xff\xfe", b"{}", b'{"schema":"raw.v9"}'])
def test_what_is_no_article_has_an_id_of_its_bytes(value: bytes) -> None:
    letter = receive(RAW, WHERE, b"k", value, [])
    again = receive(RAW, "news.raw.v1:0:0", None, value, [])
    assert re.fullmatch(r"[0-9a-f]{32}", letter.headers[RAW_ID])
    assert letter.headers[RAW_ID] == again.headers[RAW_ID] == again.key
    assert letter.headers[RAW_ID] != receive(RAW, WHERE, b"k", value + b"x", []).headers[RAW_ID]
    assert letter.value == value


def test_a_tombstone_is_a_delivery_of_nothing() -> None:
    letter = receive(RAW, WHERE, b"pier.example", None, HEADERS)
    assert letter.value == b""
    assert letter.headers == {INPUT: "a.jsonl:1", RAW_ID: ID}


@pytest.mark.parametrize("named", [b"", b"7", ID.upper().encode(), ID.encode() + b"0", b"\xff" * 32])
def test_an_id_that_is_none_is_read_from_the_record(named: bytes) -> None:
    letter = receive(RAW, WHERE, b"k", ARTICLE, [(INPUT, b"theirs"), (RAW_ID, named)])
    assert letter.headers == {INPUT: "theirs", RAW_ID: ID}


def test_an_id_without_an_input_keeps_its_name() -> None:
    other = "f" * 32
    letter = receive(RAW, WHERE, b"k", ARTICLE, [(RAW_ID, other.encode())])
    assert letter.headers == {INPUT: WHERE, RAW_ID: other}


def test_what_is_no_utf8_and_what_comes_twice_is_told() -> None:
    headers = [("trace", b"\xff"), ("trace", b"\xfe\xfd"), ("none", None), *HEADERS]
    letter = receive(RAW, WHERE, b"\xffpier", b"v", headers)
    assert letter.key == "\\xffpier"
    assert letter.headers["trace"] == "\\xfe\\xfd"
    assert letter.headers["none"] == ""


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [
        pytest.param(b"k", b"x" * (8 << 20), [], id="value"),
        pytest.param(b"k", b"x" * MAX_LETTER, HEADERS, id="just so"),
        pytest.param(b"k" * MAX_LETTER, b"x", [], id="key"),
        pytest.param(b"k", b"x", [*HEADERS, ("trace", b"t" * MAX_LETTER)], id="headers"),
        pytest.param(b"k", b"x", [*HEADERS, ("trace", b"\xff" * (2 << 20))], id="headers that are no UTF-8"),
    ],
)
def test_what_no_step_could_send_on_is_too_large_and_small_from_then_on(
    key: bytes, value: bytes, headers: list[tuple[str, bytes | None]]
) -> None:
    letter = receive(RAW, WHERE, key, value, headers)
    assert letter.headers[UNREAD] == "too_large"
    assert sha256(value).hexdigest() in letter.headers[DETAIL]
    assert letter.value == value[:KEPT_OF_TOO_LARGE]
    assert letter.headers[INPUT] == WHERE
    assert letter.size < 2 * KEPT_OF_TOO_LARGE


@given(
    st.none() | st.binary(max_size=20),
    st.none() | st.binary(max_size=60),
    st.lists(
        st.tuples(st.sampled_from([INPUT, RAW_ID, "x", ""]), st.none() | st.binary(max_size=40)), max_size=4
    ),
)
def test_whatever_stands_on_the_topic_is_a_letter_with_both_names(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    letter = receive(RAW, WHERE, key, value, headers)
    assert re.fullmatch(r"[0-9a-f]{32}", letter.headers[RAW_ID])
    assert INPUT in letter.headers
    assert letter.key
    letter.key.encode()
    for text in letter.headers.values():
        text.encode()
