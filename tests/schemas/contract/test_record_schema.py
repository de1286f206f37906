"""The JSON Schemas: complete, true of what the pipeline makes, and as strict as the codec."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import orjson
import pytest

from connectors.sources.files import FilesSource
from schemas.codec import DecodeError, decode
from schemas.contract.record_schema import DIALECT, RECORDS, write_schema
from schemas.letter import ARTICLES, DUPLICATES, OUTCOMES, REJECTED, UNREAD, Letter
from schemas.outcome import Ending, Outcome
from streams.settings import Settings
from streams.verbs.demo import INPUT_FOLDER
from streams.verbs.run import run_source

ROOT = Path(__file__).parents[3]
WIRE = ROOT / "tests" / "wire"
# One full record of each kind, as the pipeline made it.
MADE = {
    "raw.v1": "raw/2026-11-29-sources-text",
    "article.v1": "article/2026-11-29-sources-contains",
    "duplicate.v1": "duplicate/2026-11-29-sources-excerpt",
    "rejection.v1": "rejection/2026-11-29-sources-too-short",
    "outcome.v1": "outcome/2026-11-29-sources-duplicate",
}
TOPICS = {
    ARTICLES: "article.v1",
    DUPLICATES: "duplicate.v1",
    REJECTED: "rejection.v1",
    OUTCOMES: "outcome.v1",
}


def make_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(write_schema(name), validate_formats=True)


def read_made(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((WIRE / f"{MADE[name]}.value").read_bytes())
    return made


@pytest.mark.parametrize("name", RECORDS)
def test_a_schema_is_one_by_its_own_dialect(name: str) -> None:
    schema = write_schema(name)
    jsonschema_rs.meta.validate(schema)
    assert (schema["$schema"], schema["$id"], schema["title"]) == (DIALECT, f"urn:naba:schema:{name}", name)
    assert schema["additionalProperties"] is True


def properties_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part["properties"].items()


@pytest.mark.parametrize("name", RECORDS)
def test_every_property_has_its_meaning_its_origin_and_an_example_that_is_valid(name: str) -> None:
    schema = write_schema(name)
    for field, told in properties_of(schema):
        meaning, _, origin = told["description"].partition(" Origin: ")
        assert len(meaning) > 5, field
        assert len(origin) > 2, field
        within = {"$defs": schema.get("$defs", {}), **told}
        validator = jsonschema_rs.Draft202012Validator(within, validate_formats=True)
        assert all(validator.is_valid(example) for example in told["examples"]), field


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_the_examples_is_one_that_can_be_decoded(name: str) -> None:
    record = {field: told["examples"][0] for field, told in write_schema(name)["properties"].items()}
    assert make_validator(name).is_valid(record)
    decode(orjson.dumps(record), RECORDS[name])


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_the_pipeline_is_valid_with_fields_of_tomorrow_too(name: str) -> None:
    validator, record = make_validator(name), read_made(name)
    assert set(record) <= set(write_schema(name)["properties"])
    assert [error.message for error in validator.iter_errors(record)] == []
    assert validator.is_valid(record | {"field_of_tomorrow": {"a": 1}})


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_with_any_field_of_another_type_is_refused_and_the_codec_refuses_it_too(name: str) -> None:
    validator, record = make_validator(name), read_made(name)
    for field in record:
        wrong = record | {field: {"a": 1}}
        assert not validator.is_valid(wrong), field
        with pytest.raises(DecodeError, match=rf"\$\.{field}"):
            decode(orjson.dumps(wrong), RECORDS[name])


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_without_what_it_needs_is_refused_and_without_the_rest_it_is_not(name: str) -> None:
    validator, record = make_validator(name), read_made(name)
    required = write_schema(name)["required"]
    for field in record:
        without = {other: value for other, value in record.items() if other != field}
        assert validator.is_valid(without) == (field not in required), field


WRONG = [
    pytest.param("article.v1", {"article_id": "9F2C"}, id="an id of the wrong shape"),
    pytest.param("article.v1", {"schema": "article.v9"}, id="another version"),
    pytest.param("article.v1", {"fetched_at": "2026-03-01T12:30:15"}, id="a time without a zone"),
    pytest.param("article.v1", {"published_at": "yesterday"}, id="no time"),
    pytest.param("article.v1", {"language_confidence": 7}, id="a share over 1"),
    pytest.param("article.v1", {"overlap": -0.1}, id="a share under 0"),
    pytest.param("article.v1", {"revision": 0}, id="a revision before the first"),
    pytest.param("article.v1", {"relation": "twin"}, id="an unknown relation"),
    pytest.param("article.v1", {"tags": ["harbour", 5]}, id="a number in a list of texts"),
    pytest.param("article.v1", {"removed": [{"text": "x", "kind": "y"}]}, id="a removal without its rule"),
    pytest.param("article.v1", {"text": None}, id="no text"),
    pytest.param("outcome.v1", {"outcome": "lost"}, id="an unknown outcome"),
]


@pytest.mark.parametrize(("name", "change"), WRONG)
def test_a_field_that_is_wrong_is_refused_by_the_schema_and_by_the_codec(
    name: str, change: dict[str, Any]
) -> None:
    record = read_made(name)
    assert make_validator(name).is_valid(record)
    assert not make_validator(name).is_valid(record | change)
    with pytest.raises(DecodeError, match=rf"\$\.{next(iter(change))}"):
        decode(orjson.dumps(record | change), RECORDS[name])


@pytest.mark.slow
def test_every_record_that_the_pipeline_makes_of_the_bundled_articles_is_valid(tmp_path: Path) -> None:
    validators = {topic: make_validator(name) for topic, name in TOPICS.items()}
    seen: list[Letter] = []
    settings = replace(Settings(), db=str(tmp_path / "naba.db"), rules=(str(INPUT_FOLDER / "rules"),))
    paths = [str(INPUT_FOLDER / "articles.jsonl"), str(INPUT_FOLDER / "pages")]
    run_source(FilesSource(paths), settings, {}, 2, seen.extend)
    wrong = [
        (letter.topic, error.message)
        for letter in seen
        if letter.topic in validators
        for error in validators[letter.topic].iter_errors(json.loads(letter.value))
    ]
    assert wrong == []
    outcomes = [decode(letter.value, Outcome).outcome for letter in seen if letter.topic == OUTCOMES]
    assert set(outcomes) == set(get_args(Ending))
    raw = [letter for letter in FilesSource(paths).poll() if UNREAD not in letter.headers]
    assert len(raw) == len(outcomes) - outcomes.count("dead")
    assert all(make_validator("raw.v1").is_valid(json.loads(letter.value)) for letter in raw)
