"""Deleted articles of a file that is filled from a topic: its lines go, and none comes back."""

from collections.abc import Iterable
from pathlib import Path

from connectors.sinks.position import PositionFile
from connectors.sinks.rotated import part_of, rewrite, sync_folder
from schemas.letter import ARTICLES

# Beside the tables of `position.py`, in the same file.
_TABLES = """
    CREATE TABLE IF NOT EXISTS deleted (   -- articles that never come back
        article BLOB PRIMARY KEY, done INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS shorter (   -- at most one row: a file whose shorter part takes its place
        path TEXT NOT NULL);
"""


class FileDeletions:
    """Notes within the transactions of the position; the file is replaced by a shorter one in one rename."""

    def __init__(self, position: PositionFile) -> None:
        self._position, self._database = position, position.database
        self._database.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")

    def add(self, article: bytes) -> None:
        """Note a deletion, which is yet to be done."""
        self._database.execute("INSERT OR IGNORE INTO deleted VALUES (?, 0)", (article,))

    def has(self, article: bytes) -> bool:
        """Return whether the article is deleted."""
        found = self._database.execute("SELECT 1 FROM deleted WHERE article = ?", (article,)).fetchone()
        return found is not None

    def find_waiting(self) -> list[bytes]:
        """Return the deletions that are to be done."""
        return [
            article for (article,) in self._database.execute("SELECT article FROM deleted WHERE NOT done")
        ]

    def take_out(self, path: Path, name: str, articles: Iterable[bytes]) -> None:
        """Take the lines of these articles out of a file that nobody has open.

        `name` is what the position calls it. Raises OSError.
        """
        held = [article for article in articles if self._has_lines(article)]
        if held and path.exists():
            length, last = rewrite(path, [article.hex() for article in held], into=part_of(path))
            self._position.begin()
            self._database.execute("INSERT INTO shorter VALUES (?)", (str(path),))
            self._position.write_file(ARTICLES, name, length, last)
            self._position.commit()
        self.finish()

    def finish(self) -> None:
        """Put a shorter file in its place that was written before something was killed. Raises OSError."""
        for (name,) in self._database.execute("SELECT path FROM shorter").fetchall():
            path = Path(name)
            if part_of(path).exists():
                part_of(path).replace(path)
                sync_folder(path.parent)
        self._position.begin()
        self._database.execute("DELETE FROM shorter")
        self._position.commit()

    def end(self, articles: Iterable[bytes]) -> None:
        """Note that no line is left of these articles."""
        self._position.begin()
        for article in articles:
            self._database.execute(
                "DELETE FROM lines WHERE topic = ? AND name >= ? AND name < ?", _span(article)
            )
            self._database.execute("UPDATE deleted SET done = 1 WHERE article = ?", (article,))
        self._position.commit()

    def _has_lines(self, article: bytes) -> bool:
        query = "SELECT 1 FROM lines WHERE topic = ? AND name >= ? AND name < ? LIMIT 1"
        return self._database.execute(query, _span(article)).fetchone() is not None


def _span(article: bytes) -> tuple[str, bytes, bytes]:
    return ARTICLES, article, article + b"\xff" * 8
