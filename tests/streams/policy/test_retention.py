"""Retention: pages that go before the others, by source or host."""

from datetime import UTC, datetime, timedelta

from schemas.letter import RAW, Letter, raw_letter, unread_letter
from schemas.raw import RawArticle
from streams.policy.policy import Policies, Policy
from streams.policy.retention import keep_until

NOW = datetime(2026, 3, 1, tzinfo=UTC)
POLICIES = Policies((Policy(hosts=("southport.example",), retention=3),))


def make_letter(host: str, source: str = "harbour") -> Letter:
    raw = RawArticle(
        raw_id="1" * 32, source=source, url=f"https://{host}/1", content="<p>x</p>",
        content_type="text/html", fetched_at=NOW,
    )  # fmt: skip
    return raw_letter("a", raw)


def test_a_page_is_kept_for_the_days_of_its_policy() -> None:
    assert keep_until(make_letter("www.southport.example"), NOW, POLICIES) == NOW + timedelta(days=3)
    assert keep_until(make_letter("northport.example"), NOW, POLICIES) is None


def test_the_source_goes_before_the_host() -> None:
    both = Policies((Policy(sources=("library",), retention=1), *POLICIES.entries))
    assert keep_until(make_letter("southport.example", "library"), NOW, both) == NOW + timedelta(days=1)


def test_of_what_cannot_be_read_no_policy_says_anything() -> None:
    unread = unread_letter("a:1", "harbour", b'{"html": ', "unreadable", "no JSON")
    assert keep_until(unread, NOW, POLICIES) is None
    assert keep_until(Letter(RAW, "k", b"", {}), NOW, POLICIES) is None
