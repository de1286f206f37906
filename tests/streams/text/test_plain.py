"""Short texts become plain without losing a letter."""

import pytest

from streams.text.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("  Two\n\tlines\u00a0here ", "Two lines here", id="white space is one space"),
        pytest.param("Law &amp; order", "Law & order", id="entity"),
        pytest.param("Minister&amp;#8217;s plan", "Minister’s plan", id="entity encoded twice"),
        pytest.param("A <em>new</em> start", "A new start", id="markup"),
        pytest.param("5 < 6 and 7 > 3", "5 < 6 and 7 > 3", id="signs that are no markup"),
        pytest.param("Hub\u00adschrauber\u200b", "Hubschrauber", id="soft hyphen and zero-width space"),
        pytest.param("\u202bعاجل\u202c", "عاجل", id="bidirectional controls"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian keeps its non-joiner"),
        pytest.param("e\u0301te\u0301", "été", id="NFC"),
        pytest.param("bad \ud83d end", "bad \ufffd end", id="lone surrogate"),
        pytest.param("ﻋﺎﺟﻞ", "عاجل", id="Arabic presentation forms"),
        pytest.param(None, "", id="nothing"),
        pytest.param({"a": 1}, "", id="no string"),
        pytest.param("x" * 5000, "", id="too long for a headline"),
    ],
)
def test_a_short_text_becomes_plain(written: object, expected: str) -> None:
    found = plain(written)
    assert found == expected
    found.encode()
