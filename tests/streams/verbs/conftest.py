"""Fixtures of the tests that start verbs."""

from tests.newsroom import room
from tests.verbs import naba

__all__ = ["naba", "room"]
