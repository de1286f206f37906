"""Policies: which of them holds for an article, and for none that it does not name."""

import pickle

import pytest

from streams.policy.policy import Policies, Policy, read_site

SOUTH = Policy(hosts=("southport.example",), access="deny", licence="CC BY 4.0")
HARBOUR = Policy(sources=("harbour",), access="allow")


@pytest.mark.parametrize(
    ("host", "held"),
    [
        pytest.param("southport.example", True, id="the host"),
        pytest.param("www.southport.example", True, id="www"),
        pytest.param("m.southport.example", True, id="m"),
        pytest.param("amp.southport.example", True, id="amp"),
        pytest.param("blog.southport.example", False, id="a subdomain of its own"),
        pytest.param("example", False, id="the domain above"),
        pytest.param("notsouthport.example", False, id="a longer name"),
        pytest.param("", False, id="a text without an address"),
    ],
)
def test_a_host_stands_for_its_editions_and_for_nothing_else(host: str, held: bool) -> None:
    assert Policies((SOUTH,)).find("files", host).access == ("deny" if held else None)


@pytest.mark.parametrize("entries", [(SOUTH, HARBOUR), (HARBOUR, SOUTH)], ids=["before", "behind"])
def test_what_names_the_source_goes_before_what_names_the_host_key_by_key(
    entries: tuple[Policy, ...],
) -> None:
    found = Policies(entries).find("harbour", "southport.example")
    assert (found.access, found.licence) == ("allow", "CC BY 4.0")


def test_of_two_that_name_the_host_the_later_goes_first_where_it_says_anything() -> None:
    later = Policy(hosts=("www.southport.example",), licence="CC0 1.0", retention=3)
    found = Policies((SOUTH, later)).find("files", "southport.example")
    assert (found.access, found.licence, found.retention) == ("deny", "CC0 1.0", 3)


def test_one_that_names_both_holds_for_either() -> None:
    policies = Policies((Policy(hosts=("southport.example",), sources=("harbour",), retention=2),))
    assert policies.find("harbour", "northport.example").retention == 2
    assert policies.find("files", "southport.example").retention == 2
    assert policies.find("files", "northport.example").retention is None


def test_zero_hours_are_said() -> None:
    strict = Policy(sources=("harbour",), future_hours=0)
    loose = Policy(hosts=("southport.example",), future_hours=24)
    assert Policies((strict, loose)).find("harbour", "southport.example").future_hours == 0


def test_aliases_are_the_site_they_lead_to() -> None:
    moved = Policy(
        hosts=("www.Southport.example", "other.example"),
        aliases=("southport.press.example", "www.southport.org.example", "m.southport.example"),
        access="review",
    )
    policies = Policies((moved,))
    assert policies.aliases == {
        "southport.press.example": "southport.example",
        "southport.org.example": "southport.example",
    }
    hosts = ("southport.press.example", "m.southport.org.example", "other.example")
    assert {policies.find("files", host).access for host in hosts} == {"review"}


def test_what_names_an_alias_holds_for_the_site() -> None:
    moved = Policy(hosts=("southport.example",), aliases=("southport.press.example",))
    named = Policy(hosts=("southport.press.example",), access="deny")
    assert Policies((named, moved)).find("files", "southport.example").access == "deny"


def test_a_host_is_found_in_its_own_letters() -> None:
    assert read_site("مثال.إختبار") == "xn--mgbh0fb.xn--kgbechtv"
    assert (
        Policies((Policy(hosts=("مثال.إختبار",), retention=1),))
        .find("", "xn--mgbh0fb.xn--kgbechtv")
        .retention
    )


def test_they_travel_to_child_processes_used_or_not() -> None:
    policies = Policies((SOUTH, HARBOUR))
    policies.find("harbour", "southport.example")
    assert pickle.loads(pickle.dumps(policies)) == policies == Policies((SOUTH, HARBOUR))
    assert pickle.loads(pickle.dumps(policies)).find("files", "southport.example").access == "deny"
