"""Whatever the OpenAPI document of the receiver allows is taken, and what it forbids is refused."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response

from connectors.receiving.batch import KINDS
from connectors.receiving.pieces import MOST_ITEMS
from connectors.sources.line import Line
from schemas.address import canonical_url
from tests.receiver import TOKEN, Receiver

pytestmark = pytest.mark.slow

DOCUMENT = json.loads(Path("connectors/receiving/openapi.json").read_bytes())
PUSH = DOCUMENT["paths"]["/articles"]["post"]
PAGES = ("text/html", "application/xhtml+xml")
TRIED = ("application/json", "application/x-ndjson", "text/html")  # the others are names of these
KEY = re.compile(PUSH["parameters"][0]["schema"]["pattern"])
CONFIG = {
    "seed": 6,
    # Signatures are not those of what is generated; tests/connectors/receiving/test_signature.py has them.
    "generation": {"deterministic": True, "max-examples": 60, "with-security-parameters": False},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["200", "202"]},
        "negative_data_rejection": {"expected-statuses": ["400", "413", "415"]},
    },
}
ADDRESSES = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["harbour.example", "WWW.Ferry.example:8443", "192.0.2.7", "[2001:db8::7]"]),
    st.from_regex(r"([/?#][!-~]{0,40})?", fullmatch=True),
)
numbers = itertools.count()
schemathesis.openapi.format("browsers-address", ADDRESSES)


def load_document() -> Any:
    document = json.loads(json.dumps(DOCUMENT))
    push = document["paths"]["/articles"]["post"]
    push["requestBody"]["content"] = {kind: push["requestBody"]["content"][kind] for kind in TRIED}
    for parameter in push["parameters"][1:]:
        # JSON Schema has no word for what browsers read as an address.
        parameter["schema"]["format"] = "browsers-address"
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))


@schemathesis.serializer("application/x-ndjson")
def write_lines(context: schemathesis.SerializationContext, value: Any) -> bytes:
    return "\n".join(map(json.dumps, value if isinstance(value, list) else [value])).encode()


@schemathesis.hook
def filter_body(context: schemathesis.HookContext, body: Any) -> bool:
    """Leave out integers beyond 64 bits: JSON Schema cannot tell their digits from 1e30, which is taken."""
    if isinstance(body, dict | list):
        return all(filter_body(context, one) for one in (body.values() if isinstance(body, dict) else body))
    return not isinstance(body, int) or -(2**63) <= body < 2**64


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case[Any], response: Response
) -> bool:
    """Return whether what a check calls a failure is one."""
    if not isinstance(failure, AcceptedNegativeData) or response.status_code != 202:
        return True
    # Of many articles those are taken that can be, and the wrong ones are refused one by one.
    is_refused_in_part = response.json()["refused"] > 0
    assert case.meta is not None
    wrong = {place for place in ParameterLocation if case.meta.is_negative_at(place)}
    if case.media_type in PAGES:  # anything at all is a page, once it is sent as one
        wrong.discard(ParameterLocation.BODY)
    url = case.query.get("url")
    if url is None or canonical_url(str(url)):  # what else stands in a query is nobody's business
        wrong.discard(ParameterLocation.QUERY)
    return bool(wrong) and not is_refused_in_part


document = load_document()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    opened = Receiver(tmp_path_factory.mktemp("room"))
    try:
        opened.start()
        yield opened
        assert opened.end()[0] == 0
    finally:
        opened.close()


@pytest.fixture(scope="module")
def answered() -> Iterator[Counter[tuple[str | None, int]]]:
    """How often a type of content was answered so; whatever was tried must have been both right and wrong."""
    counts: Counter[tuple[str | None, int]] = Counter()
    yield counts
    lists = [kind for kind in TRIED if kind not in PAGES]
    assert all(counts[kind, 202] > 50 and counts[kind, 400] > 50 for kind in lists)
    assert counts["text/html", 202] > 0


def rename(key: str) -> str:
    """Return a key that comes once; one that cannot be stays as it is."""
    if not KEY.fullmatch(key):
        return key
    quoted = re.fullmatch('"([^"]+)"', key)
    number = f"{next(numbers)}."
    return f'"{(number + quoted[1])[:255]}"' if quoted else (number + key)[:255]


@document.parametrize()  # type: ignore[untyped-decorator]
def test_every_check_of_schemathesis_passes(
    case: schemathesis.Case[Any],
    receiver: Receiver,
    session: requests.Session,
    answered: Counter[tuple[str | None, int]],
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    if "Idempotency-Key" in case.headers:
        headers["Idempotency-Key"] = rename(str(case.headers["Idempotency-Key"]))
    response = case.call_and_validate(f"http://127.0.0.1:{receiver.port}", session, headers)
    answered[case.media_type, response.status_code] += 1


def list_schemas(part: Any) -> Iterator[Any]:
    """Yield all schemas that stand anywhere in a part of the document."""
    if isinstance(part, dict):
        if "schema" in part:
            yield part["schema"]
        yield from itertools.chain.from_iterable(map(list_schemas, part.values()))


def test_the_document_is_one_of_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for schema in [*DOCUMENT["components"]["schemas"].values(), *list_schemas(DOCUMENT["paths"])]:
        jsonschema_rs.Draft202012Validator(schema | {"components": DOCUMENT["components"]})


def list_limits(part: Any) -> set[tuple[str, int]]:
    """Return the limits that a schema sets to texts and lists, wherever they stand in it."""
    if isinstance(part, list):
        return set().union(*map(list_limits, part))
    if not isinstance(part, dict):
        return set()
    own = {(name, one) for name, one in part.items() if name in ("maxLength", "maxItems")}
    return own.union(*map(list_limits, part.values()))


def test_the_document_names_every_type_and_every_key_that_is_read_with_its_limits() -> None:
    assert set(PUSH["requestBody"]["content"]) == set(KINDS)
    described = DOCUMENT["components"]["schemas"]["Article"]["properties"]
    read = msgspec.json.schema(Line)["$defs"]["Line"]["properties"]
    assert {key: list_limits(one) for key, one in described.items()} == {
        key: list_limits(one) for key, one in read.items()
    }
    assert DOCUMENT["components"]["schemas"]["Articles"]["maxItems"] == MOST_ITEMS
