"""The page of the topics: everything that the document tells, and nothing beside it needed."""

import json
from pathlib import Path
from typing import Any

import lxml.html

from schemas.contract.topics import TOPICS

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads((ROOT / "schemas" / "asyncapi.json").read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
PAGE = (ROOT / "docs" / "topics.html").read_text(encoding="utf-8")


def test_the_page_shows_every_topic_message_header_and_field() -> None:
    shown: Any = lxml.html.document_fromstring(PAGE)
    cells = {cell.text_content() for cell in shown.iterfind(".//td")}
    for topic in TOPICS:
        assert shown.get_element_by_id(topic.name).text == topic.name
        assert {message.name for message in topic.messages} <= cells
        assert set(SCHEMAS[f"{topic.name}.headers"]["properties"]) <= cells
    for name, schema in SCHEMAS.items():
        if not name.endswith(".headers"):
            assert shown.get_element_by_id(name).text == name
            assert set(schema["properties"]) <= cells


def test_the_page_needs_nothing_but_itself() -> None:
    shown: Any = lxml.html.document_fromstring(PAGE)
    assert [node.tag for node in shown.iter("script", "link", "img", "iframe", "object", "embed")] == []
    assert "url(" not in PAGE
    assert "@import" not in PAGE
    targets = [link for _, _, link, _ in shown.iterlinks()]
    assert targets
    for target in targets:
        if target.startswith("#"):
            assert shown.get_element_by_id(target[1:]) is not None
        else:
            assert (ROOT / "docs" / target).exists(), target


def test_what_a_document_says_is_text_on_the_page() -> None:
    assert "<script>" not in PAGE
    # The example of a raw article is a page itself: it is shown, and not a part of this one.
    assert "&lt;html&gt;&lt;body&gt;" in PAGE
