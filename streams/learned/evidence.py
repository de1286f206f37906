"""Why a line was learned, and the rule file that would say the same."""

import json
import re
from dataclasses import dataclass

from streams.learned.host_lines import HostLines
from streams.learned.judge import rule_id
from streams.learned.learn import EXAMPLE
from streams.learned.place import HEAD, NAMES


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One learned line: its rule as `removed` names it, and the articles that speak for it.

    `articles` counts different articles by place (head, middle, tail), re-posts left out; `since`
    has the delivery that caused the promotion, by place; `first_seen` is the one from which on the
    line was counted, its second. `pages` are those of the host so far.
    """

    rule: str
    site: str
    example: str
    articles: dict[str, int]
    since: dict[str, int]
    first_seen: int
    last_seen: int
    pages: int


def list_evidence(site: str, state: HostLines) -> list[Evidence]:
    """Return what the hosts of a site have taught, the lines of most articles first."""
    found = [
        Evidence(
            rule=rule_id(site, key, min(page for page in line.on_page if page >= 0)),
            site=site,
            example=line.example,
            articles=dict(zip(NAMES, line.counts, strict=True)),
            since={name: since for name, since in zip(NAMES, line.since, strict=True) if since >= 0},
            first_seen=line.first_seq,
            last_seen=line.last_seq,
            pages=state.pages,
        )
        for key, line in state.learned.items()
    ]
    return sorted(found, key=lambda item: (-sum(item.articles.values()), item.rule))


def write_rule(evidence: Evidence) -> str:
    """Return a rule file (TOML 1.0) that cuts the line, with its evidence as the reason.

    It has no examples yet: those are texts of the publisher, which are not kept here.
    """
    articles = sum(evidence.articles.values())
    is_byline = list(evidence.since) == [NAMES[HEAD]]
    where = "head" if is_byline else "any" if "middle" in evidence.since else "tail"
    if len(evidence.example) < EXAMPLE:
        test = f"lines = [{_quote(evidence.example)}]"
    else:
        test = f"patterns = [{_quote(re.escape(evidence.example) + '.{0,400}')}]"
    why = f"The line stood in {articles} articles of the host's first {evidence.pages} (learned by naba)."
    return f"""version = 1
why = {_quote(why)}
hosts = [{_quote(evidence.site)}]

[[cut]]
name = "learned"
kind = "{"byline" if is_byline else "furniture"}"
{test}
where = "{where}"
"""


def _quote(text: str) -> str:
    # A JSON string is a basic string of TOML, but for U+007F, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
