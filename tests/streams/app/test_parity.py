"""One pipeline in two runners: the same inputs have the same answers on Kafka as embedded.

The whole, of 2,000 inputs and up to four workers, is `make faults FAULTS=parity`.
"""

from pathlib import Path

import pytest

from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, REJECTED
from tests.faults.cluster import Cluster, part_of
from tests.faults.inputs import make_lines
from tests.faults.parity import (
    Told,
    compare_answers,
    compare_bytes,
    compare_families,
    move_to_one_host,
    run_embedded,
    run_on_kafka,
)

pytestmark = pytest.mark.slow

INPUTS = 300
# A page of 60,000 attributes, one too large, too short, of another version, and a lone surrogate.
POISON = [
    b'{"url": "https://wire1.example/p1", "html": "<p %b>x</p>"}'
    % b" ".join(b"a%d=1" % number for number in range(60_000)),
    b'{"url": "https://wire1.example/p2", "text": "%b"}' % (b"x" * 5_000_001),
    b'{"url": "https://wire1.example/p3", "text": "too short"}',
    b'{"url": "https://wire1.example/p4", "text": "lone \\ud800 surrogate"}',
    b'["a list"]',
]


def make_inputs() -> list[bytes]:
    lines = make_lines(INPUTS - len(POISON))
    for number, line in enumerate(POISON):
        lines.insert(40 * (number + 1), line)
    return lines


def check_kinds(told: Told) -> None:
    """All kinds of endings are among them, else the comparison says little."""
    endings = {outcome.outcome for outcome in told.outcomes().values()}
    assert endings == {"published", "revised", "unchanged", "duplicate", "rejected", "dead"}
    assert all(told.records[topic] for topic in (ARTICLES, DUPLICATES, REJECTED, DEAD, OUTCOMES))
    assert any(story["removed"] for story in told.stories().values())


def test_one_worker_and_two_tell_what_the_embedded_runner_tells(tmp_path: Path, kafka: KafkaSettings) -> None:
    lines = make_inputs()
    embedded = run_embedded(tmp_path / "embedded", lines)
    check_kinds(embedded)
    assert len(embedded.families()) > 10
    for workers in (1, 2):
        with Cluster(part_of(kafka, f"w{workers}"), tmp_path / f"w{workers}") as cluster:
            told = run_on_kafka(cluster, lines, workers)
        assert [*compare_answers(embedded, told), *compare_families(embedded, told)] == []


def test_of_one_host_the_records_are_the_same_to_the_byte(tmp_path: Path, kafka: KafkaSettings) -> None:
    lines = move_to_one_host(make_inputs())
    embedded = run_embedded(tmp_path / "embedded", lines)
    check_kinds(embedded)
    with Cluster(kafka, tmp_path / "kafka") as cluster:
        told = run_on_kafka(cluster, lines, workers=1)
    assert list(compare_bytes(embedded, told)) == []
