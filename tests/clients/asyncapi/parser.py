"""schemas/asyncapi.json as the specification's own parser sees it: valid, without a warning.

    make test-clients

Needs Node, and the network for the parser. Not part of `make test`.
"""

import copy
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("parse.cjs")
MODULES = ROOT / ".venv" / "clients" / "asyncapi" / "node_modules"
Document = dict[str, Any]
DOCUMENT: Document = json.loads((ROOT / "schemas" / "asyncapi.json").read_text(encoding="utf-8"))


def parse(document: Document) -> tuple[int, str]:
    done = subprocess.run(
        ["node", str(PROGRAM)],
        input=json.dumps(document),
        env=os.environ | {"NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_document_is_valid_and_nothing_in_it_is_doubtful() -> None:
    assert parse(DOCUMENT) == (0, "")


def shout(document: Document) -> None:
    document["operations"]["deliver"]["action"] = "shout"


def lose_record(document: Document) -> None:
    del document["components"]["schemas"]["article.v1"]


def lose_version(document: Document) -> None:
    del document["info"]["version"]


def mistype(document: Document) -> None:
    document["components"]["schemas"]["article.v1"]["properties"]["text"]["type"] = "words"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(shout, "operations.deliver.action", id="an action that is none"),
        pytest.param(lose_record, "components.messages.article.payload", id="a reference that leads nowhere"),
        pytest.param(lose_version, "info", id="no version"),
        pytest.param(mistype, "text.type", id="a type that is none"),
    ],
)
def test_a_document_that_is_wrong_is_told(spoil: Callable[[Document], None], told: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    spoil(document)
    code, said = parse(document)
    assert code == 1
    assert told in said
