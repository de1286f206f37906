"""The commands of docs/kafka.md, run as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from connectors.broker.ports import find_port

ROOT = Path(__file__).parents[2]
KAFKA = (ROOT / "docs" / "kafka.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.slow


def read_walk() -> str:
    block = KAFKA.partition("<!-- walk: begin -->")[2].partition("<!-- walk: end -->")[0]
    return block.partition("```sh\n")[2].rpartition("```")[0]


def test_the_walk_through_kafka_leads_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "streams").symlink_to(ROOT / "streams")
    port = str(find_port())
    walk = read_walk()
    assert walk.count("naba broker ") == 1
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NABA_KAFKA__BOOTSTRAP": f"127.0.0.1:{port}",  # another may have 9092
    }
    script = "set -e\n" + walk.replace("naba broker ", f"naba broker --port {port} ")
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = [orjson.loads(line) for line in (tmp_path / "outcomes.jsonl").read_bytes().splitlines()]
    articles = (tmp_path / "articles.jsonl").read_bytes().splitlines()
    ends = [one["outcome"] for one in outcomes]
    assert len(ends) == 32
    assert len(articles) == ends.count("published") + ends.count("revised")
    assert "کتابخانهٔ سیار" in done.stdout
