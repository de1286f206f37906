"""Who may push is what the files say now; where they say nothing, nobody may."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.polling.desk import NotListening
from connectors.receiving.credentials import Credentials
from connectors.receiving.signature import read_signed
from connectors.sources.receive import ReceiveSource
from tests.receiver import sign

FIRST, SECOND = ("whsec_" + base64.b64encode(word).decode() for word in (b"six o'clock", b"seven o'clock"))
BODY = "المرفأ القديم".encode()


@pytest.fixture
def source(tmp_path: Path) -> ReceiveSource:
    (tmp_path / "token").write_text("harbour-7\n")
    (tmp_path / "secret").write_text(FIRST)
    token, secret = str(tmp_path / "token"), str(tmp_path / "secret")
    return ReceiveSource(name="partners", token_file=token, secret_file=secret)


def has_signed(credentials: Credentials, source: ReceiveSource, secret: str) -> bool:
    signed = read_signed(sign(BODY, "tide-1", secret), time.time())
    assert signed is not None
    return credentials.has_signed(source, signed, BODY)


@pytest.mark.parametrize(
    "written",
    [
        b"harbour-7",
        b"  harbour-7\t\r\n\r\n",
        b"library-3\nharbour-7\n",
        b"\n \n\tharbour-7\nlibrary-3",
        b"\xef\xbb\xbfharbour-7\r\n",
    ],
    ids=["bare", "white space", "several", "blank lines", "byte order mark"],
)
def test_each_line_is_a_token(tmp_path: Path, source: ReceiveSource, written: bytes) -> None:
    (tmp_path / "token").write_bytes(written)
    credentials = Credentials()
    credentials.read(source)
    assert credentials.owns_token(source, "harbour-7")
    for token in ("", "harbour-", "harbour-77", "HARBOUR-7", " harbour-7", "harbour-7\n", "\udcff"):
        assert not credentials.owns_token(source, token)


def test_each_line_is_a_secret(tmp_path: Path, source: ReceiveSource) -> None:
    (tmp_path / "secret").write_text(f"\n {FIRST} \r\n{SECOND}")
    credentials = Credentials()
    credentials.read(source)
    assert has_signed(credentials, source, FIRST)
    assert has_signed(credentials, source, SECOND)
    assert not has_signed(credentials, source, "whsec_dGlkZQ==")


def test_what_was_not_read_lets_nobody_in(source: ReceiveSource) -> None:
    assert not Credentials().owns_token(source, "harbour-7")
    assert not has_signed(Credentials(), source, FIRST)


def test_a_secret_is_no_token_and_a_token_no_secret(source: ReceiveSource) -> None:
    credentials = Credentials()
    credentials.read(source)
    assert not credentials.owns_token(source, FIRST)
    assert not has_signed(credentials, source, base64.b64encode(b"harbour-7").decode())


def test_a_changed_file_is_taken_up(tmp_path: Path, source: ReceiveSource) -> None:
    credentials = Credentials()
    credentials.read(source)
    (tmp_path / "token").write_text("harbour-8")
    (tmp_path / "secret").write_text(SECOND)
    assert credentials.owns_token(source, "harbour-7")
    credentials.read(source)
    assert [credentials.owns_token(source, f"harbour-{number}") for number in (7, 8)] == [False, True]
    assert [has_signed(credentials, source, one) for one in (FIRST, SECOND)] == [False, True]


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BREAKS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no token file": ("token", Path.unlink),
    "no secret file": ("secret", Path.unlink),
    "an empty file": ("token", lambda path: path.write_bytes(b"")),
    "blank lines": ("secret", lambda path: path.write_bytes(b" \n\t\r\n")),
    "a folder": ("token", make_folder),
    "no utf-8": ("token", lambda path: path.write_bytes(b"harbour\xff")),
    "what no header carries": ("token", lambda path: path.write_text("harbour$7!")),
    "not only ascii": ("token", lambda path: path.write_text("المرفأ\nharbour-7", encoding="utf-8")),
    "utf-16": ("token", lambda path: path.write_text("harbour-7", encoding="utf-16")),
    "no base64": ("secret", lambda path: path.write_text("whsec_?")),
    "an empty secret": ("secret", lambda path: path.write_text("whsec_")),
    "one of two": ("secret", lambda path: path.write_text(f"{FIRST}\nwhsec_?")),
}


@pytest.mark.parametrize(("name", "spoil"), BREAKS.values(), ids=BREAKS)
def test_a_file_that_cannot_be_read_is_told_and_lets_nobody_in_any_more(
    tmp_path: Path, source: ReceiveSource, name: str, spoil: Callable[[Path], object]
) -> None:
    credentials = Credentials()
    credentials.read(source)
    assert credentials.owns_token(source, "harbour-7")
    spoil(tmp_path / name)
    with pytest.raises(NotListening) as told:
        credentials.read(source)
    assert str(told.value).startswith(f"{tmp_path / name}: ")
    assert "harbour" not in str(told.value).removeprefix(str(tmp_path))
    assert FIRST not in str(told.value)
    assert not credentials.owns_token(source, "harbour-7")
    assert not has_signed(credentials, source, FIRST)


def test_it_is_told_whether_it_is_known_who_may_push(tmp_path: Path, source: ReceiveSource) -> None:
    credentials = Credentials()
    assert not credentials.are_readable(source)
    credentials.read(source)
    assert credentials.are_readable(source)
    assert credentials.has_secrets(source)
    (tmp_path / "secret").write_text("")
    with pytest.raises(NotListening):
        credentials.read(source)
    assert not credentials.are_readable(source)
    assert not credentials.has_secrets(source)
