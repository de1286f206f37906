"""`naba explain`: one article after each stage."""

import re
import sys
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson

from connectors.sources.files import FilesSource, find_files
from schemas.cleaned import Cleaned
from schemas.codec import decode
from schemas.letter import CLEAN, INPUT, RAW, RAW_ID, Letter
from streams.embedded.children import Children
from streams.embedded.ledger import read_account
from streams.embedded.store import Store
from streams.settings import Settings
from streams.steps.explain import FAILED, STAGE, make_explain_step
from streams.verbs.options import open_settings, settings_options
from streams.verbs.tell import say, shorten

_WITH_LINE = re.compile(r"(.+\.jsonl(?:\.gz)?):(\d{1,12})")


@click.command()
@click.argument("asked", metavar="FILE|URL")
@settings_options
def explain(asked: str, config: str | None, db: str | None) -> None:
    """Show one article after each stage.

    FILE is a page, a text, or one line of JSON lines (articles.jsonl:12; the first without a
    number). An address or id is looked up in the store, which keeps the pages of its last days.
    """
    settings = open_settings(config, db)
    letter = _find_letter(asked, settings)
    make_step = partial(make_explain_step, settings.rules, settings.timezone, settings.clean.min_letters)
    make_step()
    bounds = settings.clean
    with Children(
        make_step, workers=1, seconds=bounds.seconds, memory_mb=bounds.memory_mb, pages_per_child=1
    ) as children:
        shown = children.collect(letter, children.submit(letter))
    before: dict[str, Any] = {}
    for stage in shown:
        if stage.topic == CLEAN:
            _tell_end(decode(stage.value, Cleaned))
        elif stage.topic == FAILED:
            failed = orjson.loads(stage.value)
            click.echo(f"{stage.key}: {failed['reason']}")
            say("", failed["detail"])
        elif stage.topic == STAGE:
            after = orjson.loads(stage.value)
            click.echo(stage.key)
            _tell_change(before, after)
            before = after
        else:  # the child did not live: a dead letter and its outcome
            _tell_dead(shown)
            break
    if not shown or shown[-1].topic != CLEAN:
        sys.exit(1)


def _find_letter(asked: str, settings: Settings) -> Letter:
    matched = _WITH_LINE.fullmatch(asked)
    path, number = (matched[1], int(matched[2])) if matched and not Path(asked).exists() else (asked, 0)
    if asked == "-" or Path(path).exists():
        return _read_file(path, number)
    if not Path(settings.db).exists():
        raise click.UsageError(f"{asked}: no such file, and there is no store {settings.db} to look it up in")
    with Store(settings.db, write=False) as store:
        account = read_account(store, asked)
        if account is None:
            click.echo(f"naba: {asked}: no such file, and nothing is known of it in {settings.db}", err=True)
            sys.exit(1)
        for delivery in reversed(account.deliveries):
            value = store.read_raw(delivery["raw_id"])
            if value is not None:
                return Letter(RAW, "", value, {INPUT: delivery["input"], RAW_ID: delivery["raw_id"]})
    click.echo(f"naba: {asked}: its page is kept no longer (store.keep_raw days)", err=True)
    sys.exit(1)


def _read_file(path: str, number: int) -> Letter:
    try:
        files = find_files([path])
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    where = f"{path}:{number}" if number else None
    for letter in FilesSource(files[:1]).poll():
        if where is None or letter.headers[INPUT] == where:
            return letter
    click.echo(f"naba: {where or path}: nothing stands there", err=True)
    sys.exit(1)


def _tell_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    told = False
    for key, value in after.items():
        old: Any = before.get(key, [] if isinstance(value, list) else None)
        if value == old or (not before and not value):
            continue
        told = True
        if isinstance(value, list):
            _tell_lines(key, old, value)
        elif key in ("markup", "elements"):
            say(key, f"{value:,}")
        else:
            say(key, "" if value is None else str(value))
    if not told:
        say("", "(nothing changed)")


def _tell_lines(key: str, old: list[str], new: list[str]) -> None:
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            for line in old[first:last]:
                say(key, f"- {shorten(line, 160)}")
            for line in new[start:end]:
                say(key, f"+ {shorten(line, 160)}")


def _tell_end(cleaned: Cleaned) -> None:
    article = cleaned.article
    click.echo("conclude")
    say("article", article.article_id)
    say("words", f"{article.word_count}, {article.reading_minutes} min, {article.direction}")
    say("content", article.content_hash)
    say("print", shorten(article.fingerprint, 60))


def _tell_dead(letters: tuple[Letter, ...]) -> None:
    outcome = orjson.loads(letters[-1].value)
    click.echo(f"{outcome['stage']}: {outcome['reason']}")
    say("", outcome["detail"])
