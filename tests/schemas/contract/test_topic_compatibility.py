"""Compatibility of the topics: what would break a subscriber is found, by the topic and what of it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from schemas.contract.asyncapi import write_asyncapi
from schemas.contract.header_schema import ALWAYS
from schemas.contract.topic_compatibility import find_topic_breaks

Document = dict[str, Any]
Change = Callable[[Document], Any]
HEADERS = "news.outcomes.v1.headers"


def headers_of(document: Document, name: str = HEADERS) -> Document:
    found: Document = document["components"]["schemas"][name]["properties"]
    return found


def message_of(document: Document, name: str) -> Document:
    found: Document = document["components"]["messages"][name]
    return found


def rename_header(document: Document) -> None:
    headers_of(document)["naba-origin"] = headers_of(document).pop("naba-input")


def rename_channel(document: Document) -> None:
    document["channels"]["results"] = document["channels"].pop("outcomes")


def call_topic_otherwise(document: Document) -> None:
    document["channels"]["outcomes"]["address"] = "news.results.v1"


def write_header_on_some(document: Document) -> None:
    header = headers_of(document)["naba-version"]
    header["description"] = header["description"].removesuffix(f" {ALWAYS}")


def change_key(document: Document) -> None:
    message_of(document, "outcome")["bindings"]["kafka"]["key"]["title"] = "article_id"


def lose_event_type(document: Document) -> None:
    headers_of(document)["ce_type"]["examples"] = ["news.delivery.ended.v1"]


def delete_articles(document: Document) -> None:
    document["channels"]["articles"]["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] = ["delete"]


def lose_deletion(document: Document) -> None:
    del document["channels"]["articles"]["messages"]["deletion"]


def send_bytes(document: Document) -> None:
    message = message_of(document, "outcome")
    del message["payload"]
    message["contentType"] = "application/octet-stream"


def send_without_value(document: Document) -> None:
    none = copy.deepcopy(message_of(document, "outcome")) | {"name": "void", "payload": {"type": "null"}}
    document["components"]["messages"]["void"] = none
    document["channels"]["outcomes"]["messages"]["void"] = {"$ref": "#/components/messages/void"}


def sign_otherwise(document: Document) -> None:
    message_of(document, "withdrawal")["headers"]["allOf"][1]["required"] = ["naba-detail"]


def lose_field(document: Document) -> None:
    del document["components"]["schemas"]["outcome.v1"]["properties"]["detail"]


BREAKS = [
    pytest.param(rename_channel, ["news.outcomes.v1: is gone"], id="topic gone"),
    pytest.param(
        call_topic_otherwise, ["news.outcomes.v1: is called news.results.v1 now"], id="topic renamed"
    ),
    pytest.param(rename_header, ["news.outcomes.v1 outcome: naba-input: is gone"], id="header renamed"),
    pytest.param(
        lambda document: headers_of(document, "news.dead.v1.headers").pop("naba-attempt"),
        ["news.dead.v1 dead: naba-attempt: is gone"],
        id="header gone",
    ),
    pytest.param(
        lambda document: document["components"]["schemas"]["news.dead.v1.headers"].pop("patternProperties"),
        ["news.dead.v1 dead: ^naba-original-: is gone"],
        id="headers of a pattern gone",
    ),
    pytest.param(
        lambda document: headers_of(document)["ce_id"].update(pattern="^outcome"),
        ["news.outcomes.v1 outcome: ce_id: pattern was none, and is now ^outcome"],
        id="header of another form",
    ),
    pytest.param(
        write_header_on_some,
        ["news.outcomes.v1 outcome naba-version: is not on every message any more"],
        id="header on some messages alone",
    ),
    pytest.param(
        change_key, ["news.outcomes.v1 outcome key: was raw_id, and is now article_id"], id="another key"
    ),
    pytest.param(
        lose_event_type, ["news.outcomes.v1 outcome news.outcome.v1: is gone"], id="type of event renamed"
    ),
    pytest.param(
        delete_articles,
        ["news.articles.v1: cleanup.policy was compact, and is now delete"],
        id="what was kept for ever runs out",
    ),
    pytest.param(lose_deletion, ["news.articles.v1 deletion: is gone"], id="message gone"),
    pytest.param(
        send_bytes,
        ["news.outcomes.v1 outcome value: was outcome.v1, and is now application/octet-stream"],
        id="another value",
    ),
    pytest.param(
        send_without_value,
        ["news.outcomes.v1 void: is new, and its value is null, which no reader knows"],
        id="new message with a value that is unheard of",
    ),
    pytest.param(lose_field, ["news.outcomes.v1 outcome: detail: is gone"], id="field of the record gone"),
    pytest.param(
        lambda document: document["operations"].pop("deliver"),
        ["operation deliver: is gone"],
        id="operation gone",
    ),
]


@pytest.mark.parametrize(("work", "told"), BREAKS)
def test_a_break_is_found_and_named(work: Change, told: list[str]) -> None:
    released = write_asyncapi()
    now = copy.deepcopy(released)
    work(now)
    assert find_topic_breaks(released, now) == told


def test_what_tells_a_message_from_others_may_not_change() -> None:
    released = write_asyncapi()
    now = copy.deepcopy(released)
    sign_otherwise(now)
    assert [break_.partition(": ")[0] for break_ in find_topic_breaks(released, now)] == [
        "news.raw.v1 withdrawal sign"
    ]


def add_channel(document: Document) -> None:
    channel = copy.deepcopy(document["channels"]["outcomes"]) | {"address": "news.corrections.v1"}
    document["channels"]["corrections"] = channel


def add_message(document: Document) -> None:
    second = copy.deepcopy(message_of(document, "outcome")) | {"name": "laterOutcome"}
    document["components"]["messages"]["laterOutcome"] = second
    document["channels"]["outcomes"]["messages"]["laterOutcome"] = {
        "$ref": "#/components/messages/laterOutcome"
    }


FITS = [
    pytest.param(copy.copy, id="nothing changed"),
    pytest.param(
        lambda document: headers_of(document).update({"naba-mood": {"type": "string", "description": "It."}}),
        id="new header",
    ),
    pytest.param(add_channel, id="new topic"),
    pytest.param(add_message, id="new message with a value that is known"),
    pytest.param(
        lambda document: headers_of(document)["ce_type"]["examples"].append("news.outcome.changed.v1"),
        id="new type of event",
    ),
    pytest.param(
        lambda document: document["info"].update(version="9.0", description="Other words."), id="other words"
    ),
    pytest.param(
        lambda document: document["components"]["schemas"]["outcome.v1"]["properties"].update(
            mood={"type": "string", "default": ""}
        ),
        id="new field",
    ),
]


@pytest.mark.parametrize("work", FITS)
def test_what_subscribers_bear_is_no_break(work: Change) -> None:
    released = write_asyncapi()
    now = copy.deepcopy(released)
    work(now)
    assert find_topic_breaks(released, now) == []
