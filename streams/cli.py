"""The command line: `naba VERB …`."""

import io
import signal
import sqlite3
import sys
from importlib import import_module
from types import FrameType

import click

from schemas.wrong_use import WrongUse

_VERBS = {
    "run": "streams.verbs.run:run",
    "explain": "streams.verbs.explain:explain",
    "why": "streams.verbs.why:why",
    "delete": "streams.verbs.delete:delete",
    "rules": "streams.verbs.rules:rules",
    "demo": "streams.verbs.demo:demo",
    "sources": "streams.verbs.sources:sources",
    "broker": "streams.verbs.broker:broker",
    "topics": "streams.verbs.topics:topics",
    "sink": "streams.verbs.sink:sink",
    "push": "streams.verbs.push:push",
    "collect": "streams.verbs.collect:collect",
    "worker": "streams.verbs.worker:worker",
    "tail": "streams.verbs.tail:tail",
}


class Verbs(click.Group):
    """The verbs, imported when they are called: `why` need not load what extracts pages."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return their names in the order in which a newcomer meets them."""
        return list(_VERBS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return the verb of that name."""
        if name not in _VERBS:
            return None
        module, _, command = _VERBS[name].partition(":")
        found: click.Command = getattr(import_module(module), command)
        return found


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="naba")
def naba() -> None:
    """Turns what news sites publish into clean records, and tells what it cut and why."""


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 not all of it, 2 wrong use."""
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no Arabic shows escapes instead of ending the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        naba.main(prog_name="naba", standalone_mode=True)
    except WrongUse as error:
        click.echo(f"naba: {error}", err=True)
        sys.exit(2)
    except (OSError, sqlite3.DatabaseError) as error:
        click.echo(f"naba: {error}", err=True)
        sys.exit(1)


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
