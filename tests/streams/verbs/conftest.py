"""Fixtures of the tests that start verbs."""

from tests.verbs import naba

__all__ = ["naba"]
