"""Signatures of Standard Webhooks, with the library of the specification's authors beside them."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError, hmac_data

from connectors.receiving.signature import (
    WINDOW,
    BadSignature,
    Signed,
    is_signed,
    read_signed,
)
from schemas.webhook import read_secret

SECRET, OTHER = ("whsec_" + base64.b64encode(word * 3).decode() for word in (b"harbour-", b"library-"))
BODY = '{"text": "عادت العبّارة إلى المرفأ القديم."}'
NOW = datetime(2026, 3, 7, 9, 0, tzinfo=UTC)


def sign(
    body: str = BODY, secret: str = SECRET, at: datetime = NOW, message: str = "tide-1"
) -> dict[str, str]:
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body),
    }


def takes(headers: dict[str, str], body: bytes, *secrets: str, now: datetime = NOW) -> bool:
    signed = read_signed(headers, now.timestamp())
    return signed is not None and any(is_signed(signed, body, read_secret(one)) for one in secrets)


@given(st.text(), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
def test_what_the_library_signs_is_taken(body: str, message: str) -> None:
    assert takes(sign(body, message=message), body.encode(), SECRET)


@given(st.text())
def test_what_is_taken_the_library_takes_too(body: str) -> None:
    headers = sign(body, at=datetime.now(UTC))
    assert takes(headers, body.encode(), SECRET, now=datetime.now(UTC))
    Webhook(SECRET).verify(body, headers, json_parse=False)


CHANGES: dict[str, tuple[dict[str, str], str]] = {
    "another body": ({}, BODY + " "),
    "another id": ({"webhook-id": "tide-2"}, BODY),
    "another time": ({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, BODY),
    "another secret": ({"webhook-signature": sign(secret=OTHER)["webhook-signature"]}, BODY),
    "half a signature": ({"webhook-signature": "v1," + base64.b64encode(bytes(16)).decode()}, BODY),
    "a dot moved from the id to the time": (
        {"webhook-id": "tide-1.1", "webhook-timestamp": str(int(NOW.timestamp()))[1:].zfill(10)},
        BODY,
    ),
}


@pytest.mark.parametrize(("headers", "body"), CHANGES.values(), ids=CHANGES)
def test_what_is_changed_is_not_taken(headers: dict[str, str], body: str) -> None:
    changed = sign() | headers
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, changed, json_parse=False)
    try:
        taken = takes(changed, body.encode(), SECRET)
    except BadSignature:
        taken = False
    assert not taken


def test_while_a_secret_is_replaced_either_side_may_go_first() -> None:
    both = sign() | {
        "webhook-signature": " ".join(sign(secret=one)["webhook-signature"] for one in (OTHER, SECRET))
    }
    for known in ([SECRET], [OTHER], [SECRET, OTHER]):
        assert takes(both, BODY.encode(), *known)
        assert takes(sign(secret=known[0]), BODY.encode(), SECRET, OTHER)
    assert not takes(both, BODY.encode(), "whsec_dGlkZQ==")


def test_a_signature_of_another_version_is_passed_over() -> None:
    mixed = sign()
    mixed["webhook-signature"] = f"v1a,AAAA v2 {mixed['webhook-signature']} v1,?"
    assert takes(mixed, BODY.encode(), SECRET)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"\xed\xa0\x80", bytes(range(256))], ids=repr)
def test_a_body_that_is_no_text_can_be_signed(body: bytes) -> None:
    signed = read_signed(sign(), NOW.timestamp())
    assert signed is not None
    assert not is_signed(signed, body, read_secret(SECRET))
    # The library signs text alone: its HMAC is asked itself.
    key = read_secret(SECRET)
    own = hmac_data(key, f"{signed.id}.{signed.time}.".encode() + body)
    assert is_signed(Signed(signed.id, signed.time, (own,)), body, key)


@pytest.mark.parametrize("seconds", [-WINDOW, 0, WINDOW], ids=str)
def test_a_time_up_to_the_edge_of_the_window_is_believed(seconds: float) -> None:
    assert takes(sign(at=NOW + timedelta(seconds=seconds)), BODY.encode(), SECRET)


@pytest.mark.parametrize("seconds", [-WINDOW - 1, WINDOW + 1, -1e9], ids=str)
def test_a_time_beyond_the_window_is_not_believed(seconds: float) -> None:
    with pytest.raises(BadSignature, match="more than 300 s off"):
        takes(sign(at=NOW + timedelta(seconds=seconds)), BODY.encode(), SECRET)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_two_headers_of_three_are_no_signature(name: str, value: str | None) -> None:
    headers = {key: one for key, one in (sign() | {name: value or ""}).items() if key != name or value == ""}
    with pytest.raises(BadSignature, match=f"{name} is missing"):
        read_signed(headers, NOW.timestamp())


def test_without_any_of_them_nothing_is_signed() -> None:
    assert read_signed({"Authorization": "Bearer tide"}, NOW.timestamp()) is None


@pytest.mark.parametrize(
    "written", ["1e9", "-1", " 1772874000", "1772874000.0", "0x1", "١٧٧٢٨٧٤٠٠٠", "9" * 400, "now", "\udcff"]
)
def test_a_time_is_digits(written: str) -> None:
    with pytest.raises(BadSignature):
        read_signed(sign() | {"webhook-timestamp": written}, NOW.timestamp())


# What aiohttp makes of a header that is no UTF-8 has lone surrogates in it.
ANY = st.text(st.characters(max_codepoint=0xFF) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))


@given(
    ANY,
    ANY | st.just(str(int(NOW.timestamp()))),
    ANY | ANY.map("v1,{}".format) | st.just(sign()["webhook-signature"]),
)
def test_malformed_headers_raise_nothing_else(message: str, time: str, signature: str) -> None:
    headers = {"webhook-id": message, "webhook-timestamp": time, "webhook-signature": signature}
    try:
        taken = takes(headers, BODY.encode(), SECRET)
    except BadSignature:
        taken = False
    assert not taken or message == "tide-1"


@pytest.mark.parametrize("write", [str, lambda one: one.removeprefix("whsec_"), lambda one: one.rstrip("=")])
def test_a_secret_is_read_as_the_library_reads_it(write: type[str]) -> None:
    for secret in (SECRET, "whsec_dGlkZQ==", "whsec_dGlkZXM="):
        assert takes(sign(secret=write(secret)), BODY.encode(), write(secret))


@pytest.mark.parametrize(
    "written", ["whsec_", "", "whsec_?", "whsec_a", "tide at six", "المرفأ", "whsec_dG=kZQ"]
)
def test_what_is_no_secret_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        read_secret(written)
