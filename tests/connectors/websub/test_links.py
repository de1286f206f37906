"""Where a feed says that it is announced: headers go before what stands in it."""

import time

import pytest

from connectors.websub.links import Announced, find_hub, read_links

URL = "https://harbour.example/news/feed.xml"
HUB, OTHER = "https://hub.example/", "https://other.example/"
TOPIC = "https://harbour.example/feed"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f'<{HUB}>; rel="hub"', [(HUB, ("hub",))]),
        (f"<{HUB}>; rel=hub", [(HUB, ("hub",))]),
        (f"<{HUB}>;REL = HUB", [(HUB, ("hub",))]),
        (f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', [(HUB, ("hub",)), (TOPIC, ("self",))]),
        (f'<{TOPIC}>; rel="alternate self"', [(TOPIC, ("alternate", "self"))]),
        (f'<{HUB}?a=1,2;b>; title="a, <b>; \\"c"; rel=hub', [(f"{HUB}?a=1,2;b", ("hub",))]),
        (f'<{HUB}>; rel=hub; rel="self"', [(HUB, ("hub",))]),
        (f'<{HUB}>; rel=hub; anchor="{OTHER}"', []),
        (f", ,<{HUB}>; rel=hub,", [(HUB, ("hub",))]),
        (f"<{HUB}>;; rel=hub", [(HUB, ("hub",))]),
        (f"<{HUB}>", [(HUB, ())]),
        (f'<{HUB}>; rel="hub', [(HUB, ("hub",))]),
        ("no link at all", []),
        (f"<{HUB}", []),
        ("", []),
    ],
)
def test_links_of_a_header_are_told_apart(header: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(read_links([header])) == found


@pytest.mark.parametrize(
    ("links", "hub", "topic", "found"),
    [
        ([f"<{HUB}>; rel=hub", f"<{TOPIC}>; rel=self"], OTHER, OTHER, Announced(HUB, TOPIC)),
        ([f"<{HUB}>; rel=hub"], OTHER, TOPIC, Announced(HUB, TOPIC)),
        ([f"<{HUB}>; rel=hub, <{OTHER}>; rel=hub"], None, None, Announced(HUB, URL)),
        ([f"<{TOPIC}>; rel=self"], HUB, OTHER, Announced(HUB, TOPIC)),
        ([], HUB, TOPIC, Announced(HUB, TOPIC)),
        ([], HUB, None, Announced(HUB, URL)),
        ([], "/hub", "../feed", Announced("https://harbour.example/hub", TOPIC)),
        (['</hub>; rel="hub"'], None, None, Announced("https://harbour.example/hub", URL)),
        (["<ftp://hub.example/>; rel=hub"], None, None, None),
        (["<javascript:alert(1)>; rel=hub"], HUB, TOPIC, Announced(HUB, TOPIC)),
        ([f"<{HUB}{'a' * 3000}>; rel=hub"], None, None, None),
        (["<https://hub.example/\udce9>; rel=hub"], None, None, None),
        ([f"<{TOPIC}>; rel=self"], None, TOPIC, None),
        ([], None, None, None),
    ],
    ids=[
        "headers go before the feed",
        "a topic that only the feed names",
        "the first of two hubs",
        "a hub that only the feed names",
        "only the feed",
        "a feed without rel=self",
        "relative in the feed",
        "relative in a header",
        "no http",
        "a script, and a hub in the feed",
        "a long address",
        "no ASCII",
        "a topic without a hub",
        "nothing",
    ],
)
def test_the_hub_and_the_topic_of_a_feed(
    links: list[str], hub: str | None, topic: str | None, found: Announced | None
) -> None:
    assert find_hub(links, hub, topic, URL) == found


@pytest.mark.parametrize("piece", ["<", ";", '"', "<a>;", '<a>;b="\\', "<a>; rel=", " ", ",", "<a>;a=b "])
def test_a_hostile_header_takes_no_time(piece: str) -> None:
    start = time.perf_counter()
    list(read_links([piece * 100_000] * 32))
    assert time.perf_counter() - start < 0.5
