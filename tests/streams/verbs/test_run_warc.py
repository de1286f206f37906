"""`naba` with an archive of twelve hundred captures: each has one end, and again changes nothing."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.archives import HTML, Archive, capture_time, make_page

pytestmark = pytest.mark.slow

CAPTURES = 1_200
FEWER = 200  # for what is the same again


def make_archive(captures: int) -> Archive:
    archive = Archive()
    archive.open()
    for number in range(captures):
        archive.ask(number)
        if number % 100 == 50:
            archive.respond(number, b"<p>not here</p>", HTML, status="404 Not Found")
        else:
            archive.respond(number)
        if number % 10 == 0:
            archive.respond(number, b"\x89PNG" * 500, ("Content-Type", "image/png"))
            archive.note("metadata", b"via: https://pier.example/", "application/warc-fields")
    archive.revisit(1)
    return archive


def naba(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "streams.cli",
        *arguments,
        "--out",
        "out.jsonl",
        "--outcomes",
        "ends.jsonl",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def check_ends(folder: Path, archive: Archive, captures: int) -> None:
    """Every HTML response has one outcome, and every article the time of its capture."""
    ends = read_lines(folder / "ends.jsonl")
    assert len({(end["input"], end["raw_id"]) for end in ends}) == len(ends) == captures
    by_address = Counter(end["url"] for end in ends)
    assert by_address == Counter(f"https://pier{n % 7}.example/{n}" for n in range(captures))
    refused = [end for end in ends if end["reason"] == "http_error"]
    assert sorted(int(end["url"].rpartition("/")[2]) for end in refused) == list(range(50, captures, 100))
    assert {(end["outcome"], end["detail"]) for end in refused} == {("rejected", "HTTP 404")}
    assert {int(end["input"].rpartition(":")[2]) for end in ends} <= set(archive.offsets)
    articles = read_lines(folder / "out.jsonl")
    assert len(articles) > captures / 2
    for article in articles:
        number = int(article["url"].rpartition("/")[2])
        assert article["fetched_at"] == capture_time(number).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert article["title"] == f"Crates on pier {number}"


def test_every_html_response_has_one_end_and_again_changes_nothing(tmp_path: Path) -> None:
    archive = make_archive(CAPTURES)
    (tmp_path / "old.warc.gz").write_bytes(archive.content)
    first = naba(tmp_path, "run", "old.warc.gz")
    assert (first.returncode, first.stderr) == (0, "")
    check_ends(tmp_path, archive, CAPTURES)
    written = [(tmp_path / name).read_bytes() for name in ("out.jsonl", "ends.jsonl")]
    again = naba(tmp_path, "run", "old.warc.gz")
    assert (again.returncode, again.stderr) == (0, "")
    assert [(tmp_path / name).read_bytes() for name in ("out.jsonl", "ends.jsonl")] == written


def test_a_source_of_the_settings_brings_the_same(tmp_path: Path) -> None:
    archive = make_archive(FEWER)
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "old.warc.gz").write_bytes(archive.content)
    (tmp_path / "naba.toml").write_text('[[source]]\nname = "old"\nkind = "warc"\npath = "archives/"\n')
    ended = naba(tmp_path, "run", "--once")
    assert ended.returncode == 0, ended.stderr
    check_ends(tmp_path, archive, FEWER)
    assert {article["source"] for article in read_lines(tmp_path / "out.jsonl")} == {"old"}
    written = [(tmp_path / name).read_bytes() for name in ("out.jsonl", "ends.jsonl")]
    assert naba(tmp_path, "run", "--once").returncode == 0
    assert [(tmp_path / name).read_bytes() for name in ("out.jsonl", "ends.jsonl")] == written


def test_a_damaged_archive_is_told_by_the_exit_code_and_the_rest_is_taken(tmp_path: Path) -> None:
    archive = Archive()
    for number in range(5):
        archive.respond(number, make_page(number))
    middle = (archive.offsets[2] + archive.offsets[3]) // 2
    spoiled = archive.content[:middle] + b"noise" + archive.content[middle + 5 :]
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "a.warc.gz").write_bytes(spoiled)
    ended = naba(tmp_path, "run", "archives")
    assert ended.returncode == 1
    assert "archives/a.warc.gz" in ended.stderr
    ends = read_lines(tmp_path / "ends.jsonl")
    assert [end["reason"] for end in ends if end["outcome"] == "dead"] == ["broken_input"]
    assert len(ends) == 5
