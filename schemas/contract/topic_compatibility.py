"""Whether the AsyncAPI document still fits the one that was released: topics, keys, messages and headers."""

from collections.abc import Iterator
from typing import Any

from schemas.contract.compatibility import compare_schemas
from schemas.contract.header_schema import ALWAYS
from schemas.letter import CE_TYPE

Document = dict[str, Any]


def find_topic_breaks(released: Document, now: Document) -> list[str]:
    """Return what breaks, a sentence each that begins with the topic and what of it.

    Topics, headers, types of events and operations may be added. Nothing of them may go, be called
    otherwise, or be another; no header that was on every message may be missing on some. A message may
    be added to a topic where its value is one that the topic's readers know.
    """
    found: list[tuple[str, str]] = []
    for name, channel in released["channels"].items():
        other = now["channels"].get(name)
        if other is None:
            found.append((channel["address"], "is gone"))
        else:
            found += _compare_channels(channel, other, released, now)
    found += [
        (f"operation {name}", "is gone") for name in released["operations"] if name not in now["operations"]
    ]
    return [f"{place}: {what}" for place, what in found]


def _compare_channels(
    old: Document, new: Document, released: Document, now: Document
) -> Iterator[tuple[str, str]]:
    topic = old["address"]
    if new["address"] != topic:
        yield topic, f"is called {new['address']} now"
    before, after = _read_cleanup(old), _read_cleanup(new)
    if before != after:
        yield topic, f"cleanup.policy was {before}, and is now {after}"
    messages, others = _read_messages(old, released), _read_messages(new, now)
    for name, message in messages.items():
        place = f"{topic} {name}"
        if name in others:
            yield from _compare_messages(message, others[name], place, released, now)
        else:
            yield place, "is gone"
    known = [_read_value(message) for message in messages.values()]
    for name, message in others.items():
        if name not in messages and _read_value(message) not in known:
            yield f"{topic} {name}", f"is new, and its value is {_read_value(message)}, which no reader knows"


def _compare_messages(
    old: Document, new: Document, place: str, released: Document, now: Document
) -> Iterator[tuple[str, str]]:
    parts, others = released["components"]["schemas"], now["components"]["schemas"]
    for what, before, after in (
        ("key", _read_key(old), _read_key(new)),
        ("value", _read_value(old), _read_value(new)),
        ("sign", _read_sign(old), _read_sign(new)),
    ):
        if before != after:
            yield f"{place} {what}", f"was {before}, and is now {after}"
    if "payload" in old and "payload" in new:
        for told in compare_schemas(old["payload"], parts, new["payload"], others):
            yield place, told
    headers, later = (_read_headers(old, parts), _read_headers(new, others))
    for told in compare_schemas(headers, {}, later, {}):
        yield place, told
    for name, header in headers["properties"].items():
        if name not in later["properties"]:
            continue  # told as gone already
        if header["description"].endswith(ALWAYS) > later["properties"][name]["description"].endswith(ALWAYS):
            yield f"{place} {name}", "is not on every message any more"
    types = later["properties"].get(CE_TYPE, {}).get("examples", ())
    for type in headers["properties"].get(CE_TYPE, {}).get("examples", ()):
        if type not in types:
            yield f"{place} {type}", "is gone"


def _read_messages(channel: Document, document: Document) -> dict[str, Document]:
    return {name: document["components"]["messages"][name] for name in channel["messages"]}


def _read_cleanup(channel: Document) -> str:
    return ", ".join(channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"])


def _read_key(message: Document) -> str:
    """Return what the key is, not the words about it."""
    return str(message["bindings"]["kafka"]["key"]["title"])


def _read_value(message: Document) -> str:
    payload = message.get("payload")
    if payload is None:
        return str(message["contentType"])
    return str(payload["$ref"].rpartition("/")[2] if "$ref" in payload else payload["type"])


def _read_sign(message: Document) -> str:
    """Return what of the headers tells the message from the others of its topic."""
    return str(message["headers"].get("allOf", [None, None])[1])


def _read_headers(message: Document, parts: Document) -> Document:
    """Return the schema of the headers that the message may have, whatever tells it from others."""
    reference = message["headers"].get("allOf", [message["headers"]])[0]["$ref"]
    found: Document = parts[reference.rpartition("/")[2]]
    return found
