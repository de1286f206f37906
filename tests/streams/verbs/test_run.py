"""`naba run` as its user meets it: files, pipes, exit codes, and words instead of tracebacks."""

import gzip
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PARAGRAPHS = [
    "The harbour office told the boats of the northern pier to wait for the tide, and they waited.",
    "Nobody could say when the lamp would burn again, but a new one has been ordered from the town.",
    "Until then two boys with lanterns will stand at the end of the pier, as their grandfathers did.",
]


def naba(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=120,
    )


def make_line(number: int, **fields: Any) -> dict[str, Any]:
    text = "\n".join(f"{paragraph} That was day {number * 7 + n}." for n, paragraph in enumerate(PARAGRAPHS))
    return {"url": f"https://pier.example/{number}", "text": f"Story {number}: {text}"} | fields


def write_lines(path: Path, *lines: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def test_the_main_job_is_quiet_and_running_it_again_changes_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1, title="One"), make_line(2, text="too short"))
    command = ("run", "a.jsonl", "--out", "out.jsonl", "--outcomes", "outcomes.jsonl")
    first = naba(tmp_path, *command)
    assert (first.returncode, first.stdout, first.stderr) == (0, b"", b"")
    articles, outcomes = (tmp_path / "out.jsonl").read_bytes(), (tmp_path / "outcomes.jsonl").read_bytes()
    assert [line["outcome"] for line in read_lines(tmp_path / "outcomes.jsonl")] == ["published", "rejected"]
    assert read_lines(tmp_path / "out.jsonl")[0]["title"] == "One"
    again = naba(tmp_path, *command)
    assert (again.returncode, again.stderr) == (0, b"")
    assert (tmp_path / "out.jsonl").read_bytes() == articles
    assert (tmp_path / "outcomes.jsonl").read_bytes() == outcomes


def test_a_file_is_continued_and_a_new_one_filled_from_the_start(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1))
    write_lines(
        tmp_path / "b.jsonl", make_line(2, text="Quite another matter: " + " ".join(PARAGRAPHS[::-1]) * 2)
    )
    assert naba(tmp_path, "run", "a.jsonl", "--out", "one.jsonl").returncode == 0
    assert naba(tmp_path, "run", "b.jsonl", "--out", "one.jsonl").returncode == 0
    assert naba(tmp_path, "run", "a.jsonl", "--out", "two.jsonl").returncode == 0
    assert len(read_lines(tmp_path / "one.jsonl")) >= 1
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_standard_input_and_output_take_this_runs_alone(tmp_path: Path) -> None:
    line = json.dumps(make_line(1)).encode() + b"\n"
    first = naba(tmp_path, "run", "-", "--out", "-", stdin=line)
    assert first.returncode == 0
    assert [json.loads(row)["url"] for row in first.stdout.splitlines()] == ["https://pier.example/1"]
    assert naba(tmp_path, "run", "-", "--out", "-", stdin=line).stdout == b""


def test_a_file_that_is_not_ours_is_not_touched(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1))
    (tmp_path / "diary.txt").write_text("dear diary")
    ended = naba(tmp_path, "run", "a.jsonl", "--out", "diary.txt")
    assert ended.returncode == 2
    assert b"diary.txt" in ended.stderr
    assert (tmp_path / "diary.txt").read_text() == "dear diary"


def test_a_file_that_appears_where_a_run_failed_is_not_touched(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1))
    assert naba(tmp_path, "run", "a.jsonl", "--out", "later/out.jsonl").returncode == 2
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "out.jsonl").write_text('{"schema":"mine"}\n')
    assert naba(tmp_path, "run", "a.jsonl", "--out", "later/out.jsonl").returncode == 2
    assert (tmp_path / "later" / "out.jsonl").read_text() == '{"schema":"mine"}\n'


def test_a_file_that_two_stores_name_belongs_to_the_one_that_filled_it(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1, text="short"))
    write_lines(tmp_path / "b.jsonl", make_line(1))
    assert naba(tmp_path, "run", "a.jsonl", "--db", "a.db", "--out", "shared.jsonl").returncode == 0
    assert naba(tmp_path, "run", "b.jsonl", "--db", "b.db", "--out", "shared.jsonl").returncode == 0
    filled = (tmp_path / "shared.jsonl").read_bytes()
    assert naba(tmp_path, "run", "a.jsonl", "--db", "a.db", "--out", "shared.jsonl").returncode == 2
    assert (tmp_path / "shared.jsonl").read_bytes() == filled != b""


def test_a_pipe_that_waits_ends_when_it_is_told_to(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streams.cli", "run", "-", "--out", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(json.dumps(make_line(1)).encode() + b"\n")
        running.stdin.flush()
        running.stdout.readline()
        running.terminate()
        assert running.wait(30) == 128 + 15
        assert running.stderr is not None
        assert running.stderr.read() == b""


def test_explain_of_an_address_shows_the_learned_lines_of_its_host(tmp_path: Path) -> None:
    lines = []
    for number in range(9):
        line = make_line(number)
        body = " ".join(f"Ward {number * 31 + n} has {number * 7 + n} lamps and a keeper." for n in range(12))
        lines.append(line | {"text": f"{body}\n{line['text']}\nThe Pier Post, since the great flood"})
    write_lines(tmp_path / "a.jsonl", *lines)
    assert naba(tmp_path, "run", "a.jsonl").returncode == 0
    told = naba(tmp_path, "explain", "https://pier.example/8").stdout.decode()
    assert "- The Pier Post, since the great flood  [furniture, learned.pier.example." in told
    told = naba(tmp_path, "rules", "learned").stdout.decode()
    assert "The Pier Post" in told

    (tmp_path / "mine").mkdir()
    adopted = naba(tmp_path, "rules", "adopt", told.split()[0], "--into", "mine")
    assert adopted.returncode == 0, adopted.stderr
    (tmp_path / "naba.toml").write_text('rules = ["mine"]\n')
    lonely = json.dumps({"url": "https://pier.example/99", "text": lines[0]["text"]}) + "\n"
    (tmp_path / "b.jsonl").write_text(lonely)
    assert naba(tmp_path, "run", "b.jsonl", "--db", "new.db", "--out", "new.jsonl").returncode == 0
    (record,) = read_lines(tmp_path / "new.jsonl")
    assert [removal["text"] for removal in record["removed"]] == ["The Pier Post, since the great flood"]
    assert naba(tmp_path, "rules", "adopt", "learned.pier.example.0@1").returncode == 1


def test_rules_are_proved_by_their_examples(tmp_path: Path) -> None:
    rule = 'version = 1\nwhy = "It ends so."\nhosts = ["pier.example"]\n'
    cut = '[[cut]]\nname = "end"\nkind = "end"\nlines = ["Over and out"]\n'
    example = f'[[example]]\ntext = """{PARAGRAPHS[0]}\nOver and out"""\nkeeps = ["The harbour"]\n'
    (tmp_path / "mine").mkdir()
    (tmp_path / "naba.toml").write_text('rules = ["mine"]\n')
    file = tmp_path / "mine" / "pier.toml"
    file.write_text(rule + cut + example + 'drops = ["Over and out"]\n')
    proved = naba(tmp_path, "rules", "check")
    assert (proved.returncode, proved.stdout) == (0, b"")
    file.write_text(rule + cut + example + 'drops = ["The harbour"]\n')
    refuted = naba(tmp_path, "rules", "check")
    assert refuted.returncode == 1
    assert b"pier: " in refuted.stdout


def test_half_a_gzip_file_gives_the_rest_as_one_dead_letter_and_code_1(tmp_path: Path) -> None:
    lines = "".join(json.dumps(make_line(n, noise=str(hash(str(n))))) + "\n" for n in range(300)).encode()
    whole = gzip.compress(lines)
    (tmp_path / "half.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    command = ("run", "half.jsonl.gz", "--outcomes", "outcomes.jsonl")
    ended = naba(tmp_path, *command)
    assert ended.returncode == 1
    assert b"half.jsonl.gz" in ended.stderr
    outcomes = read_lines(tmp_path / "outcomes.jsonl")
    assert [line["outcome"] for line in outcomes].count("dead") == 1
    assert outcomes[-1]["reason"] == "broken_input"
    assert len(outcomes) > 50
    assert naba(tmp_path, *command).returncode == 1
    assert read_lines(tmp_path / "outcomes.jsonl") == outcomes


WRONG_USE = [
    pytest.param(["run", "none.jsonl"], "none.jsonl", id="no such file"),
    pytest.param(["run", "a.pdf"], "a.pdf", id="a kind that cannot be read"),
    pytest.param(["run", "a.jsonl", "--out", "none/out.jsonl"], "none/out.jsonl", id="no such folder"),
    pytest.param(["run", "a.jsonl", "--db", "none/naba.db"], "none", id="no folder for the store"),
    pytest.param(["run", "a.jsonl", "--db", "a.pdf"], "a.pdf", id="a store that is none"),
    pytest.param(["run", "a.jsonl", "--config", "wrong.toml"], "clean.secnds", id="an unknown key"),
    pytest.param(["run", "a.jsonl", "--config", "rules.toml"], "broken.toml", id="a broken rule"),
    pytest.param(["run", "a.jsonl", "--out", "x", "--outcomes", "x"], "same file", id="one file for both"),
    pytest.param(["why", "https://a.example/", "--db", "none.db"], "none.db", id="no store to ask"),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG_USE)
def test_wrong_use_gets_a_clear_word_and_code_2(tmp_path: Path, arguments: list[str], named: str) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1))
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7" + b"x" * 5000)
    (tmp_path / "wrong.toml").write_text("[clean]\nsecnds = 3\n")
    (tmp_path / "rules.toml").write_text('rules = ["mine"]\n')
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "broken.toml").write_text('version = 1\nwhy = "x"\nhots = ["a.example"]\n')
    ended = naba(tmp_path, *arguments)
    assert ended.returncode == 2, ended.stderr
    assert named in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()


def test_an_empty_folder_is_told_with_code_1(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = naba(tmp_path, "run", "empty")
    assert ended.returncode == 1
    assert b"nothing to read" in ended.stderr


def test_what_the_run_writes_is_not_read_as_its_input(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1))
    command = ("run", ".", "--out", "articles.jsonl", "--outcomes", "./outcomes.jsonl")
    for _ in range(3):
        assert naba(tmp_path, *command).returncode == 0
        assert len(read_lines(tmp_path / "outcomes.jsonl")) == 1


def test_a_file_name_that_is_no_utf_8_is_an_input_like_any_other(tmp_path: Path) -> None:
    name = b"bad\xff.jsonl".decode("utf-8", "surrogateescape")
    write_lines(tmp_path / name, make_line(1))
    assert naba(tmp_path, "run", ".", "--outcomes", "o.txt").returncode == 0
    assert [line["input"] for line in read_lines(tmp_path / "o.txt")] == [r"bad\xff.jsonl:1"]


def test_a_live_pipe_is_answered_while_it_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streams.cli", "run", "-", "--out", "-"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(json.dumps(make_line(1)).encode() + b"\n")
        running.stdin.flush()
        assert json.loads(running.stdout.readline())["url"] == "https://pier.example/1"
        running.stdin.close()
        assert running.wait(60) == 0


def test_why_tells_the_story_and_an_unknown_one_gets_a_word(tmp_path: Path) -> None:
    copied = make_line(1) | {"url": "https://copies.example/x", "title": "The copy"}
    write_lines(tmp_path / "a.jsonl", make_line(1, title="The original"), copied, make_line(3, text="short"))
    assert naba(tmp_path, "run", "a.jsonl").returncode == 0
    told = naba(tmp_path, "why", "https://copies.example/x?utm_source=mail").stdout.decode()
    assert "copy of     The original https://pier.example/1" in told
    assert "a.jsonl:2" in told
    assert "copied by   The copy" in naba(tmp_path, "why", "https://pier.example/1").stdout.decode()
    assert "too_short" in naba(tmp_path, "why", "https://pier.example/3").stdout.decode()
    whole = json.loads(naba(tmp_path, "why", "--json", "https://pier.example/1").stdout)
    by_id = naba(tmp_path, "why", whole["records"][0]["article_id"])
    assert "The original" in by_id.stdout.decode()
    unknown = naba(tmp_path, "why", "https://pier.example/99")
    assert unknown.returncode == 1
    assert b"nothing is known" in unknown.stderr


def test_explain_shows_a_file_and_an_address_of_the_store(tmp_path: Path) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    html = f"<html><head><title>Lamp</title></head><body><h1>Lamp</h1>{body}<p>التعليقات</p></body></html>"
    (tmp_path / "page.html").write_text(html)
    write_lines(tmp_path / "a.jsonl", make_line(1), make_line(2, html=html, text=None))
    of_file = naba(tmp_path, "explain", "page.html")
    assert of_file.returncode == 0, of_file.stderr
    told = of_file.stdout.decode()
    for stage in ("decode", "parse", "metadata", "extract", "lift", "cut", "language", "conclude"):
        assert f"\n{stage}\n" in f"\n{told}", stage
    assert "- التعليقات" in told
    assert "phrases-ar.comments@1" in told
    assert naba(tmp_path, "run", "a.jsonl").returncode == 0
    assert "- التعليقات" in naba(tmp_path, "explain", "https://pier.example/2").stdout.decode()
    assert "- التعليقات" in naba(tmp_path, "explain", "a.jsonl:2").stdout.decode()
    assert naba(tmp_path, "explain", "https://pier.example/99").returncode == 1


def test_explain_ends_with_a_text_of_a_quarter_of_a_million_lines(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("The tide.\nThe boats.\n" * 125_000)
    assert naba(tmp_path, "explain", "long.txt").returncode in (0, 1)


def test_the_store_opens_in_any_sqlite_tool(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", make_line(1, title="One"))
    naba(tmp_path, "run", "a.jsonl")
    with sqlite3.connect(tmp_path / "naba.db") as database:
        rows = database.execute("SELECT json_extract(record, '$.title') FROM articles").fetchall()
    assert rows == [("One",)]


def test_the_demo_shows_every_outcome_and_balances(tmp_path: Path) -> None:
    ended = naba(tmp_path, "demo")
    assert ended.returncode == 0
    told = ended.stdout.decode()
    for outcome in ("PUBLISHED", "REVISED", "UNCHANGED", "DUPLICATE", "REJECTED", "DEAD"):
        assert f"] {outcome}  " in told
    assert told.rstrip().endswith("difference 0")
    assert list(tmp_path.iterdir()) == []
