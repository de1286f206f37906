"""The page of the topics: the AsyncAPI document for people, one file that needs nothing beside it."""

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem;
  color: #1c1c1c; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: start; vertical-align: top; padding: .3rem .6rem .3rem 0; }
tr { border-bottom: 1px solid #d5d5d5; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
h2 { margin-top: 3rem; border-top: 2px solid #1c1c1c; padding-top: .5rem; }"""


def write_page(document: dict[str, Any]) -> str:
    """Return the page (HTML, without scripts) of an AsyncAPI document that stands alone."""
    info, channels = document["info"], document["channels"]
    schemas = document["components"]["schemas"]
    records = {name: schema for name, schema in schemas.items() if not name.endswith(".headers")}
    body = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}: the topics</h1>",
        *(f"<p>{_mark(paragraph)}</p>" for paragraph in info["description"].split("\n\n")),
        '<p>The same for programs: <a href="../schemas/asyncapi.json">AsyncAPI '
        f"{escape(document['asyncapi'])}</a>, and a JSON Schema of each record in "
        '<a href="../schemas/json">schemas/json</a>. What reasons and relations mean stands in '
        '<a href="record.md">record.md</a>.</p>',
        "<nav><ul>",
        *(
            f'<li><a href="#{escape(one["address"])}">{escape(one["address"])}</a></li>'
            for one in channels.values()
        ),
        *(f'<li><a href="#{escape(name)}">{escape(name)}</a></li>' for name in records),
        "</ul></nav>",
    ]
    for channel in channels.values():
        body += _tell_channel(channel, document)
    for name, schema in records.items():
        body += [f'<h2 id="{escape(name)}">{escape(name)}</h2>', f"<p>{_mark(schema['description'])}</p>"]
        body += _table("field", schema["properties"], set(schema.get("required", ())))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>naba: the topics</title>\n'
        f"<style>\n{_STYLE}\n</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _tell_channel(channel: dict[str, Any], document: dict[str, Any]) -> Iterable[str]:
    address = escape(channel["address"])
    yield f'<h2 id="{address}">{address}</h2>'
    yield f"<p>{_mark(channel['summary'])} {_mark(channel['description'])}</p>"
    yield "<table><tr><th>message</th><th>what it is</th><th>value</th></tr>"
    messages = [_follow(document, one["$ref"]) for one in channel["messages"].values()]
    for message in messages:
        name, summary, value = escape(message["name"]), _mark(message["summary"]), _tell_value(message)
        yield f"<tr><td>{name}</td><td>{summary}</td><td>{value}</td></tr>"
    yield "</table>"
    schemas = document["components"]["schemas"]
    yield from _table("header", schemas[f"{address}.headers"]["properties"], set())
    if deletion := schemas.get(f"{address}.deletion.headers"):
        yield from _table("header of a message without a value", deletion["properties"], set())


def _tell_value(message: dict[str, Any]) -> str:
    payload = message.get("payload", {})
    if "$ref" in payload:
        name = escape(payload["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    return "none" if payload else escape(message["contentType"])


def _table(first: str, properties: dict[str, Any], required: set[str]) -> Iterable[str]:
    yield f"<table><tr><th>{first}</th><th>type</th><th>meaning</th><th>example</th></tr>"
    for name, told in properties.items():
        example = json.dumps(told["examples"][0], ensure_ascii=False)
        needed = ", required" if name in required else ""
        yield (
            f"<tr><td><code>{escape(name)}</code></td><td>{_type(told)}{needed}</td>"
            f'<td>{_mark(told["description"])}</td><td><code dir="auto">{escape(example)}</code></td></tr>'
        )
    yield "</table>"


def _type(told: dict[str, Any]) -> str:
    if "anyOf" in told:
        return " or ".join(_type(one) for one in told["anyOf"])
    if "enum" in told:
        return ", ".join(f"<code>{escape(word)}</code>" for word in told["enum"])
    if "$ref" in told:
        name = escape(told["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if told["type"] == "array":
        return f"list of {_type(told['items'])}"
    return escape(told.get("format") or told["type"])


def _follow(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _mark(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
