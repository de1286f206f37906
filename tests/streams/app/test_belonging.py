"""Tables are of the changelogs from which they were filled, and of no others."""

from pathlib import Path

import pytest

from streams.app.belonging import claim_tables

OURS = {"cluster": "one", "group": "naba", "naba-rows-changelog": "a", "naba-hosts-changelog": "b"}


class Folder:
    """A worker's folder, with a table in it."""

    def __init__(self, path: Path) -> None:
        self.path, self.said = path, list[str]()
        self.table = path / "v1" / "tables" / "naba-rows-0.db"

    def fill(self) -> None:
        self.table.mkdir(parents=True)
        (self.table / "CURRENT").write_text("rows")

    def claim(self, **changes: str) -> bool:
        """Return whether the tables are still there."""
        claim_tables(self.path, OURS | changes, self.said.append)
        return (self.table / "CURRENT").exists()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_tables_stay_where_the_cluster_and_its_topics_are_the_same(folder: Folder) -> None:
    assert not folder.claim()  # a new folder
    folder.fill()
    assert folder.claim()
    assert folder.claim()
    assert folder.said == []


@pytest.mark.parametrize("changed", list(OURS))
def test_tables_of_another_cluster_group_or_topic_are_removed_once_and_that_is_told(
    folder: Folder, changed: str
) -> None:
    folder.claim()
    folder.fill()
    assert not folder.claim(**{changed: "another"})
    assert len(folder.said) == 1
    assert str(folder.path) in folder.said[0]
    folder.fill()
    assert folder.claim(**{changed: "another"})
    assert len(folder.said) == 1


@pytest.mark.parametrize("content", [None, b"", b'{"cluster": "one"', b"[]"])
def test_tables_of_nobody_are_not_believed(folder: Folder, content: bytes | None) -> None:
    folder.fill()
    if content is not None:
        (folder.path / "belongs-to.json").write_bytes(content)
    assert not folder.claim()
    folder.fill()
    assert folder.claim()


def test_what_else_is_in_the_folder_stays(folder: Folder) -> None:
    folder.claim()
    (folder.path / "lock").touch()
    (folder.path / "health.json").touch()
    folder.claim(cluster="another")
    assert {path.name for path in folder.path.iterdir()} == {"lock", "health.json", "belongs-to.json"}
