"""A child process as its parent sees it: started, asked, and ended."""

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing import connection

from schemas.letter import Letter
from streams.children.work import Failure, Step, work

_START_SECONDS = 60.0  # on a machine that has much else to do, the models still to be loaded
_END_SECONDS = 2.0  # for the kernel to end what was killed

# A server process that has loaded the models once forks children in milliseconds, with the models
# shared; forking this process would copy its threads' locks. A child gets only the pipe that is its
# own: else its pipe would stay open in a sibling, and its end would go unnoticed.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["streams.children.work", "streams.children.preload"])

# multiprocessing asks after the end of every child whenever it starts one, and the exit code can be
# read but once.
_registry = threading.Lock()


class Child:
    """One process. EOFError and OSError from any method say that it has ended."""

    def __init__(self, make_step: Callable[[], Step], memory_mb: int) -> None:
        """Start it. Raises OSError or EOFError where there is no process to be had."""
        self._code: int | None = None
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(target=work, args=(theirs, make_step, memory_mb), daemon=True)
        try:
            with _registry:
                self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            theirs.close()

    def wait_ready(self) -> str | None:
        """Return None once it can be asked, else what kept it from making its step."""
        if not self._pipe.poll(_START_SECONDS):
            return f"not ready after {_START_SECONDS:g} s"
        told: str | None = self._pipe.recv()
        return told

    def has_ended(self) -> bool:
        """Tell whether it died while nobody asked it: it speaks only when asked."""
        return self._pipe.poll()

    def ask(self, letter: Letter, seconds: float) -> tuple[Letter, ...] | Failure:
        """Return its answer. Raises TimeoutError where none came within `seconds`."""
        self._pipe.send(letter)
        if not self._pipe.poll(seconds):
            raise TimeoutError
        answer: tuple[Letter, ...] | Failure = self._pipe.recv()
        return answer

    def kill(self) -> None:
        """End it now; whoever waits for its answer gets EOFError or OSError."""
        with _registry:
            if not self._pipe.closed:
                self._process.kill()

    def end(self, grace: float = 0.0) -> int | None:
        """Return its exit code, once it has ended by itself within `grace` seconds or was killed.

        None where the code is unknown.
        """
        if self._pipe.closed:
            return self._code
        if not connection.wait([self._process.sentinel], grace):
            self.kill()
            connection.wait([self._process.sentinel], _END_SECONDS)
        with _registry:
            self._pipe.close()
            # Not closed: at the end of the program multiprocessing may just be waiting for it.
            self._code = self._process.exitcode
        return self._code
