"""Addresses of requests: what may be asked for, and where a Location leads."""

import pytest

from connectors.fetching.address import check_port, follow, read_address
from connectors.fetching.page import FetchError


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://harbour.example", "http://harbour.example/"),
        (" http://HARBOUR.example:80/a/../b#top\n", "http://harbour.example/b"),
        ("http://reader:secret@harbour.example/", "http://harbour.example/"),
        (
            "http://مرفأ.example/عبّارة?س=1",
            "http://xn--igb1ayco.example/%D8%B9%D8%A8%D9%91%D8%A7%D8%B1%D8%A9?%D8%B3=1",
        ),
        ("https://harbour.example/%7euser?a=b+c%20d", "https://harbour.example/%7euser?a=b+c%20d"),
    ],
)
def test_an_address_is_asked_for_in_its_standard_form(url: str, read: str) -> None:
    assert read_address(url).url == read


@pytest.mark.parametrize(
    "url",
    [
        "",
        "harbour.example",
        "/news",
        "ftp://harbour.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/plain,news",
        "http://",
        "http://harbour.example:99999/",
        "http://har bour.example/",
        "http://\ud800.example/",
        "http://harbour.example/" + "a" * 5000,
    ],
    ids=lambda url: ascii(url[:30]),
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(FetchError) as raised:
        read_address(url)
    assert raised.value.cause == "address"


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("http://harbour.example/", True),
        ("https://harbour.example/", True),
        ("http://harbour.example:443/", True),
        ("http://harbour.example:8080/", True),
        ("http://harbour.example.:8080/", True),
        ("http://other.example:8080/", False),
        ("http://harbour.example:6379/", False),
        ("http://harbour.example:22/", False),
    ],
)
def test_a_port_is_open_to_all_or_on_its_own_host(url: str, is_open: bool) -> None:
    own = {read_address("http://harbour.example:8080/feed.xml").authority}
    if is_open:
        check_port(read_address(url), own)
        return
    with pytest.raises(FetchError) as raised:
        check_port(read_address(url), own)
    assert raised.value.cause == "address"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://ferry.example/x", "https://ferry.example/x"),
        ("//ferry.example/x", "https://ferry.example/x"),
        ("\\\\ferry.example/x", "https://ferry.example/x"),
        ("/x/./y", "https://harbour.example:8443/x/y"),
        ("x", "https://harbour.example:8443/news/x"),
        ("../x?y", "https://harbour.example:8443/x?y"),
        ("?page=2", "https://harbour.example:8443/news/today?page=2"),
        ("", "https://harbour.example:8443/news/today?page=1"),
        ("#top", "https://harbour.example:8443/news/today?page=1"),
        (" /x \t", "https://harbour.example:8443/x"),
        ("/عبّارة", "https://harbour.example:8443/%D8%B9%D8%A8%D9%91%D8%A7%D8%B1%D8%A9"),
        (b"/f\xe9rry".decode("utf-8", "surrogateescape"), "https://harbour.example:8443/f%E9rry"),
        ("http://مرفأ.example/", "http://xn--igb1ayco.example/"),
    ],
)
def test_a_location_leads_where_browsers_go(location: str, target: str) -> None:
    assert follow(read_address("https://harbour.example:8443/news/today?page=1"), location).url == target


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "ftp://a.example/", "http://"]
)
def test_a_location_to_something_else_is_refused(location: str) -> None:
    with pytest.raises(FetchError) as raised:
        follow(read_address("http://harbour.example/"), location)
    assert raised.value.cause == "address"
