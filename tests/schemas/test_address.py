"""Addresses: one form for every spelling, and nobody identifies another's article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.address import address_key, canonical_url, host_of, identifying_address, site_of

SPELLINGS = [
    pytest.param("HTTP://WWW.Example.org:80/a/../b", "http://www.example.org/b", id="case, port and dots"),
    pytest.param(
        "https://example.org/x?b=2&a=1#top", "https://example.org/x?a=1&b=2", id="query sorted, fragment gone"
    ),
    pytest.param(
        "https://example.org/x?utm_source=a&fbclid=b&id=7", "https://example.org/x?id=7", id="trackers gone"
    ),
    pytest.param("https://user:secret@example.org/x", "https://example.org/x", id="credentials gone"),
    pytest.param("http://مثال.إختبار/خبر", "http://xn--mgbh0fb.xn--kgbechtv/%D8%AE%D8%A8%D8%B1", id="Arabic"),
    pytest.param("  https://example.org ", "https://example.org/", id="blanks around"),
    pytest.param("javascript:alert(1)", None, id="script"),
    pytest.param("/relative", None, id="relative"),
    pytest.param("http://", None, id="no host"),
    pytest.param(None, None, id="nothing"),
]


@pytest.mark.parametrize(("written", "canonical"), SPELLINGS)
def test_an_address_has_one_canonical_form(written: str | None, canonical: str | None) -> None:
    assert canonical_url(written) == canonical


@given(st.text(alphabet=st.characters(), max_size=60), st.text(max_size=60))
def test_the_canonical_form_of_a_canonical_form_is_itself(path: str, query: str) -> None:
    once = canonical_url(f"https://example.org/{path}?{query}")
    assert (once is None) == any("\ud800" <= char <= "\udfff" for char in path + query)
    assert canonical_url(once) == once


BELIEVED = [
    pytest.param(
        "https://www.a.example/x?id=1", "https://a.example/x", "https://a.example/x", id="same site"
    ),
    pytest.param(
        "https://m.a.example/x", "https://www.a.example/x", "https://www.a.example/x", id="mobile edition"
    ),
    pytest.param("https://a.example/x", "https://b.example/x", "https://a.example/x", id="another's article"),
    pytest.param("https://a.example/x", "https://a.example/", "https://a.example/x", id="the site's root"),
    pytest.param(
        "https://a.example/x",
        "https://sub.a.example/x",
        "https://a.example/x",
        id="another host of the domain",
    ),
    pytest.param("https://a.example/x", None, "https://a.example/x", id="no link"),
    pytest.param(None, "https://a.example/x", None, id="no address of its own"),
]


@pytest.mark.parametrize(("url", "link", "identifying"), BELIEVED)
def test_a_canonical_link_is_believed_only_on_its_own_site(
    url: str, link: str, identifying: str | None
) -> None:
    assert identifying_address(url, link) == identifying


def test_scheme_and_www_do_not_make_another_article() -> None:
    assert address_key("http://www.a.example/x") == address_key("https://a.example/x")
    assert address_key("http://a.example:8080/x") != address_key("http://a.example/x")


@pytest.mark.parametrize(
    ("host", "site"),
    [("www.a.example", "a.example"), ("m.a.example", "a.example"), ("amp.example", "amp.example")],
)
def test_a_site_is_its_host_without_the_labels_of_its_editions(host: str, site: str) -> None:
    assert site_of(host) == site


def test_no_address_has_no_host() -> None:
    assert host_of("ftp://a.example/x") == ""


MOVED = {"southport.press.example": "southport.example"}


@pytest.mark.parametrize(
    ("url", "link", "identifying"),
    [
        pytest.param(
            "https://southport.press.example/x?ref=1",
            "https://www.southport.example/x",
            "https://www.southport.example/x",
            id="from the old site to the new",
        ),
        pytest.param(
            "https://southport.example/x?ref=1",
            "https://southport.press.example/x",
            "https://southport.press.example/x",
            id="from the new site to the old",
        ),
        pytest.param(
            "https://southport.press.example/x",
            "https://southport.example/",
            "https://southport.press.example/x",
            id="not to its root",
        ),
        pytest.param(
            "https://northport.example/x",
            "https://southport.example/x",
            "https://northport.example/x",
            id="not from a stranger",
        ),
    ],
)
def test_an_alias_is_the_same_site(url: str, link: str, identifying: str) -> None:
    assert identifying_address(url, link, MOVED) == identifying
    assert (identifying_address(url, link) == identifying) == (url == identifying)


def test_an_alias_folds_its_own_site_and_no_part_of_it() -> None:
    assert site_of("www.southport.press.example", MOVED) == "southport.example"
    assert site_of("blog.southport.press.example", MOVED) == "blog.southport.press.example"
    assert address_key("http://m.southport.press.example/x?a=1", MOVED) == "southport.example/x?a=1"
