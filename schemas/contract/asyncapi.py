"""The AsyncAPI 3.1.0 document of the public topics, as a program beside naba meets them."""

from importlib.metadata import version
from typing import Any

from schemas.contract.header_schema import write_header_schema
from schemas.contract.record_schema import RECORDS, write_schema
from schemas.contract.topics import TOPICS, Message, Topic
from schemas.description import write_sentence
from schemas.letter import RAW

_BINDING = "0.5.0"  # of AsyncAPI's Kafka bindings
_ABOUT = """\
A streaming ingestion pipeline for news: what its topics on Kafka hold.

What is not known of a record is null, an empty list or `und`. Times are UTC. Fields, headers, topics and
types of events are added and never renamed or removed: ignore what you do not know. A message from before a
field or header was added is without it; a field that is not there has the default of its schema. Where a
schema lists words, as of `outcome` and `relation`, no further ones come under its name; `reason` and `stage`
are any string, and more of them come. A message may stand on a topic twice, with the same ids both times.

`kafka.topic_prefix` of the settings stands before every topic's name. Messages are compressed with zstd."""


def write_asyncapi() -> dict[str, Any]:
    """Return the document; it stands alone, with the schemas of the records in it.

    It is written from a subscriber's side: `receive` is what one reads, `send` what one may write.
    """
    return {
        "asyncapi": "3.1.0",
        "id": "urn:naba:topics",
        "info": {
            "title": "naba",
            "version": version("naba"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "cluster": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "`kafka.bootstrap` of the settings; this is where `naba broker` listens.",
            }
        },
        "channels": {_short(topic): _channel(topic) for topic in TOPICS},
        "operations": {
            **{f"receive-{_short(topic)}": _operation(topic, "receive") for topic in TOPICS},
            "deliver": _operation(next(topic for topic in TOPICS if topic.name == RAW), "send"),
        },
        "components": {
            "messages": {
                message.name: _message(topic, message) for topic in TOPICS for message in topic.messages
            },
            "schemas": {
                **_records(),
                **{f"{topic.name}.headers": write_header_schema(topic) for topic in TOPICS},
                **{
                    f"{topic.name}.deletion.headers": write_header_schema(topic, deletes=True)
                    for topic in TOPICS
                    if any(message.value == "none" for message in topic.messages)
                },
            },
        },
    }


def _short(topic: Topic) -> str:
    return topic.name.split(".")[1]


def _channel(topic: Topic) -> dict[str, Any]:
    kafka = {"topicConfiguration": {"cleanup.policy": [topic.cleanup]}, "bindingVersion": _BINDING}
    return {
        "address": topic.name,
        "summary": write_sentence(topic.holds),
        "description": f"Key: {topic.key_meaning}. Kept: {topic.kept}.",
        "messages": {
            message.name: {"$ref": f"#/components/messages/{message.name}"} for message in topic.messages
        },
        "bindings": {"kafka": kafka},
    }


def _operation(topic: Topic, action: str) -> dict[str, Any]:
    # What marks a letter as unread or withdrawn is for naba's own sources to say.
    sent = topic.messages if action == "receive" else topic.messages[:1]
    channel = f"#/channels/{_short(topic)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{'Read' if action == 'receive' else 'Write'} {topic.name}.",
        "messages": [{"$ref": f"{channel}/messages/{message.name}"} for message in sent],
    }


def _message(topic: Topic, message: Message) -> dict[str, Any]:
    key = {"type": "string", "title": topic.key, "description": write_sentence(topic.key_meaning)}
    told: dict[str, Any] = {"name": message.name, "title": message.name, "summary": message.summary}
    if message.record:
        told["payload"] = {"$ref": f"#/components/schemas/{message.record}"}
    elif message.value == "none":
        told["payload"] = {"type": "null"}
    else:  # bytes of any kind: there is no schema for them
        told["contentType"] = "application/octet-stream"
    of = "deletion.headers" if message.value == "none" else "headers"
    headers = {"$ref": f"#/components/schemas/{topic.name}.{of}"}
    told["headers"] = {"type": "object", "allOf": [headers, message.headers]} if message.headers else headers
    return told | {"bindings": {"kafka": {"key": key, "bindingVersion": _BINDING}}}


def _records() -> dict[str, Any]:
    """Return the schemas of all records and their parts, each under one name of the document."""
    found: dict[str, Any] = {}
    for name in RECORDS:
        schema = {key: value for key, value in write_schema(name).items() if key not in ("$schema", "$id")}
        found |= schema.pop("$defs", {})
        found[name] = schema
    return {name: _point(schema) for name, schema in found.items()}


def _point(value: Any) -> Any:
    """Return the schema with its references leading into the document."""
    if isinstance(value, dict):
        return {
            key: item.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _point(item)
            for key, item in value.items()
        }
    return [_point(item) for item in value] if isinstance(value, list) else value
