"""Where in an article each line stands, as far as furniture goes."""

from collections.abc import Sequence

HEAD, MIDDLE, TAIL = range(3)
NAMES = ("head", "middle", "tail")

_HEAD_LINES = 2  # lines among which a byline or a dateline stands
_TAIL_LINES = 8  # lines that a footer can have


def find_places(long: Sequence[bool], known: Sequence[bool]) -> list[int]:
    """Return the place (HEAD, MIDDLE or TAIL) of each line of a body.

    The head are the first two lines as long as only labels stand before them. The tail begins
    behind the last long line that is not known: what is followed by news is no footer, however
    near to the end it stands.
    """
    count = len(long)
    places = [MIDDLE] * count
    for line in range(count - 1, max(-1, count - 1 - _TAIL_LINES), -1):
        if long[line] and not known[line]:
            break
        places[line] = TAIL
    for line in range(min(_HEAD_LINES, count)):
        if line and places[line] == TAIL:
            break  # a flash of one line and what stands below it
        places[line] = HEAD
        if long[line]:
            break
    return places
