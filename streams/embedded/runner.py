"""The embedded runner: carries letters between the steps, and commits them with the state they made."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.source import Source
from schemas.codec import decode
from schemas.letter import CLEAN, INPUT, OUTCOMES, RAW_ID, Letter
from schemas.outcome import Outcome
from streams.children.pool import Children, Promise
from streams.copies.compare import build_index
from streams.embedded.deletions import Deletions
from streams.embedded.feed import Feed
from streams.embedded.hosts import Hosts
from streams.embedded.outputs import Output
from streams.embedded.store import Store
from streams.policy.policy import Policies
from streams.policy.retention import keep_until
from streams.settings import Settings
from streams.steps.compare import CompareStep
from streams.steps.learn import LearnStep, host_of_letter

_WINDOW = 16  # letters under way for each worker: behind a slow page the others are done meanwhile
_COMMIT_LETTERS = 200
_COMMIT_SECONDS = 0.25
_TIDY_SECONDS = 3600.0
_STOP_SECONDS = 3.0  # for what is under way when a run is stopped
_IDLE_SECONDS = 0.02  # after which it looks again whether a page is done, while the source is silent

Watcher = Callable[[tuple[Letter, ...]], None]


@dataclass
class Totals:
    """Deliveries of one run: all that were taken, those known before, and the others by outcome.

    `is_broken_off` tells that it was stopped before its source had ended.
    """

    taken: int = 0
    known: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    is_broken_off: bool = False

    def difference(self) -> int:
        """Return the deliveries that have no outcome: zero, or something was lost."""
        return self.taken - self.known - self.outcomes.total()


class Runner:
    """Runs sources to their end, in the order of input whatever the number of children."""

    def __init__(
        self, store: Store, children: Children, settings: Settings, outputs: Sequence[Output], watch: Watcher
    ) -> None:
        """`watch` is called with the letters of each delivery once they are safe."""
        self._store, self._children, self._settings = store, children, settings
        self._outputs, self._watch = outputs, watch
        self._hosts = Hosts(store)
        self._policies = Policies(settings.policy)
        since = _day(datetime.now(UTC), settings.compare.window_days)
        self._index = build_index(store.rows.read_published(since))
        self._learn, self._step = LearnStep(), CompareStep()
        self._deletions = Deletions(store, self._compare)
        self._seq = store.seq  # of the newest delivery that is done, committed or not
        self._done: list[_Done] = []
        self._waiting: set[tuple[str, str]] = set()  # deliveries that are under way or not committed
        self._committed_at = time.monotonic()
        store.begin()
        self._tidy()
        store.commit()

    def run(self, source: Source, workers: int, stop: Callable[[], bool] = lambda: False) -> Totals:
        """Take everything that `source` has, and return what became of it.

        When `stop` says so, what is done within seconds is committed, and the rest is as if it had
        not been taken: its source has not been told that it is safe.
        """
        totals = Totals()
        under_way: deque[tuple[Letter, Promise]] = deque()
        feed = Feed(source)
        while under_way or not feed.ended:
            if stop():
                self._finish_in_time(source, under_way, totals)
                totals.is_broken_off = True
                break
            if under_way and under_way[0][1].done():
                self._finish(source, *under_way.popleft(), totals)
                continue
            if under_way and (feed.ended or len(under_way) >= _WINDOW * workers):
                # It may take its whole time: what is done before it need not wait for it.
                wait([under_way[0][1]], timeout=_COMMIT_SECONDS)
                self._commit_when_due()
                continue
            new = feed.get(_IDLE_SECONDS)
            if new is None:
                self._commit_when_due()
                continue
            totals.taken += 1
            if _delivery(new) in self._waiting or self._store.has(new):
                totals.known += 1
                source.commit(new)
                continue
            self._waiting.add(_delivery(new))
            under_way.append((new, self._children.submit(new)))
        self._commit()
        return totals

    def _finish_in_time(
        self, source: Source, under_way: deque[tuple[Letter, Promise]], totals: Totals
    ) -> None:
        until = time.monotonic() + _STOP_SECONDS
        while under_way and wait([under_way[0][1]], timeout=max(0, until - time.monotonic())).done:
            self._finish(source, *under_way.popleft(), totals)
        totals.taken -= len(under_way)

    def _finish(self, source: Source, letter: Letter, promise: Promise, totals: Totals) -> None:
        letters = promise.result()
        now = datetime.now(UTC)
        if letters[0].topic == CLEAN:
            letters = self._pass_on(letters[0], now)
        self._seq += 1
        outcome = read_outcome(letters)
        totals.outcomes[outcome.outcome] += 1
        self._done.append(_Done(source, letter, letters, now, outcome.reason != "deleted"))
        self._commit_when_due()

    def _commit_when_due(self) -> None:
        waited = time.monotonic() - self._committed_at
        is_due = len(self._done) >= _COMMIT_LETTERS or (self._done and waited >= _COMMIT_SECONDS)
        if is_due or self._deletions.is_due():
            self._commit()

    def _pass_on(self, letter: Letter, now: datetime) -> tuple[Letter, ...]:
        seq = self._seq + 1
        host = host_of_letter(letter)
        learnt = self._learn(letter, self._hosts.get(host), seq)
        if learnt.row is not None:
            self._hosts.fold(host, seq, learnt.row)
        if learnt.letters[0].topic != CLEAN:
            return learnt.letters
        return self._compare(learnt.letters[0], now)

    def _compare(self, letter: Letter, now: datetime) -> tuple[Letter, ...]:
        return self._step(letter, self._store.rows, self._index, now)

    def _commit(self) -> None:
        # Everything is computed by now: others who write into the file (verbs, the state of sources)
        # find it locked for milliseconds, not for most of the time.
        self._store.begin()
        if time.monotonic() - self._tidied_at > _TIDY_SECONDS:
            self._tidy()
        for done in self._done:
            if done.keeps_raw:
                until = keep_until(done.letter, done.at, self._policies)
                self._store.keep_raw(done.letter, done.at, until)
            self._store.append(done.letters, done.at)
        has_deleted = self._deletions.erase(datetime.now(UTC))
        self._hosts.flush()
        for output in self._outputs:
            output.prepare()
        self._store.commit()
        self._committed_at = time.monotonic()
        for output in self._outputs:
            output.publish()
        if has_deleted:
            for output in self._outputs:
                output.renew()
            self._deletions.finish()
        for done in self._done:
            done.source.commit(done.letter)
            self._watch(done.letters)
        self._waiting.difference_update(_delivery(done.letter) for done in self._done)
        self._done.clear()

    def _tidy(self) -> None:
        now, kept = datetime.now(UTC), self._settings.store
        self._store.forget(now - timedelta(days=kept.keep_raw), _day(now, kept.keep_rows))
        self._index.forget(_day(now, self._settings.compare.window_days))
        self._tidied_at = time.monotonic()


@dataclass(frozen=True, slots=True)
class _Done:
    source: Source
    letter: Letter
    letters: tuple[Letter, ...]
    at: datetime
    keeps_raw: bool  # the page, for a replay


def _delivery(letter: Letter) -> tuple[str, str]:
    return letter.headers[INPUT], letter.headers[RAW_ID]


def read_outcome(letters: tuple[Letter, ...]) -> Outcome:
    """Return the one outcome among the letters of a delivery."""
    (letter,) = (letter for letter in letters if letter.topic == OUTCOMES)
    return decode(letter.value, Outcome)


def _day(now: datetime, days: int) -> str:
    return (now - timedelta(days=days)).date().isoformat()
