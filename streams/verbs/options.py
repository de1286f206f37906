"""The options that several verbs take."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from streams.settings import Settings, load_settings

Command = Callable[..., Any]


def config_option(command: Command) -> Command:
    """Add `--config`, for a verb without a store; `open_settings` makes settings of it."""
    return click.option(
        "--config", metavar="FILE", help="The settings [default: naba.toml, if there is one]."
    )(command)


def settings_options(command: Command) -> Command:
    """Add `--config` and `--db`; `open_settings` makes settings of them."""
    db = click.option("--db", metavar="FILE", help="The store, one SQLite file [default: naba.db].")
    return config_option(db(command))


def open_settings(config: str | None, db: str | None = None) -> Settings:
    """Return the settings of the file, the environment and the options, the later over the earlier."""
    settings = load_settings(Path(config) if config else None, os.environ)
    return replace(settings, db=db) if db else settings
