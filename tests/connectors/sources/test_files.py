"""Files as a source: every line and file is one delivery, also what cannot be read."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sources.files import FilesSource, find_files
from schemas.codec import decode
from schemas.letter import DETAIL, INPUT, RAW_ID, UNREAD, Letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_CONTENT, MAX_LETTER
from schemas.raw import RawArticle, read_content


def read_all(*paths: Path | str) -> tuple[list[Letter], FilesSource]:
    source = FilesSource([str(path) for path in paths])
    return list(source.poll()), source


def open_letter(letter: Letter) -> RawArticle:
    assert UNREAD not in letter.headers
    return decode(letter.value, RawArticle)


def write_lines(path: Path, *values: Any) -> Path:
    path.write_text(
        "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8"
    )
    return path


def test_a_line_keeps_what_it_claims(tmp_path: Path) -> None:
    line = {
        "html": "<p>خبر</p>", "url": "https://a.example/1", "source": "partner", "title": "عنوان",
        "author": "ليلى", "published_at": 1772323200, "language": "ar", "fetched_at": "2026-03-01 10:00:00",
        "unknown": {"deep": [1]}, "summary": None,
    }  # fmt: skip
    letters, _ = read_all(write_lines(tmp_path / "a.jsonl", line))
    raw = open_letter(letters[0])
    assert letters[0].headers[INPUT] == f"{tmp_path}/a.jsonl:1"
    assert letters[0].key == "a.example"
    assert (raw.content, raw.content_type) == ("<p>خبر</p>", "text/html; charset=utf-8")
    assert (raw.title, raw.authors, raw.published_at, raw.claimed_source) == (
        "عنوان",
        ("ليلى",),
        "1772323200",
        "partner",
    )
    assert raw.fetched_at.isoformat() == "2026-03-01T10:00:00+00:00"


def test_lines_end_at_newline_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "a\u2028b\u0085c"}\r\n\n  \n{"text": "d"}'.encode())
    letters, _ = read_all(path)
    assert [open_letter(letter).content for letter in letters] == ["a\u2028b\u0085c", "d"]
    assert [letter.headers[INPUT].rpartition(":")[2] for letter in letters] == ["1", "4"]


UNREADABLE = [
    pytest.param(b"no json", "no JSON", id="no JSON"),
    pytest.param(b"[1]", "object", id="no object"),
    pytest.param(b'{"url": "https://a.example"}', "neither html nor text", id="no content"),
    pytest.param(b'{"text": "a", "title": 5}', r"\$\.title", id="wrong type"),
    pytest.param(rb'{"text": "a \ud800 b"}', "surrogate", id="lone surrogate"),
    pytest.param(
        b'{"text": "a", "n": 123456789012345678901234567890}', "64 bits", id="integer beyond 64 bits"
    ),
    pytest.param(b'{"text": "a", "n": 18446744073709551616}', "64 bits", id="integer just beyond 64 bits"),
    pytest.param(b'{"text":' * 2000, "no JSON", id="deep JSON"),
    pytest.param(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no JSON", id="deeper JSON"),
    pytest.param(b'{"text": "a", "fetched_at": "yesterday"}', "fetched_at", id="no time"),
    pytest.param(b"\xff\xfe\x00", "no JSON", id="bytes"),
]


@pytest.mark.parametrize(("line", "told"), UNREADABLE)
def test_a_line_that_is_no_article_travels_as_its_bytes(tmp_path: Path, line: bytes, told: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "before"}\n' + line + b'\n{"text": "behind"}\n')
    letters, source = read_all(path)
    assert [UNREAD in letter.headers for letter in letters] == [False, True, False]
    assert letters[1].value == line
    assert letters[1].headers[UNREAD] == "unreadable"
    assert f"{path}:2" in letters[1].headers[DETAIL]
    assert re.search(told, letters[1].headers[DETAIL])
    assert source.broken == []


@pytest.mark.parametrize(
    "number", ["18446744073709551615", "-9223372036854775808", "1e300", "0.12345678901234567890123"]
)
def test_numbers_within_64_bits_and_fractions_are_no_reason_to_refuse(tmp_path: Path, number: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "a", "n": {number}, "s": "123456789012345678901234567890"}}\n')
    letters, _ = read_all(path)
    assert open_letter(letters[0]).content == "a"


def test_half_a_gzip_file_gives_what_could_be_read_and_one_letter_for_the_rest(tmp_path: Path) -> None:
    whole = gzip.compress("".join(f'{{"text": "article {n} {hash(n)}"}}\n' for n in range(5000)).encode())
    path = tmp_path / "half.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    letters, source = read_all(path)
    assert len(letters) > 1000
    assert [letter.headers.get(UNREAD) for letter in letters[-2:]] == [None, "broken_input"]
    assert source.broken == [str(path)]
    assert read_all(path)[0][-1].headers[RAW_ID] == letters[-1].headers[RAW_ID]


def test_files_that_are_too_large_are_told_apart_by_what_was_not_kept(tmp_path: Path) -> None:
    for name, end in (("a.txt", b"1"), ("b.txt", b"2")):
        (tmp_path / name).write_bytes(b"x" * 6_000_000 + end)
    letters, _ = read_all(tmp_path)
    assert letters[0].headers[RAW_ID] != letters[1].headers[RAW_ID]


BLOATED = [
    pytest.param({"text": "a", "url": "https://a.example/" + "x" * 9000}, id="address"),
    pytest.param({"text": "a", "summary": "s" * 200_000}, id="summary"),
    pytest.param({"text": "a", "authors": ["x"] * 1000}, id="authors"),
    pytest.param({"unread": "u" * 20_000_000}, id="a line of 20 MB that is no article"),
]


@pytest.mark.parametrize("line", BLOATED)
def test_no_letter_is_larger_than_a_topic_takes(tmp_path: Path, line: dict[str, Any]) -> None:
    letters, _ = read_all(write_lines(tmp_path / "a.jsonl", line))
    assert letters[0].headers[UNREAD] in ("unreadable", "too_large")
    assert letters[0].size < MAX_LETTER


def test_a_time_without_a_zone_is_in_the_zone_of_the_settings(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", {"text": "a", "fetched_at": "2026-03-01 10:00:00"})
    (letter,) = FilesSource([str(path)], zone=ZoneInfo("Asia/Riyadh")).poll()
    assert open_letter(letter).fetched_at.isoformat() == "2026-03-01T07:00:00+00:00"


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "page.html").write_bytes("<p>صفحة</p>".encode("windows-1256"))
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "readme.md").write_text("not read")
    letters, _ = read_all(tmp_path)
    assert [letter.headers[INPUT] for letter in letters] == [f"{tmp_path}/a.txt", f"{tmp_path}/b/page.html"]
    page = open_letter(letters[1])
    assert page.content_type == "text/html"
    assert read_content(page).decode("windows-1256") == "<p>صفحة</p>"


def test_what_is_too_large_is_told_with_size_and_hash_and_its_start_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * (MAX_CONTENT + 1))
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "' + b"y" * 40_000_000 + b'"}\n{"text": "next"}\n')
    letters, _ = read_all(tmp_path)
    assert [letter.headers.get(UNREAD) for letter in letters] == ["too_large", "too_large", None]
    assert len(letters[0].value) == len(letters[1].value) == KEPT_OF_TOO_LARGE
    assert letters[0].headers[DETAIL].startswith("5000001 bytes, sha256 ")
    assert letters[1].headers[DETAIL].startswith("40000013 bytes, sha256 ")


def test_standard_input_is_named_by_its_dash() -> None:
    program = (
        "from connectors.sources.files import FilesSource\n"
        "print([letter.headers['naba-input'] for letter in FilesSource(['-']).poll()])"
    )
    ended = subprocess.run([sys.executable, "-c", program], input=b'{"text": "a"}\n', capture_output=True)
    assert ended.stdout.strip() == b"['-:1']"


@pytest.mark.parametrize(("name", "told"), [("none.jsonl", "no such file"), ("a.pdf", "not one of")])
def test_a_path_that_cannot_be_meant_is_refused(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "a.pdf").write_text("x")
    with pytest.raises(ValueError, match=told):
        find_files([str(tmp_path / name)])


def test_a_line_cannot_pass_for_a_source_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x", "source": "harbour"}\n{"text": "y", "source": "ferry"}\n')
    letters = FilesSource([str(path)], reserved=["harbour"]).poll()
    raws = [decode(letter.value, RawArticle) for letter in letters]
    assert [(raw.source, raw.claimed_source) for raw in raws] == [("files", "harbour"), ("ferry", "ferry")]
