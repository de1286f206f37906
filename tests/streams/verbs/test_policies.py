"""Policies as a user sets them: what `naba run` makes of them, and what `why` and `explain` say."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.ids import article_id, raw_id
from schemas.letter import withdrawal_letter
from schemas.raw import RawArticle
from streams.embedded.store import Store
from streams.steps.ending import end_early

pytestmark = pytest.mark.slow

SETTINGS = """
[[policy]]
hosts = ["southport.example"]
aliases = ["southport.press.example"]
licence = "CC BY 4.0"
timezone = "Asia/Beirut"

[[policy]]
hosts = ["gossip.example"]
access = "deny"

[[policy]]
sources = ["readers"]
access = "review"

[[policy]]
sources = ["archive"]
too_old_days = 30
future_hours = 24
"""
BODY = (
    "The harbour office told the boats of the {0} pier to wait for the tide, and all {0} of them waited. "
    "Nobody could say when lamp {0} would burn again, but a new one has been ordered from ward {0}."
)


def naba(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "streams.cli", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.decode()


def make_line(number: int, url: str, **fields: Any) -> dict[str, Any]:
    told = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"][number]
    text = "\n".join(BODY.format(f"{told}{part}") for part in ("", " old", " new"))
    return {"url": url, "text": f"{told}: {text}", "fetched_at": "2026-03-31T12:00:00Z", **fields}


LINES = [
    (make_line(0, "https://southport.example/1", published_at="2026-03-30 10:00"), "published"),
    (make_line(0, "https://southport.press.example/1"), "unchanged"),
    (make_line(1, "https://www.gossip.example/1"), "denied"),
    (make_line(2, "https://northport.example/1", source="readers"), "needs_review"),
    (make_line(3, "https://northport.example/2", source="archive", published_at="2026-01-05"), "too_old"),
    (
        make_line(4, "https://northport.example/3", source="archive", published_at="2026-04-09T00:00:00Z"),
        "in_future",
    ),
    (make_line(5, "https://northport.example/4", published_at="1999-01-05"), "published"),
    (make_line(6, "https://northport.example/5", published_at="2026-05-09T00:00:00Z"), "published"),
    (make_line(7, "https://more.gossip.example/1"), "published"),
]


def test_a_run_goes_by_the_policies_and_by_default_rejects_nothing(tmp_path: Path) -> None:
    (tmp_path / "naba.toml").write_text(SETTINGS)
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line, _ in LINES))
    naba(tmp_path, "run", "a.jsonl", "--out", "out.jsonl", "--outcomes", "outcomes.jsonl")
    outcomes = [json.loads(line) for line in (tmp_path / "outcomes.jsonl").read_text().splitlines()]
    assert [one["reason"] or one["outcome"] for one in outcomes] == [ending for _, ending in LINES]
    articles = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    first = articles[0]
    assert (first["licence"], first["published_at"]) == ("CC BY 4.0", "2026-03-30T07:00:00Z")
    assert first["claimed_published_at"] == "2026-03-30 10:00"
    assert {article["licence"] for article in articles[1:]} == {None}
    dates = [(article["published_at"], article["fetched_at"]) for article in articles[1:3]]
    assert dates == [
        ("1999-01-05T00:00:00Z", "2026-03-31T12:00:00Z"),
        ("2026-05-09T00:00:00Z", "2026-03-31T12:00:00Z"),
    ]
    assert outcomes[0]["article_id"] == outcomes[1]["article_id"]
    by_alias = naba(tmp_path, "why", "https://southport.press.example/1?utm_source=mail")
    assert "https://southport.example/1" in by_alias
    assert "denied in access" in naba(tmp_path, "why", "https://www.gossip.example/1")

    (tmp_path / "naba.toml").write_text("")
    naba(tmp_path, "run", "a.jsonl", "--db", "plain.db", "--outcomes", "plain.jsonl")
    plain = [json.loads(line) for line in (tmp_path / "plain.jsonl").read_text().splitlines()]
    assert {one["outcome"] for one in plain} == {"published", "duplicate"}
    assert plain[0]["article_id"] == outcomes[0]["article_id"]


def test_explain_shows_the_page_of_an_article_that_is_gone(tmp_path: Path) -> None:
    url = "https://southport.example/1"
    (tmp_path / "a.jsonl").write_text(json.dumps(make_line(0, url)) + "\n")
    naba(tmp_path, "run", "a.jsonl")
    raw = RawArticle(
        raw_id=raw_id("harbour", url, b"", None), source="harbour", url=url, content="",
        content_type="text/html", fetched_at=datetime.now(UTC),
    )  # fmt: skip
    letter = withdrawal_letter(url, raw, article_id(url, b""), "410 Gone")
    with Store(str(tmp_path / "naba.db")) as store:
        store.begin()
        store.keep_raw(letter, datetime.now(UTC))
        store.append(end_early(letter, "read", "withdrawn", "410 Gone"), datetime.now(UTC))
        store.commit()
    told = naba(tmp_path, "explain", url)
    assert "The harbour office" in told
    assert "withdrawn" not in told
    assert "\n  withdrawn   " in naba(tmp_path, "why", url)
