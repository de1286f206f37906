"""The types of events that messages are, as CloudEvents calls them, and what each says has happened."""

from dataclasses import dataclass

from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED

DELIVERED = "news.raw.delivered.v1"
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
    """One type: where it stands, what has happened, what its `ce_id` is made of and what its `ce_time` is."""

    name: str
    topic: str
    meaning: str
    id: str
    time: str


_ARTICLE_TIME = "`published_at` where its precision is `second`, else `fetched_at`"

EVENT_TYPES = (
    EventType(
        name=DELIVERED, topic=RAW, meaning="a source has delivered a page or text",
        id="`raw.` and the delivery's id", time="`fetched_at`; of bytes that are no record, of sending",
    ),
    EventType(
        name=PUBLISHED, topic=ARTICLES, meaning="an article is new: its first revision",
        id="`article.ARTICLE_ID.REVISION`", time=_ARTICLE_TIME,
    ),
    EventType(
        name=REVISED, topic=ARTICLES, meaning="a later revision",
        id="`article.ARTICLE_ID.REVISION`", time=_ARTICLE_TIME,
    ),
    EventType(
        name=DELETED, topic=ARTICLES, meaning="the article is deleted: there is no value",
        id="`deletion.ARTICLE_ID`", time="of sending",
    ),
    EventType(
        name=DUPLICATE, topic=DUPLICATES, meaning="a copy of another article has come",
        id="`duplicate.ARTICLE_ID.REVISION`", time=_ARTICLE_TIME,
    ),
    EventType(
        name=DUPLICATE_DELETED, topic=DUPLICATES, meaning="the article is deleted, whatever it was",
        id="`deletion.duplicate.ARTICLE_ID`", time="of sending",
    ),
    EventType(
        name=REJECTION, topic=REJECTED, meaning="a delivery is no article",
        id="`rejection.` and the delivery's id", time="of sending",
    ),
    EventType(
        name=OUTCOME, topic=OUTCOMES, meaning="a delivery has come to its end",
        id="`outcome.` and the delivery's id", time="of sending",
    ),
    EventType(
        name=DIED, topic=DEAD, meaning="a letter could not be worked on",
        id="`dead.` and a hash of the delivery and the stage", time="`naba-first-failed-at`",
    ),
)  # fmt: skip
