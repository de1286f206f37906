"""Is there enough text to call it an article?"""

from streams.draft import Draft
from streams.reject import Reject

# From here on (CJK radicals and up) a letter is a syllable or a word.
_DENSE = "\u2e80"
_LETTERS_OF_A_DENSE_ONE = 3


def require_length(draft: Draft, min_letters: int) -> Draft:
    """Return the draft as it is. Raises Reject where its body has fewer letters than `min_letters`.

    A Chinese, Japanese or Korean letter counts for three.
    """
    letters = 0
    for line in draft.lines:
        letters += sum(map(str.isalpha, line))
        if not line.isascii():
            letters += (_LETTERS_OF_A_DENSE_ONE - 1) * sum(char >= _DENSE and char.isalpha() for char in line)
        if letters >= min_letters:
            return draft
    raise Reject("too_short" if letters else "empty", f"{letters} letters, at least {min_letters}")
