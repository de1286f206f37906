"""Files filled from topics: a crash between file and position changes nothing; nobody else's file is cut."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.sink import Received
from connectors.sinks.files import FilesSink
from connectors.sinks.lines import OutputError
from connectors.sinks.position import PositionError, PositionFile
from schemas.letter import ARTICLES, OUTCOMES, Letter
from tests.letters import make_article, make_outcome


def receive(letters: Sequence[Letter]) -> list[Received]:
    return [Received(letter, 0, number, datetime.now(UTC)) for number, letter in enumerate(letters)]


@contextmanager
def open_sink(folder: Path, told: list[str] | None = None, **files: str) -> Iterator[FilesSink]:
    topics = {"articles": ARTICLES, "outcomes": OUTCOMES}
    targets = {topics[kind]: folder / name for kind, name in files.items()}
    tell = [] if told is None else told
    with (
        closing(PositionFile(folder / "a.jsonl.position")) as position,
        closing(FilesSink(targets, position, tell.append)) as sink,
    ):
        yield sink


def count_lines(file: Path) -> int:
    return len(file.read_bytes().splitlines())


def test_a_crash_between_file_and_position_leaves_no_line_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = receive([make_article(number) for number in range(3)])

    def fail(_: PositionFile) -> None:
        raise OSError("no space left")

    with open_sink(tmp_path, articles="a.jsonl") as sink:
        sink.write(batch[:1])
        monkeypatch.setattr(PositionFile, "commit", fail)
        with pytest.raises(OSError, match="no space"):
            sink.write(batch[1:])
        monkeypatch.undo()
    assert count_lines(tmp_path / "a.jsonl") == 3
    with open_sink(tmp_path, articles="a.jsonl") as sink:
        assert sink.read_position() == {(ARTICLES, 0): 1}
        assert count_lines(tmp_path / "a.jsonl") == 1
        sink.write(batch)
    assert (tmp_path / "a.jsonl").read_bytes() == b"".join(item.letter.value + b"\n" for item in batch)


def test_one_of_the_files_can_be_left_out_and_come_back(tmp_path: Path) -> None:
    for _ in range(2):
        with open_sink(tmp_path, articles="a.jsonl", outcomes="o.jsonl") as sink:
            sink.write(receive([make_article(1), make_outcome(1)]))
        with open_sink(tmp_path, articles="a.jsonl") as sink:
            sink.write(receive([make_article(1), make_article(1, 2)]))
    assert count_lines(tmp_path / "a.jsonl") == 2
    assert count_lines(tmp_path / "o.jsonl") == 1


def test_a_file_that_was_removed_is_filled_anew_and_the_other_goes_on(tmp_path: Path) -> None:
    batch = receive([make_article(1), make_outcome(1)])
    with open_sink(tmp_path, articles="a.jsonl", outcomes="o.jsonl") as sink:
        sink.write(batch)
    (tmp_path / "a.jsonl").unlink()
    told: list[str] = []
    with open_sink(tmp_path, told, articles="a.jsonl", outcomes="o.jsonl") as sink:
        assert sink.read_position() == {(OUTCOMES, 0): 2}
        assert len(told) == 1
        sink.write(batch)
    assert [count_lines(tmp_path / name) for name in ("a.jsonl", "o.jsonl")] == [1, 1]


def test_files_and_position_can_move_together(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    with open_sink(old, articles="a.jsonl") as sink:
        sink.write(receive([make_article(1)]))
    old.rename(new)
    with open_sink(new, articles="a.jsonl") as sink:
        assert sink.read_position() == {(ARTICLES, 0): 1}


def test_a_refused_file_costs_the_known_one_nothing(tmp_path: Path) -> None:
    with open_sink(tmp_path, articles="a.jsonl") as sink:
        sink.write(receive([make_article(1)]))
    (tmp_path / "notes.txt").write_text("mine\n")
    with pytest.raises(OutputError, match=r"notes\.txt: exists"), open_sink(tmp_path, articles="notes.txt"):
        pass
    with open_sink(tmp_path, articles="a.jsonl") as sink:
        assert sink.read_position() == {(ARTICLES, 0): 1}


@pytest.mark.parametrize("content", [b"some notes\n", b"SQLite format 3\0" + b"x" * 5000])
def test_a_position_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl.position"
    path.write_bytes(content)
    with pytest.raises(PositionError, match="not the position of a sink"):
        PositionFile(path)
    assert path.read_bytes() == content


def test_a_position_is_of_one_cluster_and_its_topics(tmp_path: Path) -> None:
    for _ in range(2):
        with closing(PositionFile(tmp_path / "a.position")) as position:
            assert position.belong_to("one", {OUTCOMES: "id", ARTICLES: "other"}) == []
            position.write_offset(OUTCOMES, 0, 5)
            position.write_offset(ARTICLES, 0, 7)
    with closing(PositionFile(tmp_path / "a.position")) as position:
        assert position.belong_to("one", {OUTCOMES: "anew", ARTICLES: "other"}) == [OUTCOMES]
        assert position.read_offsets() == {(ARTICLES, 0): 7}
    with (
        closing(PositionFile(tmp_path / "a.position")) as position,
        pytest.raises(PositionError, match="another cluster"),
    ):
        position.belong_to("two", {})


def delete_article(number: int) -> Letter:
    return Letter(ARTICLES, f"{number:032x}", b"")


def test_a_deletion_takes_its_lines_out_and_none_comes_back(tmp_path: Path) -> None:
    first, second, third = make_article(1), make_article(2), make_article(1, revision=2)
    with open_sink(tmp_path, articles="a.jsonl", outcomes="o.jsonl") as sink:
        sink.write(receive([first, second, make_outcome(1), third, delete_article(1), delete_article(9)]))
        assert (tmp_path / "a.jsonl").read_bytes() == second.value + b"\n"
        sink.write(receive([make_article(1, revision=3), make_article(3)]))
    with open_sink(tmp_path, articles="a.jsonl", outcomes="o.jsonl") as sink:
        sink.write(receive([delete_article(1), make_article(9), third]))
    left = second.value + b"\n" + make_article(3).value + b"\n"
    assert (tmp_path / "a.jsonl").read_bytes() == left
    assert count_lines(tmp_path / "o.jsonl") == 1


def test_a_deletion_follows_a_link_and_reads_lines_whatever_the_name(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "big" / "real.gz")
    with open_sink(tmp_path, articles="a.jsonl") as sink:
        sink.write(receive([make_article(1), make_article(2), delete_article(1)]))
    assert (tmp_path / "a.jsonl").is_symlink()
    assert (tmp_path / "big" / "real.gz").read_bytes() == make_article(2).value + b"\n"


@pytest.mark.parametrize("commits", [pytest.param(count, id=f"after {count} commits") for count in range(5)])
def test_a_crash_while_lines_are_taken_out_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    batch = receive([make_article(1), make_article(2), delete_article(1)])
    commit, done = PositionFile.commit, [0]

    def crash(position: PositionFile) -> None:
        if done[0] == commits:
            raise OSError("no power")
        done[0] += 1
        commit(position)

    with open_sink(tmp_path, articles="a.jsonl") as sink:
        sink.write(batch[:2])
        monkeypatch.setattr(PositionFile, "commit", crash)
        if commits < 4:
            with pytest.raises(OSError, match="no power"):
                sink.write(batch[2:])
        else:
            sink.write(batch[2:])
        monkeypatch.undo()
    with open_sink(tmp_path, articles="a.jsonl") as sink:
        sink.write(batch)
    assert (tmp_path / "a.jsonl").read_bytes() == make_article(2).value + b"\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.jsonl.position"]
