"""Children: renewed when they die, and every letter ends, with its letters or with its reason."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from schemas.letter import DETAIL, REASON, Letter
from streams.children.pool import Children, ChildrenError, Promise
from streams.children.work import Step
from tests.streams.children.obey import make_dying, make_failing, make_letter, make_obeying, make_slowly

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def main_of_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep children from importing the main program, which is pytest."""
    monkeypatch.delattr("__main__.__file__")
    monkeypatch.setattr("__main__.__spec__", None)


def open_children(
    make_step: Callable[[], Step] = make_obeying,
    *,
    seconds: float = 20.0,
    pages: int = 1000,
    workers: int = 2,
) -> Children:
    return Children(make_step, workers=workers, seconds=seconds, memory_mb=512, pages_per_child=pages)


def read_reason(promise: Promise) -> str | None:
    return promise.result(60)[0].headers.get(REASON)


def find_children() -> list[psutil.Process]:
    """Return the processes of the fork server."""
    return [child for server in psutil.Process().children() for child in server.children()]


def test_a_page_that_ends_its_process_takes_no_other_along() -> None:
    letters = [make_letter(value) for value in (b"a", b"die", b"b", b"hang", b"c", b"exit 7", b"d")]
    with open_children(seconds=1.0) as children:
        promises = [children.submit(letter) for letter in letters]
        assert [read_reason(promise) for promise in promises] == [
            None, "killed", None, "too_slow", None, "killed", None,
        ]  # fmt: skip
        for at in (0, 2, 4, 6):
            assert promises[at].result() == (letters[at],)
    assert promises[1].result()[0].headers[DETAIL] == "its process ended twice, with code -11"
    assert promises[5].result()[0].headers[DETAIL] == "its process ended twice, with code 7"


def test_a_page_whose_child_was_killed_for_nothing_gets_a_second_one(tmp_path: Path) -> None:
    letter = make_letter(f"once {tmp_path / 'killed'}".encode())
    with open_children() as children:
        assert children.submit(letter).result(60) == (letter,)


def test_what_a_step_raises_is_its_reason_and_its_child_lives_on() -> None:
    with open_children(workers=1) as children:
        first = children.submit(make_letter(b"who")).result(60)
        assert read_reason(children.submit(make_letter(b"eat"))) == "out_of_memory"
        crashed = children.submit(make_letter(b"raise"))
        assert read_reason(crashed) == "crashed"
        assert crashed.result()[0].headers[DETAIL].startswith("ValueError: as told (obey:")
        assert children.submit(make_letter(b"who")).result(60) == first


def test_a_page_is_stopped_at_its_limit_and_not_much_later() -> None:
    with open_children(make_slowly, seconds=0.5) as children:
        children.submit(make_letter(b"ready")).result(60)
        begun = time.monotonic()
        assert read_reason(children.submit(make_letter(b"hang"))) == "too_slow"
        assert 0.5 <= time.monotonic() - begun < 1.0


def test_the_start_of_a_child_is_not_counted_as_a_page_s_time() -> None:
    with open_children(make_slowly, seconds=0.5, pages=1, workers=1) as children:
        promises = [children.submit(make_letter(b"a")) for _ in range(3)]
        assert [read_reason(promise) for promise in promises] == [None] * 3


def test_pages_beside_slow_ones_keep_their_own_answers() -> None:
    letters = [make_letter(b"hang" if at % 7 == 3 else b"page %d" % at) for at in range(40)]
    with open_children(seconds=0.3) as children:
        promises = [children.submit(letter) for letter in letters]
        for letter, promise in zip(letters, promises, strict=True):
            if letter.value == b"hang":
                assert read_reason(promise) == "too_slow"
            else:
                assert promise.result(60) == (letter,)


def test_a_letter_of_seven_mebibytes_goes_in_and_out() -> None:
    chance = random.Random(3)
    letters = [make_letter(chance.randbytes(7 * 2**20)) for _ in range(4)]
    with open_children() as children:
        promises = [children.submit(letter) for letter in letters]
        for letter, promise in zip(letters, promises, strict=True):
            assert promise.result(60) == (letter,)


def test_children_are_renewed_after_their_pages() -> None:
    with open_children(pages=10, workers=1) as children:
        promises = [children.submit(make_letter(b"who")) for _ in range(50)]
        assert len({promise.result(60)[0].value for promise in promises}) == 5


def test_children_that_die_without_a_page_are_renewed() -> None:
    with open_children() as children:
        children.submit(make_letter(b"a")).result(60)
        for child in find_children():
            child.kill()
        promises = [children.submit(make_letter(str(n).encode())) for n in range(20)]
        reasons = [read_reason(promise) for promise in promises]
    assert reasons == [None] * 20


def test_three_hundred_kills_at_any_moment_lose_no_letter() -> None:
    chance = random.Random(11)
    kills, kill_at = 0, 0.0
    reasons: list[str | None] = []
    waiting: deque[tuple[Letter, Promise]] = deque()
    with open_children(workers=4) as children:
        while kills < 300 or waiting:
            while len(waiting) < 32 and kills < 300:
                number = len(reasons) + len(waiting)
                letter = make_letter(b"sleep .002" if number % 2 else bytes(number * 97 % 500_000))
                waiting.append((letter, children.submit(letter)))
            if kills < 300 and time.monotonic() > kill_at and (found := find_children()):
                with contextlib.suppress(psutil.NoSuchProcess):
                    chance.choice(found).kill()  # at work, idle, or not yet ready
                    kills += 1
                kill_at = time.monotonic() + chance.uniform(0, 0.06)
            letter, promise = waiting.popleft()
            end = promise.result(60)
            reasons.append(end[0].headers.get(REASON))
            assert end == (letter,) or reasons[-1] == "killed"
    assert reasons.count(None) > len(reasons) * 0.9


def test_two_threads_submit_and_each_gets_its_own() -> None:
    right: list[bool] = []

    def submit(name: bytes, children: Children) -> None:
        for turn in range(20):
            letters = [make_letter(b"%s %d %d" % (name, turn, at)) for at in range(20)]
            promises = [children.submit(letter) for letter in letters]
            right.extend(
                promise.result(60) == (letter,) for letter, promise in zip(letters, promises, strict=True)
            )

    with open_children() as children:
        threads = [threading.Thread(target=submit, args=(name, children)) for name in (b"a", b"b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert right == [True] * 800


def test_a_cancelled_letter_is_worked_on_by_nobody(tmp_path: Path) -> None:
    mark = tmp_path / "worked"
    with open_children(workers=1) as children:
        children.submit(make_letter(b"sleep 0.3"))
        cancelled = children.submit(make_letter(f"once {mark}".encode()))
        after = children.submit(make_letter(b"a"))
        assert cancelled.cancel()
        assert read_reason(after) is None
    assert not mark.exists()


@pytest.mark.parametrize(
    ("make_step", "told"), [(make_failing, "RuntimeError: cannot start"), (make_dying, "exit code 3")]
)
def test_children_that_cannot_start_are_an_error_and_no_endless_loop(
    make_step: Callable[[], Step], told: str
) -> None:
    with open_children(make_step) as children:
        promises = [children.submit(make_letter(b"a")) for _ in range(10)]
        for promise in promises:
            with pytest.raises(ChildrenError, match=told):
                promise.result(60)
        with pytest.raises(ChildrenError, match=told):
            children.submit(make_letter(b"a"))


def test_a_fork_server_that_dies_is_replaced() -> None:
    with open_children() as children:
        children.submit(make_letter(b"a")).result(60)
        (server,) = {child.ppid() for child in find_children()}
        working = children.submit(make_letter(b"sleep 0.2"))
        os.kill(server, signal.SIGKILL)
        assert read_reason(working) is None
        for child in find_children():
            child.kill()
        assert [read_reason(children.submit(make_letter(b"a"))) for _ in range(5)] == [None] * 5


def test_closing_ends_children_at_work_and_every_future() -> None:
    children = open_children()
    children.submit(make_letter(b"a")).result(60)
    promises = [children.submit(make_letter(b"hang")) for _ in range(5)]
    time.sleep(0.2)
    begun = time.monotonic()
    children.close()
    assert time.monotonic() - begun < 2
    for promise in promises:
        with pytest.raises(ChildrenError):
            promise.result(0)
    assert not find_children()
    children.close()


LAUNCH = """
import sys, time, psutil
from streams.children.pool import Children
from tests.streams.children.obey import make_letter, make_obeying

if __name__ == "__main__":
    children = Children(make_obeying, workers=2, seconds=60, memory_mb=512, pages_per_child=100)
"""

SIGNALS = """
    promise = children.submit(make_letter(b"a"))
    sent = 0
    while not promise.done() or sent < 40:
        for process in psutil.Process().children(recursive=True)[1:]:
            process.terminate()
            process.send_signal(2)
        sent += 1
        time.sleep(0.05)
    print(promise.result()[0].value.decode(), len(psutil.Process().children(recursive=True)))
    children.close()
"""

ORPHANS = """
    children.submit(make_letter(b"a")).result(60)
    children.submit(make_letter(b"hang"))
    time.sleep(0.2)
    print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
    if sys.argv[1] == "kill":
        time.sleep(60)
"""


def test_signals_to_the_group_are_left_to_the_parent(tmp_path: Path) -> None:
    script = tmp_path / "signals.py"
    script.write_text(LAUNCH + SIGNALS)
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("a 4\n", "")


@pytest.mark.parametrize("how", ["kill", "forget"])
def test_no_child_outlives_its_parent_not_even_in_the_middle_of_a_page(how: str, tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(LAUNCH + ORPHANS)
    command = [sys.executable, str(script), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) >= 4  # the tracker and the server of multiprocessing, and two children
        if how == "kill":
            parent.kill()
        parent.wait(5)
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=3)
    assert not alive
