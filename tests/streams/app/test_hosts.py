"""The state of a host is the same whether it never left memory or was read from the table."""

import random
from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.app import hosts as module
from streams.app.hosts import TableHosts, write_host
from streams.learned.host_lines import HostLines, snapshot
from streams.learned.learn import fold_row, page_row
from streams.learned.lines import line_keys
from tests.streams.app.table import Changelog

HOSTS = ("pier.example", "quay.example", "harbour.example")
LABELS = ["Read also", "Follow us", "By the desk", "Sectors:", "write to a@b.example", "News " * 25]

lines = st.lists(st.one_of(st.sampled_from(LABELS), st.text(max_size=60)), min_size=1, max_size=6)
page = st.tuples(st.just("page"), st.sampled_from(HOSTS), st.integers(0, 9), lines)
confirm = st.tuples(st.just("confirm"), st.integers(0, 9))
commit = st.tuples(st.just("commit"))
move = st.tuples(st.sampled_from(("move", "restart", "wipe")))
steps = st.lists(st.one_of(page, page, page, confirm, commit, move), max_size=60)
Page = tuple[str, str, list[str]]  # host, article, lines


@dataclass
class Worker:
    """One partition's pages, worked on by one owner after the other."""

    changelog: Changelog = field(default_factory=Changelog)
    pages: list[Page] = field(default_factory=list)
    committed: int = 0

    def __post_init__(self) -> None:
        self.hosts = TableHosts(self.changelog.kept)

    def take(self, offset: int) -> None:
        host, article, body = self.pages[offset]
        state, seq = self.hosts.get(0, host, offset)
        assert state is not None
        row = page_row(state, seq, article, body, line_keys(body))
        self.changelog.send(0, self.hosts.fold(0, host, row))

    def publish(self, page: Page) -> None:
        self.pages.append(page)
        self.take(len(self.pages) - 1)

    def change_hands(self, how: str) -> None:
        """Begin anew from what is committed: after a rebalance, a kill, or with an empty folder."""
        if how == "move":
            self.hosts.forget()
            # What the changelog has and the store has not comes back by recovery.
            self.changelog.recover(wiped=False)
            self.changelog.kept.forget()
        else:
            self.changelog.recover(wiped=how == "wipe")
        self.hosts = TableHosts(self.changelog.kept)
        for offset in range(self.committed, len(self.pages)):
            self.take(offset)

    def read(self, host: str) -> bytes:
        state, _ = self.hosts.get(0, host, 0)
        assert state is not None
        return snapshot(state)


def fold_all(pages: list[Page], base: int = 0) -> dict[str, bytes]:
    """Return the states as they are when no memory is ever left."""
    states: defaultdict[str, HostLines] = defaultdict(HostLines)
    for offset, (host, article, body) in enumerate(pages):
        row = page_row(states[host], base + offset + 1, article, body, line_keys(body))
        fold_row(states[host], row)
    return {host: snapshot(state) for host, state in states.items()}


@settings(max_examples=150, deadline=None)
@given(steps)
def test_evictions_kills_and_redeliveries_change_no_state(published: list[tuple[object, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_IN_MEMORY", 1)  # every other page evicts
        patch.setattr(module, "_PAGES", 3)
        worker = Worker()
        for step in published:
            match step:
                case ("page", str(host), int(article), list(body)):
                    worker.publish((host, f"article {article}", body))
                case ("confirm", int(count)):
                    worker.changelog.confirm(count)
                case ("commit",):
                    worker.changelog.confirm()
                    worker.committed = len(worker.pages)
                case (str(how),):
                    worker.change_hands(how)
        expected = fold_all(worker.pages)
        assert {host: worker.read(host) for host in expected} == expected
        worker.change_hands("wipe")
        assert {host: worker.read(host) for host in expected} == expected


def write_page(number: int) -> Page:
    chance = random.Random(number)
    news = " ".join("".join(chance.choices("abcdefghij", k=6)) for _ in range(14)) + "."
    return "pier.example", f"article {number}", [news, "Follow us here"]


def test_a_page_leaves_a_small_row_and_a_snapshot_comes_seldom() -> None:
    changelog = Changelog()
    hosts = TableHosts(changelog.kept)
    keys: list[bytes] = []
    sizes: list[int] = []
    for offset in range(450):
        host, article, body = write_page(offset)
        state, seq = hosts.get(0, host, offset)
        assert state is not None
        entries = hosts.fold(0, host, page_row(state, seq, article, body, line_keys(body)))
        changelog.send(0, entries)
        keys += [key for key, _ in entries]
        sizes += [len(value or b"") for _, value in entries]
    assert [number for number, key in enumerate(keys) if key == b"pier.example"] == [200, 401]
    assert len(set(keys)) == 201  # slots are written over, so that the changelog can be compacted
    assert sorted(sizes)[-3] < 400
    changelog.recover(wiped=True)
    state, seq = TableHosts(changelog.kept).get(0, "pier.example", 449)
    assert state is not None
    assert (state.pages, state.newest, seq) == (450, 450, 450)


def test_a_page_that_was_counted_leaves_nothing_when_it_comes_again() -> None:
    worker = Worker()
    for number in range(5):
        worker.publish(write_page(number))
    worker.changelog.confirm()
    host, article, body = worker.pages[2]
    state, seq = worker.hosts.get(0, host, 2)
    assert state is not None
    assert worker.hosts.fold(0, host, page_row(state, seq, article, body, line_keys(body))) == ()


def test_a_host_that_was_carried_here_counts_on_from_where_it_was() -> None:
    state = HostLines()
    for number in range(500):  # of the embedded runner, whose deliveries have large numbers
        _, article, body = write_page(number)
        fold_row(state, page_row(state, 3 * number + 7, article, body, line_keys(body)))
    learned = dict(state.learned)
    assert learned
    worker = Worker()
    worker.changelog.send(0, (write_host("pier.example", state.newest, state),))
    worker.changelog.confirm()
    for number in range(500, 950):  # past two snapshots of its own
        worker.publish(write_page(number))
    for how in ("restart", "wipe"):
        worker.change_hands(how)
        found, seq = worker.hosts.get(0, "pier.example", 449)
        assert found is not None
        assert found.pages == 950
        assert found.newest == seq == 3 * 499 + 7 + 450
        assert set(learned) <= set(found.learned)
        assert all(found.learned[key].since == line.since for key, line in learned.items())


def test_a_text_without_a_host_has_no_state() -> None:
    assert TableHosts(Changelog().kept).get(0, "", 5) == (None, 0)
