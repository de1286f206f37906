"""What a sink of rotated files knows of them: which record is in which, what is closed, what is deleted."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

_AT_ONCE = 1000  # keys that are asked for in one statement

# Beside the tables of `position.py`, in the same file.
_TABLES = """
    CREATE TABLE IF NOT EXISTS held (      -- in which file each record is; a name begins with its article_id
        name BLOB PRIMARY KEY, file INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS closed (    -- the closed files, in the folder of the one that grows
        file INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS growing (   -- one row: number of the file that grows, and its first day
        file INTEGER NOT NULL, day TEXT);
    CREATE TABLE IF NOT EXISTS step (      -- at most one row: what was begun with the file that grows
        closed_as TEXT, length INTEGER, last_line BLOB);
    CREATE TABLE IF NOT EXISTS deleted (   -- articles that never come back
        article BLOB PRIMARY KEY, at TEXT NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Step:
    """What was begun with the file that grows: it is closed under a name, or replaced by its shorter part."""

    closed_as: str | None
    length: int = 0
    last_line: bytes | None = None


class RotationBook:
    """Reads and notes within the transactions of the position that it is part of."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")
        database.execute("INSERT INTO growing SELECT 1, NULL WHERE NOT EXISTS (SELECT 1 FROM growing)")
        self.reread()

    def reread(self) -> None:
        """Know again what is durable, after a transaction was taken back."""
        self.file: int
        self.day: str | None
        self.file, self.day = self._database.execute("SELECT file, day FROM growing").fetchone()
        self._deleted = self._database.execute("SELECT 1 FROM deleted LIMIT 1").fetchone() is not None

    def find_known(self, names: Collection[bytes]) -> set[bytes]:
        """Return which of the records get no line: they have one, or their article is deleted."""
        known = self._find("SELECT name FROM held WHERE name", names)
        if self._deleted:
            deleted = self._find("SELECT article FROM deleted WHERE article", {name[:16] for name in names})
            known.update(name for name in names if name[:16] in deleted)
        return known

    def add(self, names: Iterable[bytes]) -> None:
        """Note that the file that grows has these records."""
        self._database.executemany("INSERT INTO held VALUES (?, ?)", [(name, self.file) for name in names])

    def begin_file(self, file: int, day: str | None) -> None:
        """Note the number of the file that grows, and the day of its first line, once it has one."""
        self._database.execute("UPDATE growing SET file = ?, day = ?", (file, day))
        self.file, self.day = file, day

    def begin_step(self, step: Step) -> None:
        """Note what is about to be done."""
        self._database.execute(
            "INSERT INTO step VALUES (?, ?, ?)", (step.closed_as, step.length, step.last_line)
        )

    def find_step(self) -> Step | None:
        """Return what was begun and not ended."""
        found = self._database.execute("SELECT closed_as, length, last_line FROM step").fetchone()
        return Step(*found) if found else None

    def end_step(self) -> None:
        """Note that it is done."""
        self._database.execute("DELETE FROM step")

    def add_closed(self, name: str) -> None:
        """Note that the file that grew is closed under this name, and go on with the next number."""
        self._database.execute("INSERT INTO closed VALUES (?, ?)", (self.file, name))
        self.begin_file(self.file + 1, None)

    def find_closed(self, files: Iterable[int]) -> list[tuple[int, str]]:
        """Return number and name of those of the files that are closed."""
        query = "SELECT file, name FROM closed WHERE file = ?"
        return [row for file in files for row in self._database.execute(query, (file,))]

    def drop_closed(self, file: int) -> None:
        """Forget a closed file that is not there any more."""
        self._database.execute("DELETE FROM closed WHERE file = ?", (file,))

    def delete(self, article: bytes, at: datetime) -> None:
        """Note a deletion, which is yet to be done."""
        noted = (article, at.isoformat(timespec="seconds"))
        self._database.execute("INSERT OR IGNORE INTO deleted VALUES (?, ?, 0)", noted)
        self._deleted = True

    def find_deletions(self) -> dict[bytes, set[int]]:
        """Return the deletions that are to be done, and in which files the article is."""
        waiting = self._database.execute("SELECT article FROM deleted WHERE NOT done")
        query = "SELECT DISTINCT file FROM held WHERE name >= ? AND name < ?"
        return {
            article: {file for (file,) in self._database.execute(query, (article, article + b"\xff" * 8))}
            for (article,) in waiting.fetchall()
        }

    def end_deletions(self, articles: Iterable[bytes]) -> None:
        """Note that no file has these articles any more."""
        for article in articles:
            self._database.execute(
                "DELETE FROM held WHERE name >= ? AND name < ?", (article, article + b"\xff" * 8)
            )
            self._database.execute("UPDATE deleted SET done = 1 WHERE article = ?", (article,))

    def _find(self, query: str, keys: Collection[bytes]) -> set[bytes]:
        # In few statements: twice as quick as one a key.
        found: set[bytes] = set()
        listed = iter(keys)
        while some := tuple(islice(listed, _AT_ONCE)):
            places = ", ".join("?" * len(some))
            found.update(key for (key,) in self._database.execute(f"{query} IN ({places})", some))
        return found


def name_closed(path: Path, day: str, number: int, suffix: str) -> Path:
    """Return the name of a closed file: day and number before the suffix of the file that grew."""
    return path.with_name(f"{path.stem}.{day}.{number:06}{path.suffix}{suffix}")
