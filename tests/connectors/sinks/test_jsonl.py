"""JSON lines: each record once, whatever is rotated, packed, deleted or broken off; no other file touched."""

import gzip
import os
import resource
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
import zstandard

from connectors.sink import StoreAway
from connectors.sinks import growing, rotated_deletions
from connectors.sinks.jsonl import JsonlSink
from connectors.sinks.lines import LinesFile
from connectors.sinks.position import PositionFile
from connectors.sinks.rotated import Compress
from connectors.sinks.rotating import RotatingFile, Rotation
from connectors.sinks.rotation_book import RotationBook
from schemas.letter import ARTICLES, DUPLICATES, Letter
from schemas.wrong_use import WrongUse
from tests.hostile_texts import HOSTILE, paint
from tests.revisions import make_deletion, make_story, make_stream, receive

SMALL = 0.004  # MB: some five records
COMPRESS: list[Compress | None] = [None, "gzip", "zstd"]


def write(folder: Path, letters: Sequence[Letter], told: list[str] | None = None, **keys: Any) -> list[str]:
    """Write in one go, and return what was refused."""
    sink = JsonlSink(name="archive", path=str(folder / "news.jsonl"), relations=("near_copy",), **keys)
    with closing(sink.open(print if told is None else told.append)) as opened:
        assert opened.topics == (ARTICLES, DUPLICATES)
        return [refused.detail for refused in opened.write(receive(letters))]


def read_closed(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("news.*.jsonl*") if path.name != "news.jsonl.position")


def read_file(path: Path) -> bytes:
    packed = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(packed)
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    return packed


def read_lines(folder: Path) -> list[bytes]:
    files = [*read_closed(folder), folder / "news.jsonl"]
    contents = [read_file(path) for path in files if path.exists()]
    assert all(content.endswith(b"\n") for content in contents if content)
    return [line for content in contents for line in content.split(b"\n")[:-1]]


def names_of(folder: Path) -> set[str]:
    ours = ("news.jsonl.position-wal", "news.jsonl.position-shm", "news.jsonl.position")
    return {path.name for path in folder.iterdir() if path.name not in ours}


@pytest.mark.parametrize("compress", COMPRESS)
def test_every_record_is_one_line_over_all_files_also_when_it_comes_again(
    tmp_path: Path, compress: str | None
) -> None:
    letters = list(make_stream(24, 1))
    for _ in range(2):
        write(tmp_path, letters, rotate_mb=SMALL, compress=compress)
    closed = read_closed(tmp_path)
    assert len(closed) > 2
    assert all(0 < len(read_file(path)) <= SMALL * 1_000_000 for path in closed)
    assert {path.suffix for path in closed} == {{"gzip": ".gz", "zstd": ".zst", None: ".jsonl"}[compress]}
    assert read_lines(tmp_path) == list(dict.fromkeys(letter.value for letter in letters))


def test_revisions_and_a_copy_that_becomes_an_article_are_lines_of_their_own(tmp_path: Path) -> None:
    copy = make_story(1, duplicate_of=f"{2:032x}", relation="near_copy")
    letters = [make_story(3, 2), make_story(3, 1), copy, make_story(1, 2), make_story(3, 2)]
    write(tmp_path, letters)
    assert read_lines(tmp_path) == [letter.value for letter in letters[:4]]


def test_a_file_is_closed_when_another_day_begins_and_not_before(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 8, 23, 59, tzinfo=UTC)
    rotation = Rotation(every="day")
    path = tmp_path / "news.jsonl"
    with closing(RotatingFile(path, (ARTICLES,), rotation, print, now=lambda: moment)) as sink:
        sink.write(receive([make_story(1)]))
        sink.write(receive([make_story(2)]))
        moment = datetime(2026, 3, 9, 0, 1, tzinfo=UTC)
        sink.write(receive([make_story(3)]))
    assert [path.name for path in read_closed(tmp_path)] == ["news.2026-03-08.000001.jsonl"]
    assert read_file(tmp_path / "news.jsonl") == make_story(3).value + b"\n"
    assert len(read_lines(tmp_path)) == 3


def test_a_closed_file_takes_no_name_that_is_taken(tmp_path: Path) -> None:
    day = datetime.now(UTC).date().isoformat()
    mine = tmp_path / f"news.{day}.000001.jsonl"
    mine.write_bytes(b"mine\n")
    write(tmp_path, list(make_stream(20, 1)), rotate_mb=SMALL)
    assert mine.read_bytes() == b"mine\n"
    assert (tmp_path / f"news.{day}.000002.jsonl").exists()


@pytest.mark.parametrize("compress", COMPRESS)
def test_a_deletion_takes_its_lines_out_of_the_present_and_all_closed_files(
    tmp_path: Path, compress: str | None
) -> None:
    gone, copy = make_story(7), make_story(8, duplicate_of=f"{7:032x}", relation="near_copy")
    others = list(make_stream(24, 1))
    letters = [gone, copy, *others[:12], make_story(7, 2), *others[12:], make_story(7, 3)]
    write(tmp_path, letters, rotate_mb=SMALL, compress=compress)
    untouched = {
        path: path.stat().st_ino for path in read_closed(tmp_path) if b"%032x" % 7 not in read_file(path)
    }
    write(tmp_path, [make_deletion(7)], rotate_mb=SMALL, compress=compress)
    # What only names the deleted article stays.
    assert read_lines(tmp_path) == list(dict.fromkeys(letter.value for letter in [copy, *others]))
    assert untouched
    assert all(path.stat().st_ino == inode for path, inode in untouched.items())
    assert not [name for name in names_of(tmp_path) if "part" in name]


def test_what_is_deleted_does_not_come_back_whichever_comes_first(tmp_path: Path) -> None:
    write(tmp_path, [make_story(1), make_deletion(1), make_story(1, 2), make_story(2)])
    write(tmp_path, [make_story(1), make_story(1, 3), make_deletion(3)])
    write(tmp_path, [make_story(3)])
    assert read_lines(tmp_path) == [make_story(2).value]


def test_a_closed_file_with_nothing_left_is_removed(tmp_path: Path) -> None:
    letters = [make_story(1, number) for number in range(1, 8)]
    write(tmp_path, letters, rotate_mb=SMALL)
    assert read_closed(tmp_path)
    write(tmp_path, [make_deletion(1)], rotate_mb=SMALL)
    assert read_closed(tmp_path) == []
    assert read_lines(tmp_path) == []


def test_a_closed_file_that_was_moved_away_is_told_and_hinders_nothing(tmp_path: Path) -> None:
    letters = [make_story(1, number) for number in range(1, 8)]
    write(tmp_path, [*letters, make_story(2)], rotate_mb=SMALL)
    moved = read_closed(tmp_path)[0]
    moved.rename(tmp_path / "elsewhere")
    told: list[str] = []
    write(tmp_path, [make_deletion(1)], told, rotate_mb=SMALL)
    assert read_lines(tmp_path) == [make_story(2).value]
    assert len(told) == 1
    assert moved.name in told[0]


@pytest.mark.parametrize(
    ("compress", "harm"),
    [
        ("gzip", lambda packed: packed[:-9]),
        ("gzip", lambda packed: b"no gzip" + packed),
        ("gzip", lambda packed: packed[:20] + b"\xff\xff\xff" + packed[23:]),
        ("zstd", lambda packed: packed[:20] + b"\xff\xff\xff" + packed[23:]),
        (None, lambda lines: lines.replace(b"{", b"", 1)),
    ],
    ids=["cut off", "no gzip", "other bytes", "other bytes, zstd", "no JSON"],
)
def test_a_broken_closed_file_holds_up_its_deletion_alone_and_none_is_forgotten(
    tmp_path: Path, compress: str | None, harm: Callable[[bytes], bytes]
) -> None:
    write(tmp_path, [make_story(1, number) for number in range(1, 12)], rotate_mb=SMALL, compress=compress)
    broken = read_closed(tmp_path)[0]
    whole = broken.read_bytes()
    broken.write_bytes(harm(whole))
    for number in (2, 3):
        told: list[str] = []
        write(tmp_path, [make_deletion(1), make_story(number)], told, rotate_mb=SMALL, compress=compress)
        assert told
        assert all(f"{broken.name}: is broken" in line for line in told)
        assert broken.read_bytes() == harm(whole)
        assert {path.name for path in read_closed(tmp_path)} == {broken.name}
        assert not [name for name in names_of(tmp_path) if "part" in name]
    broken.write_bytes(whole)
    write(tmp_path, [], rotate_mb=SMALL, compress=compress)
    assert read_lines(tmp_path) == [make_story(2).value, make_story(3).value]


STEPS: dict[str, tuple[object, str]] = {
    "the lines are safe": (LinesFile, "sync"),
    "they are noted": (PositionFile, "commit"),
    "a closing is noted": (RotationBook, "begin_step"),
    "a file is closed": (growing, "close_file"),
    "a file is rewritten": (rotated_deletions, "rewrite"),
    "the folder is safe": (growing, "sync_folder"),
    "a closing is done": (RotationBook, "end_step"),
    "a closed file is noted": (RotationBook, "add_closed"),
    "a deletion is done": (RotationBook, "end_deletions"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("after", "compress"), [(False, None), (True, "zstd")], ids=["before", "after, packed"]
)
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_ends_the_same(
    tmp_path: Path, step: str, after: bool, compress: str | None
) -> None:
    before = [make_story(7), *make_stream(12, 1), make_story(7, 2)]
    write(tmp_path, before, rotate_mb=SMALL, compress=compress)
    letters = [make_deletion(7), *make_stream(24, 1)]
    kills = 0
    for batch in (letters[:1], letters):  # in the second one there are files to be closed
        for turn in range(1, 12):
            child = os.fork()
            if not child:
                write_and_die(tmp_path, batch, compress, STEPS[step], turn, after)
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != DIED:
                break
            kills += 1
    assert kills >= 1
    assert write(tmp_path, letters, rotate_mb=SMALL, compress=compress) == []
    expected = dict.fromkeys(letter.value for letter in letters if letter.value and letter.key != f"{7:032x}")
    assert sorted(read_lines(tmp_path)) == sorted(expected)
    assert not [name for name in names_of(tmp_path) if name.endswith(".part")]


DIED = 9


def write_and_die(
    folder: Path,
    letters: Sequence[Letter],
    compress: str | None,
    step: tuple[object, str],
    turn: int,
    after: bool,
) -> None:
    """End this process without a word when the step comes for the `turn`-th time, else with status 0."""
    owner, name = step
    original: Callable[..., Any] = getattr(owner, name)
    left = turn

    def die(*values: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left:
            return original(*values, **named)
        if after:
            original(*values, **named)
        os._exit(DIED)

    setattr(owner, name, die)
    try:
        write(folder, letters, rotate_mb=SMALL, compress=compress)
    except BaseException:
        os._exit(1)
    os._exit(0)


def test_a_torn_tail_is_cut_and_whole_lines_before_it_are_kept(tmp_path: Path) -> None:
    write(tmp_path, [make_story(1)])
    with (tmp_path / "news.jsonl").open("ab") as file:  # of a machine that went down
        file.write(make_story(2).value + b"\n" + make_story(3).value[:50])
    write(tmp_path, [make_story(2), make_story(3)])
    assert read_lines(tmp_path) == [make_story(number).value for number in (1, 2, 3)]


def test_what_was_written_stays_when_the_position_lags_behind_it(tmp_path: Path) -> None:
    # As after a power cut: the file waits for the disk at each batch, the position does not.
    letters = [make_story(number) for number in range(1, 5)]
    write(tmp_path, letters[:1])
    position = tmp_path / "news.jsonl.position"
    behind = position.read_bytes()
    write(tmp_path, letters[1:3])
    position.write_bytes(behind)
    write(tmp_path, [])
    assert read_lines(tmp_path) == [letter.value for letter in letters[:3]]
    write(tmp_path, letters)
    assert read_lines(tmp_path) == [letter.value for letter in letters]


def test_a_file_that_is_moved_away_while_it_is_written_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    told: list[str] = []
    with closing(JsonlSink(name="archive", path=str(path)).open(told.append)) as sink:
        sink.write(receive([make_story(1)]))
        path.rename(tmp_path / "moved")
        sink.write(receive([make_story(1), make_story(2)]))
    assert path.read_bytes() == make_story(2).value + b"\n"
    assert (tmp_path / "moved").read_bytes() == make_story(1).value + b"\n"
    assert len(told) == 1


@pytest.mark.parametrize("way", ["create", "copytruncate"])
def test_logrotate_begins_a_new_file_and_nothing_is_lost_or_doubled(tmp_path: Path, way: str) -> None:
    path, turned = tmp_path / "news.jsonl", tmp_path / "news.jsonl.1"
    told: list[str] = []
    with closing(JsonlSink(name="archive", path=str(path)).open(told.append)) as sink:
        sink.write(receive([make_story(1)]))
        if way == "create":
            path.rename(turned)
            path.touch()
        else:
            shutil.copyfile(path, turned)
            os.truncate(path, 0)
        sink.write(receive([make_story(1), make_story(2)]))
    assert turned.read_bytes() == make_story(1).value + b"\n"
    assert len(told) == 1
    os.truncate(path, 0)  # also between two runs
    write(tmp_path, [make_story(2), make_story(3)])
    assert path.read_bytes() == make_story(3).value + b"\n"


@pytest.mark.parametrize(
    "change",
    [lambda lines: lines[:-9], lambda lines: lines + b"mine\n", lambda _lines: b"my notes\n" * 200],
    ids=["cut off", "added to", "overwritten"],
)
def test_a_file_that_something_else_changes_is_left_alone_and_waited_for(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "news.jsonl"
    with closing(JsonlSink(name="archive", path=str(path)).open(print)) as sink:
        sink.write(receive([make_story(1)]))
        changed = change(path.read_bytes())
        path.write_bytes(changed)
        for _ in range(2):
            with pytest.raises(StoreAway, match=r"something else.*move it away, and what is new goes into"):
                sink.write(receive([make_story(2)]))
        assert path.read_bytes() == changed
        path.rename(tmp_path / "moved")  # as the message says
        sink.write(receive([make_story(2)]))
    assert path.read_bytes() == make_story(2).value + b"\n"


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_the_file_that_grows_is_plain_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"news.jsonl{suffix}"
    with closing(RotatingFile(path, (ARTICLES,), Rotation(), print)) as sink:
        sink.write(receive([make_story(1), make_story(2)]))
        sink.write(receive([make_deletion(1)]))
    assert path.read_bytes() == make_story(2).value + b"\n"


def test_a_deletion_follows_a_link_and_leaves_it_in_its_place(tmp_path: Path) -> None:
    big, link = tmp_path / "big", tmp_path / "news.jsonl"
    big.mkdir()
    link.symlink_to(big / "real.jsonl")
    write(tmp_path, [make_story(1), make_story(2)])
    write(tmp_path, [make_deletion(1)])
    assert link.is_symlink()
    assert (big / "real.jsonl").read_bytes() == make_story(2).value + b"\n"
    assert names_of(tmp_path) == {"big", "news.jsonl"}


def test_what_is_no_file_is_refused_and_gets_no_neighbour(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "news.jsonl")
    with pytest.raises(WrongUse, match=r"sink archive: .*news\.jsonl: is no file"):
        write(tmp_path, [make_story(1)])
    assert names_of(tmp_path) == {"news.jsonl"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_texts_are_given_back_and_make_no_other_file(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "sink"
    folder.mkdir()
    letter = make_story(1, **paint(text))
    assert write(folder, [letter]) == []
    assert read_lines(folder) == [letter.value]
    assert orjson.loads(read_lines(folder)[0])["title"] == text
    assert names_of(folder) == {"news.jsonl"}
    assert [path.name for path in tmp_path.iterdir()] == ["sink"]


@pytest.mark.parametrize(
    ("letter", "detail"),
    [
        (Letter(ARTICLES, "k", b"no json"), "line 1 column 1"),
        (Letter(ARTICLES, "k", make_story(1).value + b"\n" + make_story(2).value), "more than one line"),
        (Letter(ARTICLES, "k", make_story(1).value.replace(b"article.v1", b"article.v9")), "schema"),
        (
            Letter(ARTICLES, "../../x", make_story(1).value.replace(b"0" * 31, b"../" * 10 + b"x")),
            "article_id",
        ),
        (Letter(ARTICLES, "../../etc", b""), "no article_id"),
        (Letter(ARTICLES, "%", b""), "no article_id"),
    ],
    ids=["no JSON", "two lines", "another schema", "a path as an id", "a path as a key", "a wildcard"],
)
def test_what_is_no_record_is_refused_and_the_rest_is_written(
    tmp_path: Path, letter: Letter, detail: str
) -> None:
    refused = write(tmp_path, [make_story(5), letter, make_story(6)])
    assert len(refused) == 1
    assert detail in refused[0]
    assert read_lines(tmp_path) == [make_story(5).value, make_story(6).value]


@pytest.mark.parametrize("compress", COMPRESS)
@pytest.mark.parametrize("room", [1, 30_000, 80_000, 120_000])
def test_a_full_disk_is_waited_for_and_gone_on_from(
    tmp_path: Path, room: int, compress: Compress | None
) -> None:
    letters = [make_story(7), *make_stream(120, 8), make_deletion(7)]
    sink = JsonlSink(
        name="archive", path=str(tmp_path / "news.jsonl"), relations=("near_copy",), rotate_mb=0.15,
        compress=compress,
    )  # fmt: skip

    def write_on_a_full_disk() -> None:
        with closing(sink.open(print)) as opened:
            opened.write(receive(letters[:20]))
            limit_files(room)
            for _ in range(3):
                with pytest.raises(StoreAway, match="news"):
                    opened.write(receive(letters))
            limit_files(resource.RLIM_INFINITY)
            opened.write(receive(letters))

    run_in_child(write_on_a_full_disk)
    expected = dict.fromkeys(letter.value for letter in letters[1:-1])
    assert sorted(read_lines(tmp_path)) == sorted(expected)
    assert not [name for name in names_of(tmp_path) if name.endswith(".part")]


def test_a_sink_that_ends_on_a_full_disk_goes_on_at_the_next_start(tmp_path: Path) -> None:
    letters = [make_story(number, text="Ferry. " * 400) for number in range(100)]

    def end_on_a_full_disk() -> None:
        limit_files(100_000)
        with pytest.raises(StoreAway, match="too large"):
            write(tmp_path, letters)

    run_in_child(end_on_a_full_disk)
    write(tmp_path, letters)
    assert read_lines(tmp_path) == [letter.value for letter in letters]


def limit_files(size: int) -> None:
    """Let no file of this process grow beyond so many bytes, as if the disk were full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def run_in_child(act: Callable[[], None]) -> None:
    child = os.fork()
    if not child:
        status = 1
        try:
            act()
            status = 0
        except BaseException:
            limit_files(resource.RLIM_INFINITY)  # what has gone wrong goes into a file too
            traceback.print_exc()
        finally:
            os._exit(status)  # whatever happens: two of them must not go on with the tests
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.slow
def test_one_process_at_a_time_has_the_file(tmp_path: Path) -> None:
    sink = JsonlSink(name="archive", path=str(tmp_path / "news.jsonl"))
    with closing(sink.open(print)), pytest.raises(WrongUse, match=r"sink archive: .*another sink has it"):
        sink.open(print)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_bytes(b"my notes\n")
    with pytest.raises(WrongUse, match=r"sink archive: .*not of this store"):
        write(tmp_path, [make_story(1)])
    assert (tmp_path / "news.jsonl").read_bytes() == b"my notes\n"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"sink archive: .*folder does not exist"):
        write(tmp_path / "missing", [make_story(1)])


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"path": "-", "rotate": "day"}, "cannot be rotated"),
        ({"path": "a.jsonl", "compress": "gzip"}, "needs rotate or rotate_mb"),
        ({"path": "a.jsonl", "rotate_mb": 0.9}, ">= 1.*rotate_mb"),
        ({"path": "a.jsonl.gz"}, "path: a.jsonl.gz: .*compress"),
        ({"path": "a.jsonl.ZST", "rotate": "day"}, "path: a.jsonl.ZST: .*compress"),
        ({"path": "a.jsonl", "rotate": "hour"}, "rotate"),
        ({"path": "a.jsonl", "compress": "xz", "rotate": "day"}, "compress"),
        ({"path": ""}, "path"),
        ({"path": "a.jsonl", "colour": "red"}, "colour"),
    ],
)
def test_wrong_keys_are_told(keys: dict[str, object], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert({"kind": "jsonl", "name": "archive", **keys}, JsonlSink)


def test_standard_output_gets_what_comes_and_no_more() -> None:
    script = (
        "from connectors.sinks.jsonl import JsonlSink\n"
        "from tests.revisions import *\n"
        "sink = JsonlSink(name='out', path='-').open(print)\n"
        "bad = Letter(ARTICLES, 'k', b'no json')\n"
        "assert len(sink.write(receive([make_story(1), bad, make_deletion(1), make_story(2)]))) == 1\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == make_story(1).value + b"\n" + make_story(2).value + b"\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "status", "said"),
    [
        ("| true", 1, "sink out: standard output: nobody reads it any more"),
        (">&-", 2, "sink out: standard output is closed"),
    ],
)
def test_standard_output_that_nobody_reads_ends_the_run_with_one_line(
    tmp_path: Path, output: str, status: int, said: str
) -> None:
    (tmp_path / "naba.toml").write_text('[[sink]]\nname = "out"\nkind = "jsonl"\npath = "-"\n')
    page = {"url": "https://harbour.example/1", "title": "Ferry", "text": "The ferry is late again. " * 30}
    (tmp_path / "in.jsonl").write_bytes(orjson.dumps(page))
    script = f'"{sys.executable}" -m streams.cli run in.jsonl {output}; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stderr
    assert done.stderr.splitlines()[-1] == f"naba: {said}"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_without_relations_it_asks_for_articles_alone(tmp_path: Path) -> None:
    sink = JsonlSink(name="archive", path=str(tmp_path / "news.jsonl"))
    with closing(sink.open(print)) as opened:
        assert opened.topics == (ARTICLES,)


def test_whether_the_store_was_made_is_known(tmp_path: Path) -> None:
    sink = JsonlSink(name="archive", path=str(tmp_path / "news.jsonl"))
    for expected in (True, False):
        with closing(sink.open(print)) as opened:
            assert opened.is_new is expected
