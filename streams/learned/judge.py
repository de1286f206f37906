"""The verdict of learned lines on one page: which lines are cut, which are lifted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from schemas.article import Removal
from schemas.cleaned import Cleaned
from streams.learned.host_lines import HostLines
from streams.learned.lines import is_long, opens
from streams.learned.place import HEAD, MIDDLE, TAIL, find_places
from streams.text.byline import name_key, split_names

Kind = Literal["furniture", "byline"]

_STRAY = 3  # short lines that nobody knows, cut with the known ones of a footer


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line that goes: where it stands, as what, and by which promotion (key, page of the host)."""

    line: int
    kind: Kind
    key: int
    on_page: int


def judge(lines: Sequence[str], keys: Sequence[int], state: HostLines, seq: int) -> tuple[Verdict, ...]:
    """Return the lines that the host's promotions older than `seq` take out, in order.

    Repeated at the head a label is a byline; anywhere else a repeated line is furniture, and from
    a known line of the tail on the footer goes to its end. Empty where not enough would be left.
    """
    learned = [state.learned.get(key) for key in keys]
    known = [item is not None and any(0 <= since < seq for since in item.since) for item in learned]
    if not any(known):
        return ()
    long = [is_long(line) for line in lines]
    places = find_places(long, known)
    verdicts: dict[int, Verdict] = {}
    for line, item in enumerate(learned):
        if item is None:
            continue
        for claim in (places[line], MIDDLE):
            if line not in verdicts and 0 <= item.since[claim] < seq:
                kind: Kind = "byline" if claim == HEAD and not long[line] else "furniture"
                verdicts[line] = Verdict(line, kind, keys[line], item.on_page[claim])
    _close_tail(verdicts, lines, places)
    news = [line for at, line in enumerate(lines) if at not in verdicts and not known[at]]
    return tuple(verdicts[line] for line in sorted(verdicts)) if _is_enough(news, lines) else ()


def _close_tail(verdicts: dict[int, Verdict], lines: Sequence[str], places: Sequence[int]) -> None:
    """Add the short unknown lines behind the first known one of the tail, and the rule above it.

    What follows a line that introduces something stays: "Read also:" and "The last word:" look
    alike, and behind one of them stands a poem.
    """
    tail = [line for line, place in enumerate(places) if place == TAIL]
    sure = [line for line in tail if line in verdicts and not opens(lines[line])]
    stray = [line for line in tail if sure and line > sure[0] and line not in verdicts]
    if len(stray) <= min(len(sure), _STRAY):
        verdicts.update((line, replace(verdicts[sure[0]], line=line)) for line in stray)
    above = sure[0] - 1 if sure else 0
    if above > 0 and not any(map(str.isalnum, lines[above])):
        verdicts[above] = replace(verdicts[sure[0]], line=above)


def _is_enough(news: Sequence[str], lines: Sequence[str]) -> bool:
    return any(map(is_long, news)) or (bool(news) and 2 * sum(map(len, news)) >= sum(map(len, lines)))


def cut_learned(cleaned: Cleaned, state: HostLines, seq: int, site: str) -> Cleaned:
    """Return the article without what the pages of `site`, its host's, have taught to be none of it.

    What went stands in `removed` with the rule `learned.<site>.<key>@<page>`. Where anything
    went, all that was measured of the text (words, hashes, fingerprint, truncated) is stale.
    """
    article = cleaned.article
    lines = article.text.split("\n\n")
    if len(lines) != len(cleaned.line_keys):
        return cleaned
    verdicts = judge(lines, cleaned.line_keys, state, seq)
    if not verdicts:
        return cleaned
    gone = {verdict.line for verdict in verdicts}
    removed = tuple(
        Removal(text=lines[item.line], kind=item.kind, rule=rule_id(site, item.key, item.on_page))
        for item in verdicts
    )
    text = "\n\n".join(line for at, line in enumerate(lines) if at not in gone)
    keys = tuple(key for at, key in enumerate(cleaned.line_keys) if at not in gone)
    authors = article.authors or tuple(dict.fromkeys(name for item in removed for name in _authors(item)))
    changed = replace(article, text=text, authors=authors, removed=article.removed + removed)
    return replace(cleaned, article=changed, line_keys=keys)


def _authors(removal: Removal) -> tuple[str, ...]:
    # A label at the head may as well be a place, a desk or a section: only what introduces a
    # name ("By", "بقلم") tells that one follows.
    names = split_names([removal.text]) if removal.kind == "byline" else ()
    is_introduced = len(names) == 1 and name_key(names[0]) != name_key(removal.text)
    return names if is_introduced and removal.text.endswith(names) else ()


def rule_id(site: str, key: int, on_page: int) -> str:
    """Return the name under which a learned line is found again: `learned.<site>.<key>@<page>`."""
    return f"learned.{site}.{key:016x}@{on_page}"
