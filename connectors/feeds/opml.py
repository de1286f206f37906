"""Lists of feeds as readers exchange them: OPML 2.0 (opml.org)."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from schemas.address import canonical_url


class OpmlError(ValueError):
    """A file that is no OPML; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """One feed of a list."""

    url: str
    title: str | None = None


def read_opml(body: bytes) -> tuple[Outline, ...]:
    """Return the feeds of a list in order, of all its folders, each address once. Raises OpmlError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise OpmlError(f"no XML: {error}") from None
    if root is None or not isinstance(root.tag, str) or etree.QName(root).localname.lower() != "opml":
        raise OpmlError("no OPML")
    found: dict[str, Outline] = {}
    for element in root.iter("outline", "Outline", "OUTLINE"):
        named = {name.lower(): value for name, value in element.attrib.items()}
        url = str(named.get("xmlurl", "")).strip()
        if canonical_url(url) and url not in found:
            title = " ".join(str(named.get("title") or named.get("text") or "").split())
            found[url] = Outline(url=url, title=title or None)
    return tuple(found.values())


def write_opml(outlines: Iterable[Outline]) -> bytes:
    """Return the list as OPML; what XML cannot hold of a title is a mark of replacement."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "naba"
    body = etree.SubElement(root, "body")
    for outline in outlines:
        title = _writable(outline.title or outline.url)
        etree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=_writable(outline.url))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _writable(text: str) -> str:
    return "".join(
        char
        if char in "\t\n\r" or (" " <= char <= "\ud7ff") or ("\ue000" <= char <= "\ufffd") or char > "\uffff"
        else "\ufffd"
        for char in text
    )
