"""An article on its way through the clean stages."""

from dataclasses import dataclass, field
from datetime import datetime

from lxml.html import HtmlElement

from schemas.article import Precision, Removal
from schemas.raw import RawArticle


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A time as an article tells it: in UTC, where it was read, how fine, and as it stood."""

    at: datetime | None
    origin: str
    precision: Precision | None
    written: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What a page says of itself; every field empty where it says nothing."""

    title: str | None = None
    kicker: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    canonical_link: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A raw article and what the stages so far have made of it.

    `markup` is the decoded page and `tree` the parsed one (both None for plain text); `lines`
    are the paragraphs of the body in order. `removed` keeps what was cut and stands nowhere
    else; what moved to a field of its own (a caption, a kicker) is not in it.
    """

    raw: RawArticle
    host: str = ""
    markup: str | None = None
    tree: HtmlElement | None = None
    metadata: Metadata = field(default_factory=Metadata)
    title: str | None = None
    kicker: str | None = None
    lines: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    removed: tuple[Removal, ...] = ()
    language: str = "und"
    language_confidence: float = 0.0
    truncated: bool = False
