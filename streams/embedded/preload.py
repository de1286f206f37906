"""Imported once by the server process from which children are forked: what they all need, loaded."""

from streams.language import load

load()
