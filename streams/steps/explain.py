"""The clean step, slowly: what a draft looks like after each stage."""

from dataclasses import dataclass
from typing import Any

from schemas.address import host_of
from schemas.codec import DecodeError, decode, encode
from schemas.letter import CLEAN, DETAIL, EXPLAIN, INPUT, REFUSED, UNREAD, Letter
from schemas.raw import RawArticle
from streams.conclude import conclude
from streams.draft import Draft
from streams.reject import Reject
from streams.steps.clean import CleanStep
from streams.steps.ending import describe_crash


@dataclass(frozen=True)
class ExplainStep:
    """Returns one letter a stage (its name is the key), the last one to the clean topic."""

    step: CleanStep

    def __call__(self, letter: Letter) -> tuple[Letter, ...]:
        """Return the drafts in order; the last letter says why where a stage refused."""
        shown: list[Letter] = []
        name = "read"
        try:
            if UNREAD in letter.headers:
                raise Reject(letter.headers[UNREAD], letter.headers.get(DETAIL, ""))
            raw = decode(letter.value, RawArticle)
            draft = Draft(raw=raw, host=host_of(raw.url))
            for name, stage in self.step.stages():
                draft = stage(draft)
                shown.append(Letter(EXPLAIN, name, encode(_show(draft))))
            name = "conclude"
            cleaned = conclude(draft, letter.headers[INPUT], self.step.policies)
            shown.append(Letter(CLEAN, letter.key, encode(cleaned), letter.headers))
        except Reject as reject:
            shown.append(Letter(REFUSED, name, encode({"reason": reject.reason, "detail": reject.detail})))
        except DecodeError as error:
            shown.append(Letter(REFUSED, name, encode({"reason": "unreadable", "detail": str(error)})))
        except Exception as error:
            shown.append(
                Letter(REFUSED, name, encode({"reason": "crashed", "detail": describe_crash(error)}))
            )
        return tuple(shown)


def _show(draft: Draft) -> dict[str, Any]:
    published = draft.metadata.published
    return {
        "markup": len(draft.markup or ""),
        "elements": sum(1 for _ in draft.tree.iter()) if draft.tree is not None else 0,
        "title": draft.title,
        "kicker": draft.kicker,
        "authors": draft.authors,
        "published": f"{published.at} from {published.origin}: {published.written}" if published else None,
        "publisher": draft.metadata.publisher,
        "captions": draft.captions,
        "lines": draft.lines,
        "removed": [f"{item.text}  [{item.kind}, {item.rule}]" for item in draft.removed],
        "language": f"{draft.language} ({draft.language_confidence:.3f})"
        if draft.language_confidence
        else None,
        "truncated": draft.truncated,
    }
