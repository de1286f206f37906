"""A signal is heard, wherever the program is when it comes."""

import subprocess
import sys

import pytest

SWALLOWED = """
import os, signal, time
from streams.app.stopping import Stopped, ignore_signals, raise_on_signals

class Careless:
    def __del__(self):
        os.kill(os.getpid(), signal.SIG{0})
        time.sleep(.1)

raise_on_signals()
try:
    Careless()  # what is raised in it is forgotten
    time.sleep(20)
except Stopped:
    ignore_signals()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1.2)
    print("heard")
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_signal_that_came_while_nobody_listened_is_heard_all_the_same(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", SWALLOWED.format(name)], capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, b"heard\n")
    assert b"Exception ignored in" in done.stderr  # else nothing was swallowed
