"""A clean article that has not been compared yet: what travels on the internal topic."""

from dataclasses import dataclass
from typing import Literal

from schemas.article import Article
from schemas.raw import Id


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleaned:
    """An article as the clean stages leave it, with what compare needs besides.

    `uncut_hash` is the content hash before any line was cut (by then a new rule or changed
    furniture makes no revision); `text_key` hashes the comparison form of the body alone, so
    that one text under two headlines is found; `line_keys` are the comparison keys of the
    body's lines in order, for the learned lines of its host.
    """

    schema: Literal["cleaned.v1"] = "cleaned.v1"
    input: str
    article: Article
    uncut_hash: Id
    text_key: Id
    line_keys: tuple[int, ...] = ()
