"""Where a sentence ends, in every script that marks it."""

# Sentence_Terminal of Unicode (UAX 29) as far as newspapers use it, and the ellipsis.
TERMINALS = frozenset(".!?…؟۔。！？．｡।॥።፧፨။၊։‼⁇⁈⁉⸮‥﹖﹗᙮᠃᱾꘎꩝꯫")
# Quotation marks and brackets that close after the full stop, or stand for it.
CLOSERS = frozenset("\"'”’»›)]}』」）】〕》〉“‘«＂＇″")
# No heading, list item or sentence ends with one of these words.
LEADING_WORDS = frozenset((
    "في", "من", "على", "إلى", "الى", "عن", "أن", "إن", "التي", "الذي", "الذين", "اللذين", "اللتين",
    "بين", "أو", "مع", "خلال", "عند", "لدى", "منذ", "ضد", "دون", "نحو", "بأن", "لأن", "كان", "كانت",
    "وأن", "وفي", "ومن", "وعلى", "وإلى", "وعن", "حول", "عبر", "بينما", "حيث", "از", "با", "در", "برای",
    "تا", "که", "و", "یا", "the", "a", "an", "of", "with", "from", "by", "for", "into", "its", "their",
))  # fmt: skip
# Scripts that write no mark at the end of a sentence: Thai, Lao, Khmer, Tibetan.
_UNMARKED = ("\u0e00", "\u0eff"), ("\u1780", "\u17ff"), ("\u0f00", "\u0fff")


def ends_sentence(line: str) -> bool:
    """Tell whether the line ends with the mark of a sentence's end, quotes and brackets aside."""
    end = _before_closers(line)
    return end > 0 and line[end - 1] in TERMINALS


def ends_closed(line: str) -> bool:
    """Tell whether the line may be complete: a sentence's end, or a quotation or bracket closed.

    Lines of scripts without such marks count as complete.
    """
    if not line:
        return True
    last = line[-1]
    if last in TERMINALS or last in CLOSERS:
        return True
    return any(first <= last <= final for first, final in _UNMARKED)


def _before_closers(line: str) -> int:
    end = len(line)
    while end and (line[end - 1] in CLOSERS or line[end - 1].isspace()):
        end -= 1
    return end
