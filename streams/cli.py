"""The command line: `naba VERB …`."""

import os
import signal
import sqlite3
import sys
from types import FrameType

import click

from connectors.sinks.lines import OutputError
from streams.embedded.children import ChildrenError
from streams.embedded.tables import StoreError
from streams.rule import RuleError
from streams.settings import SettingsError
from streams.verbs.demo import demo
from streams.verbs.explain import explain
from streams.verbs.rules import rules
from streams.verbs.run import run
from streams.verbs.why import why

# What a user can cause; anything else is a fault of ours and keeps its traceback.
_WRONG_USE = (SettingsError, StoreError, OutputError, RuleError)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="naba")
def naba() -> None:
    """Turns what news sites publish into clean records, and tells what it cut and why."""


for verb in (run, explain, why, rules, demo):
    naba.add_command(verb)


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 not all of it, 2 wrong use."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        naba.main(prog_name="naba", standalone_mode=True)
    except _WRONG_USE as error:
        click.echo(f"naba: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader has left (`| head`); Python would complain once more while it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (ChildrenError, OSError, sqlite3.OperationalError) as error:
        click.echo(f"naba: {error}", err=True)
        sys.exit(1)


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
