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

WIRE = Path(__file__).parents[1] / "wire"
Schema = dict[str, Any]


def read_released(name: str) -> Schema:
    released: Schema = json.loads((WIRE / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return released


def test_every_record_that_was_released_is_still_there() -> None:
    assert {path.stem for path in (WIRE / "schemas").iterdir()} <= set(RECORDS)


@pytest.mark.parametrize("name", [path.stem for path in sorted((WIRE / "schemas").iterdir())])
def test_no_record_has_broken_since_it_was_released(name: str) -> None:
    assert find_breaks(read_released(name), write_schema(name)) == []


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
        change("language", enum=["ar", "en"]), "language: may not be any other any more", id="new enum"
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
    pytest.param(change("language_confidence", maximum=2), id="wider range"),
    pytest.param(change("direction", enum=["ltr", "rtl", "ttb"]), id="new word of an enum"),
    pytest.param(change("text", description="Other words.", examples=["x"]), id="other words"),
    pytest.param(lambda schema: schema["required"].remove("versions"), id="not required any more"),
]


@pytest.mark.parametrize("work", FITS)
def test_what_old_letters_and_readers_bear_is_no_break(work: Callable[[Schema], None]) -> None:
    released = write_schema("article.v1")
    now = copy.deepcopy(released)
    work(now)
    assert find_breaks(released, now) == []
