"""Signatures of content: whose it is, whatever method a hub has chosen."""

import hashlib
import hmac

import pytest

from connectors.websub.signature import is_signed, read_signature

BODY, SECRET = "المرفأ".encode(), "tide"


def sign(method: str, secret: str = SECRET) -> str:
    return f"{method}={hmac.new(secret.encode(), BODY, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("write", [str, str.upper], ids=["lower", "upper"])
def test_all_methods_of_the_specification_are_known(method: str, write: type[str]) -> None:
    signature = read_signature(write(sign(method)), secure=True)
    assert signature is not None
    assert is_signed(BODY, signature, [SECRET])
    assert not is_signed(BODY + b" ", signature, [SECRET])
    assert not is_signed(BODY, signature, ["ebb"])
    assert is_signed(BODY, signature, ["ebb", SECRET])
    assert not is_signed(BODY, signature, [])


def test_sha1_is_believed_only_where_the_way_is_guarded() -> None:
    assert read_signature(sign("sha1"), secure=False) is None
    assert read_signature(sign("sha256"), secure=False) is not None


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256",
        "sha256=",
        "sha256=zz" + 62 * "0",
        sign("sha256")[:-2],
        sign("sha256") + "00",
        sign("sha256").replace("sha256", "sha512"),
        f"md5={hashlib.md5(BODY).hexdigest()}",
        f"none={'0' * 64}",
        sign("sha256").replace("=", "= "),
        "sha256=" + "٠" * 64,
    ],
)
def test_what_is_no_signature_is_none(header: str | None) -> None:
    assert read_signature(header, secure=True) is None


def test_a_digest_of_the_body_alone_is_no_signature() -> None:
    signature = read_signature(f"sha256={hashlib.sha256(BODY).hexdigest()}", secure=True)
    assert signature is not None
    assert not is_signed(BODY, signature, [SECRET])
