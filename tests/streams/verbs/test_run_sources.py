"""`naba run` with sources, against a real site on loopback whose log proves the manners."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.hostile_site import bomb, endless, half
from tests.news import make_article
from tests.newsroom import Newsroom, end, wait_for
from tests.site import (
    Behaviour,
    Site,
    drip,
    fail,
    forget_validators,
    hang,
    lead,
    make_paragraphs,
    never_modified,
    say,
    slow,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def feed(url: str, name: str = "harbour", **more: object) -> str:
    rest = "".join(f"\n{key} = {json.dumps(value)}" for key, value in more.items())
    return f'name = "{name}"\nkind = "feed"\nurl = "{url}"{rest}'


def test_every_kind_of_source_delivers_and_no_page_is_fetched_twice(site: Site, room: Newsroom) -> None:
    for number in range(6):
        site.publish(f"/news/{number}")
    site.publish("/news/ar", "عودة القوارب إلى الرصيف الشمالي", language="ar")
    site.publish("/hidden", in_feed=False)
    (room.folder / "inbox").mkdir()
    chance = random.Random(3)
    lines = [json.dumps(make_article(chance, number) | {"source": "mine"}) for number in range(3)]
    (room.folder / "inbox" / "a.jsonl").write_text("\n".join(lines))
    room.settle(
        *(feed(f"{site.url}/{name}", name) for name in ("feed.xml", "atom.xml", "rdf.xml", "feed.json")),
        f'name = "map"\nkind = "sitemap"\nurl = "{site.url}/sitemap.xml"',
        f'name = "front"\nkind = "pages"\nurl = "{site.url}/"\nlinks = "/news/"',
        f'name = "list"\nkind = "pages"\nurls = ["{site.url}/hidden?utm_source=x", "{site.url}/news/1"]',
        'name = "drop"\nkind = "files"\npath = "inbox/"',
    )
    room.run_once()
    assert room.outcomes() == {"published": 11}
    urls = [line["url"] for line in room.read("articles")]
    assert len(urls) == len(set(urls))
    pages = {path: count for path, count in site.bodies().items() if path.startswith(("/news/", "/hidden"))}
    assert pages == dict.fromkeys([*site.stories.keys() - {"/hidden"}, "/hidden?utm_source=x"], 1)
    by_source = Counter(line["source"] for line in room.read("articles"))
    assert by_source["drop"] == 3
    assert sum(by_source.values()) - 3 == 8
    assert all(one["state"] == "fine" for one in room.sources().values())
    known = dict(room.ask("SELECT url, article_id FROM story_pages"))
    delivered = {line["input"]: line["article_id"] for line in room.read("outcomes")}
    assert all(delivered[url] == article for url, article in known.items())
    (arabic,) = (line for line in room.read("articles") if line["url"].endswith("/news/ar"))
    assert arabic["title"] == "عودة القوارب إلى الرصيف الشمالي"
    room.run_once()  # and nothing comes of the second time
    assert room.outcomes() == {"published": 11}
    again = {path: count for path, count in site.bodies().items() if path.startswith(("/news/", "/hidden"))}
    assert again == pages


def test_the_manners(site: Site, room: Newsroom) -> None:
    for number in range(4):
        site.publish(f"/news/{number}")
    site.publish("/private/1")
    site.robots = (200, "User-agent: *\nDisallow: /private/\n")
    room.settle(
        feed(f"{site.url}/feed.xml"), fetch='[fetch]\nallow_private = true\ncontact = "me@harbour.example"\n'
    )
    room.run_once()
    assert room.outcomes() == {"published": 4}
    assert [one.path for one in site.log][:2] == ["/robots.txt", "/feed.xml"]
    assert site.asked("/private/1") == []
    assert min(site.gaps()) >= 1.0
    assert all(one.headers["user-agent"].startswith("naba/") for one in site.log)
    assert all(one.headers["user-agent"].endswith("(+me@harbour.example)") for one in site.log)
    told = room.call("sources", "show", "harbour")
    assert "/private/1" in told
    assert "robots.txt" in told
    assert "robots.txt" in room.call("why", f"{site.url}/private/1")

    seen = len(site.log)
    room.run_once()
    assert [(one.path, one.status) for one in site.log[seen:]] == [("/robots.txt", 200), ("/feed.xml", 304)]
    assert site.log[-1].headers["if-none-match"]
    assert max(count for path, count in site.bodies().items() if path != "/robots.txt") == 1


def test_a_crawl_delay_is_kept(site: Site, room: Newsroom) -> None:
    for number in range(3):
        site.publish(f"/news/{number}")
    site.robots = (200, "User-agent: naba\nCrawl-delay: 2\n")
    room.settle(feed(f"{site.url}/feed.xml"))
    room.run_once()
    assert room.outcomes() == {"published": 3}
    assert min(site.gaps()[1:]) >= 2.0


def test_a_correction_is_a_revision_and_a_page_that_is_gone_is_withdrawn(site: Site, room: Newsroom) -> None:
    kept, changed, gone, never = (site.publish(f"/news/{n}") for n in ("kept", "changed", "gone", "never"))
    site.withdraw("/news/never", 404)
    room.settle(f'name = "list"\nkind = "pages"\nurls = {json.dumps([kept, changed, gone, never])}')
    room.run_once()
    assert room.outcomes() == {"published": 3}
    assert "404" in room.call("sources", "show", "list")
    site.correct("/news/changed", paragraphs=make_paragraphs(77))
    site.withdraw("/news/gone")
    room.run_once()
    assert room.outcomes() == {"published": 3, "revised": 1, "rejected": 1}
    (withdrawn,) = (line for line in room.read("outcomes") if line["outcome"] == "rejected")
    (published,) = (line for line in room.read("outcomes") if line["url"] == gone and line["revision"])
    assert (withdrawn["reason"], withdrawn["article_id"]) == ("withdrawn", published["article_id"])
    assert site.asked("/news/kept")[-1].status == 304
    assert "withdrawn" in room.call("why", gone)
    assert gone in {line["url"] for line in room.read("articles")}
    room.run_once()  # a page that is gone is not told of twice
    assert room.outcomes() == {"published": 3, "revised": 1, "rejected": 1}


def test_a_feed_that_tells_of_a_change_has_the_page_looked_at_again(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    room.settle(feed(f"{site.url}/feed.xml"), poll="[poll]\nfloor = 1\n")
    room.run_once()
    site.correct("/news/1", told=True, paragraphs=make_paragraphs(78))
    time.sleep(1.1)
    room.run_once()
    assert room.outcomes() == {"published": 1, "revised": 1}


def test_pages_are_looked_at_again_by_their_age(site: Site, room: Newsroom) -> None:
    changed = site.publish("/news/changed")
    site.publish("/news/kept")
    gone = site.publish("/news/gone")
    room.settle(feed(f"{site.url}/feed.xml"), poll="[poll]\nagain = [2, 4]\n")
    running = room.run()
    wait_for(lambda: room.outcomes()["published"] == 3)
    site.correct("/news/changed", paragraphs=make_paragraphs(79))
    site.withdraw("/news/gone", 404)
    wait_for(lambda: len(site.asked("/news/kept")) == 3)
    wait_for(lambda: sum(room.outcomes().values()) == 5)
    assert end(running)[0] == 0
    assert room.outcomes() == {"published": 3, "revised": 1, "rejected": 1}
    assert {line["url"] for line in room.read("outcomes") if line["outcome"] != "published"} == {
        changed,
        gone,
    }
    assert [one.status for one in site.asked("/news/kept")] == [200, 304, 304]


def test_whole_text_in_a_feed_is_the_article_and_changes_with_it(site: Site, room: Newsroom) -> None:
    url = site.publish("/news/whole", whole_in_feed=True)
    site.publish("/news/part")
    room.settle(feed(f"{site.url}/feed.xml"))
    room.run_once()
    assert room.outcomes() == {"published": 2}
    assert site.asked("/news/whole") == []
    assert len(site.asked("/news/part")) == 1
    (whole,) = (line for line in room.read("articles") if line["url"] == url)
    assert whole["text"].split("\n\n") == list(site.stories["/news/whole"].paragraphs)
    assert whole["title"] == site.stories["/news/whole"].title
    assert whole["published_at"] == "2026-03-01T08:01:00Z"
    site.correct("/news/whole", told=True, paragraphs=make_paragraphs(80))
    room.run_once()
    assert room.outcomes() == {"published": 2, "revised": 1}


STATES: dict[str, tuple[Behaviour, str, str]] = {
    "answers 500": (fail(500), "failing", "500"),
    "answers 403": (fail(403), "blocked", "403"),
    "answers 404": (fail(404), "gone", "404"),
    "answers 410": (fail(410), "gone", "410"),
    "answers 429": (fail(429, Retry_After="3000"), "failing", "429"),
    "hangs": (hang(), "failing", "2 s"),
    "drips": (drip(), "failing", "2 s"),
    "sends a bomb": (bomb(), "failing", "bytes"),
    "sends without end": (endless(), "failing", ""),
    "breaks off": (half(), "failing", ""),
    "sends HTML": (say(b"<html><body>Prove that you are human"), "unparsable", "HTML"),
    "sends nothing": (say(b""), "unparsable", "nothing"),
    "is empty": (
        say(b"<rss version='2.0'><channel><title>x</title></channel></rss>", "text/xml"),
        "empty",
        "",
    ),
    "leads inside": (lead("http://169.254.169.254/latest/meta-data/"), "blocked", "169.254.169.254"),
    "leads in a circle": (lead("/feed.xml"), "failing", "circle"),
    "leads to a file": (lead("file:///etc/passwd"), "failing", ""),
}


def test_what_is_wrong_with_a_source_is_told(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    sites = {name: Site() for name in STATES}
    with ExitStack() as opened:
        for name, one in sites.items():
            opened.enter_context(one)
            one.behave("/feed.xml", STATES[name][0])
        bad = [feed(f"{one.url}/feed.xml", name) for name, one in sites.items()]
        room.settle(*bad, feed(f"{site.url}/feed.xml"))
        room.run_once()
    sources = room.sources()
    assert {name: one["state"] for name, one in sources.items()} == {
        "harbour": "fine",
        **{name: state for name, (_, state, _) in STATES.items()},
    }
    for name, (_, _, why) in STATES.items():
        assert why in sources[name]["why"], name
        assert sources[name]["since"]
    assert room.outcomes() == {"published": 1}


def test_a_304_does_not_clear_a_failure_and_a_body_does(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    room.settle(feed(f"{site.url}/feed.xml"))
    room.run_once()
    site.behave("/feed.xml", fail(403))
    room.run_once()
    site.behave("/feed.xml", never_modified())
    room.run_once()
    assert room.sources()["harbour"]["state"] == "blocked"
    site.behave("/feed.xml", forget_validators())  # the same body, which can be read
    room.run_once()
    assert room.sources()["harbour"]["state"] == "fine"
    assert room.outcomes() == {"published": 1}


def test_validators_that_lie_do_no_harm(site: Site, room: Newsroom) -> None:
    url = site.publish("/news/1")
    site.behave("/news/1", forget_validators())
    site.behave("/feed.xml", forget_validators())
    room.settle(feed(f"{site.url}/feed.xml"), f'name = "list"\nkind = "pages"\nurls = ["{url}"]')
    for _ in range(3):
        room.run_once()
    assert room.outcomes() == {"published": 1}


def test_a_moved_feed_and_a_moved_page_are_followed(site: Site, room: Newsroom) -> None:
    site.publish("/news/new-name")
    site.extra["/links.html"] = ("text/html", b"")
    site.behave("/old.xml", lead("/feed.xml", 301))
    site.behave("/r/1", lead("/news/new-name", 302))
    room.settle(
        f'name = "list"\nkind = "pages"\nurls = ["{site.url}/r/1"]',
        feed(f"{site.url}/old.xml"),
    )
    room.run_once()
    room.run_once()
    assert room.outcomes() == {"published": 1}
    (line,) = room.read("articles")
    assert line["url"] == f"{site.url}/news/new-name"
    assert room.read("outcomes")[0]["input"] == f"{site.url}/r/1"
    assert len(site.asked("/old.xml")) == 1  # where it has moved to is remembered


def test_a_page_that_was_put_away_behind_the_front_page_is_no_article(site: Site, room: Newsroom) -> None:
    url = site.publish("/news/1")
    room.settle(f'name = "list"\nkind = "pages"\nurls = ["{url}"]')
    room.run_once()
    site.behave("/news/1", lead("/", 302))
    room.run_once()
    assert room.outcomes() == {"published": 1}
    assert "front page" in room.call("sources", "show", "list")


def test_what_a_policy_denies_is_rejected_and_not_fetched(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    policy = '[[policy]]\nsources = ["harbour"]\naccess = "deny"\n'
    room.settle(feed(f"{site.url}/feed.xml"), policy.removeprefix("[[source]]\n"))
    text = (room.folder / "naba.toml").read_text().replace("[[source]]\n[[policy]]", "[[policy]]")
    (room.folder / "naba.toml").write_text(text)
    room.run_once()
    assert [(line["outcome"], line["reason"]) for line in room.read("outcomes")] == [("rejected", "denied")]
    assert site.asked("/news/1") == []


def test_it_is_stopped_in_seconds_and_goes_on_where_it_was(site: Site, room: Newsroom) -> None:
    for number in range(30):
        site.publish(f"/news/{number}")
    room.settle(feed(f"{site.url}/feed.xml"), fetch="[fetch]\nallow_private = true\npause = 0.1\n")
    stops = 0
    while room.outcomes()["published"] < 30:
        before = room.outcomes()["published"]
        running = room.run()
        wait_for(lambda before=before: room.outcomes()["published"] > before, 30)  # type: ignore[misc]
        code, seconds, told = end(running, signal.SIGINT if stops % 2 else signal.SIGTERM)
        assert code == 0, told
        assert seconds < 6
        stops += 1
        assert stops < 30
        if stops == 3:
            room.run_once()
    assert room.outcomes()["published"] == 30
    assert set(room.outcomes()) <= {"published", "unchanged"}


def test_killed_and_stopped_at_any_moment_it_loses_nothing(site: Site, room: Newsroom) -> None:
    for number in range(60):
        site.publish(f"/news/{number}", whole_in_feed=number % 3 == 0, in_feed=number % 3 < 2)
        if number % 3 == 2:  # a third is listed by an address that leads to it
            site.behave(f"/r/{number}", lead(f"/news/{number}"))
    site.shown = 60
    led = [f"{site.url}/r/{number}" for number in range(2, 60, 3)]
    room.settle(
        feed(f"{site.url}/feed.xml"),
        f'name = "led"\nkind = "pages"\nurls = {json.dumps(led)}',
        fetch="[fetch]\nallow_private = true\npause = 0.05\n",
    )
    chance = random.Random(11)
    hits = 0
    for round in range(6):
        before = sum(room.outcomes().values())
        running = room.run()
        wait_for(lambda before=before: sum(room.outcomes().values()) > before, 30)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.4))
        hits += room.outcomes()["published"] < 60
        os.killpg(running.pid, signal.SIGTERM if round % 3 == 2 else signal.SIGKILL)
        running.communicate()
        if room.outcomes()["published"] == 60:
            break
    assert hits >= 3
    room.run_once()
    published = [line["url"] for line in room.read("outcomes") if line["outcome"] == "published"]
    assert sorted(published) == sorted(site.url + path for path in site.stories)
    assert set(room.outcomes()) <= {"published", "unchanged"}
    assert [line["url"] for line in room.read("articles")] == published


def test_a_sitemap_that_was_bad_once_is_read_again(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    site.behave("/sitemap-1.xml", say(b"<html>Prove that you are human</html>"))
    site.behave("/sitemap-news.xml", fail(500))
    site.behave("/sitemap-2.xml.gz", fail(404))
    room.settle(f'name = "map"\nkind = "sitemap"\nurl = "{site.url}/sitemap.xml"')
    room.run_once()
    assert room.outcomes() == {}
    assert "3 of" in room.sources()["map"]["why"]
    for path in ("/sitemap-1.xml", "/sitemap-news.xml", "/sitemap-2.xml.gz"):
        site.behave(path, None)
    room.run_once()
    assert room.outcomes() == {"published": 1}
    assert room.sources()["map"]["state"] == "fine"
    site.publish("/news/2")  # the index is as it was, what stands below it is not
    room.run_once()
    assert room.outcomes() == {"published": 2}


def test_a_source_paused_while_it_is_looked_at_is_asked_no_more(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    site.behave("/feed.xml", slow(2))
    room.settle(feed(f"{site.url}/feed.xml", floor=1, ceiling=1), fetch="[fetch]\nallow_private = true\n")
    running = room.run()
    wait_for(lambda: len(site.asked("/feed.xml")) == 1)
    room.call("sources", "pause", "harbour")
    time.sleep(5)
    assert len(site.asked("/feed.xml")) == 1
    assert end(running)[0] == 0


def test_new_items_and_new_files_come_while_it_runs(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    (room.folder / "inbox").mkdir()
    room.settle(
        feed(f"{site.url}/feed.xml", floor=1, ceiling=2),
        'name = "drop"\nkind = "files"\npath = "inbox"\nwatch = true',
    )
    running = room.run()
    wait_for(lambda: room.outcomes()["published"] == 1)
    site.publish("/news/2")
    article = json.dumps(make_article(random.Random(9), 5))
    (room.folder / "inbox" / "one.jsonl").write_text(article + "\n")
    wait_for(lambda: room.outcomes()["published"] == 3)
    assert room.sources()["harbour"]["items_a_day"] == 2
    code, seconds, told = end(running)
    assert (code, told) == (0, "")
    assert seconds < 5


def test_sources_are_added_paused_and_taken_out_beside_a_run(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    with Site() as other:
        room.settle(feed(f"{site.url}/feed.xml", floor=1, ceiling=1))
        running = room.run()
        wait_for(lambda: room.outcomes()["published"] == 1)
        other.publish("/news/1", paragraphs=make_paragraphs(90))
        assert "added" in room.call("sources", "add", other.url, "--name", "ferry")
        wait_for(lambda: room.outcomes()["published"] == 2)
        assert room.sources()["ferry"]["state"] == "fine"

        room.call("sources", "pause", "harbour")
        time.sleep(2.5)
        seen = len(site.asked("/feed.xml"))
        time.sleep(2.5)
        assert len(site.asked("/feed.xml")) == seen
        assert room.sources()["harbour"]["state"] == "paused"
        site.publish("/news/2", paragraphs=make_paragraphs(91))
        room.call("sources", "pause", "harbour", "--resume")
        wait_for(lambda: room.outcomes()["published"] == 3)

        room.call("sources", "remove", "ferry")
        assert set(room.sources()) == {"harbour"}
        assert end(running)[0] == 0
    refused = room.start("sources", "remove", "harbour")
    assert "settings" in refused.communicate(timeout=30)[1]
    assert refused.returncode == 2


def test_a_list_of_feeds_comes_and_goes_as_opml(site: Site, room: Newsroom) -> None:
    site.publish("/news/1")
    room.settle()
    (room.folder / "in.opml").write_text(
        f'<opml version="2.0"><body><outline text="Ports">'
        f'<outline text="قوارب" xmlUrl="{site.url}/feed.xml"/>'
        f'<outline text="Ports" xmlUrl="{site.url}/atom.xml"/></outline></body></opml>'
    )
    assert "added 2 of 2" in room.call("sources", "import", "in.opml")
    assert "added 0 of 2" in room.call("sources", "import", "in.opml")
    assert set(room.sources()) == {"قوارب", "ports"}
    (room.folder / "out.opml").write_text(room.call("sources", "export"))
    (room.folder / "other").mkdir()
    other = Newsroom(room.folder / "other")
    other.settle()
    assert "added 2 of 2" in other.call("sources", "import", "../out.opml", "--db", "other.db")
    assert other.call("sources", "--json") == ""
    assert "added 2 of 2" in other.call("sources", "--db", "naba.db", "import", "../out.opml")
    assert set(other.sources()) == set(room.sources())
    room.run_once()
    assert room.outcomes() == {"published": 1}


def test_once_ends_with_1_where_it_takes_too_long(site: Site, room: Newsroom) -> None:
    for number in range(30):
        site.publish(f"/news/{number}")
    room.settle(feed(f"{site.url}/feed.xml"), fetch="[fetch]\nallow_private = true\n")
    running = room.start("run", "--once", "--timeout", "4", "--outcomes", "outcomes.jsonl")
    _, told = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "not done within 4 s" in told
    assert 0 < room.outcomes()["published"] < 30


def test_hanging_sites_delay_nobody(site: Site, room: Newsroom) -> None:
    sites = [Site() for _ in range(20)]
    for one in sites:
        one.start()
        one.behave("/feed.xml", hang())
    site.publish("/news/1")
    names = [feed(f"{one.url}/feed.xml", f"hung{n}") for n, one in enumerate(sites)]
    room.settle(*names, feed(f"{site.url}/feed.xml"), fetch="[fetch]\nallow_private = true\nseconds = 15\n")
    running = room.run()
    wait_for(lambda: room.outcomes()["published"] == 1, 10)
    assert sum(len(one.asked("/feed.xml")) for one in sites) == 20
    code, seconds, _ = end(running)
    assert code == 0
    assert seconds < 5
    for one in sites:
        one.stop()


WRONG = [
    pytest.param(
        'name = "a"\nkind = "feed"\nurl = "ftp://x.example/f"', "source[0].url", id="no web address"
    ),
    pytest.param('name = "a"\nkind = "fed"\nurl = "http://x.example/f"', "source[0].kind", id="unknown kind"),
    pytest.param('name = "a"\nkind = "feed"\nurll = "http://x.example/f"', "urll", id="unknown key"),
    pytest.param('name = "a"\nkind = "pages"', "source[0]", id="no pages"),
    pytest.param('name = "a/b"\nkind = "feed"\nurl = "http://x.example/f"', "source[0].name", id="a name"),
    pytest.param(
        'name = "a"\nkind = "files"\npath = "x"\n[[source]]\nname = "a"\nkind = "files"\npath = "y"',
        "source[1].name",
        id="a name twice",
    ),
]


@pytest.mark.parametrize(("source", "key"), WRONG)
def test_a_wrong_source_is_told_by_file_and_key(room: Newsroom, source: str, key: str) -> None:
    room.settle(source)
    ended = room.start("run", "--once")
    _, told = ended.communicate(timeout=30)
    assert ended.returncode == 2
    assert "naba.toml:" in told
    assert key in told


def test_nothing_to_run_is_told(room: Newsroom) -> None:
    room.settle()
    ended = room.start("run")
    _, told = ended.communicate(timeout=30)
    assert ended.returncode == 2
    assert "[[source]]" in told
