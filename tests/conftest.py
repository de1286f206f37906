"""Fixtures that every test may ask for."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.broker import broker, kafka, own_broker
from tests.news import make_article, make_inputs
from tests.postgres import database, own_postgres, postgres, schema

__all__ = ["broker", "database", "kafka", "own_broker", "own_postgres", "postgres", "schema"]


@pytest.fixture
def write_inputs(tmp_path: Path) -> Callable[[int], Path]:
    """Return what writes a file of so many lines and returns its path."""

    def write(count: int) -> Path:
        path = tmp_path / "inputs.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in make_inputs(count)))
        return path

    return write


@pytest.fixture
def make_lines() -> Callable[[int], list[bytes]]:
    """Return what makes so many lines of good, different articles."""

    def make(count: int) -> list[bytes]:
        chance = random.Random(5)
        return [json.dumps(make_article(chance, number)).encode() for number in range(count)]

    return make
