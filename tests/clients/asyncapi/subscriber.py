"""A program that knows naba's topics from the AsyncAPI document alone: nothing of naba is imported.

    python subscriber.py asyncapi.json BOOTSTRAP [PREFIX]

It reads every topic of the document to its end, and prints how many messages of which kind there are.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
from kafka import KafkaConsumer, TopicPartition

UNKNOWN = "unknown"  # a message that the document does not describe


class Subscriber:
    """Tells of each message which of those that the document describes it is."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Read the channels, and of each message the schemas of value and headers."""
        self._document = document
        self._channels = {
            channel["address"]: [self._follow(one["$ref"]) for one in channel["messages"].values()]
            for channel in document["channels"].values()
        }
        self._validators: dict[str, jsonschema_rs.Draft7Validator] = {}

    @property
    def topics(self) -> list[str]:
        """Return the addresses of all channels."""
        return list(self._channels)

    def recognize(self, topic: str, value: bytes | None, headers: Mapping[str, str]) -> str | None:
        """Return the message's name, None where nothing that the document says of the topic fits it."""
        fitting = (one for one in self._channels[topic] if self._fits(one, value, headers))
        found = next(fitting, None)
        return None if found is None else str(found["name"])

    def _fits(self, message: dict[str, Any], value: bytes | None, headers: Mapping[str, str]) -> bool:
        if not self._is_valid(message["headers"], dict(headers)):
            return False
        if "payload" not in message:
            return value is not None
        try:
            read = None if value is None else json.loads(value)
        except ValueError:
            return False
        return self._is_valid(message["payload"], read)

    def _is_valid(self, schema: dict[str, Any], value: Any) -> bool:
        name = json.dumps(schema)
        if name not in self._validators:
            # AsyncAPI's own dialect is that of draft 7; references lead into the document.
            whole = {**schema, "components": self._document["components"]}
            self._validators[name] = jsonschema_rs.Draft7Validator(whole, validate_formats=True)
        return self._validators[name].is_valid(value)

    def _follow(self, reference: str) -> dict[str, Any]:
        found: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)


def read_to_end(bootstrap: str, topic: str) -> Iterator[tuple[bytes | None, dict[str, str]]]:
    """Yield value and headers of every message that is there now."""
    client = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        places = [TopicPartition(topic, number) for number in client.partitions_for_topic(topic) or ()]
        client.assign(places)
        client.seek_to_beginning()
        ends = client.end_offsets(places)
        while any(client.position(place) < ends[place] for place in places):
            for messages in client.poll(500).values():
                for message in messages:
                    yield message.value, {name: text.decode() for name, text in message.headers}
    finally:
        client.close()


def main(path: str, bootstrap: str, prefix: str = "") -> None:
    """Print the counts as one JSON object: by topic and by message."""
    subscriber = Subscriber(json.loads(Path(path).read_text(encoding="utf-8")))
    counts = {
        topic: Counter(
            subscriber.recognize(topic, value, headers) or UNKNOWN
            for value, headers in read_to_end(bootstrap, prefix + topic)
        )
        for topic in subscriber.topics
    }
    print(json.dumps(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
