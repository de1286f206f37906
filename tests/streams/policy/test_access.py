"""Access: refused before anything is made of the page, with who was meant."""

from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft
from streams.policy.access import check_access
from streams.policy.policy import Policies, Policy
from streams.reject import Reject


def make_draft(host: str = "southport.example") -> Draft:
    raw = RawArticle(
        raw_id="1" * 32, source="harbour", url=f"https://{host}/1" if host else None, content="",
        content_type="text/html", fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    return Draft(raw=raw, host=host)


@pytest.mark.parametrize(
    ("policy", "reason", "told"),
    [
        pytest.param(
            Policy(hosts=("southport.example",), access="deny"), "denied", "southport.example", id="denied"
        ),
        pytest.param(
            Policy(sources=("harbour",), access="review"), "needs_review", "source harbour", id="review"
        ),
    ],
)
def test_what_a_policy_refuses_is_rejected_even_without_its_page(
    policy: Policy, reason: str, told: str
) -> None:
    with pytest.raises(Reject) as refused:
        check_access(make_draft(), policies=Policies((policy,)))
    assert refused.value.reason == reason
    assert told in refused.value.detail


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param((), id="no policy"),
        pytest.param((Policy(hosts=("northport.example",), access="deny"),), id="another host's"),
        pytest.param(
            (Policy(hosts=("southport.example",), licence="CC0 1.0"),), id="one that says nothing of it"
        ),
        pytest.param(
            (
                Policy(hosts=("southport.example",), access="deny"),
                Policy(sources=("harbour",), access="allow"),
            ),
            id="allowed for its source",
        ),
    ],
)
def test_everything_else_passes_as_it_is(entries: tuple[Policy, ...]) -> None:
    draft = make_draft()
    assert check_access(draft, policies=Policies(entries)) is draft
    nowhere = make_draft(host="")
    assert check_access(nowhere, policies=Policies(entries)) is nowhere
