"""`naba demo`: the main job on the bundled articles, shown one by one."""

import os
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from connectors.sources.files import FilesSource
from schemas.letter import ARTICLES, DUPLICATES, Letter
from streams.embedded.runner import read_outcome
from streams.settings import Settings
from streams.verbs.progress import say_totals
from streams.verbs.run import run_source
from streams.verbs.tell import say, tell_record

INPUT_FOLDER = Path(__file__).parent.parent / "demo"


@click.command()
@click.option("--out", metavar="FILE", help="Keep the articles in this file as well.")
def demo(out: str | None) -> None:
    """Run the main job on the bundled articles and pages, and show each: what was cut, whose copy it is."""
    titles: dict[str, str] = {}
    totals: Counter[str] = Counter()

    def watch(letters: tuple[Letter, ...]) -> None:
        outcome = read_outcome(letters)
        totals[outcome.outcome] += 1
        record = next(
            (orjson.loads(item.value) for item in letters if item.topic in (ARTICLES, DUPLICATES)), None
        )
        click.echo(f"\n[{sum(totals.values())}] {outcome.outcome.upper()}  {_name_input(outcome.input)}")
        if record is not None:
            titles[record["article_id"]] = record["title"] or record["text"][:60]
            tell_record(record)
            _tell_relation(record, titles)
        elif outcome.reason:
            say(
                outcome.stage or "",
                f"{outcome.reason}: {(outcome.detail or '').replace(str(INPUT_FOLDER), 'demo')}",
            )
        elif outcome.article_id:
            say("article", f"{titles.get(outcome.article_id, outcome.article_id)}: as before, nothing sent")

    with tempfile.TemporaryDirectory(prefix="naba-demo-") as folder:
        rules = (str(INPUT_FOLDER / "rules"),) if (INPUT_FOLDER / "rules").is_dir() else ()
        settings = replace(Settings(), db=str(Path(folder) / "naba.db"), rules=rules)
        source = FilesSource([str(INPUT_FOLDER / "articles.jsonl"), str(INPUT_FOLDER / "pages")])
        targets = {ARTICLES: out} if out else {}
        end = run_source(source, settings, targets, os.cpu_count() or 1, watch)
    click.echo(f"\n{end.taken} deliveries = {say_totals(end.outcomes)}; difference {end.difference()}")


def _name_input(input: str) -> str:
    return input.replace(f"{INPUT_FOLDER}/", "")


def _tell_relation(record: dict[str, Any], titles: dict[str, str]) -> None:
    if record["duplicate_of"]:
        word = "copy of" if record["schema"] == "duplicate.v1" else "related to"
        original = titles.get(record["duplicate_of"], record["duplicate_of"])
        say(word, f"{original} ({record['relation']}, {record['overlap']:.0%} of it stands there)")
