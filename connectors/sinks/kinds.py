"""All kinds of sink that the settings may name: a new one is added here."""

from connectors.sinks.jsonl import JsonlSink
from connectors.sinks.postgres import PostgresSink
from connectors.sinks.sqlite import SqliteSink
from connectors.sinks.webhook import WebhookSink

SinkKind = JsonlSink | SqliteSink | PostgresSink | WebhookSink

# What `naba sink` does beside those of the settings.
RESERVED = ("files", "store")
