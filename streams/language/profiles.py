"""langdetect's own profiles, summed exactly: the same verdicts without dice, in a fraction of the time.

langdetect multiplies the probabilities of randomly drawn n-grams; here each n-gram of the text
counts once, so the answer needs no seed (naive Bayes, Shuyo 2010, "Language Detection Library").
"""

from importlib.resources import files

import numpy as np
import orjson
from langdetect.utils.ngram import NGram
from numpy.typing import NDArray

_SMOOTHING = 0.5 / 10_000  # langdetect's alpha over its base frequency
_SPACE = ord(" ")


class Profiles:
    """The languages and the log-probability of each n-gram (one to three characters) in each."""

    languages: list[str]

    def __init__(self) -> None:
        folder = files("langdetect").joinpath("profiles")
        self.languages = sorted(path.name for path in folder.iterdir())
        keys, columns, shares = [], [], []
        for column, name in enumerate(self.languages):
            profile = orjson.loads(folder.joinpath(name).read_bytes())
            counts = {gram: count for gram, count in profile["freq"].items() if len(gram) <= 3}
            of_length = np.array([profile["n_words"][len(gram) - 1] for gram in counts])
            keys.append(_pack(list(counts)))
            columns.append(np.full(len(counts), column))
            shares.append(np.array(list(counts.values())) / of_length)
        self._keys, rows = np.unique(np.concatenate(keys), return_inverse=True)
        table = np.zeros((len(self._keys), len(self.languages)))
        table[rows, np.concatenate(columns)] = np.concatenate(shares)
        self._log_probability = np.log(table + _SMOOTHING).astype(np.float32)
        self._normal = np.zeros(0x110000, np.uint32)  # langdetect's form of each code point met so far
        self._upper = np.zeros(0x110000, np.bool_)

    def score(self, text: str) -> tuple[NDArray[np.float64], int]:
        """Return the log-likelihood of the text in each language, and the number of n-grams known."""
        keys = self._grams(text)
        at = np.searchsorted(self._keys, keys)
        at[at == len(self._keys)] = 0
        rows = at[self._keys[at] == keys]
        return self._log_probability[rows].sum(0, dtype=np.float64), len(rows)

    def _grams(self, text: str) -> NDArray[np.int64]:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        latin = (codes >= ord("A")) & (codes <= ord("z"))
        other = (codes >= 0x300) & ((codes < 0x1E00) | (codes > 0x1EFF))
        if latin.sum() * 2 < other.sum():  # names and addresses in another script's text
            codes = codes[~latin]
        letters = np.concatenate(([_SPACE], self._normalize(codes))).astype(np.int64)
        space = letters == _SPACE
        once = np.concatenate(([True], ~(space[1:] & space[:-1])))
        letters, space = letters[once], space[once]
        # Words in capitals say nothing: langdetect's profiles were made without them.
        upper = self._upper[letters]
        heard = ~(upper[1:] & upper[:-1])
        one = letters[1:][heard & ~space[1:]]
        two = (letters[:-1] << 21 | letters[1:])[heard]
        three = (letters[:-2] << 42 | letters[1:-1] << 21 | letters[2:])[heard[1:] & ~space[1:-1]]
        return np.concatenate((one, two, three))

    def _normalize(self, codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        for code in np.unique(codes[self._normal[codes] == 0]).tolist():
            normal = NGram.normalize(chr(code))
            self._normal[code] = ord(normal)
            self._upper[ord(normal)] = normal.isupper()
        return self._normal[codes]


def _pack(grams: list[str]) -> NDArray[np.int64]:
    """Return a number for each n-gram: 21 bits a character, the last one lowest."""
    padded = "".join([gram.rjust(3, "\0") for gram in grams])
    codes = np.frombuffer(padded.encode("utf-32-le"), "<u4").reshape(-1, 3).astype(np.int64)
    return codes[:, 0] << 42 | codes[:, 1] << 21 | codes[:, 2]
