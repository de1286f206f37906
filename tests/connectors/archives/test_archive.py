"""Archives as a source: every HTML response is one delivery, and what is damaged is told once."""

import base64
import gzip
import hashlib
import re
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from connectors.archives.archive import read_archive
from schemas.codec import decode
from schemas.letter import DETAIL, INPUT, RAW_ID, UNREAD, Letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_CONTENT
from schemas.raw import RawArticle, read_content
from tests.archives import HTML, Archive, capture_time, make_page

ARABIC = "<p>عادت العبّارة إلى الميناء</p>"
BOTH = pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])


def read(folder: Path, content: bytes, name: str = "a.warc.gz") -> list[Letter]:
    path = folder / name
    path.write_bytes(content)
    return list(read_archive(str(path), "a", "old"))


def tell(letters: list[Letter]) -> list[tuple[str, str | None]]:
    """Return the place of each letter, and the reason why it is unread."""
    return [(letter.headers[INPUT].removeprefix("a:"), letter.headers.get(UNREAD)) for letter in letters]


def open_letter(letter: Letter) -> RawArticle:
    assert UNREAD not in letter.headers, letter.headers[DETAIL]
    return decode(letter.value, RawArticle)


def make_six(packed: bool, **more: str) -> Archive:
    archive = Archive(packed)
    for number in range(6):
        archive.respond(number, None, HTML, *more.items())
    return archive


@BOTH
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_response_is_delivered_as_it_was_captured(tmp_path: Path, packed: bool, version: str) -> None:
    archive = Archive(packed, version)
    archive.open()
    archive.respond(1, ARABIC.encode("cp1256"), ("Content-Type", "text/html; charset=windows-1256"))
    archive.respond(2)
    letters = read(tmp_path, archive.content)
    assert tell(letters) == [(str(archive.offsets[1]), None), (str(archive.offsets[2]), None)]
    arabic, english = map(open_letter, letters)
    assert read_content(arabic).decode("cp1256") == ARABIC
    assert (arabic.content_type, arabic.source) == ("text/html; charset=windows-1256", "old")
    assert (english.url, english.fetched_at) == ("https://pier2.example/2", capture_time(2))
    assert read_content(english) == make_page(2)
    assert letters[1].key == "pier2.example"


@BOTH
def test_at_the_place_that_is_named_the_record_can_be_read_alone(tmp_path: Path, packed: bool) -> None:
    content = make_six(packed).content
    for letter in read(tmp_path, content):
        stored = content[int(letter.headers[INPUT].removeprefix("a:")) :]
        record = zlib.decompressobj(wbits=31).decompress(stored) if packed else stored
        assert record.startswith(b"WARC/1.0\r\n")
        assert f"\r\nWARC-Target-URI: {open_letter(letter).url}\r\n".encode() in record


def test_one_member_for_the_whole_file_names_places_within_it(tmp_path: Path) -> None:
    plain = make_six(packed=False)
    letters = read(tmp_path, gzip.compress(plain.content))
    assert tell(letters) == [("0", None)] + [(f"0+{offset}", None) for offset in plain.offsets[1:]]


def test_what_is_no_html_response_is_passed_over(tmp_path: Path) -> None:
    archive = Archive()
    archive.open()
    archive.ask(1)
    archive.respond(1)
    archive.note("metadata", b"via: https://pier.example/", "application/warc-fields")
    archive.note("resource", b"<p>no response</p>", "text/html")
    archive.note("response", b"1 pier.example", "text/dns", "dns:pier.example")
    archive.revisit(1)
    archive.respond(2, b"\x89PNG", ("Content-Type", "image/png"))
    archive.respond(3, b"{}", ("Content-Type", "application/json"), status="404 Not Found")
    archive.respond(4, None, ("Content-Type", "application/xhtml+xml"))
    archive.respond(5, None, ("content-type", "Text/HTML"))
    assert [place for place, _ in tell(read(tmp_path, archive.content))] == [
        str(archive.offsets[index]) for index in (2, 9, 10)
    ]


@pytest.mark.parametrize("status", ["404 Not Found", "301 Moved", "500 Oh", "304 Not Modified"])
def test_a_status_that_is_no_success_is_told_with_its_address(tmp_path: Path, status: str) -> None:
    archive = Archive()
    archive.respond(1, b"<p>not here</p>", HTML, status=status)
    (letter,) = read(tmp_path, archive.content)
    assert (letter.headers[UNREAD], letter.headers[DETAIL]) == ("http_error", f"HTTP {status[:3]}")
    raw = decode(letter.value, RawArticle)
    assert (raw.url, raw.content, raw.fetched_at) == ("https://pier1.example/1", "", capture_time(1))


def chunk(body: bytes, size: int = 50) -> bytes:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return (
        b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in parts)
        + b"0\r\nTrailer: x\r\n\r\n"
    )


def pack_twice(body: bytes) -> bytes:
    return gzip.compress(body[:9]) + gzip.compress(body[9:])


def deflate_bare(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


CHUNKED = ("Transfer-Encoding", "chunked")
CODED: list[tuple[str, Callable[[bytes], bytes], list[tuple[str, str]]]] = [
    ("gzip", gzip.compress, [("Content-Encoding", "gzip")]),
    ("gzip, noise behind it", lambda body: gzip.compress(body) + b"\0\0x", [("Content-Encoding", "x-gzip")]),
    ("gzip of two members", pack_twice, [("Content-Encoding", "gzip")]),
    ("deflate", zlib.compress, [("Content-Encoding", "deflate")]),
    ("deflate without its frame", deflate_bare, [("Content-Encoding", "deflate")]),
    ("br", brotli.compress, [("Content-Encoding", "br")]),
    ("zstd", zstandard.compress, [("Content-Encoding", "zstd")]),
    ("identity", bytes, [("Content-Encoding", "identity")]),
    ("twice", lambda body: gzip.compress(brotli.compress(body)), [("Content-Encoding", "br, GZIP")]),
    ("chunks", chunk, [CHUNKED]),
    ("chunks of gzip", lambda body: chunk(gzip.compress(body)), [CHUNKED, ("Content-Encoding", "gzip")]),
    ("chunks that the crawler undid", bytes, [CHUNKED]),
    ("gzip that the crawler undid", bytes, [("Content-Encoding", "gzip")]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "headers"), [case[1:] for case in CODED], ids=[case[0] for case in CODED])
def test_codings_are_undone(
    tmp_path: Path, code: Callable[[bytes], bytes], headers: list[tuple[str, str]]
) -> None:
    archive = Archive()
    archive.respond(1, code(make_page(1)), HTML, *headers)
    (letter,) = read(tmp_path, archive.content)
    assert read_content(open_letter(letter)) == make_page(1)


UNREADABLE: list[tuple[str, bytes, list[tuple[str, str]], dict[str, str], str]] = [
    ("unknown coding", b"x", [("Content-Encoding", "rot13")], {}, "'rot13' is not known"),
    ("unknown transfer coding", b"x", [("Transfer-Encoding", "rot13")], {}, "'rot13' is not known"),
    ("half a gzip", gzip.compress(make_page(1))[:-9], [("Content-Encoding", "gzip")], {}, "breaks off"),
    ("a gzip that is none", b"\x1f\x8b no", [("Content-Encoding", "gzip")], {}, "no gzip"),
    ("a wrong sum", gzip.compress(b"a")[:-8] + b"12345678", [("Content-Encoding", "gzip")], {}, "no gzip"),
    ("half a br", brotli.compress(make_page(1))[:-9], [("Content-Encoding", "br")], {}, "no br"),
    ("half a zstd", zstandard.compress(make_page(1))[:-9], [("Content-Encoding", "zstd")], {}, "no zstd"),
    ("a chunk that breaks off", chunk(make_page(1))[:300], [CHUNKED], {}, "break off"),
    ("no last chunk", chunk(make_page(1)).partition(b"\r\n0\r\n")[0] + b"\r\n", [CHUNKED], {}, "break off"),
    ("nine codings", b"x", [("Content-Encoding", ",".join(["gzip"] * 9))], {}, "9 content codings"),
    ("many members", gzip.compress(b"") * 99, [("Content-Encoding", "gzip")], {}, "more than 16 members"),
    ("a time that is none", b"x", [], {"WARC-Date": "yesterday"}, "WARC-Date 'yesterday'"),
    ("a day that is none", b"x", [], {"WARC-Date": "2025-02-30T00:00:00Z"}, "WARC-Date"),
    ("a time before all years", b"x", [], {"WARC-Date": "0001-01-01T00:00:00+09:00"}, "WARC-Date"),
    ("an address that is none", b"x", [], {"WARC-Target-URI": "pier one"}, "WARC-Target-URI 'pier one'"),
    ("a wrong payload digest", b"x", [], {"WARC-Payload-Digest": "sha1:" + "A" * 32}, "WARC-Payload-Digest"),
    ("a wrong block digest", b"x", [], {"WARC-Block-Digest": "sha256:" + "a" * 64}, "WARC-Block-Digest"),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    ("body", "headers", "warc", "told"),
    [case[1:] for case in UNREADABLE],
    ids=[case[0] for case in UNREADABLE],
)
def test_a_record_that_came_whole_and_cannot_be_understood_keeps_its_bytes(
    tmp_path: Path,
    packed: bool,
    body: bytes,
    headers: list[tuple[str, str]],
    warc: dict[str, str],
    told: str,
) -> None:
    archive = Archive(packed)
    archive.respond(0)
    archive.respond(1, body, HTML, *headers, warc=warc)
    archive.respond(2)
    letters = read(tmp_path, archive.content)
    assert [reason for _, reason in tell(letters)] == [None, "unreadable", None]
    assert re.search(told, letters[1].headers[DETAIL])
    assert letters[1].headers[DETAIL].startswith(f"a:{archive.offsets[1]}: ")
    assert letters[1].value.startswith(b"WARC/1.0\r\n")
    assert letters[1].value.endswith(body)


HEADS = [
    pytest.param(b"HTTP/1.1 200 OK", b"something else", "no HTTP status", id="no HTTP"),
    pytest.param(b"HTTP/1.1 200 OK", b"HTTP/1.1 two hundred", "no HTTP status", id="no number"),
    pytest.param(b"\r\n\r\n<html>", b"-------", "without an end", id="no end of the head"),
    pytest.param(b"WARC-Date: ", b"WARC-Dusk: ", "WARC-Date", id="no time"),
    pytest.param(b"WARC-Target-URI: ", b"WARC-Target-URL: ", "WARC-Target-URI", id="no address"),
]


@pytest.mark.parametrize(("old", "new", "told"), HEADS)
def test_a_head_that_cannot_be_understood_is_told(tmp_path: Path, old: bytes, new: bytes, told: str) -> None:
    archive = Archive(packed=False)
    archive.respond(0, b"<html>short</html>")
    archive.respond(1)
    content = archive.content.replace(old, new, 1)
    length = int(re.search(rb"Content-Length: (\d+)", content)[1])  # type: ignore[index]
    if old not in (b"WARC-Date: ", b"WARC-Target-URI: "):
        content = content.replace(
            b"Content-Length: %d" % length, b"Content-Length: %d" % (length + len(new) - len(old)), 1
        )
    letters = read(tmp_path, content)
    assert [reason for _, reason in tell(letters)] == ["unreadable", None]
    assert told in letters[0].headers[DETAIL]


SPELLINGS: dict[str, Callable[[bytes], str]] = {
    "hexadecimal": bytes.hex,
    "in capitals": lambda digest: digest.hex().upper(),
    "base32": lambda digest: base64.b32encode(digest).decode(),
    "base64": lambda digest: base64.b64encode(digest).decode(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("hashed", ["as stored", "without chunks", "unpacked"])
def test_a_digest_fits_however_writers_spell_it(
    tmp_path: Path, spell: Callable[[bytes], str], hashed: str
) -> None:
    page = make_page(1)
    packed = gzip.compress(page)
    payload = {"as stored": chunk(packed), "without chunks": packed, "unpacked": page}[hashed]
    digest = f"SHA-256:{spell(hashlib.sha256(payload).digest())}"
    archive = Archive()
    headers = [HTML, CHUNKED, ("Content-Encoding", "gzip")]
    archive.respond(1, chunk(packed), *headers, warc={"WARC-Payload-Digest": digest})
    assert tell(read(tmp_path, archive.content)) == [("0", None)]


def test_an_address_in_angle_brackets_is_read(tmp_path: Path) -> None:
    archive = Archive()
    archive.respond(1, url="<https://pier.example/old>")
    assert open_letter(read(tmp_path, archive.content)[0]).url == "https://pier.example/old"


def test_a_head_of_bare_newlines_is_read(tmp_path: Path) -> None:
    block = b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n<p>old server</p>"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://pier.example/1\r\nWARC-Date: "
        f"2025-03-01T06:00:00.5Z\r\nContent-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    (letter,) = read(tmp_path, head.encode() + block + b"\r\n\r\n")
    raw = open_letter(letter)
    assert raw.content == "<p>old server</p>"
    assert raw.fetched_at.isoformat() == "2025-03-01T06:00:00+00:00"  # as all times of records


GOOD, HURT, UNREADABLE_ONE = None, "broken_input", "unreadable"
Spoil = Callable[[bytes, list[int]], bytes]
ONE_OF_SIX = [GOOD] * 2 + [HURT] + [GOOD] * 3


def overwrite(data: bytes, start: int, noise: bytes) -> bytes:
    return data[:start] + noise + data[start + len(noise) :]


def put_in(data: bytes, start: int, noise: bytes) -> bytes:
    return data[:start] + noise + data[start:]


# What is done, the letters that follow from gzip, and those that follow from a plain file.
SPOILED: list[tuple[str, Spoil, list[str | None], list[str | None]]] = [
    (
        "cut within a record",
        lambda data, at: data[: (at[3] + at[4]) // 2],
        [GOOD] * 3 + [HURT],
        [GOOD] * 3 + [HURT],
    ),
    ("cut within a head", lambda data, at: data[: at[3] + 40], [GOOD] * 3 + [HURT], [GOOD] * 3 + [HURT]),
    ("cut by six bytes", lambda data, at: data[: at[3] - 6], [GOOD] * 2 + [HURT], [GOOD] * 2 + [HURT]),
    # Of a plain file no byte of an article is missing.
    ("cut by one byte", lambda data, at: data[: at[3] - 1], [GOOD] * 2 + [HURT], [GOOD] * 3),
    ("a head overwritten", lambda data, at: overwrite(data, at[2], b"x" * 30), ONE_OF_SIX, ONE_OF_SIX),
    (
        "a body overwritten",
        lambda data, at: overwrite(data, at[3] - 200, b"\xa5" * 30),
        ONE_OF_SIX,
        [GOOD] * 2 + [UNREADABLE_ONE] + [GOOD] * 3,
    ),
    (
        "a wrong checksum",
        lambda data, at: overwrite(data, at[3] - 8, b"\xa5" * 4),
        ONE_OF_SIX,
        [GOOD] * 2 + [UNREADABLE_ONE] + [GOOD] * 3,
    ),
    (
        "lines between records",
        lambda data, at: put_in(data, at[2], b"lost\r\n" * 300),
        [GOOD] * 2 + [HURT] + [GOOD] * 4,
        [GOOD] * 2 + [HURT] + [GOOD] * 4,
    ),
    (
        "noise between records",
        lambda data, at: put_in(data, at[2], bytes(range(255)) * 999),
        [GOOD] * 2 + [HURT] + [GOOD] * 4,
        [GOOD] * 2 + [HURT] + [GOOD] * 4,
    ),
    (
        "noise behind all",
        lambda data, at: put_in(data, at[5] + 10_000, b"lost\r\n" * 300),
        [GOOD] * 6 + [HURT],
        [GOOD] * 6 + [HURT],
    ),
    (
        "a hole in the middle",
        lambda data, at: data[: at[1] + 300] + data[at[3] + 400 :],
        [GOOD, HURT, GOOD, GOOD],
        [GOOD, HURT, GOOD, GOOD],
    ),
    (
        "two of them overwritten",
        lambda data, at: overwrite(overwrite(data, at[1], b"x" * 20), at[4], b"x" * 20),
        [GOOD, HURT, GOOD, GOOD, HURT, GOOD],
        [GOOD, HURT, GOOD, GOOD, HURT, GOOD],
    ),
]


@pytest.mark.parametrize(
    ("packed", "spoil", "reasons"),
    [pytest.param(True, case[1], case[2], id=f"{case[0]}, gzip") for case in SPOILED]
    + [pytest.param(False, case[1], case[3], id=f"{case[0]}, plain") for case in SPOILED],
)
def test_damage_is_told_once_and_takes_no_neighbour(
    tmp_path: Path, packed: bool, spoil: Spoil, reasons: list[str | None]
) -> None:
    archive = make_six(packed)
    spoiled = spoil(archive.content, archive.offsets)
    letters = read(tmp_path, spoiled)
    assert [reason for _, reason in tell(letters)] == reasons
    whole = {letter.value for letter in read(tmp_path, archive.content)}
    assert {letter.value for letter in letters if UNREAD not in letter.headers} <= whole
    assert [letter.headers for letter in read(tmp_path, spoiled)] == [letter.headers for letter in letters]


def test_a_head_that_has_lost_what_it_is_is_told(tmp_path: Path) -> None:
    content = make_six(packed=False).content
    spoiled = content.replace(b"\r\nWARC-Type: ", b"\r\nWARC-Tyke: ", 1)
    assert [reason for _, reason in tell(read(tmp_path, spoiled))] == [HURT] + [GOOD] * 5
    spoiled = content.replace(b"\r\nContent-Type: text/html", b"\r\nContent-Tyke: text/html", 1)
    assert [reason for _, reason in tell(read(tmp_path, spoiled))] == [UNREADABLE_ONE] + [GOOD] * 5


@BOTH
@pytest.mark.parametrize(
    "length", ["less", "more", "beyond the next", "beyond the file", "no number", "none"]
)
def test_a_wrong_length_costs_one_record(tmp_path: Path, packed: bool, length: str) -> None:
    archive = make_six(packed=False)
    ends = [*archive.offsets[1:], len(archive.content)]
    records = [archive.content[start:end] for start, end in zip(archive.offsets, ends, strict=True)]
    right = int(re.search(rb"Content-Length: (\d+)", records[2])[1])  # type: ignore[index]
    wrong = {
        "less": b"Content-Length: %d" % (right - 100),
        "more": b"Content-Length: %d" % (right + 100),
        "beyond the next": b"Content-Length: %d" % (right + 2000),
        "beyond the file": b"Content-Length: %d" % (right + 10**12),
        "no number": b"Content-Length: many",
        "none": b"X: y",
    }[length]
    records[2] = records[2].replace(b"Content-Length: %d" % right, wrong)
    letters = read(tmp_path, b"".join(map(gzip.compress, records) if packed else records))
    assert [reason for _, reason in tell(letters)] == [GOOD, GOOD, HURT, GOOD, GOOD, GOOD]
    # Nothing is held of what is claimed to be there.
    assert letters[2].value == b""


def test_damage_in_what_is_passed_over_is_told_as_well(tmp_path: Path) -> None:
    archive = Archive()
    archive.respond(1)
    archive.respond(2, bytes(range(256)) * 4000, ("Content-Type", "video/mp4"))
    archive.respond(3)
    spoiled = bytearray(archive.content)
    spoiled[archive.offsets[2] - 7] ^= 255
    assert [reason for _, reason in tell(read(tmp_path, bytes(spoiled)))] == [GOOD, HURT, GOOD]


@pytest.mark.parametrize(
    "content", [b"", bytes(5000), gzip.compress(b"")], ids=["empty", "zeros", "empty gzip"]
)
def test_a_file_without_a_record_has_no_letter(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == []


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_file_that_is_no_archive_is_told(tmp_path: Path, name: str) -> None:
    assert tell(read(tmp_path, b"dear diary\n" * 9000, name)) == [("0", "broken_input")]


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (letter,) = read_archive(str(tmp_path / "none.warc"), "a", "old")
    assert letter.headers[UNREAD] == "broken_input"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


PAGE, LARGER = b"<p>" + b"x" * MAX_CONTENT, b"<p>" + b"x" * 9_000_000
PACKED = f"^more than {MAX_CONTENT} bytes, packed in [0-9]+ bytes, sha256 [0-9a-f]{{64}}; "
LARGE: list[tuple[str, bytes, str, str]] = [
    ("a page", PAGE, "", f"^5000003 bytes, sha256 {sha256(PAGE)}; "),
    ("what is not held", LARGER, "", f"^9000003 bytes as stored, sha256 {sha256(LARGER)}; "),
    ("gzip", gzip.compress(bytes(30_000_000), 1), "gzip", PACKED),
    ("two layers of gzip", gzip.compress(gzip.compress(bytes(30_000_000), 1)), "gzip, gzip", PACKED),
    ("br", brotli.compress(bytes(30_000_000), quality=1), "br", PACKED),
    ("zstd", zstandard.compress(bytes(30_000_000), 1), "zstd", PACKED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "coding", "told"), [case[1:] for case in LARGE], ids=[case[0] for case in LARGE]
)
def test_what_is_too_large_is_told_with_size_and_hash_and_its_start_kept(
    tmp_path: Path, body: bytes, coding: str, told: str
) -> None:
    archive = Archive()
    archive.respond(1, body, HTML, ("Content-Encoding", coding))
    archive.respond(2)
    letters = read(tmp_path, archive.content)
    assert [reason for _, reason in tell(letters)] == ["too_large", None]
    assert re.search(told, letters[0].headers[DETAIL])
    assert len(letters[0].value) == KEPT_OF_TOO_LARGE


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, compresslevel=1),
    "br": partial(brotli.compress, quality=1),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", PACK)
def test_of_what_unpacks_to_more_than_is_taken_no_more_is_held(tmp_path: Path, coding: str) -> None:
    archive = Archive()
    archive.respond(1, PACK[coding](bytes(60_000_000)), HTML, ("Content-Encoding", coding))
    content = archive.content
    tracemalloc.start()
    try:
        assert [reason for _, reason in tell(read(tmp_path, content))] == ["too_large"]
        assert tracemalloc.get_traced_memory()[1] < 25_000_000
    finally:
        tracemalloc.stop()


def test_captures_of_one_page_at_two_times_are_two_deliveries(tmp_path: Path) -> None:
    archive = Archive()
    for number in (1, 2):
        archive.respond(number, make_page(1), url="https://pier.example/")
    letters = read(tmp_path, archive.content)
    assert len({letter.headers[RAW_ID] for letter in letters}) == 2
    assert [letter.headers[RAW_ID] for letter in read(tmp_path, archive.content, "b.warc.gz")] == [
        letter.headers[RAW_ID] for letter in letters
    ]
