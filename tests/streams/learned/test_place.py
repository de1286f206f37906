import pytest

from streams.learned.place import HEAD, MIDDLE, TAIL, find_places


def read(shape: str) -> list[bool]:
    return [letter == "L" for letter in shape]


@pytest.mark.parametrize(
    ("long", "known", "places"),
    [
        pytest.param("sLLsLs", "______", "hhmmmt", id="a byline above, a label below"),
        pytest.param("LLsL", "____", "hmmm", id="a label before the last paragraph is no footer"),
        pytest.param("LLsL", "___L", "hmtt", id="unless that paragraph is known as furniture"),
        pytest.param("LsL", "___", "hmm", id="a long first line ends the head"),
        pytest.param("ssL", "___", "hhm", id="two labels are the head"),
        pytest.param("L" + "s" * 10, "_" * 11, "hmm" + "t" * 8, id="no footer has more than eight lines"),
        pytest.param("Lss", "___", "htt", id="a flash of one line"),
        pytest.param("sss", "___", "htt", id="a short flash of one line"),
        pytest.param("s", "_", "h", id="one line"),
        pytest.param("", "", "", id="none"),
    ],
)
def test_what_is_followed_by_news_is_no_footer(long: str, known: str, places: str) -> None:
    names = {"h": HEAD, "m": MIDDLE, "t": TAIL}
    assert find_places(read(long), read(known)) == [names[place] for place in places]
