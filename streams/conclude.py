"""The end of the clean stages: a draft becomes a cleaned article, measured and fingerprinted."""

from dataclasses import replace
from functools import cache
from importlib.metadata import version

from schemas import ids
from schemas.address import canonical_url, identifying_address
from schemas.article import Article
from schemas.cleaned import Cleaned
from schemas.raw import read_content
from streams.copies.fingerprint import fingerprint
from streams.draft import Draft
from streams.learned.lines import line_keys
from streams.measure import content_hash, count_words, direction, reading_minutes, text_key
from streams.policy.policy import Policies
from streams.text.truncation import breaks_off


def conclude(draft: Draft, input: str, policies: Policies) -> Cleaned:
    """Return the cleaned article of a draft that has passed every stage."""
    raw, metadata = draft.raw, draft.metadata
    published, modified = metadata.published, metadata.modified
    identifying = identifying_address(raw.url, metadata.canonical_link, policies.aliases)
    content = b"" if identifying else read_content(raw)
    text = "\n\n".join(draft.lines)
    words = count_words(text, draft.language)
    article = Article(
        article_id=ids.article_id(identifying, content, policies.aliases),
        url=raw.url,
        canonical_url=canonical_url(metadata.canonical_link) or canonical_url(raw.url),
        host=draft.host,
        publisher=metadata.publisher,
        title=draft.title,
        kicker=draft.kicker,
        text=text,
        captions=draft.captions,
        authors=draft.authors,
        published_at=published.at if published else None,
        published_at_origin=published.origin if published else None,
        published_at_precision=published.precision if published else None,
        published_at_written=published.written if published else None,
        claimed_published_at=raw.published_at or None,
        modified_at=modified.at if modified else None,
        modified_at_origin=modified.origin if modified else None,
        modified_at_precision=modified.precision if modified else None,
        modified_at_written=modified.written if modified else None,
        section=metadata.section,
        tags=metadata.tags,
        image=metadata.image,
        licence=policies.find(raw.source, draft.host).licence,
        language=draft.language,
        language_confidence=draft.language_confidence,
        direction=direction(text),
        word_count=words,
        reading_minutes=reading_minutes(words, draft.language),
        truncated=draft.truncated,
        removed=draft.removed,
        content_hash=content_hash(draft.title, draft.kicker, text),
        fingerprint=fingerprint(text),
        source=raw.source,
        raw_id=raw.raw_id,
        fetched_at=raw.fetched_at,
        versions=_versions(),
    )
    return Cleaned(
        input=input,
        article=article,
        uncut_hash=_hash_uncut(draft),
        text_key=text_key(text),
        line_keys=line_keys(draft.lines),
    )


def remeasure(cleaned: Cleaned) -> Cleaned:
    """Return `cleaned` with everything that follows from its text told anew."""
    article = cleaned.article
    words = count_words(article.text, article.language)
    article = replace(
        article,
        direction=direction(article.text),
        word_count=words,
        reading_minutes=reading_minutes(words, article.language),
        truncated=breaks_off(article.text.split("\n\n")),
        content_hash=content_hash(article.title, article.kicker, article.text),
        fingerprint=fingerprint(article.text),
    )
    return replace(cleaned, article=article, text_key=text_key(article.text))


def _hash_uncut(draft: Draft) -> str:
    # Every line that was found, wherever it ended: a line that a new rule cuts, or that moves to
    # a field of its own, changes nothing here.
    pieces = [draft.title or "", draft.kicker or "", *draft.lines, *draft.captions]
    pieces += [removal.text for removal in draft.removed if removal.kind != "block"]
    return ids.hash_parts("naba uncut", *sorted(" ".join(piece.split()) for piece in pieces))


@cache
def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("naba", "trafilatura", "langdetect", "py3langid")}
    return packages | {"ids": ids.VERSION}
