"""Keep letters of today for ever: `python -m tests.wire.collect LABEL`, once before every release.

It works on the bundled articles and writes of each kind, beside those that are there, the first letter
of every sort, with the headers that it has on Kafka; and the contract of today as the released one. Where
that breaks the one released before, it says what breaks, writes nothing and ends with 1.
"""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.sources.files import FilesSource
from schemas.event import describe
from schemas.letter import ARTICLES, CLEAN, DEAD, DUPLICATES, OUTCOMES, RAW, REASON, REJECTED, UNREAD, Letter
from streams.settings import Settings
from streams.steps.order import order_clean
from streams.verbs.run import run_source
from tests.wire.released import release

WIRE = Path(__file__).parent
ROOT = WIRE.parents[1]
DEMO = Path("streams") / "demo"  # as it stands in `input`: no letter tells where it was made

FOLDERS = {
    RAW: "raw",
    CLEAN: "cleaned",
    ARTICLES: "article",
    DUPLICATES: "duplicate",
    REJECTED: "rejection",
    OUTCOMES: "outcome",
    DEAD: "dead",
}


def collect(label: str) -> None:
    """Write the contract as released, then the letters. A letter that was written is never written over.

    Raises SystemExit where the contract breaks what was released.
    """
    release(ROOT / "schemas")
    letters: list[Letter] = list(_read_source().poll())
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), db=f"{folder}/naba.db", rules=(str(DEMO / "rules"),))
        clean = order_clean(settings)()
        letters += [made for letter in letters for made in clean(letter) if made.topic == CLEAN]
        run_source(_read_source(), settings, {}, 2, letters.extend)
    for letter in letters:
        path = WIRE / FOLDERS[letter.topic] / f"{label}-{_name_sort(letter)}.value"
        if not path.exists():
            _write(path, letter)


def _name_sort(letter: Letter) -> str:
    """Return what the letter is of its kind, in a word or two."""
    if letter.topic == DEAD:
        return letter.headers[REASON]
    if UNREAD in letter.headers:
        return letter.headers[UNREAD]
    record = json.loads(letter.value)
    if letter.topic == RAW:
        return "text" if record["content"] is not None else "bytes"
    if letter.topic == CLEAN:
        return "cut" if record["article"]["removed"] else "uncut"
    told = record.get("outcome") or record.get("reason") or record.get("relation")
    return str(told or f"revision-{record['revision']}").replace("_", "-")


def _read_source() -> FilesSource:
    return FilesSource([str(DEMO / "articles.jsonl"), str(DEMO / "pages")])


def _write(path: Path, letter: Letter) -> None:
    headers = dict(describe(letter, datetime.now(UTC)))
    told = {"topic": letter.topic, "key": letter.key, "headers": headers}
    path.write_bytes(letter.value)
    written = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    path.with_name(f"{path.stem}.letter.json").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    collect(sys.argv[1])
