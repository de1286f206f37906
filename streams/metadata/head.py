"""What stands in the head of a page, and its headlines and times, gathered in one walk."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

_MOST_VALUES = 50  # of one name: tags of an article, not a page of 100,000 meta elements
_MOST_NAMES = 500
_LONGEST = 4000
# One name is written in many ways: article:published_time, article.published:time, publish-date.
_MARKS = str.maketrans("", "", ":._- /#")
_TAGS = ("html", "title", "meta", "link", "h1", "time", "script")


@dataclass(slots=True)
class Head:
    """The evidence as it stands, in document order.

    `meta` has the contents by name in small letters without marks, `names` what such a name was
    written like.
    """

    language: str | None = None
    title: str | None = None
    canonical: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    headlines: list[HtmlElement] = field(default_factory=list)
    times: list["Time"] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str | None:
        """Return the first value of the first of these names that has one."""
        return next(self.all(*names), None)

    def all(self, *names: str) -> Iterator[str]:
        """Return every value of these names, those of an earlier name first."""
        for name in names:
            yield from self.meta.get(name, ())


@dataclass(frozen=True, slots=True)
class Time:
    """A `time` element: its `datetime` attribute or else its words, and what it is marked as."""

    written: str
    mark: str
    below_headline: bool


def read_head(tree: HtmlElement) -> Head:
    """Return the evidence of a page; a hostile one costs no more than one pass over it."""
    head = Head(language=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
    for element in tree.iter(*_TAGS):
        match element.tag:
            case "meta":
                _add_meta(head, element)
            case "title":
                if head.title is None:
                    head.title = (element.text or "")[:_LONGEST]
            case "link":
                if head.canonical is None and (element.get("rel") or "").lower() == "canonical":
                    head.canonical = element.get("href")
            case "h1":
                if len(head.headlines) < _MOST_VALUES:
                    head.headlines.append(element)
            case "time":
                if len(head.times) < _MOST_VALUES:
                    head.times.append(_read_time(element, bool(head.headlines)))
            case "script":
                if (element.get("type") or "").strip().lower().startswith("application/ld+json"):
                    head.scripts.append(element.text or "")
    return head


def _add_meta(head: Head, element: HtmlElement) -> None:
    content = element.get("content") or element.get("value")
    if not content or len(content) > _LONGEST:
        return
    for kind in ("property", "name", "itemprop", "http-equiv"):
        written = element.get(kind)
        if not written or len(written) > 200:
            continue
        name = written.lower().translate(_MARKS)
        if kind == "itemprop":
            name = f"itemprop {name}"
        values = head.meta.get(name)
        if values is None:
            if len(head.meta) < _MOST_NAMES:
                head.meta[name] = [content]
                head.names[name] = written
        elif len(values) < _MOST_VALUES and content not in values[-1:]:
            values.append(content)


def _read_time(element: HtmlElement, below_headline: bool) -> Time:
    written = element.get("datetime") or "".join(element.itertext())
    mark = f"{element.get('itemprop', '')} {element.get('class', '')} {element.get('pubdate', '')}"
    return Time(written[:_LONGEST], mark.lower(), below_headline)
