"""Ages: by the time that is believed and the time of fetching, and only where a policy says so."""

from datetime import UTC, datetime

import pytest

from schemas.article import Precision
from schemas.raw import RawArticle
from streams.draft import Draft, Metadata, Moment
from streams.policy.age import check_age
from streams.policy.policy import Policies, Policy
from streams.reject import Reject

FETCHED = datetime(2026, 3, 31, 12, tzinfo=UTC)
LIMITS = Policies((Policy(sources=("harbour",), too_old_days=30, future_hours=24),))


def make_draft(
    published: datetime | None, precision: Precision = "second", origin: str = "jsonld.datePublished"
) -> Draft:
    raw = RawArticle(
        raw_id="1" * 32, source="harbour", content="The ferry is late.", content_type="text/plain",
        fetched_at=FETCHED,
    )  # fmt: skip
    moment = Moment(at=published, origin=origin, precision=precision, written="as it stood")
    return Draft(raw=raw, metadata=Metadata(published=moment))


REFUSED = [
    pytest.param(datetime(2026, 3, 1, 11, 59, tzinfo=UTC), "second", "too_old", id="a minute too old"),
    pytest.param(datetime(2026, 2, 28, tzinfo=UTC), "day", "too_old", id="a day that is too old to its end"),
    pytest.param(datetime(2026, 4, 1, 12, 1, tzinfo=UTC), "second", "in_future", id="a minute too far ahead"),
    pytest.param(datetime(2026, 4, 3, tzinfo=UTC), "day", "in_future", id="a day that is too far everywhere"),
]


@pytest.mark.parametrize(("published", "precision", "reason"), REFUSED)
def test_what_is_out_of_its_time_is_rejected_with_both_times(
    published: datetime, precision: Precision, reason: str
) -> None:
    with pytest.raises(Reject) as refused:
        check_age(make_draft(published, precision), policies=LIMITS)
    assert refused.value.reason == reason
    for told in (f"{published:%Y-%m-%dT%H:%M:%SZ}", "2026-03-31T12:00:00Z", "as it stood"):
        assert told in refused.value.detail


@pytest.mark.parametrize(("published", "precision", "reason"), REFUSED)
def test_without_a_policy_for_it_nothing_is_rejected(
    published: datetime, precision: Precision, reason: str
) -> None:
    draft = make_draft(published, precision)
    other = Policies((Policy(sources=("library",), too_old_days=1, future_hours=0),))
    assert check_age(draft, policies=other) is check_age(draft, policies=Policies()) is draft


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(make_draft(datetime(2026, 3, 1, 12, tzinfo=UTC)), id="thirty days"),
        pytest.param(
            make_draft(datetime(2026, 3, 1, tzinfo=UTC), "day"), id="a day that may still be in time"
        ),
        pytest.param(make_draft(datetime(2026, 4, 1, 12, tzinfo=UTC)), id="twenty-four hours ahead"),
        pytest.param(make_draft(datetime(1999, 1, 1, tzinfo=UTC), "day", "htmldate"), id="a guess"),
        pytest.param(make_draft(None), id="a time that could not be read"),
    ],
)
def test_what_may_be_in_its_time_passes(draft: Draft) -> None:
    assert check_age(draft, policies=LIMITS) is draft
