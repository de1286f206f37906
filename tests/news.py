"""Invented news in any number: hosts with footers, copies, revisions, unreadable lines among them."""

import json
import random
from collections.abc import Iterator
from typing import Any

SUBJECTS = [
    "The harbour office",
    "A ferry company",
    "The town library",
    "The water board",
    "A group of fishermen",
    "The museum",
]
VERBS = ["announced", "postponed", "confirmed", "reviewed", "presented", "withdrew"]
OBJECTS = [
    "the new timetable for the northern pier",
    "its plans for the reading room",
    "a survey of the old wells",
    "the repair of the eastern breakwater",
    "a list of forty boats",
    "the opening of the winter hall",
]
REASONS = [
    "after two weeks of storms",
    "because the contractor had left",
    "at the request of the neighbours",
    "in spite of the higher costs",
    "before the season begins",
    "when the committee met on Tuesday",
]
FOOTER = [
    "Harbour Wire is read in nine towns.",
    "Write to the desk: desk@harbour.example",
    "All tides are without warranty.",
]


def make_sentence(chance: random.Random) -> str:
    words = [chance.choice(part) for part in (SUBJECTS, VERBS, OBJECTS, REASONS)]
    return (
        f"{' '.join(words)}, and {chance.randrange(10_000)} people of ward {chance.randrange(500)} were told."
    )


def make_article(chance: random.Random, number: int) -> dict[str, Any]:
    paragraphs = [" ".join(make_sentence(chance) for _ in range(3)) for _ in range(chance.randrange(3, 8))]
    host = f"wire{number % 7}.example"
    lines = paragraphs + (FOOTER if number % 7 < 3 else [])
    title = f"{make_sentence(chance)[:60]} {number}"
    if number % 3:
        body = "".join(f"<p>{line}</p>\n" for line in lines)
        content = {"html": f"<html><head><title>{title}</title></head><body><nav>Home</nav><article>"
                   f"<h1>{title}</h1>{body}</article><footer>Imprint</footer></body></html>"}  # fmt: skip
    else:
        content = {"text": "\n".join(lines), "title": title}
    return content | {"url": f"https://{host}/{number}", "fetched_at": f"2026-03-01T{number % 24:02}:00:00Z"}


def make_inputs(count: int) -> Iterator[bytes]:
    """Yield lines: of a hundred some ten are copies, five revisions, three redeliveries, two unreadable."""
    chance = random.Random(20260301)
    made: list[dict[str, Any]] = []
    for number in range(count):
        draw = chance.randrange(100)
        if draw < 2:
            yield b'{"text": "cut off in the mid' + str(number).encode()
            continue
        if made and draw < 12:
            article = chance.choice(made) | {"url": f"https://copies.example/{number}"}
        elif made and draw < 17:
            old = chance.choice(made)
            key = "html" if "html" in old else "text"
            article = old | {
                key: old[key].replace("people", "persons", 1),
                "fetched_at": "2026-03-02T00:00:00Z",
            }
        elif made and draw < 20:
            article = chance.choice(made)
        else:
            article = make_article(chance, number)
            made.append(article)
        yield json.dumps(article).encode()
