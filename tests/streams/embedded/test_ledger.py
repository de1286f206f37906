"""Questions to the ledger: of an article whose page is gone, and of a site that moved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from schemas.article import Article
from schemas.codec import encode
from schemas.ids import article_id, raw_id
from schemas.letter import ARTICLES, INPUT, OUTCOMES, RAW_ID, Letter, withdrawal_letter
from schemas.outcome import Outcome
from schemas.raw import RawArticle
from streams.embedded.ledger import read_account
from streams.embedded.store import Store
from streams.steps.ending import end_early
from streams.verbs.why import why

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://southport.example/ferry"
ID = article_id(URL, b"")


def publish(day: int) -> tuple[Letter, ...]:
    """Return the letters of a delivery of the article, published or revised."""
    raw = f"{day:032x}"
    article = Article(
        article_id=ID, revision=day, url=URL, title="The ferry", text="It is late.", content_hash=raw,
        source="harbour", raw_id=raw, fetched_at=NOW, processed_at=NOW, versions={},
    )  # fmt: skip
    outcome = Outcome(
        input=URL, url=URL, raw_id=raw, outcome="published" if day == 1 else "revised", article_id=ID,
        revision=day,
    )  # fmt: skip
    headers = {INPUT: URL, RAW_ID: raw}
    return Letter(ARTICLES, ID, encode(article), headers), Letter(OUTCOMES, raw, encode(outcome), headers)


def withdraw(day: int) -> tuple[Letter, ...]:
    raw = RawArticle(
        raw_id=raw_id("harbour", URL, b"", NOW + timedelta(days=day)), source="harbour", url=URL, content="",
        content_type="text/html", fetched_at=NOW + timedelta(days=day),
    )  # fmt: skip
    return end_early(withdrawal_letter(URL, raw, ID, "404 Not Found"), "read", "withdrawn", "404 Not Found")


def fill(path: Path, *deliveries: tuple[Letter, ...]) -> None:
    with Store(str(path)) as store:
        store.begin()
        for day, letters in enumerate(deliveries, start=1):
            store.append(letters, NOW + timedelta(days=day))
        store.commit()


def ask(path: Path, asked: str = URL) -> str:
    answered = CliRunner().invoke(why, [asked, "--db", str(path)])
    assert answered.exit_code == 0, answered.output
    return answered.output


def test_a_withdrawal_stands_in_the_story_of_its_article_which_stays(tmp_path: Path) -> None:
    path = tmp_path / "naba.db"
    fill(path, publish(1), withdraw(2))
    with Store(str(path), write=False) as store:
        account = read_account(store, ID)
    assert account is not None
    assert [delivery["outcome"] for delivery in account.deliveries] == ["published", "rejected"]
    assert [record["revision"] for record in account.records] == [1]
    told = ask(path)
    assert "The ferry" in told
    assert "\n  withdrawn   2026-03-03T00:00:00Z (404 Not Found)" in told


def test_an_article_that_has_come_back_is_not_told_as_withdrawn(tmp_path: Path) -> None:
    fill(tmp_path / "naba.db", publish(1), withdraw(2), publish(3))
    told = ask(tmp_path / "naba.db")
    assert "\n  withdrawn " not in told
    assert "withdrawn in read: 404 Not Found" in told


def test_an_address_on_an_alias_finds_the_article_of_the_site(tmp_path: Path) -> None:
    fill(tmp_path / "naba.db", publish(1))
    asked = "https://www.southport.press.example/ferry?utm_source=mail"
    with Store(str(tmp_path / "naba.db"), write=False) as store:
        assert read_account(store, asked) is None
        account = read_account(store, asked, {"southport.press.example": "southport.example"})
    assert account is not None
    assert account.records[0]["article_id"] == ID
