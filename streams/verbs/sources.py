"""`naba sources`: which sources there are and how they are doing; adding, pausing and taking out."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import update_wrapper
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import click
import orjson

from connectors.feeds.opml import OpmlError, Outline, read_opml, write_opml
from connectors.polling.roster import Listed, add_sources, pause_source, read_roster, remove_source
from connectors.polling.summary import list_missed, summarize
from connectors.polling.tables import connect, write_time
from connectors.receiving.tables import count_inbox
from connectors.sources.feed import FeedSource
from connectors.sources.kinds import Kind, Listening, addresses_of
from connectors.sources.name import name_source
from connectors.sources.sitemap import SitemapSource
from connectors.sources.websub import WebSubSource
from connectors.websub.subscription import describe
from connectors.websub.tables import read_subscription_of
from schemas.wrong_use import WrongUse
from streams.embedded.tables import prepare
from streams.finding import find_source
from streams.settings import Settings
from streams.verbs.options import Command, open_settings, settings_options
from streams.verbs.tell import harmless, say

Place = tuple[str | None, str | None]  # of the settings and the store
_MISSED = 20


def _place_options(command: Command) -> Command:
    """Add `--config` and `--db` to what `naba sources` does: they may stand before its word or behind it."""

    def take(context: click.Context, /, *given: Any, config: str | None, db: str | None, **named: Any) -> Any:
        above = context.obj
        return command((config or above[0], db or above[1]), *given, **named)

    return settings_options(click.pass_context(update_wrapper(take, command)))


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source.")
@settings_options
@click.pass_context
def sources(context: click.Context, as_json: bool, config: str | None, db: str | None) -> None:
    """List the sources: state, next look, newest item, items a day, errors of the last week.

    The sources are those of the settings, and those that `add` and `import` put into the store. A
    runner takes changes up within seconds.
    """
    context.obj = (config, db)
    if context.invoked_subcommand is None:
        with _open((config, db)) as (settings, database):
            _list(read_roster(database, settings.source), database, as_json)


@sources.command()
@click.argument("url")
@click.option("--name", help="What its records call it [default: after its host].")
@click.option(
    "--kind", type=click.Choice(["feed", "sitemap"]), help="What URL is, for one that is not asked."
)
@_place_options
def add(place: Place, url: str, name: str | None, kind: str | None) -> None:
    """Add the feed or sitemap at URL, or the best feed that the page at URL names."""
    with _open(place) as (settings, database):
        known = read_roster(database, settings.source)
        if kind is None:
            source = find_source(url, settings, lambda found: name or name_source(found, known))
        else:
            make = FeedSource if kind == "feed" else SitemapSource
            source = make(name=name or name_source(url, known), url=url)
        if source.name in known:
            raise WrongUse(f"{source.name}: there is a source of this name; give another by --name")
        for other in known.values():
            if set(addresses_of(source)) & set(addresses_of(other.source)):
                raise WrongUse(f"{source.url}: is the source {other.source.name} already")
        add_sources(database, [source])
    click.echo(f"added {source.name}: {harmless(source.url)}")


@sources.command()
@click.argument("name")
@_place_options
def remove(place: Place, name: str) -> None:
    """Take out a source that was added; what it has brought stays."""
    with _open(place) as (settings, database):
        if any(source.name == name for source in settings.source):
            raise WrongUse(f"{name}: stands in the settings; take it out there, or pause it")
        remove_source(database, name)
    click.echo(f"removed {name}")


@sources.command()
@click.argument("name")
@click.option("--resume", is_flag=True, help="Ask for it again.")
@_place_options
def pause(place: Place, name: str, resume: bool) -> None:
    """Ask for nothing of a source until `--resume`."""
    with _open(place) as (settings, database):
        _require(name, read_roster(database, settings.source))
        pause_source(database, name, paused=not resume)
    click.echo(f"{'resumed' if resume else 'paused'} {name}")


@sources.command()
@click.argument("name")
@_place_options
def show(place: Place, name: str) -> None:
    """Show one source: its addresses, its pages by state, and those that could not be had, with why."""
    with _open(place) as (settings, database):
        listed = _require(name, read_roster(database, settings.source))
        click.echo(name)
        for word, what in _describe(listed, database).items():
            if what not in (None, "", {}):
                say(
                    word,
                    ", ".join(f"{count} {key}" for key, count in what.items())
                    if isinstance(what, dict)
                    else str(what),
                )
        for address in addresses_of(listed.source)[:_MISSED]:
            say("address", address)
        for missed in list_missed(database, name, _MISSED):
            say("missed", f"{missed.url} ({missed.state}): {missed.why}")


@sources.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_place_options
def import_(place: Place, file: Path) -> None:
    """Add every feed that an OPML file lists and that is not a source yet."""
    try:
        outlines = read_opml(file.read_bytes())
    except OpmlError as error:
        raise WrongUse(f"{file}: {error}") from None
    with _open(place) as (settings, database):
        known: dict[str, Any] = dict(read_roster(database, settings.source))
        addresses = {url for listed in known.values() for url in addresses_of(listed.source)}
        new: list[Kind] = []
        for outline in outlines:
            if outline.url not in addresses:
                new.append(FeedSource(name=name_source(outline.url, known, outline.title), url=outline.url))
                known[new[-1].name] = new[-1]
                addresses.add(outline.url)
        add_sources(database, new)
    click.echo(f"added {len(new)} of {len(outlines)} feeds")


@sources.command()
@_place_options
def export(place: Place) -> None:
    """Print all feeds as OPML."""
    with _open(place) as (settings, database):
        outlines = [
            Outline(url=listed.source.url, title=name)
            for name, listed in read_roster(database, settings.source).items()
            if isinstance(listed.source, FeedSource | WebSubSource)
        ]
    sys.stdout.buffer.write(write_opml(outlines))


@contextmanager
def _open(place: Place) -> Iterator[tuple[Settings, Connection]]:
    settings = open_settings(*place)
    prepare(settings.db)
    with closing(connect(settings.db)) as database:
        yield settings, database


def _require(name: str, roster: dict[str, Listed]) -> Listed:
    if name not in roster:
        raise WrongUse(f"{name}: no source has this name; there are: {', '.join(roster) or 'none'}")
    return roster[name]


def _describe(listed: Listed, database: Connection) -> dict[str, Any]:
    standing, now = listed.standing, time.time()
    summary = summarize(database, standing.name, now)
    source, hub = listed.source, read_subscription_of(database, standing.name)
    moments = {
        "since": standing.since, "next_look": standing.next_at, "looked_at": standing.looked_at,
        "last_item": standing.last_item_at,
    }  # fmt: skip
    told = {word: None if at is None else write_time(at)[:19] + "Z" for word, at in moments.items()}
    return {
        "kind": type(source).__struct_config__.tag,
        "listen": source.listen if isinstance(source, Listening) else None,
        "state": "paused" if standing.paused else standing.state,
        "since": told["since"],
        "why": standing.why,
        "next_look": None if standing.paused else told["next_look"],
        "looked_at": told["looked_at"],
        "last_item": told["last_item"],
        "items_a_day": round(summary.items_a_day, 1),
        "errors": summary.errors,
        "failures": standing.failures,
        "interval": None if standing.interval is None else round(standing.interval),
        "pages": summary.pages,
        "hub": describe(hub, now) if hub else None,
        "waiting": count_inbox(database, [standing.name])[0] or None,
        "added": not listed.in_settings,
    }


def _list(roster: dict[str, Listed], database: Connection, as_json: bool) -> None:
    if not roster:
        click.echo("no sources: name them as [[source]] in the settings, or `naba sources add URL`", err=True)
        return
    if as_json:
        for name, listed in roster.items():
            click.echo(orjson.dumps({"name": name, **_describe(listed, database)}))
        return
    width = max(6, *map(len, roster))
    click.echo(f"{'source':<{width}}  state       next look             last item             a day  errors")
    for name, listed in roster.items():
        told = _describe(listed, database)
        click.echo(
            f"{harmless(name):<{width}}  {told['state']:<10}  {told['next_look'] or '-':<20}  "
            f"{told['last_item'] or '-':<20}  {told['items_a_day']:>5}  {told['errors']:>6}"
        )
        if told["why"]:
            click.echo(f"{'':<{width}}  since {told['since']}: {harmless(told['why'])}")
