"""`naba explain`: one article after each stage."""

import re
import sys
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import click
import orjson

from connectors.sources.files import FilesSource, find_files
from schemas.address import Aliases, host_of, site_of
from schemas.article import Article, Removal
from schemas.cleaned import Cleaned
from schemas.codec import decode
from schemas.letter import CLEAN, DETAIL, EXPLAIN, INPUT, RAW, RAW_ID, REFUSED, UNREAD, Letter
from streams.children.open import open_children
from streams.embedded.hosts import load_host
from streams.embedded.ledger import read_account
from streams.embedded.store import Store
from streams.learned.judge import cut_learned
from streams.policy.policy import Policies
from streams.settings import Settings
from streams.steps.learn import host_of_letter
from streams.steps.order import ExplainOrder, order_clean
from streams.verbs.options import open_settings, settings_options
from streams.verbs.tell import say, shorten

_WITH_LINE = re.compile(r"(.+\.jsonl(?:\.gz)?):(\d{1,12})")

_MOST_LINES = 300
_INVISIBLE = {
    code: f"<U+{code:04X}>" for code in (0xA0, 0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF)
}


@click.command()
@click.argument("asked", metavar="FILE|URL")
@settings_options
def explain(asked: str, config: str | None, db: str | None) -> None:
    """Show one article after each stage.

    FILE is a page, a text, or one line of JSON lines (articles.jsonl:12; the first without a
    number). An address or id is looked up in the store, which keeps the pages of its last days: the
    newest delivery is shown that is more than the news that the page is gone.
    """
    settings = open_settings(config, db)
    letter = _find_letter(asked, settings)
    with open_children(settings, 1, ExplainOrder(order_clean(settings))) as children:
        shown = children.submit(letter).result()
    before: dict[str, Any] = {}
    for stage in shown:
        if stage.topic == CLEAN:
            cleaned = decode(stage.value, Cleaned)
            _tell_learned(cleaned, host_of_letter(letter), settings)
            _tell_end(cleaned)
        elif stage.topic == REFUSED:
            failed = orjson.loads(stage.value)
            click.echo(f"{stage.key}: {failed['reason']}")
            say("", failed["detail"])
        elif stage.topic == EXPLAIN:
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
    path, number = (matched[1], int(matched[2])) if matched and not Path(asked).exists() else (asked, None)
    if asked == "-" or Path(path).exists():
        return _read_file(path, number)
    if not Path(settings.db).exists():
        raise click.UsageError(f"{asked}: no such file, and there is no store {settings.db} to look it up in")
    aliases = Policies(settings.policy).aliases
    with Store(settings.db, write=False) as store:
        account = read_account(store, asked, aliases)
        if account is None:
            click.echo(f"naba: {asked}: no such file, and nothing is known of it in {settings.db}", err=True)
            sys.exit(1)
        for delivery in reversed(account.deliveries):
            value = store.read_raw(delivery["raw_id"])
            if value is not None and delivery["reason"] != "withdrawn":
                return _letter_again(delivery, value, aliases)
    click.echo(f"naba: {asked}: its page is kept no longer (store.keep_raw days)", err=True)
    sys.exit(1)


def _letter_again(delivery: dict[str, Any], value: bytes, aliases: Aliases) -> Letter:
    headers = {INPUT: delivery["input"], RAW_ID: delivery["raw_id"]}
    if delivery["stage"] == "read":
        headers |= {UNREAD: delivery["reason"], DETAIL: delivery["detail"]}
    return Letter(RAW, site_of(host_of(delivery["url"]), aliases), value, headers)


def _read_file(path: str, number: int | None) -> Letter:
    files = find_files([path])
    if len(files) != 1:
        raise click.UsageError(f"{path}: one file is explained at a time, and {len(files)} stand there")
    where = f"{path}:{number}" if number is not None else None
    for letter in FilesSource(files).poll():
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
    # A diff of texts that repeat themselves is quadratic: of long ones their ends are compared.
    left_out = max(len(old), len(new)) - _MOST_LINES
    if left_out > 0:
        say(key, f"(the first {_MOST_LINES} of {len(old)} and {len(new)} lines)")
        old, new = old[:_MOST_LINES], new[:_MOST_LINES]
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            for line in old[first:last]:
                say(key, f"- {_show(line)}")
            for line in new[start:end]:
                say(key, f"+ {_show(line)}")


def _show(line: str) -> str:
    return shorten(line.translate(_INVISIBLE), 160)


def _tell_learned(cleaned: Cleaned, host: str, settings: Settings) -> None:
    """Show what the host's pages in the store take out, by all that they have taught so far."""
    click.echo("learned")
    removed: tuple[Removal, ...] = ()
    if Path(settings.db).exists():
        with Store(settings.db, write=False) as store:
            if store.cluster is not None:
                _tell_learned_then(cleaned.article, store)
                return
            state = load_host(store, host)[0] if host else None
        if state is not None:
            known = len(cleaned.article.removed)
            removed = cut_learned(cleaned, state, state.newest + 1, host).article.removed[known:]
    for removal in removed:
        say("lines", f"- {_show(removal.text)}  [{removal.kind}, {removal.rule}]")
    if not removed:
        say("", "(nothing changed)")


def _tell_learned_then(article: Article, store: Store) -> None:
    """Show what was taken out when the delivery was worked on: its host's state is not in this store."""
    records = (
        orjson.loads(record)
        for table in ("articles", "duplicates")
        for (record,) in store.fetch(
            f"SELECT record FROM {table} WHERE key = ? AND record != ''", article.article_id
        )
    )
    record = next((record for record in records if record["raw_id"] == article.raw_id), None)
    if record is None:
        say("", "(not known here: what the host has taught is with the workers)")
        return
    removed = [removal for removal in record["removed"] if removal["rule"].startswith("learned.")]
    for removal in removed:
        say("lines", f"- {_show(removal['text'])}  [{removal['kind']}, {removal['rule']}]")
    then = "as it was then" if removed else "nothing changed then"
    say("", f"({then}; what the host has taught since is with the workers)")


def _tell_end(cleaned: Cleaned) -> None:
    article = cleaned.article
    click.echo("conclude")
    say("article", article.article_id)
    say("words", f"{article.word_count}, {article.reading_minutes} min, {article.direction}")
    say("content", article.content_hash)
    say("fingerprint", shorten(article.fingerprint, 60))


def _tell_dead(letters: tuple[Letter, ...]) -> None:
    outcome = orjson.loads(letters[-1].value)
    click.echo(f"{outcome['stage']}: {outcome['reason']}")
    say("", outcome["detail"])
