"""What the files of a sink hold: what a reader of naba sees in the end."""

from collections import Counter
from collections.abc import Iterator

import orjson

from tests.faults.account import Account
from tests.faults.cluster import Cluster


def check_files(cluster: Cluster, account: Account) -> Iterator[str]:
    """Fill files from the topics and yield a sentence for each way in which they are wrong."""
    sink = cluster.start("sink", "files", "--out", "a.jsonl", "--outcomes", "o.jsonl", "--until-idle", "1")
    if code := sink.wait(300):
        yield f"the sink ended with {code}: {sink.lines[-5:]}"
        return
    deliveries = Counter(
        (found["input"], found["raw_id"])
        for found in map(orjson.loads, (cluster.folder / "o.jsonl").read_bytes().splitlines())
    )
    if deliveries != Counter(dict.fromkeys(cluster.deliveries, 1)):
        yield f"the sink has {deliveries.total()} outcomes of {len(set(cluster.deliveries))} deliveries"
    articles = Counter(
        (found["article_id"], found["revision"])
        for found in map(orjson.loads, (cluster.folder / "a.jsonl").read_bytes().splitlines())
    )
    told = {
        (found["article_id"], found["revision"])
        for found in account.outcomes.values()
        if found["outcome"] in ("published", "revised")
    }
    if articles != Counter(dict.fromkeys(told, 1)):
        yield f"the sink has {articles.total()} articles, and {len(told)} were published or revised"
