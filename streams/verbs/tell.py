"""How records are shown to a person: a word in front, what it says behind."""

import re
import sys
from collections.abc import Sequence
from typing import Any

import click

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def say(word: str, what: str) -> None:
    """Print one line."""
    click.echo(f"  {word:<11} {harmless(what)}")


def harmless(text: str) -> str:
    """Return the text with a dot for every character that could rewrite a terminal."""
    return _CONTROL.sub("·", text)


def warn(line: str) -> None:
    """Print what one who waits or watches should know, to standard error."""
    click.echo(f"naba: {line}", err=True)


def leave_if_incomplete(paths: Sequence[str], taken: int, broken: Sequence[str]) -> None:
    """End the program with 1 where nothing was found in `paths`, or not all of it could be read."""
    if not taken:
        warn(f"nothing to read in {', '.join(paths)}")
    for path in broken:
        warn(f"{path}: not all of it could be read; what is missing is a dead letter")
    if broken or not taken:
        sys.exit(1)


def tell_record(record: dict[str, Any]) -> None:
    """Print what a reader wants to know of an article's record: a dozen lines."""
    click.echo(harmless(record["title"] or f"(no title) {record['text'][:70]}…"))
    say("article", f"{record['article_id']}, revision {record['revision']}")
    if record["url"]:
        say("address", record["url"])
    language = f"{record['language']} ({record['language_confidence']:.3f})"
    truncated = ", stops in mid-sentence" if record["truncated"] else ""
    say("language", f"{language}, {record['word_count']} words{truncated}")
    cut = sum(len(removal["text"]) for removal in record["removed"])
    say("text", f"{len(record['text']):,} characters" + (f", {cut:,} cut" if cut else ""))
    if record["kicker"]:
        say("kicker", record["kicker"])
    if record["authors"]:
        say("authors", ", ".join(record["authors"]))
    if record["published_at"]:
        say(
            "published",
            f"{record['published_at']} ({record['published_at_origin']}: {record['published_at_written']})",
        )
    for caption in record["captions"]:
        say("caption", shorten(caption))
    for removal in record["removed"]:
        say("cut", f"{shorten(removal['text'])}  [{removal['kind']}, {removal['rule']}]")


def shorten(text: str, length: int = 90) -> str:
    """Return the text in one line of at most `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
