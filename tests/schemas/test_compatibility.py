"""Compatibility: what would break readers or old letters is found, by the field's name."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from schemas.contract.compatibility import find_breaks
from schemas.contract.record_schema import RECORDS, write_schema
from tests.wire.released import WIRE, find_released_breaks

ROOT = Path(__file__).parents[2]
Schema = dict[str, Any]


def test_nothing_has_broken_since_it_was_released() -> None:
    released = [path.stem for path in (WIRE / "schemas").glob("*.json")]
    assert {"article.v1", "duplicate.v1", "outcome.v1", "raw.v1", "rejection.v1"} <= set(released)
    assert json.loads((WIRE / "asyncapi.json").read_bytes())["channels"]
    assert find_released_breaks(ROOT / "schemas") == []


@pytest.mark.parametrize("name", RECORDS)
def test_every_old_record_is_valid_by_the_schema_of_today(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator(write_schema(name), validate_formats=True)
    folder = WIRE / name.partition(".")[0]
    records = [path.read_bytes() for path in folder.glob("*.value") if "unread" not in path.name]
    assert records
    assert [error.message for record in records for error in validator.iter_errors(json.loads(record))] == []


def change(field: str, **told: Any) -> Callable[[Schema], None]:
    def work(schema: Schema) -> None:
        schema["properties"][field].update(told)

    return work


def lose(field: str, keyword: str) -> Callable[[Schema], None]:
    def work(schema: Schema) -> None:
        del schema["properties"][field][keyword]

    return work


def free(schema: Schema) -> None:
    del schema["properties"]["direction"]["enum"]
    schema["properties"]["direction"]["type"] = "string"


def rename(schema: Schema) -> None:
    schema["properties"]["heading"] = schema["properties"].pop("title")


def require_new(schema: Schema) -> None:
    schema["properties"]["field_of_tomorrow"] = {"type": "string"}
    schema["required"].append("field_of_tomorrow")


def lose_in_removal(schema: Schema) -> None:
    del schema["$defs"]["Removal"]["properties"]["kind"]


BREAKS = [
    pytest.param(lambda schema: schema["properties"].pop("kicker"), "kicker: is gone", id="removed"),
    pytest.param(rename, "title: is gone", id="renamed"),
    pytest.param(change("text", type="integer"), "text: was string, and is now integer", id="another type"),
    pytest.param(
        change("title", anyOf=[{"type": "string"}]),
        "title: was null or string, and is now string",
        id="not null any more",
    ),
    pytest.param(
        change("text", anyOf=[{"type": "string"}, {"type": "null"}]),
        "text: was string, and is now null or string",
        id="null where there was none",
    ),
    pytest.param(
        change("text", type=["null", "string"]),
        "text: was string, and is now null or string",
        id="null beside it",
    ),
    pytest.param(
        change("tags", items={"type": "integer"}), "tags[]: was string, and is now integer", id="in a list"
    ),
    pytest.param(
        change("versions", additionalProperties={"type": "integer"}),
        "versions{}: was string, and is now integer",
        id="in a map",
    ),
    pytest.param(lose_in_removal, "removed[].kind: is gone", id="in a record of a list"),
    pytest.param(
        change("language_confidence", maximum=0.5),
        "language_confidence: maximum was 1, and is now 0.5",
        id="narrower range",
    ),
    pytest.param(change("revision", minimum=2), "revision: minimum was 1, and is now 2", id="higher start"),
    pytest.param(
        change("word_count", maximum=1000), "word_count: maximum was none, and is now 1000", id="new limit"
    ),
    pytest.param(
        change("direction", enum=["ltr"]), "direction: may not be rtl any more", id="word of an enum gone"
    ),
    pytest.param(
        change("direction", enum=["ltr", "rtl", "ttb"]),
        "direction: may be ttb now, which readers do not know",
        id="new word of an enum",
    ),
    pytest.param(
        change("schema", enum=["article.v1", "article.v2"]),
        "schema: may be article.v2 now, which readers do not know",
        id="another version under the same name",
    ),
    pytest.param(
        lose("article_id", "pattern"),
        "article_id: pattern was ^[0-9a-f]{32}$, and is now none",
        id="no pattern",
    ),
    pytest.param(
        lose("language_confidence", "maximum"),
        "language_confidence: maximum was 1, and is now none",
        id="no limit any more",
    ),
    pytest.param(
        change("language_confidence", maximum=2),
        "language_confidence: maximum was 1, and is now 2",
        id="wider range",
    ),
    pytest.param(
        change("language", default="en"), "language: default was und, and is now en", id="another default"
    ),
    pytest.param(
        change("truncated", default=True),
        "truncated: default was false, and is now true",
        id="true for false",
    ),
    pytest.param(
        change("kicker", default=""),
        'kicker: default was null, and is now ""',
        id="another default than null",
    ),
    pytest.param(lose("url", "default"), "url: default was null, and is now none", id="no default"),
    pytest.param(change("source", const="x"), "source: const was none, and is now x", id="one value alone"),
    pytest.param(
        change("revision", multipleOf=2), "revision: multipleOf was none, and is now 2", id="every second"
    ),
    pytest.param(
        change("tags", uniqueItems=True), "tags: uniqueItems was none, and is now true", id="another keyword"
    ),
    pytest.param(
        lose("tags", "items"), 'tags: items was {"type": "string"}, and is now true', id="a list of anything"
    ),
    pytest.param(
        lambda schema: schema.update(additionalProperties=False),
        "the record: additionalProperties was true, and is now false",
        id="no field of tomorrow",
    ),
    pytest.param(
        lambda schema: schema["required"].remove("raw_id"),
        "raw_id: is not required any more, and readers count on it",
        id="not required any more",
    ),
    pytest.param(
        change("language", enum=["ar", "en"]),
        "language: may not be any other any more",
        id="new enum",
    ),
    pytest.param(
        free,
        "direction: may be any other now, which readers do not know",
        id="no enum",
    ),
    pytest.param(
        change("source", pattern="^[a-z]+$"), "source: pattern was none, and is now ^[a-z]+$", id="pattern"
    ),
    pytest.param(
        change("fetched_at", format="date"), "fetched_at: format was date-time, and is now date", id="format"
    ),
    pytest.param(
        require_new,
        "field_of_tomorrow: is required now, and letters from before may not have it",
        id="new and required",
    ),
    pytest.param(
        lambda schema: schema["required"].append("url"),
        "url: is required now, and letters from before may not have it",
        id="required where it was not",
    ),
]


@pytest.mark.parametrize(("work", "told"), BREAKS)
def test_a_break_is_found_and_names_its_field(work: Callable[[Schema], None], told: str) -> None:
    released = write_schema("article.v1")
    now = copy.deepcopy(released)
    work(now)
    assert find_breaks(released, now) == [told]


FITS = [
    pytest.param(lambda schema: schema.copy(), id="nothing changed"),
    pytest.param(
        lambda schema: schema["properties"].update(field_of_tomorrow={"type": "string", "default": ""}),
        id="new optional field",
    ),
    pytest.param(change("text", description="Other words.", examples=["x"], title="Body"), id="other words"),
    pytest.param(change("direction", enum=["rtl", "ltr"]), id="words in another order"),
]


@pytest.mark.parametrize("work", FITS)
def test_what_old_letters_and_readers_bear_is_no_break(work: Callable[[Schema], None]) -> None:
    released = write_schema("article.v1")
    now = copy.deepcopy(released)
    work(now)
    assert find_breaks(released, now) == []
