"""The tokens by which texts are compared: words, and single characters where no space divides words."""

import re

# Han, kana, Thai, Lao, Tibetan, Burmese, Khmer; one letter with the marks that stand on it.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"[^\w\s]*"
)


def divide(folded: str) -> list[str]:
    """Return the tokens of a folded text in order."""
    if not folded.isascii() and UNSPACED.search(folded):
        folded = UNSPACED.sub(r" \g<0> ", folded)
    return folded.split()
