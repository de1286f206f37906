"""`naba rules`: what the hosts have taught, and how it becomes a rule."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from schemas.wrong_use import WrongUse
from streams.cutting.proof import prove
from streams.embedded.hosts import list_hosts, load_host
from streams.embedded.store import Store
from streams.learned.evidence import Evidence, list_evidence, write_rule
from streams.steps.order import order_clean
from streams.verbs.options import open_settings, settings_options
from streams.verbs.tell import say, shorten


@click.group()
def rules() -> None:
    """Look at the lines that naba has learned to cut, and make rules of them."""


@rules.command()
@click.argument("host", required=False)
@settings_options
def learned(host: str | None, config: str | None, db: str | None) -> None:
    """Show the learned lines of HOST, or of all hosts, with their evidence."""
    with Store(open_settings(config, db).db, write=False) as store:
        _refuse_without_hosts(store)
        count = 0
        for item in _read_evidence(store, [host] if host else list_hosts(store)):
            count += 1
            click.echo(item.rule)
            say("line", shorten(item.example, 150))
            places = ", ".join(
                f"{number} at the {place}" for place, number in item.articles.items() if number
            )
            say("stood in", f"{places} of different articles, of {item.pages} pages")
            say("cut since", ", ".join(f"delivery {seq} ({place})" for place, seq in item.since.items()))
    if not count:
        click.echo(f"naba: {host or 'no host'}: nothing was learned", err=True)
        sys.exit(1)


@rules.command()
@click.argument("rule")
@click.option("--into", metavar="FOLDER", help="Write the file there; without it, print it.")
@settings_options
def adopt(rule: str, into: str | None, config: str | None, db: str | None) -> None:
    """Make a rule file of one learned line, named as `naba rules learned` and `removed` name it."""
    name = rule.partition("@")[0]
    host = name.removeprefix("learned.").rpartition(".")[0]
    with Store(open_settings(config, db).db, write=False) as store:
        _refuse_without_hosts(store)
        found = [item for item in _read_evidence(store, [host]) if item.rule.partition("@")[0] == name]
    if not found:
        click.echo(f"naba: {rule}: no such learned line; `naba rules learned` lists them", err=True)
        sys.exit(1)
    text = write_rule(found[0])
    if into is None:
        click.echo(text, nl=False)
        return
    file = Path(into) / f"{host.replace('.', '-')}-{name.rpartition('.')[2]}.toml"
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None
    click.echo(file)


@rules.command()
@settings_options
def check(config: str | None, db: str | None) -> None:
    """Prove every rule, shipped and yours, by its examples: they hold with it and fail without it."""
    faults = 0
    for rule in order_clean(open_settings(config, db)).load_rules().all:
        for fault in prove(rule):
            faults += 1
            click.echo(f"{rule.id}: {fault}")
    if faults:
        sys.exit(1)


def _refuse_without_hosts(store: Store) -> None:
    if store.cluster is not None:
        raise WrongUse(f"{store.path}: is filled from topics; what the hosts have taught is with the workers")


def _read_evidence(store: Store, hosts: list[str]) -> Iterator[Evidence]:
    for host in hosts:
        yield from list_evidence(host, load_host(store, host)[0])
