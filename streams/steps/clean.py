"""The clean step: one raw letter in, its cleaned article or its rejection out; it never raises."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from schemas.address import host_of
from schemas.codec import DecodeError, decode, encode
from schemas.letter import CLEAN, DETAIL, INPUT, UNREAD, Letter
from schemas.limits import MAX_LETTER
from schemas.raw import RawArticle
from schemas.trace_context import follow
from streams.conclude import conclude
from streams.cutting.cut import cut
from streams.cutting.prune import prune
from streams.cutting.rule import Rules
from streams.draft import Draft
from streams.language.tell import tell_language
from streams.metadata.read import read_metadata
from streams.pages.decode import decode as decode_page
from streams.pages.extract import extract
from streams.pages.parse import parse
from streams.policy.access import check_access
from streams.policy.age import check_age
from streams.policy.policy import Policies
from streams.reject import Reject
from streams.steps.ending import NO_MEMORY, describe_crash, end_early
from streams.text.length import require_length
from streams.text.lift import lift
from streams.text.repair import repair
from streams.text.truncation import mark_truncated
from streams.text.unwrap import unwrap

Stage = Callable[[Draft], Draft]


@dataclass(frozen=True, kw_only=True)
class CleanStep:
    """The stages in their order, with what they are given once: rules, policies, time zone, bounds."""

    rules: Rules
    zone: tzinfo = UTC
    min_letters: int = 50
    policies: Policies = field(default_factory=Policies)

    def stages(self) -> Sequence[tuple[str, Stage]]:
        """Return the stages by name, in the order in which a draft passes them."""
        return (
            ("access", partial(check_access, policies=self.policies)),
            ("decode", decode_page),
            ("parse", parse),
            ("metadata", self._read_metadata),
            ("age", partial(check_age, policies=self.policies)),
            ("prune", partial(prune, rules=self.rules)),
            ("extract", extract),
            ("repair", repair),
            # Before the lines are joined and lifted: a marker may part a sentence, or stand above the title.
            ("cut", partial(cut, rules=self.rules)),
            ("unwrap", unwrap),
            ("lift", lift),
            ("language", tell_language),
            ("truncation", mark_truncated),
            ("length", partial(require_length, min_letters=self.min_letters)),
        )

    def _read_metadata(self, draft: Draft) -> Draft:
        zone = self.policies.find(draft.raw.source, draft.host).timezone
        return read_metadata(draft, zone=ZoneInfo(zone) if zone else self.zone)

    def __call__(self, letter: Letter) -> tuple[Letter, ...]:
        """Return one letter to `news.clean.v1`, or the two of an early end (with its outcome)."""
        stage, draft = "read", None
        try:
            if UNREAD in letter.headers:
                raise Reject(letter.headers[UNREAD], letter.headers.get(DETAIL, ""))
            raw = decode(letter.value, RawArticle)
            draft = Draft(raw=raw, host=host_of(raw.url))
            for stage, work in self.stages():  # noqa: B007 - told by the handlers below
                draft = work(draft)
            stage = "conclude"
            value = encode(conclude(draft, letter.headers[INPUT], self.policies))
            cleaned = Letter(CLEAN, letter.key, value, follow(letter))
            if cleaned.size > MAX_LETTER:
                raise Reject("too_large", f"{cleaned.size} bytes as a letter, at most {MAX_LETTER}")
            return (cleaned,)
        except Reject as reject:
            return end_early(letter, stage, reject.reason, reject.detail, draft)
        except DecodeError as error:
            return end_early(letter, stage, "unreadable", str(error), draft, error)
        except MemoryError as error:
            return end_early(letter, stage, "out_of_memory", NO_MEMORY, draft, error)
        except Exception as error:
            return end_early(letter, stage, "crashed", describe_crash(error), draft, error)
