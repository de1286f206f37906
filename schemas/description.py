"""What is said of a field beside its type: the words of the JSON Schemas and of docs/record.md."""

from typing import Any

from msgspec import Meta


def describe(meaning: str, example: Any, origin: str) -> Meta:
    """Return the description of a field: its meaning with the unit, and where the value comes from.

    `example` is a value as it stands in JSON. What may be decoded is not its business.
    """
    sentence = f"{write_sentence(meaning)} Origin: {origin}."
    return Meta(description=sentence, examples=[example], extra={"meaning": meaning, "origin": origin})


def write_sentence(words: str) -> str:
    """Return the words with a capital letter in front and a full stop behind."""
    return f"{words[0].upper()}{words[1:]}."
