"""Every header of the messages on the public topics: its name, where it stands and what it means."""

from dataclasses import dataclass

from schemas import letter as named
from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED

_ALL = (RAW, ARTICLES, DUPLICATES, REJECTED, OUTCOMES, DEAD)
_RECORDS = (ARTICLES, DUPLICATES, REJECTED, OUTCOMES)


@dataclass(frozen=True, slots=True)
class Header:
    """One header: every message of ours on the topics of `always` has it, some on those of `sometimes`.

    A deletion, which has no value and follows from no delivery, has those of `ON_DELETIONS`, whatever
    stands here of its topic.
    """

    name: str
    always: tuple[str, ...]
    sometimes: tuple[str, ...]
    meaning: str
    example: str

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the topics on which it stands, whether on every message or on some."""
        return self.always + self.sometimes


HEADERS = (
    Header(
        named.INPUT, _ALL, (),
        "where the delivery stood, as `input` of the outcome; of the record of a deletion, `delete:` and the "
        "article's id",
        "news/today.jsonl:17",
    ),
    Header(
        named.RAW_ID, _ALL, (), "the delivery, as `raw_id` of the records: a hash, 32 hex digits",
        "1d07a4e95c3b82f6d0417be98a25cf63",
    ),
    Header(
        named.UNREAD, (), (RAW, DEAD),
        "a source made no article of it: why, in a word of record.md; `withdrawn` where the page is gone",
        "unreadable",
    ),
    Header(
        named.DETAIL, (DEAD,), (RAW,), "what was found, in words", "unexpected end of data: line 1 column 8",
    ),
    Header(
        named.ARTICLE_ID, (), (RAW,), "of a withdrawal, the article whose page is gone",
        "9f2c51d80a6e4b37bd10c28f7e9a3d45",
    ),
    Header(named.SCHEMA, _RECORDS, (RAW,), "kind and version of a value that is a record", "article.v1"),
    Header(named.VERSION, _ALL, (), "version of the naba that wrote the message", "0.1.0"),
    Header(named.CE_SPECVERSION, _ALL, (), "version of CloudEvents", "1.0"),
    Header(
        named.CE_ID, _ALL, (), "the event; the same when the message comes again, and no other's",
        "article.9f2c51d80a6e4b37bd10c28f7e9a3d45.2",
    ),
    Header(
        named.CE_SOURCE, _ALL, (),
        "`/naba/` and the record's source, percent-encoded; `/naba` of what naba found out itself",
        "/naba/harbour",
    ),
    Header(named.CE_TYPE, _ALL, (), "what has happened, see below", "news.article.revised.v1"),
    Header(
        named.CE_TIME, _ALL, (), "when, by RFC 3339; of an article its own time, see below",
        "2026-03-08T07:20:00Z",
    ),
    Header(
        named.CE_SUBJECT, _ALL, (), "`article_id` of articles, copies and their deletions, else `raw_id`",
        "9f2c51d80a6e4b37bd10c28f7e9a3d45",
    ),
    Header(
        named.CE_DATASCHEMA, _RECORDS, (RAW,), "the `$id` of the value's JSON Schema, where it is a record",
        "urn:naba:schema:article.v1",
    ),
    Header(
        named.CONTENT_TYPE, _RECORDS, (RAW, DEAD),
        "media type of a value that is a record; of a dead letter what its original had", "application/json",
    ),
    Header(
        named.TRACEPARENT, (), _ALL, "W3C Trace Context, as it stood on the raw message, if well formed",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
    Header(named.TRACESTATE, (), _ALL, "the same; not without a `traceparent`", "harbour=t61rcWkgMzE"),
    Header(named.STAGE, (DEAD,), (), "where it failed: a stage, or `sink` and the sink's name", "read"),
    Header(named.REASON, (DEAD,), (), "why, in a word of record.md", "unreadable"),
    Header(named.TOPIC, (DEAD,), (), "the topic of the original, without prefix", "news.raw.v1"),
    Header(
        named.ATTEMPT, (DEAD,), (),
        "how often it was tried, from 1; counted on where a dead letter is delivered again with its headers",
        "1",
    ),
    Header(
        named.FIRST_FAILED_AT, (DEAD,), (), "when it failed for the first time, by RFC 3339",
        "2026-03-08T07:45:02Z",
    ),
    Header(
        named.ERROR_TOPIC, (DEAD,), (),
        "the topic of the original, as it is called on the cluster; embedded without prefix", "news.raw.v1",
    ),
    Header(named.ERROR_PARTITION, (), (DEAD,), "partition of the original; not embedded", "3"),
    Header(named.ERROR_OFFSET, (), (DEAD,), "offset of the original; not embedded", "1742"),
    Header(named.ERROR_CONNECTOR, (DEAD,), (), "always `naba`", "naba"),
    Header(
        named.ERROR_TASK, (), (DEAD,), "the partition: each is worked on by one worker at a time", "3",
    ),
    Header(
        named.ERROR_STAGE, (DEAD,), (),
        "the stage in Connect's words: `VALUE_CONVERTER` to read it, `TRANSFORMATION`, `TASK_PUT` of a sink",
        "VALUE_CONVERTER",
    ),
    Header(named.ERROR_CLASS, (), (DEAD,), "class that failed", "streams.steps.clean.CleanStep"),
    Header(
        named.ERROR_EXCEPTION, (), (DEAD,), "class of the exception, where one was seen",
        "schemas.codec.DecodeError",
    ),
    Header(named.ERROR_MESSAGE, (DEAD,), (), "as `naba-detail`", "unexpected end of data: line 1 column 8"),
    Header(
        named.ERROR_STACKTRACE, (), (DEAD,), "the last 8,000 characters of its traceback",
        "Traceback (most recent call last): …",
    ),
    Header(
        named.ORIGINAL, (), (DEAD,),
        "in front of the name of a header of the original that the dead letter has anew: those of "
        "CloudEvents, `naba-schema`, `naba-version`; all others of the original are kept by their names",
        "naba-original-ce_id",
    ),
)  # fmt: skip

ON_DELETIONS = (
    named.VERSION,
    named.CE_SPECVERSION,
    named.CE_ID,
    named.CE_SOURCE,
    named.CE_TYPE,
    named.CE_TIME,
    named.CE_SUBJECT,
    named.TRACEPARENT,
    named.TRACESTATE,
)
