"""Children: renewed when they die, and the work of the others is done all the same."""

import os
import random
import signal
from collections import deque

import psutil
import pytest

from schemas.letter import CLEAN, INPUT, RAW_ID, Letter
from streams.embedded.children import Children, ChildrenError, Step

pytestmark = pytest.mark.slow


def make_letter(value: bytes) -> Letter:
    return Letter(CLEAN, "", value, {INPUT: "a:1", RAW_ID: "0" * 32})


def obey(letter: Letter) -> tuple[Letter, ...]:
    """Do what the letter says."""
    if letter.value == b"die":
        os.kill(os.getpid(), signal.SIGSEGV)
    while letter.value == b"hang":
        pass
    return (letter,)


def make_obeying() -> Step:
    return obey


def make_failing() -> Step:
    raise RuntimeError("cannot start")


def open_children(seconds: float = 20.0) -> Children:
    return Children(make_obeying, workers=2, seconds=seconds, memory_mb=512, pages_per_child=100)


def test_a_page_that_ends_its_process_takes_no_other_along() -> None:
    letters = [make_letter(value) for value in (b"a", b"die", b"b", b"hang", b"c", b"die", b"d")]
    with open_children(seconds=1.0) as children:
        promises = [children.submit(letter) for letter in letters]
        ends = [children.collect(letter, promise) for letter, promise in zip(letters, promises, strict=True)]
    assert [end[0].headers.get("naba-reason") for end in ends] == [
        None, "killed", None, "too_slow", None, "killed", None,
    ]  # fmt: skip


def test_children_that_die_without_a_page_are_renewed() -> None:
    with open_children() as children:
        first = make_letter(b"a")
        assert children.collect(first, children.submit(first)) == (first,)
        for server in psutil.Process().children():
            for child in server.children():
                child.kill()
        letters = [make_letter(str(n).encode()) for n in range(20)]
        promises = [children.submit(letter) for letter in letters]
        ends = [children.collect(letter, promise) for letter, promise in zip(letters, promises, strict=True)]
    reasons = [end[0].headers.get("naba-reason") for end in ends]
    assert set(reasons) <= {None, "killed"}
    assert reasons.count(None) >= 18


def test_children_that_die_at_any_moment_lose_nothing() -> None:
    chance = random.Random(11)
    letters = [make_letter(str(number).encode()) for number in range(3000)]
    with open_children() as children:
        done, kills = 0, 0
        waiting = deque((letter, children.submit(letter)) for letter in letters[:32])
        for letter in letters[32:] + [None] * 32:
            head, promise = waiting.popleft()
            end = children.collect(head, promise)
            assert end == (head,) or end[0].headers["naba-reason"] == "killed"
            done += 1
            if letter is not None:
                waiting.append((letter, children.submit(letter)))
            if done % 150 == 0:
                alive = [child for server in psutil.Process().children() for child in server.children()]
                if alive:
                    chance.choice(alive).kill()
                    kills += 1
    assert done == len(letters)
    assert kills >= 15


def test_children_that_cannot_start_are_an_error_and_no_endless_loop() -> None:
    with Children(make_failing, workers=1, seconds=5, memory_mb=512, pages_per_child=100) as children:
        letter = make_letter(b"a")
        with pytest.raises(ChildrenError):
            children.collect(letter, children.submit(letter))
