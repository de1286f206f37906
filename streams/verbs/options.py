"""The options that several verbs take."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from streams.settings import Settings, load_settings

Command = Callable[..., Any]
_TIMEOUT = 600.0


def config_option(command: Command) -> Command:
    """Add `--config`, for a verb without a store; `open_settings` makes settings of it."""
    return click.option(
        "--config", metavar="FILE", help="The settings [default: naba.toml, if there is one]."
    )(command)


def settings_options(command: Command) -> Command:
    """Add `--config` and `--db`; `open_settings` makes settings of them."""
    db = click.option("--db", metavar="FILE", help="The store, one SQLite file [default: naba.db].")
    return config_option(db(command))


def until_idle_option(command: Command) -> Command:
    """Add `--until-idle`, for a verb that reads topics."""
    return click.option(
        "--until-idle",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help="End when every delivery has its outcome and nothing came for so long.",
    )(command)


def once_options(command: Command) -> Command:
    """Add `--once` and `--timeout`; `read_timeout` makes seconds of them."""
    once = click.option("--once", is_flag=True, help="Look at every source once, and end when all is done.")
    timeout = click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help=f"With --once: end with 1 where that takes longer [default: {_TIMEOUT:g}].",
    )
    return once(timeout(command))


def read_timeout(once: bool, timeout: float | None) -> float | None:
    """Return the seconds that looking once may take, None where it is for ever. Raises UsageError."""
    if timeout is not None and not once:
        raise click.UsageError("--timeout goes with --once")
    return (timeout or _TIMEOUT) if once else None


def open_settings(config: str | None, db: str | None = None) -> Settings:
    """Return the settings of the file, the environment and the options, the later over the earlier."""
    settings = load_settings(Path(config) if config else None, os.environ)
    return replace(settings, db=db) if db else settings
