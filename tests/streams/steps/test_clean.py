"""The clean step with policies, and the news that a page is gone."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.cleaned import Cleaned
from schemas.codec import decode
from schemas.ids import article_id, raw_id
from schemas.letter import (
    ARTICLE_ID,
    CLEAN,
    DETAIL,
    OUTCOMES,
    REJECTED,
    UNREAD,
    Letter,
    raw_letter,
    withdrawal_letter,
)
from schemas.outcome import Outcome
from schemas.raw import RawArticle
from streams.cutting.rule import Rules
from streams.policy.policy import Policies, Policy
from streams.steps.clean import CleanStep
from streams.steps.explain import ExplainStep

URL = "https://www.southport.example/ferry"
BODY = (
    "The harbour office told the boats of the northern pier to wait for the tide, and they waited. "
    "Nobody could say when the lamp would burn again, but a new one has been ordered from the town."
)
PAGE = f"""<html><head><title>The ferry</title>
<meta property="article:published_time" content="2026-02-27 08:00"></head>
<body><article><h1>The ferry</h1><p>{BODY}</p><p>{BODY[::-1]}</p></article></body></html>"""


def make_raw(content: str = PAGE, url: str | None = URL, **fields: Any) -> RawArticle:
    return RawArticle(
        raw_id=raw_id("harbour", url, content.encode(), None), source="harbour", url=url, content=content,
        content_type="text/html; charset=utf-8", fetched_at=datetime(2026, 3, 1, tzinfo=UTC), **fields,
    )  # fmt: skip


def clean(letter: Letter, *entries: Policy) -> tuple[Letter, ...]:
    return CleanStep(rules=Rules([]), policies=Policies(entries))(letter)


def clean_article(raw: RawArticle, *entries: Policy) -> Cleaned:
    (letter,) = clean(raw_letter("a", raw), *entries)
    assert letter.topic == CLEAN
    return decode(letter.value, Cleaned)


def refuse(letter: Letter, *entries: Policy) -> Outcome:
    first, outcome = clean(letter, *entries)
    assert (first.topic, outcome.topic) == (REJECTED, OUTCOMES)
    rejection, told = orjson.loads(first.value), decode(outcome.value, Outcome)
    assert (rejection["stage"], rejection["reason"], rejection["url"]) == (told.stage, told.reason, told.url)
    return told


@pytest.mark.parametrize(
    ("entry", "raw", "stage", "reason"),
    [
        pytest.param(
            Policy(hosts=("southport.example",), access="deny"), make_raw(""), "access", "denied", id="denied"
        ),
        pytest.param(
            Policy(sources=("harbour",), access="review"), make_raw(), "access", "needs_review", id="review"
        ),
        pytest.param(
            Policy(sources=("harbour",), too_old_days=1), make_raw(), "age", "too_old", id="too old"
        ),
        pytest.param(
            Policy(sources=("harbour",), future_hours=1),
            make_raw(f"<p>{BODY}</p>", published_at="2027-01-01T00:00:00Z"),
            "age",
            "in_future",
            id="in the future",
        ),
    ],
)
def test_what_a_policy_refuses_ends_with_its_reason(
    entry: Policy, raw: RawArticle, stage: str, reason: str
) -> None:
    told = refuse(raw_letter("a", raw), entry)
    assert (told.outcome, told.stage, told.reason, told.url) == ("rejected", stage, reason, URL)
    assert told.article_id is None
    shown = ExplainStep(CleanStep(rules=Rules([]), policies=Policies((entry,))))(raw_letter("a", raw))
    assert orjson.loads(shown[-1].value)["reason"] == reason


def test_a_time_without_a_zone_is_read_in_that_of_its_source() -> None:
    beirut = Policy(sources=("harbour",), timezone="Asia/Beirut")
    assert clean_article(make_raw(), beirut).article.published_at == datetime(2026, 2, 27, 6, tzinfo=UTC)
    others = Policy(sources=("library",), timezone="Asia/Beirut")
    assert clean_article(make_raw(), others).article.published_at == datetime(2026, 2, 27, 8, tzinfo=UTC)


def test_a_record_carries_its_licence_and_what_the_source_claimed_beside_what_the_page_says() -> None:
    claimed = "Fri, 27 Feb 2026 11:30:00 +0200"
    entry = Policy(hosts=("southport.example",), licence="CC BY 4.0")
    article = clean_article(make_raw(published_at=claimed), entry).article
    assert (article.licence, article.claimed_published_at) == ("CC BY 4.0", claimed)
    assert article.published_at_written == "2026-02-27 08:00"
    bare = clean_article(make_raw()).article
    assert (bare.licence, bare.claimed_published_at) == (None, None)


def test_an_article_on_an_alias_of_its_site_is_the_same_article() -> None:
    moved = Policy(hosts=("southport.example",), aliases=("southport.press.example",))
    old = make_raw(url="https://southport.press.example/ferry")
    ids = {clean_article(raw, moved).article.article_id for raw in (old, make_raw())}
    assert ids == {article_id(URL, b"")}
    record = clean_article(old, moved).article
    assert (record.host, record.url) == ("southport.press.example", old.url)
    assert clean_article(old).article.article_id not in ids


def test_a_text_without_an_address_has_the_id_of_its_bytes_as_ever() -> None:
    moved = Policy(hosts=("southport.example",), aliases=("southport.press.example",))
    assert clean_article(make_raw(url=None), moved).article.article_id == article_id(None, PAGE.encode())


def test_a_withdrawal_ends_as_rejected_and_names_its_article() -> None:
    letter = withdrawal_letter(URL, make_raw(""), "7" * 32, "410 Gone")
    told = refuse(letter)
    assert (told.outcome, told.stage, told.reason, told.detail) == (
        "rejected",
        "read",
        "withdrawn",
        "410 Gone",
    )
    assert (told.article_id, told.revision, told.url) == ("7" * 32, None, URL)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({UNREAD: "withdrawn", ARTICLE_ID: "7" * 31}, id="too short"),
        pytest.param({UNREAD: "withdrawn", ARTICLE_ID: "7" * 31 + "G"}, id="no hex digits"),
        pytest.param({UNREAD: "withdrawn", ARTICLE_ID: "7" * 32 + "\n"}, id="a line end behind it"),
        pytest.param({UNREAD: "withdrawn"}, id="no article named"),
        pytest.param({UNREAD: "too_large", ARTICLE_ID: "7" * 32}, id="another reason"),
    ],
)
def test_any_program_may_write_such_a_letter_and_only_an_id_is_believed(headers: dict[str, str]) -> None:
    letter = raw_letter(URL, make_raw(""))
    told = refuse(Letter(letter.topic, letter.key, letter.value, {**letter.headers, DETAIL: "", **headers}))
    assert told.article_id is None
