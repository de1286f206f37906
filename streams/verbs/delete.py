"""`naba delete`: articles out of everything that naba keeps, and a list that keeps them out."""

import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
from kafka import KafkaAdminClient

from connectors.cluster.connect import cluster_errors, connect
from connectors.cluster.producer import LetterProducer
from connectors.cluster.topics import COMPACTED_WITHIN, require_topics
from connectors.polling.tables import connect as open_store
from schemas.deletion import LONGEST_REASON, Deletion, deletion_letter
from schemas.letter import ARTICLES, CLEAN, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED
from schemas.wrong_use import WrongUse
from streams.copies.index import Index
from streams.embedded.deletions import Deletions, ask
from streams.embedded.renewal import is_intact
from streams.embedded.store import Store
from streams.embedded.tables import StoreLocked, name_cluster, prepare
from streams.settings import Settings
from streams.steps.compare import CompareStep
from streams.verbs.options import open_settings, settings_options
from streams.verbs.tell import harmless, warn

_ID = re.compile("[0-9a-f]{32}")
_WAIT_SECONDS = 60.0  # for a runner that has the store and does nothing of it
_LOOK_SECONDS = 0.1


@click.command()
@click.option(
    "--ids-file",
    required=True,
    metavar="FILE",
    help="The articles, an article_id a line; - for standard input.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the record of the deletion.")
@click.option("--kafka", "on_cluster", is_flag=True, help="On the cluster of the settings, not in a store.")
@settings_options
def delete(ids_file: str, reason: str, on_cluster: bool, config: str | None, db: str | None) -> None:
    """Delete articles for good: what comes of them later is rejected.

    In the store of the embedded mode, whether or not `naba run` works on it; with --kafka on the
    cluster, where the workers do it. Says of each what was done, and what goes only with time.
    """
    if len(reason) > LONGEST_REASON:
        raise click.UsageError(f"--reason: {len(reason)} characters, at most {LONGEST_REASON}")
    try:
        reason.encode()
    except UnicodeEncodeError:
        raise click.UsageError("--reason: is no text in UTF-8") from None
    if on_cluster and db:
        raise click.UsageError("--db goes without --kafka")
    settings = open_settings(config, db)
    now = datetime.now(UTC).replace(microsecond=0)
    wanted = [Deletion(article_id=name, reason=reason, asked_at=now) for name in read_ids(ids_file)]
    if on_cluster:
        with cluster_errors(settings.kafka):
            delete_on_cluster(settings, wanted)
    else:
        delete_in_store(settings, wanted)


def read_ids(ids_file: str) -> list[str]:
    """Return the ids of the file, each once. Raises WrongUse, naming every line that is none."""
    try:
        data = sys.stdin.buffer.read() if ids_file == "-" else Path(ids_file).read_bytes()
        text = data.decode("utf-8-sig")  # some editors put a byte order mark in front
    except OSError as error:
        raise WrongUse(f"{ids_file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{ids_file}: is no text in UTF-8") from None
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    wrong = [f"line {number}: {harmless(line[:80])}" for number, line in lines if not _ID.fullmatch(line)]
    if wrong:
        listed = "\n  ".join(wrong)
        raise WrongUse(f"{ids_file}: nothing is deleted, for these are no article_id:\n  {listed}")
    if not lines:
        raise WrongUse(f"{ids_file}: names no article")
    return [*dict.fromkeys(line for _number, line in lines)]


def delete_on_cluster(settings: Settings, wanted: Sequence[Deletion]) -> None:
    """Send the deletions to the workers, and say so once the brokers have them."""
    kafka = settings.kafka
    with closing(connect(KafkaAdminClient, kafka, warn)) as admin:
        require_topics(admin, [kafka.topic(CLEAN)])
    producer = LetterProducer(
        kafka, lambda letter: click.echo(f"{letter.key} asked for on the cluster"), warn
    )
    try:
        for one in wanted:
            producer.send(deletion_letter(one))
        producer.flush()
    finally:
        producer.close()
    keep, results = f"{settings.store.keep_raw} days", f"{kafka.keep_results} days"
    warn(f"{kafka.bootstrap}: the workers delete, and {kafka.topic(REJECTED)} has a record of each")
    warn(f"what was delivered goes from {kafka.topic(RAW)} and {kafka.topic(CLEAN)} after {keep}")
    warn(
        f"{kafka.topic(ARTICLES)} loses it when the broker compacts it: within {COMPACTED_WITHIN} days, "
        "where the topic is as `naba topics` has it and more comes on its partitions"
    )
    told = ", ".join(kafka.topic(name) for name in (DUPLICATES, OUTCOMES, REJECTED))
    warn(
        f"{told}: what there is of it goes after {results}; {kafka.topic(DEAD)}: after {kafka.keep_dead} days"
    )
    _tell_of_others()


def delete_in_store(settings: Settings, wanted: Sequence[Deletion]) -> None:
    """Delete in the store of the settings, or have its runner do it, and say what was done.

    Ends the program with 1 where the runner does nothing of it for a minute. Raises WrongUse.
    """
    if not Path(settings.db).exists():
        raise WrongUse(f"{settings.db}: no such store; --kafka deletes on the cluster")
    prepare(settings.db)
    with closing(open_store(settings.db)) as database:
        if name_cluster(database) is not None:
            raise WrongUse(
                f"{settings.db}: is filled by `naba sink store`; --kafka deletes on the cluster, "
                "and the sink takes it up"
            )
        ask(database, wanted)
        names = [one.article_id for one in wanted]
        _wait(database, settings.db)
        for name in names:
            known = database.execute(
                "SELECT json_extract(record, '$.revision') FROM rows WHERE article_id = ?", (name,)
            ).fetchone()
            said = "deleted" if known and known[0] else "nothing is known of it; kept out from now on"
            click.echo(f"{name} {said}")
        copies = _count_copies(database, names)
        files = [
            path
            for path, length in database.execute(
                "SELECT path, length FROM files WHERE topic = ?", (ARTICLES,)
            )
            if not is_intact(path, length) and length
        ]
    warn(f"{settings.db}: articles, copies, kept pages and the files of --out have nothing of it any more")
    warn(
        "what came without an address that could be read (too_large, unreadable) is not known to be of it: "
        f"as a kept page it goes after {settings.store.keep_raw} days (store.keep_raw), from `dead` never"
    )
    for path in files:
        warn(f"{path}: is not there any more; wherever it is now, what is deleted stays in it")
    if copies:
        warn(f"{copies} copies of it have ids of their own and stay: `naba why` names them")
    for sink in settings.sink:
        warn(f"sink {sink.name}: gets it with `naba run`, behind what it still lacks")
    _tell_of_others()


def _tell_of_others() -> None:
    warn("what went to standard output, and backups and archives of yours, are yours to delete from")


def _wait(database: sqlite3.Connection, path: str) -> None:
    """Come back once all that has been asked for by now is done, whoever does it."""
    (last,) = database.execute("SELECT max(seq) FROM deletions").fetchone()
    before, until = (0, 0, 0), time.monotonic() + _WAIT_SECONDS
    while (left := _count_left(database, last)) != (0, 0, 0):
        if left != before:
            before, until = left, time.monotonic() + _WAIT_SECONDS
        elif time.monotonic() > until:
            warn(f"{left[0]} deletions are noted and not done yet: a run or the next `naba delete` goes on")
            sys.exit(1)
        _carry_out(path)
        time.sleep(_LOOK_SECONDS)  # also for others, who wait to write into the store


def _count_left(database: sqlite3.Connection, last: int) -> tuple[int, int, int]:
    """Return how many deletions up to a number are not done, how many not begun, and files to be renewed."""
    query = (
        "SELECT count(*), count(*) FILTER (WHERE erased_at IS NULL), "
        "(SELECT count(*) FROM files WHERE renewal > 0) FROM deletions WHERE done_at IS NULL AND seq <= ?"
    )
    undone, unerased, stale = database.execute(query, (last,)).fetchone()
    return (undone, unerased, stale) if undone else (0, 0, 0)


def _carry_out(path: str) -> None:
    """Do a round of what is asked for in the store, where no runner has it."""
    try:
        store = Store(path)
    except StoreLocked:
        return
    with store:
        step = CompareStep()
        # What nobody looks originals up in needs nothing taken out.
        deletions = Deletions(store, lambda letter, now: step(letter, store.rows, Index(), now))
        store.begin()
        is_last = deletions.erase(datetime.now(UTC))
        store.commit()
        if is_last:
            deletions.finish()


def _count_copies(database: sqlite3.Connection, names: Iterable[str]) -> int:
    query = (
        "SELECT count(DISTINCT key) FROM duplicates "
        "WHERE record != '' AND json_extract(record, '$.duplicate_of') = ?"
    )
    return sum(int(database.execute(query, (name,)).fetchone()[0]) for name in names)
