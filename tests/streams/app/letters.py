"""Cleaned articles as compare takes them from their topic."""

import random
from datetime import UTC, datetime

from schemas.article import Article
from schemas.cleaned import Cleaned
from schemas.codec import encode
from schemas.ids import hash_parts
from schemas.letter import CLEAN, INPUT, RAW_ID, Letter
from streams.copies.fingerprint import fingerprint
from streams.measure import content_hash, text_key

FETCHED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def write_text(*seeds: int) -> str:
    """Return a paragraph for each seed; another seed shares words with it but no run of five."""
    return "\n\n".join(
        " ".join("".join(chance.choices("aeioubdglmnprst", k=5)) for _ in range(60))
        for chance in map(random.Random, seeds)
    )


def make_cleaned(name: str, *seeds: int, fetch: int = 0) -> Letter:
    """Return the letter of an article of that name with that text."""
    text = write_text(*seeds)
    raw_id = hash_parts("raw", f"{name} {seeds} {fetch}")
    article = Article(
        article_id=hash_parts("article", name),
        url=f"https://{name}.example/",
        text=text,
        language="en",
        content_hash=content_hash(None, None, text),
        fingerprint=fingerprint(text),
        source="test",
        raw_id=raw_id,
        fetched_at=FETCHED,
        versions={},
    )
    cleaned = Cleaned(
        input=f"in {raw_id}",
        article=article,
        uncut_hash=hash_parts("uncut", text),
        text_key=text_key(text),
    )
    headers = {INPUT: cleaned.input, RAW_ID: raw_id}
    return Letter(CLEAN, f"{name}.example", encode(cleaned), headers)
