"""What letters carry on: the names of their delivery, and the trace that it is a part of."""

import re
from collections.abc import Mapping

from schemas.letter import INPUT, RAW_ID, TRACEPARENT, TRACESTATE, Letter

# W3C Trace Context, level 1, 3.2.2: version, trace-id, parent-id and flags; version ff and ids of
# zeros alone are no ids. A version to come may have more behind them, 00 has not.
_PARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-[!-~]+)?"
)
_LONGEST_PARENT = 512
# 3.3.1: at most 32 members, whose values are printable ASCII without `,` and `=`.
_MEMBER = re.compile(
    r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[ -+\--<>-~]{0,255}[!-+\--<>-~]"
)
_MOST_MEMBERS, _LONGEST_STATE = 32, 8192


def follow(letter: Letter) -> dict[str, str]:
    """Return the headers of what follows from `letter`; raises KeyError where it names no delivery."""
    return {INPUT: letter.headers[INPUT], RAW_ID: letter.headers[RAW_ID], **read_trace(letter.headers)}


def read_trace(headers: Mapping[str, str]) -> dict[str, str]:
    """Return `traceparent` and `tracestate` as far as they are well formed (W3C Trace Context).

    Without a well-formed parent there is no state.
    """
    parent = headers.get(TRACEPARENT)
    if parent is None or not _is_parent(parent):
        return {}
    state = headers.get(TRACESTATE)
    if state is None or not _is_state(state):
        return {TRACEPARENT: parent}
    return {TRACEPARENT: parent, TRACESTATE: state}


def _is_parent(text: str) -> bool:
    found = _PARENT.fullmatch(text) if len(text) <= _LONGEST_PARENT else None
    return found is not None and not (found["version"] == "00" and found["more"])


def _is_state(text: str) -> bool:
    if len(text) > _LONGEST_STATE:
        return False
    members = [member.strip(" \t") for member in text.split(",")]
    named = [member for member in members if member]  # an empty one is allowed, and means nothing
    keys = {member.partition("=")[0] for member in named}
    return (
        0 < len(named) <= _MOST_MEMBERS
        and len(keys) == len(named)
        and all(_MEMBER.fullmatch(member) for member in named)
    )
