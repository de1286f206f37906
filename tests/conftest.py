"""Fixtures that every test may ask for."""

from tests.broker import broker, kafka, own_broker

__all__ = ["broker", "kafka", "own_broker"]
