"""Letters of articles and copies in any number, with revisions and redeliveries, and what they come to."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from connectors.sink import Received
from schemas.article import Article, Duplicate
from schemas.codec import encode
from schemas.letter import ARTICLES, DUPLICATES, Letter
from tests.news import make_sentence

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ARABIC = (
    "عادت سُوقُ الخميس إلى رصيف الميناء بعد توقف دام عامين، وقالت إدارة المرفأ إنّ أربعين قاربًا سُجّلت.",
    "افتتحت المكتبة قاعة المطالعة أمس، وأُعلنت مواعيد العبّارات الجديدة إلى الجزيرة.",
    "مسح الآبار القديمة يبدأ في الأسبوع المقبل، والمياه مقطوعة عن الحي الشرقي يومين.",
)


def make_story(number: int, revision: int = 1, **fields: Any) -> Letter:
    """Return the letter of a revision of article `number`, a copy where `duplicate_of` is given."""
    article_id = f"{number:032x}"
    kind = Duplicate if "duplicate_of" in fields else Article
    record = kind(
        **{
            "article_id": article_id, "revision": revision, "url": f"https://harbour.example/{number}",
            "host": "harbour.example", "title": f"Ferry {number}", "text": f"Ferry {number}, no. {revision}.",
            "content_hash": article_id, "source": "files", "raw_id": article_id, "fetched_at": NOW,
            "versions": {"naba": "0.1.0"}, **fields,
        }
    )  # fmt: skip
    topic = DUPLICATES if kind is Duplicate else ARTICLES
    return Letter(topic, record.article_id, encode(record), {"naba-raw-id": record.raw_id})


def make_deletion(number: int) -> Letter:
    """Return the letter that deletes article `number`."""
    return Letter(ARTICLES, f"{number:032x}", b"")


def receive(letters: Iterable[Letter], since: int = 0) -> list[Received]:
    """Return the letters as a runner hands them to a sink."""
    return [
        Received(letter, 0, offset, NOW + timedelta(seconds=offset))
        for offset, letter in enumerate(letters, start=since)
    ]


def make_stream(count: int, sentences: int = 3) -> Iterator[Letter]:
    """Yield so many letters: of a hundred ten are copies, fifteen revisions (of copies too), ten come again.

    A revision of a copy is an article. Some of what comes again is older than what came since.
    """
    chance = random.Random(20260307)
    made: list[Letter] = []
    newest: dict[int, int] = {}
    for _ in range(count):
        draw = chance.randrange(100)
        if made and draw < 10:
            yield chance.choice(made[-200:])
            continue
        if newest and draw < 25:
            number = chance.randrange(max(0, len(newest) - 300), len(newest))
        else:
            number = len(newest)
        revision = newest[number] = newest.get(number, 0) + 1
        text = "\n\n".join(
            make_sentence(chance) if chance.random() < 0.6 else chance.choice(ARABIC)
            for _ in range(sentences)
        )
        fields: dict[str, Any] = {"title": f"{make_sentence(chance)[:60]} {number}", "text": text}
        if number and revision == 1 and draw >= 90:
            fields |= {"duplicate_of": f"{number - 1:032x}", "relation": "near_copy", "overlap": 0.9}
        made.append(make_story(sha_number(number), revision, **fields))
        yield made[-1]


def sha_number(number: int) -> int:
    """Return a number whose id is as evenly spread as real ones are."""
    return int.from_bytes(sha256(str(number).encode()).digest()[:16], "big")


def fold_stream(letters: Iterable[Letter]) -> dict[str, tuple[str, bytes]]:
    """Return what a store has to hold after the letters: by article its table, and its newest record."""
    held: dict[str, tuple[int, str, bytes]] = {}
    for letter in letters:
        revision = orjson.loads(letter.value)["revision"]
        if letter.key not in held or revision > held[letter.key][0]:
            table = "duplicates" if letter.topic == DUPLICATES else "articles"
            held[letter.key] = (revision, table, letter.value)
    return {name: (table, value) for name, (_revision, table, value) in held.items()}


def checksum(held: Iterable[tuple[str, str, bytes]]) -> str:
    """Return one hash over rows of table, id and record, in whatever order they are given."""
    rows = sorted(b"\0".join((table.encode(), name.encode(), value)) for table, name, value in held)
    return sha256(b"\n".join(rows)).hexdigest()


def divide(items: Sequence[Received], size: int) -> Iterator[Sequence[Received]]:
    """Yield the items in batches."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
