"""The learn step: what the host's earlier pages have taught is applied to a cleaned article."""

from dataclasses import dataclass, replace

from schemas.cleaned import Cleaned
from schemas.codec import decode, encode
from schemas.letter import CLEAN, Letter
from streams.conclude import remeasure
from streams.learned.host_lines import HostLines
from streams.learned.judge import cut_learned
from streams.learned.learn import page_row
from streams.steps.ending import describe_crash, end_early


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnt:
    """What follows from one cleaned letter, and the row that the page adds to its host's state."""

    letters: tuple[Letter, ...]
    row: bytes | None


class LearnStep:
    """Judges an article by promotions older than itself; the runner keeps and folds its row."""

    def __call__(self, letter: Letter, state: HostLines | None, seq: int) -> Learnt:
        """Return the letter to `news.clean.v1`; `state` is None for a text without a host."""
        try:
            cleaned = decode(letter.value, Cleaned)
            row = None
            if state is not None:
                lines = cleaned.article.text.split("\n\n")
                row = page_row(state, seq, cleaned.article.article_id, lines, cleaned.line_keys)
                cut = cut_learned(cleaned, state, seq, host_of_letter(letter))
                if cut is not cleaned:
                    cleaned = remeasure(cut)
            value = encode(replace(cleaned, line_keys=()))
            return Learnt(letters=(Letter(CLEAN, letter.key, value, letter.headers),), row=row)
        except Exception as error:
            ended = end_early(letter, "learn", "crashed", describe_crash(error), error=error)
            return Learnt(letters=ended, row=None)


def host_of_letter(letter: Letter) -> str:
    """Return the host whose state the letter needs: the site it is keyed by, empty without one."""
    return letter.key if "." in letter.key else ""
