"""The bundled input of `naba demo`: readable, reserved hosts only, and holding what it promises to show."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import py3langid
import pytest

from schemas.article import Relation
from schemas.outcome import Ending
from streams.cutting.proof import prove
from streams.cutting.rule import load_rule

DEMO = Path(__file__).parents[2] / "streams" / "demo"
LINES = (DEMO / "articles.jsonl").read_bytes().split(b"\n")
PAGES = sorted((DEMO / "pages").iterdir())
KEYS = {
    "html", "text", "url", "source", "title", "author", "authors", "published_at", "language", "fetched_at",
}  # fmt: skip
RESERVED = re.compile(
    r"https?://(?:[a-z0-9-]+\.)*(?:example|example\.(?:com|net|org)|schema\.org|www\.w3\.org)(?=[/\"'?]|$)"
)


def articles() -> list[dict[str, Any]]:
    read = []
    for line in LINES[:-1]:
        try:
            read.append(json.loads(line))
        except ValueError:
            continue
    return read


def by_address() -> dict[str, list[dict[str, Any]]]:
    same: dict[str, list[dict[str, Any]]] = {}
    for article in articles():
        same.setdefault(article["url"], []).append(article)
    return same


def page(name: str, encoding: str = "utf-8") -> str:
    return (DEMO / "pages" / name).read_bytes().decode(encoding)


def test_every_line_but_one_is_an_article_with_known_keys() -> None:
    assert LINES[-1] == b"", "the last line ends too"
    assert len(LINES) - 1 - len(articles()) == 1
    for article in articles():
        assert article.keys() <= KEYS
        assert ("html" in article) != ("text" in article)


def test_there_are_pages_and_plain_texts_beside_the_lines() -> None:
    assert Counter(path.suffix for path in PAGES) == {".html": 5, ".txt": 2}


def test_only_hosts_reserved_for_examples_are_named() -> None:
    text = (DEMO / "articles.jsonl").read_text(encoding="utf-8")
    text += "".join(path.read_bytes().decode("latin-1") for path in PAGES)
    addresses = re.findall(r"https?://[^\s\"'<>\\]+", text)
    assert addresses
    assert [address for address in addresses if not RESERVED.match(address)] == []


def test_four_languages_are_there() -> None:
    texts = [article.get("text") or article["html"] for article in articles()]
    told = Counter(py3langid.classify(text)[0] for text in texts if len(text) > 100)
    assert set(told) == {"ar", "de", "en", "fa"}


def test_the_old_arabic_page_is_windows_1256_and_nothing_else() -> None:
    name = "library-at-night-windows-1256.html"
    with pytest.raises(UnicodeDecodeError):
        page(name)
    assert "قررت بلدية وادي الرمان تمديد ساعات العمل" in page(name, "cp1256")
    assert "charset=windows-1256" in page(name, "cp1256")


def test_the_persian_texts_hold_zero_width_non_joiners() -> None:
    assert page("old-carpet-fa.html").count("\u200c") > 20
    assert any(article["text"].count("\u200c") > 10 for article in articles() if "text" in article)


def test_one_correction_changes_a_number_and_one_delivery_comes_again() -> None:
    again = {url: delivered for url, delivered in by_address().items() if len(delivered) > 1}
    assert len(again) == 2
    changed = [
        set(first["text"].split()) ^ set(second["text"].split())
        for first, second in again.values()
        if first["fetched_at"] != second["fetched_at"]
    ]
    assert sorted(changed, key=len) == [set(), {"412", "421"}]


def test_one_footer_comes_back_often_enough_to_be_learned() -> None:
    # The footer is cut where five different articles before ended with it, so the last ones show it.
    footers = {
        url: tuple(delivered[0]["text"].split("\n")[-6:])
        for url, delivered in by_address().items()
        if "saltmarsh" in url and len(delivered[0]["text"]) > 100
    }
    assert len(footers) >= 8
    assert len(set(footers.values())) == 1


@pytest.mark.parametrize(
    "leftover",
    [
        pytest.param("\nاظهار أخبار متعلقة\n", id="marker of related news"),
        pytest.param("\nبیشتر بخوانید:\n", id="Persian marker of related news"),
        pytest.param("\nRead more: ", id="English marker with a headline behind it"),
        pytest.param("(وكالة الساحل/أرشيف)\n", id="caption with an agency's credit"),
        pytest.param("\u00a0", id="no-break space in a lede"),
        pytest.param("التعليقات", id="heading of comments"),
        pytest.param("\nShare this article\n", id="prompt to share"),
        pytest.param("\nSign up to our newsletter", id="prompt to subscribe"),
        pytest.param("By Mara Ellwood\n", id="byline in the text"),
        pytest.param('إن "هذا\nالرصيف', id="line broken inside a quotation"),
    ],
)
def test_each_leftover_is_there(leftover: str) -> None:
    assert any(leftover in article.get("text", "") for article in articles())


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in (DEMO / "rules").iterdir()])
def test_the_rules_of_invented_sites_hold_their_examples(file: Path) -> None:
    assert prove(load_rule(file)) == []


@pytest.mark.slow
def test_the_demo_shows_every_outcome_and_balances() -> None:
    naba = Path(sys.executable).with_name("naba")
    shown = subprocess.run(
        [naba, "demo"], capture_output=True, text=True, encoding="utf-8", timeout=120, check=True
    )
    last = shown.stdout.splitlines()[-1]
    told = dict(re.findall(r"(\d+) (\w+)", last)[i][::-1] for i in range(1, 7))
    assert set(told) == set(get_args(Ending))
    assert "0" not in told.values()
    assert last.startswith(f"{len(LINES) - 1 + len(PAGES)} deliveries")
    assert last.endswith("difference 0")
    assert "[furniture, learned.saltmarsh-courier.example." in shown.stdout
    assert {relation for relation in get_args(Relation) if f"({relation}, " in shown.stdout} == set(
        get_args(Relation)
    )
