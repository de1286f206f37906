"""What a page tells of its article: title, authors, times, publisher, address, tags, language."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from urllib.parse import urljoin

from schemas.address import canonical_url
from streams.draft import Draft, Metadata
from streams.metadata.headline import read_title, strip_site
from streams.metadata.jsonld import values
from streams.metadata.moment import read_moment
from streams.metadata.page import Page, first_plain, read_page
from streams.metadata.publication import is_day_first, read_modified, read_published
from streams.metadata.signature import read_authors
from streams.text.byline import name_key, split_names
from streams.text.plain import plain

_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]{2,8}){0,3}(?![^\W_])")
_ASIDE = re.compile(r"[()|]|\s[-–—]\s")
_COMPANY = re.compile(
    r"(?:\s(?:AG|GmbH|KG|eG|SE|Ltd|Limited|Inc|LLC|PLC|BV|AB)|A/S|S\.?p\.?A)\.?$", re.IGNORECASE
)
_IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+", re.IGNORECASE)
_WEB = ("https://", "http://")
_COMMA = re.compile("[,;،؛]")
_MOST_TAGS = 50
_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "ac", "edu"))


def read_metadata(draft: Draft, *, zone: tzinfo = UTC) -> Draft:
    """Return the draft with what the page says of itself, else what its source claimed.

    Trusted in this order: JSON-LD, meta elements, what the page shows; titles and times have
    their own order (`read_title`, `read_published`). A time without a zone is taken in `zone`.
    Plain text has only its source's claims.
    """
    claims = _read_claims(draft, zone)
    metadata = claims if draft.tree is None else _read_page(read_page(draft), claims, zone)
    return replace(draft, metadata=metadata, title=metadata.title, authors=metadata.authors)


def _read_claims(draft: Draft, zone: tzinfo) -> Metadata:
    raw = draft.raw
    publisher = plain(raw.claimed_source) or None
    language = language_tag(raw.language)
    return Metadata(
        title=strip_site(plain(raw.title), _site_names([publisher or ""], draft.host)) or None,
        authors=split_names(raw.authors),
        publisher=publisher,
        published=read_moment(raw.published_at or "", "source", zone, day_first=is_day_first(language)),
        language=language,
    )


def _read_page(page: Page, claims: Metadata, zone: tzinfo) -> Metadata:
    head = page.head
    publisher = _publisher(page)
    section = first_plain(
        (*page.linked("articleSection"), *head.all("articlesection", "parselysection", "section"))
    )
    language = next(filter(None, map(language_tag, _languages(page))), None)
    names = head.all("ogsitename", "applicationname", "applemobilewebapptitle", "twittersite", "sitename")
    sites = _site_names([publisher or "", *names], page.draft.host)
    authors = read_authors(page, sites) or claims.authors
    return Metadata(
        title=read_title(page, authors, sites | ({name_key(section)} if section else set())) or claims.title,
        authors=authors,
        publisher=publisher or claims.publisher,
        canonical_link=_address(page, head.canonical) or _address(page, head.first("ogurl")),
        published=read_published(page, claims.published, zone, language),
        modified=read_modified(page, zone),
        section=section,
        tags=_tags(page),
        image=_image(page),
        language=language or claims.language,
    )


def language_tag(written: str | None) -> str | None:
    """Return a language as BCP 47 writes it (`en-US`, `zh-Hans`), None where it is none."""
    found = _LANGUAGE.match(written.strip()[:40]) if written else None
    if not found:
        return None
    first, *rest = found[0].replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def _languages(page: Page) -> Iterator[str | None]:
    yield page.head.language
    yield from page.head.all("oglocale", "contentlanguage", "language", "dclanguage", "dctermslanguage")
    yield from page.linked("inLanguage")


def _publisher(page: Page) -> str | None:
    """Return the name of the paper rather than that of the company that owns it."""
    linked = (name for article in page.articles for name in page.names(values(article, "publisher")))
    written = page.head.all("ogsitename", "applicationname", "dcpublisher", "dctermspublisher", "publisher")
    names = [name for name in map(plain, (*linked, *written)) if name and "://" not in name]
    return next((name for name in names if not _COMPANY.search(name)), names[0] if names else None)


def _site_names(names: list[str], host: str) -> set[str]:
    """Return what a site is called, by itself and by its host, each as `name_key` writes it."""
    parts = [part for name in names for part in _ASIDE.split(name[:200])]
    labels = host.removeprefix("www.").split(".")
    tail = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else 2
    parts += [*names, ".".join(labels), ".".join(labels[-tail:]), labels[-tail:][0]]
    return {key for key in map(name_key, parts) if len(key) > 1}


def _tags(page: Page) -> tuple[str, ...]:
    meta = page.head.meta
    for written in (
        meta.get("articletag", []),
        list(page.linked("keywords")),
        *(
            meta.get(name, [])
            for name in (
                "newskeywords",
                "parselytags",
                "sailthrutags",
                "tags",
                "citationkeywords",
                "keywords",
            )
        ),
    ):
        tags: dict[str, str] = {}
        for text in written[:_MOST_TAGS]:
            for part in _COMMA.split(plain(text, 4000)):
                tag = part.strip()
                # "@post-id:1913719" and "_no-ads" are a system's own marks.
                if not 1 < len(tag) <= 100 or tag[0] in "@_" or "://" in tag or _IDENTIFIER.fullmatch(tag):
                    continue
                if len(tags) < _MOST_TAGS:
                    tags.setdefault(tag.casefold(), tag)
        if tags:
            return tuple(tags.values())
    return ()


def _image(page: Page) -> str | None:
    written = page.head.all("ogimage", "ogimageurl", "ogimagesecureurl", "twitterimage", "twitterimagesrc")
    linked = (value for article in page.articles for value in values(article, "image"))
    linked = (value.get("url") if isinstance(value, dict) else value for value in linked)
    return next(filter(None, (_address(page, value) for value in (*written, *linked))), None)


def _address(page: Page, written: object) -> str | None:
    """Return an http(s) address of the page in full, None where it is none."""
    text = plain(written, 4000)
    if text and not text.startswith(_WEB):
        try:
            text = urljoin(page.draft.raw.url or "", text)
        except ValueError:
            return None
    return text if text.startswith(_WEB) and canonical_url(text) else None
