"""The types of events that messages are, as CloudEvents calls them, and what each says has happened."""

from dataclasses import dataclass

from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED

DELIVERED = "news.raw.delivered.v1"
WITHDRAWN = "news.raw.withdrawn.v1"
PUBLISHED = "news.article.published.v1"
REVISED = "news.article.revised.v1"
DELETED = "news.article.deleted.v1"
DUPLICATE_DELETED = "news.duplicate.deleted.v1"
DUPLICATE = "news.article.duplicate.v1"
REJECTION = "news.rejection.v1"
OUTCOME = "news.outcome.v1"
DIED = "news.letter.dead.v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventType:
    """One type: where it stands, what has happened, what its `ce_id` is made of and what its `ce_time` is.

    `example` is such an id. Messages of one that `deletes` have no value.
    """

    name: str
    topic: str
    meaning: str
    id: str
    example: str
    time: str
    deletes: bool = False


_CARRIED = "of sending; of what an embedded store knew, the time that it has there"
_ARTICLE_TIME = "`published_at` where its precision is `second`, else `fetched_at`"

EVENT_TYPES = (
    EventType(
        name=DELIVERED, topic=RAW, meaning="a source has delivered a page or text, or what is none",
        id="`raw.` and the delivery's id", example="raw.5b0c7e21d94f4a6183f2b09ec47d1a68",
        time="`fetched_at`; of bytes that are no record, of sending",
    ),
    EventType(
        name=WITHDRAWN, topic=RAW, meaning="a source has found the page of a delivered article gone",
        id="`raw.` and the delivery's id", example="raw.5b0c7e21d94f4a6183f2b09ec47d1a68",
        time="`fetched_at`: when it was asked for",
    ),
    EventType(
        name=PUBLISHED, topic=ARTICLES, meaning="an article is new: its first revision",
        id="`article.ARTICLE_ID.REVISION`", example="article.9f2c51d80a6e4b37bd10c28f7e9a3d45.1",
        time=_ARTICLE_TIME,
    ),
    EventType(
        name=REVISED, topic=ARTICLES, meaning="a later revision, also of what came as a copy first",
        id="`article.ARTICLE_ID.REVISION`", example="article.9f2c51d80a6e4b37bd10c28f7e9a3d45.2",
        time=_ARTICLE_TIME,
    ),
    EventType(
        name=DELETED, topic=ARTICLES, meaning="the article is deleted: there is no value",
        id="`deletion.ARTICLE_ID`", example="deletion.9f2c51d80a6e4b37bd10c28f7e9a3d45",
        time="of sending", deletes=True,
    ),
    EventType(
        name=DUPLICATE, topic=DUPLICATES, meaning="a copy of another article has come, or a revision of one",
        id="`duplicate.ARTICLE_ID.REVISION`", example="duplicate.9f2c51d80a6e4b37bd10c28f7e9a3d45.1",
        time=_ARTICLE_TIME,
    ),
    EventType(
        name=DUPLICATE_DELETED, topic=DUPLICATES, meaning="the article is deleted, whatever it was",
        id="`deletion.duplicate.ARTICLE_ID`",
        example="deletion.duplicate.9f2c51d80a6e4b37bd10c28f7e9a3d45",
        time="of sending", deletes=True,
    ),
    EventType(
        name=REJECTION, topic=REJECTED, meaning="a delivery is no article; or the record of a deletion",
        id="`rejection.` and the delivery's id", example="rejection.5b0c7e21d94f4a6183f2b09ec47d1a68",
        time=_CARRIED,
    ),
    EventType(
        name=OUTCOME, topic=OUTCOMES, meaning="a delivery has come to its end",
        id="`outcome.` and the delivery's id", example="outcome.5b0c7e21d94f4a6183f2b09ec47d1a68",
        time=_CARRIED,
    ),
    EventType(
        name=DIED, topic=DEAD, meaning="a letter could not be worked on, or the store of a sink refuses it",
        id="`dead.` and a hash of the delivery and the stage",
        example="dead.5b0c7e21d94f4a6183f2b09ec47d1a68",
        time="`naba-first-failed-at`",
    ),
)  # fmt: skip
