"""`naba why`: the story of one article from the ledger."""

import sys
from typing import Any

import click
import orjson

from connectors.polling.summary import Missed, find_page
from connectors.polling.terms import Terms
from schemas.letter import ARTICLES, DEAD, DUPLICATES, REJECTED
from streams.embedded.ledger import Account, read_account
from streams.embedded.store import Store
from streams.policy.policy import Policies
from streams.verbs.options import open_settings, settings_options
from streams.verbs.tell import harmless, say, tell_record

_TOPICS = {
    "published": ARTICLES,
    "revised": ARTICLES,
    "duplicate": DUPLICATES,
    "rejected": REJECTED,
    "dead": DEAD,
}
_MOST = 100  # copies and deliveries shown to a person


@click.command()
@click.argument("asked", metavar="URL|ID")
@click.option("--json", "as_json", is_flag=True, help="The whole account as one JSON object.")
@settings_options
def why(asked: str, as_json: bool, config: str | None, db: str | None) -> None:
    """Tell where an article came from, what was cut from it, whose copy it is, where it went.

    Takes an address, an article_id, a raw_id or an input (articles.jsonl:12). Ends with 1 where
    nothing is known of it.
    """
    settings = open_settings(config, db)
    aliases = Policies(settings.policy).aliases
    with Store(settings.db, write=False) as store:
        account = read_account(store, asked, aliases)
        page = find_page(store.database, Terms(aliases=aliases).identify(asked))
    if account is None and page is not None:
        _tell_page(*page)
    elif account is None:
        click.echo(f"naba: nothing is known of {asked} in {settings.db}", err=True)
        sys.exit(1)
    elif as_json:
        click.echo(orjson.dumps(account, option=orjson.OPT_INDENT_2))
    else:
        _tell(account)


def _tell_page(source: str, page: Missed) -> None:
    """Say what is known of a page that was named by a source and never delivered."""
    click.echo(harmless(page.url))
    say("named by", source)
    say("page", f"{page.state}{f': {page.why}' if page.why else ''}")
    say("asked for", f"next at {page.next_at}" if page.next_at else "never again by itself")


def _tell(account: Account) -> None:
    if account.deletion:
        say("deleted", account.deletion["detail"])
    if account.records:
        newest = account.records[-1]
        tell_record(newest)
        _tell_withdrawal(account.deliveries)
        if newest["duplicate_of"]:
            _tell_relation(newest, account.original)
        for copy in account.copies[:_MOST]:
            say(
                "copied by", f"{copy['title'] or copy['article_id']} {copy['url'] or ''} ({copy['relation']})"
            )
        if len(account.copies) > _MOST:
            say("", f"and {len(account.copies) - _MOST} more copies: --json has them all")
    if len(account.deliveries) > _MOST:
        say("", f"the newest {_MOST} of {len(account.deliveries)} deliveries: --json has them all")
    for delivery in account.deliveries[-_MOST:]:
        _tell_delivery(delivery)


def _tell_withdrawal(deliveries: list[dict[str, Any]]) -> None:
    """Say that the article's page is gone, unless it has come back since."""
    newest = next((delivery for delivery in reversed(deliveries) if delivery["article_id"]), None)
    if newest and newest["reason"] == "withdrawn":
        say("withdrawn", f"{newest['at']} ({newest['detail']}); the article stays as it was")


def _tell_relation(record: dict[str, Any], original: dict[str, Any] | None) -> None:
    name = f"{original['title'] or ''} {original['url'] or ''}".strip() if original else ""
    shares = f"{record['overlap']:.0%} of it stands there, {record['overlap_of']:.0%} of that stands here"
    word = "copy of" if record["schema"] == "duplicate.v1" else "related to"
    say(word, f"{name or record['duplicate_of']} ({record['relation']}: {shares})")


def _tell_delivery(delivery: dict[str, Any]) -> None:
    revision = f", revision {delivery['revision']}" if delivery["revision"] else ""
    topic = _TOPICS.get(delivery["outcome"])
    say("delivered", f"{delivery['at']} {delivery['input']} (raw {delivery['raw_id']})")
    say("", f"{delivery['outcome']}{revision}" + (f", to {topic}" if topic else ", nothing sent"))
    if delivery["reason"]:
        say("", f"{delivery['reason']} in {delivery['stage']}: {delivery['detail']}")
