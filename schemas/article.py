"""What naba publishes: a clean article."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from schemas.description import describe
from schemas.raw import Id, RawId, Time

Ratio = Annotated[float, Meta(ge=0, le=1)]
Precision = Literal["second", "day"]
Direction = Literal["ltr", "rtl"]
Relation = Literal["same_text", "near_copy", "excerpt", "contains", "same_template"]

# Of each field: what it means and its unit, an example as it is written, and where it comes from.
# fmt: off


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """One piece that was cut from the text, and the rule (`id@version`) that cut it."""

    text: Annotated[str, describe("the piece as it stood there", "Read more", "page or text")]
    kind: Annotated[str, describe("what it is: `related`, `share`, `furniture` and the like",
        "related", "the rule")]
    rule: Annotated[str, describe("`file.part@version`, or `learned.host.line@page` of that host",
        "phrases-en.related@1", "rule file, or learned")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The fields that a published article and a copy have in common."""

    schema: str
    article_id: Annotated[Id, describe("the article, over all its revisions",
        "9f2c4be07d5a1836fe90b1c27a648d35", "hash of its address, else of its bytes")]
    revision: Annotated[int, Meta(ge=1), describe("number of the revision, from 1", 1, "counted")] = 1
    url: Annotated[str | None, describe(
        "address as delivered; of a page that was fetched, the one behind redirects",
        "https://www.almarfa.example/a?utm_source=x", "source")] = None
    canonical_url: Annotated[str | None, describe("address without trackers and fragment, its query sorted",
        "https://www.almarfa.example/a", "the page's canonical link, else `url`")] = None
    host: Annotated[str, describe("host of `url`, ASCII; empty without one",
        "www.almarfa.example", "`url`")] = ""
    publisher: Annotated[str | None, describe("name of the publisher",
        "المرفأ", "rule file, page, or source")] = None
    title: Annotated[str | None, describe("headline",
        "عودة سوق الخميس", "page, source, or first line of a text")] = None
    kicker: Annotated[str | None, describe("short line over the headline",
        "بعد توقف دام عامين", "page or text")] = None
    text: Annotated[str, describe("body; paragraphs divided by a blank line, NFC",
        "عادت سوق الخميس.\n\nوقالت البلدية إنها باقية.", "page or text, cleaned")]
    captions: Annotated[tuple[str, ...], describe("captions of pictures, with their credits",
        ["قاعة المطالعة (أرشيف)"], "page or text")] = ()
    authors: Annotated[tuple[str, ...], describe('names, without "by" and offices',
        ["ليان الساحلي"], "page, source, or byline")] = ()
    published_at: Annotated[Time | None, describe(
        "time of publication, UTC; where none is told, of the last change",
        "2026-03-08T07:20:00Z", "see `published_at_origin`")] = None
    published_at_origin: Annotated[str | None, describe(
        "where `published_at` was read: `jsonld.…`, `meta.…`, `time`, `title`, `text` or `htmldate` of the "
        "page, `url`, or `source`",
        "jsonld.datePublished", "page, `url` or source")] = None
    published_at_precision: Annotated[Precision | None, describe(
        "`second`, or `day`: then the time is midnight UTC of that day", "second", "as written")] = None
    published_at_written: Annotated[str | None, describe("`published_at` as it stood there",
        "2026-03-08T10:20:00+03:00", "see `published_at_origin`")] = None
    claimed_published_at: Annotated[str | None, describe(
        "the source's own word on the time of publication, as it wrote it, whatever the page says",
        "Sun, 08 Mar 2026 09:20:00 +0300", "source")] = None
    modified_at: Annotated[Time | None, describe("time of the last change that the publisher names, UTC",
        "2026-03-08T09:05:00Z", "see `modified_at_origin`")] = None
    modified_at_origin: Annotated[str | None, describe("where `modified_at` was read",
        "jsonld.dateModified", "page")] = None
    modified_at_precision: Annotated[Precision | None, describe(
        "`second`, or `day`: then the time is midnight UTC of that day", "second", "as written")] = None
    modified_at_written: Annotated[str | None, describe("`modified_at` as it stood there",
        "2026-03-08T12:05:00+03:00", "see `modified_at_origin`")] = None
    section: Annotated[str | None, describe("the publisher's section", "محليات", "page")] = None
    tags: Annotated[tuple[str, ...], describe("the publisher's keywords", ["ميناء", "صيد"], "page")] = ()
    image: Annotated[str | None, describe("address of the main picture",
        "https://www.almarfa.example/pier.jpg", "page")] = None
    licence: Annotated[str | None, describe("a note on what may be done with it",
        "CC BY 4.0", "the settings' policy")] = None
    language: Annotated[str, describe("BCP 47; `und` where too little text tells it",
        "ar", "measured on the body, of a short one on the title too")] = "und"
    language_confidence: Annotated[Ratio, describe("how sure that is, 0 to 1", 0.99, "measured")] = 0.0
    direction: Annotated[Direction, describe("`rtl` or `ltr`, of the body's letters",
        "rtl", "measured")] = "ltr"
    word_count: Annotated[int, Meta(ge=0), describe("words; characters in scripts without spaces",
        214, "measured")] = 0
    reading_minutes: Annotated[int, Meta(ge=0), describe(
        "minutes an adult takes to read it, rounded, at least 1; 0 without words", 2, "`word_count`")] = 0
    truncated: Annotated[bool, describe("the text stops in mid-sentence", False, "measured")] = False
    removed: Annotated[tuple[Removal, ...], describe(
        "what was cut, and by which rule (`file.part@version`, or `learned.host.line@page` of that host)",
        [{"text": "اظهار أخبار متعلقة", "kind": "related", "rule": "phrases-ar.related@1"}],
        "rules and learned lines")] = ()
    content_hash: Annotated[Id, describe("equal for equal title, kicker and text, but for white space",
        "77ab03c9e1d24f5680b7f2a94c6d8e13", "hash")]
    fingerprint: Annotated[str, describe(
        "the smallest hashes of the text's word 5-grams, and of its numbers, coded",
        "f1:BQAAAAAAEBCDJcQYMwtdZZkeAzY9Al6QgA==", "measured")] = ""
    source: Annotated[str, describe("name of the source that delivered it", "files", "source")]
    raw_id: RawId
    fetched_at: Annotated[Time, describe("when it was fetched or asked for, else when naba took it; UTC",
        "2026-03-08T07:45:00Z", "source or clock")]
    processed_at: Annotated[Time | None, describe("when this record was made, UTC",
        "2026-03-08T07:45:02Z", "clock")] = None
    versions: Annotated[dict[str, str], describe(
        "of naba, of the libraries that decide, of the ids' algorithm",
        {"naba": "0.1.0", "trafilatura": "2.3.1", "langdetect": "1.0.9", "py3langid": "0.4.0", "ids": "1"},
        "what is installed")]
    duplicate_of: Annotated[Id | None, describe(
        "the earlier article that this one is related to; an `article.v1` is no copy of it",
        "41d0c7f2a95be3864c17d08e2fb6a953", "compared")] = None
    relation: Annotated[Relation | None, describe("how the two texts are related, one of five words",
        "contains", "compared")] = None
    overlap: Annotated[Ratio | None, describe(
        "share of this text's word 5-grams that stand in the other, 0 to 1", 0.1629, "compared")] = None
    overlap_of: Annotated[Ratio | None, describe(
        "share of the other text's word 5-grams that stand in this one, 0 to 1", 0.7733, "compared")] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Article(Story):
    """One revision of one published article.

    `duplicate_of` and what follows are set only where the text is related to an earlier
    article without being its copy (`same_template`, or `contains` with `overlap` under .5).
    """

    schema: Annotated[Literal["article.v1"],
        describe("kind and version of the record", "article.v1", "fixed")] = "article.v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate(Story):
    """An article that is a copy of one published before: an edge, not garbage.

    `overlap` is the share of this text that stands in the other, `overlap_of` the reverse.
    `precedes` tells that this copy's trusted `published_at`, else its `fetched_at`, is the
    earlier of the two.
    """

    schema: Annotated[Literal["duplicate.v1"],
        describe("kind and version of the record", "duplicate.v1", "fixed")] = "duplicate.v1"
    duplicate_of: Annotated[Id | None, describe("the published article that this one is a copy of",
        "41d0c7f2a95be3864c17d08e2fb6a953", "compared")] = None
    relation: Annotated[Relation | None, describe("how the two texts are related, one of five words",
        "near_copy", "compared")] = None
    overlap: Annotated[Ratio | None, describe(
        "share of this text's word 5-grams that stand in the other, 0 to 1", 0.904, "compared")] = None
    overlap_of: Annotated[Ratio | None, describe(
        "share of the other text's word 5-grams that stand in this one, 0 to 1", 0.8871, "compared")] = None
    precedes: Annotated[bool, describe(
        "this copy's publication (else fetching) is the earlier of the two", False, "compared")] = False
