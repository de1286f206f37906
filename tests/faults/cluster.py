"""One pipeline on a cluster: its topics, processes, and how far it has come."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from connectors.cluster.connect import connect
from connectors.cluster.offsets import Offsets
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import create_missing, plan_topics
from schemas.letter import CLEAN, OUTCOMES, RAW
from tests.faults.inputs import Delivery, write_lines
from tests.faults.log import Log, Record
from tests.faults.process import Process, Worker

# Without a single new outcome: longer than a broker is away in any fault, and what follows on it.
STALLED_SECONDS = 200.0


class Stalled(AssertionError):
    """Nothing moves any more; the message says how far it came."""


@dataclass(frozen=True, slots=True)
class Committed:
    """How far the workers had committed at a time: by topic and partition."""

    at: float
    offsets: Mapping[tuple[str, int], int]


class Cluster:
    """A context manager: topics of its own inside, all its processes ended behind."""

    def __init__(self, kafka: KafkaSettings, folder: Path) -> None:
        """Create the topics, and in `folder` what the processes are started with."""
        folder.mkdir(parents=True, exist_ok=True)
        self.kafka, self.folder = kafka, folder
        self.deliveries: list[Delivery] = []
        self.committed: list[Committed] = []
        self.ended: list[Worker] = []
        self.workers: list[Worker] = []
        self.others: list[Process] = []
        self._found: set[Delivery] = set()
        (folder / "naba.toml").write_text(_write_settings(kafka))
        admin: KafkaAdminClient = connect(KafkaAdminClient, kafka, _say_nothing, 120)
        create_missing(admin, plan_topics(kafka, 14))
        admin.close()
        self.offsets = Offsets(kafka, _say_nothing)
        self.outcomes = Log(kafka, kafka.topic(OUTCOMES))

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for process in [*self.workers, *self.others]:
            process.kill()
        self.outcomes.close()
        self.offsets.close()

    def start_worker(self, data: Path | None = None, environment: Mapping[str, str] | None = None) -> Worker:
        """Return a worker that is starting, with the tables of `data` or with none."""
        folder = data or self.folder / f"data-{len(self.workers) + len(self.ended)}"
        worker = Worker(self.folder, folder, environment={**self._environment(), **(environment or {})})
        self.workers.append(worker)
        return worker

    def start_workers(self, count: int) -> None:
        """Start workers and wait until all are ready."""
        for _ in range(count):
            self.start_worker()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until all workers are ready."""
        for worker in self.workers:
            worker.wait_until_ready()

    def kill(self, worker: Worker) -> None:
        """Kill the worker's process group."""
        worker.kill()
        self._put_away(worker)

    def stop(self, worker: Worker, *, whole_group: bool = False) -> int:
        """Stop the worker in good order, note what is committed then, and return its exit code."""
        code = worker.stop(whole_group=whole_group)
        self._put_away(worker)
        self.note_committed()
        return code

    def push(self, lines: Sequence[bytes], name: str = "inputs.jsonl") -> Process:
        """Return the push of these lines, which is starting."""
        self.deliveries += write_lines(self.folder / name, list(lines))
        return self.start("push", name)

    def start(self, *arguments: str) -> Process:
        """Return a verb that is starting."""
        process = Process(self.folder, *arguments, environment=self._environment())
        self.others.append(process)
        return process

    def look(self) -> int:
        """Return how many deliveries have an outcome by now."""
        self._note(self.outcomes.read())
        return len(self._found)

    def wait_for(self, count: int) -> None:
        """Wait until so many deliveries have an outcome; raises Stalled where none comes any more."""
        found, moved = len(self._found), time.monotonic()
        while found < count:
            now = self.look()
            if now > found:
                found, moved = now, time.monotonic()
            elif time.monotonic() > moved + STALLED_SECONDS:
                raise Stalled(f"{found} of {count} outcomes, and no more; {self.tell_offsets()}")

    def finish(self) -> None:
        """Wait until every delivery has its outcome and everything is committed; raises Stalled."""
        self.wait_for(len(set(self.deliveries)))
        moved, before = time.monotonic(), self.measure_lag()
        while before != 0:
            time.sleep(0.3)
            lag = self.measure_lag()
            if lag != before:
                moved, before = time.monotonic(), lag
            elif time.monotonic() > moved + STALLED_SECONDS:
                raise Stalled(f"all outcomes are there, and not all is committed; {self.tell_offsets()}")

    def measure_lag(self) -> int:
        """Return how many events of raw and clean are not committed; -1 while the broker is away."""
        try:
            ends, committed = self._read_ends(), self._read_committed()
        except (KafkaError, OSError):
            return -1
        return sum(end - committed.get(place, 0) for place, end in ends.items())

    def note_committed(self) -> None:
        """Remember what is committed now: nothing of it may come again."""
        offsets = self._read_committed()
        self.committed.append(Committed(time.time(), offsets))

    def tell_offsets(self) -> str:
        """Return where the workers stand and what they said last."""
        try:
            where = f"committed {self._read_committed()} of {self._read_ends()}"
        except (KafkaError, OSError) as error:
            where = f"the broker does not answer ({error})"
        said = "; ".join(f"{worker.data.name}: {worker.lines[-5:]}" for worker in self.workers)
        return f"{where}; {said}"

    def _environment(self) -> dict[str, str]:
        # Where the tests use a broker that was named, that is not always the one of this pipeline.
        return {"NABA_KAFKA__BOOTSTRAP": self.kafka.bootstrap}

    def _put_away(self, worker: Worker) -> None:
        self.workers.remove(worker)
        self.ended.append(worker)

    def _note(self, records: Sequence[Record]) -> None:
        pushed = set(self.deliveries) if records else set()
        self._found.update(record.delivery for record in records if record.delivery in pushed)

    def _read_ends(self) -> dict[tuple[str, int], int]:
        return {
            (topic, number): end
            for topic in (RAW, CLEAN)
            for number, end in self.offsets.read_ends(topic).items()
        }

    def _read_committed(self) -> dict[tuple[str, int], int]:
        return {
            (topic, number): at
            for topic in (RAW, CLEAN)
            for number, at in self.offsets.read_committed(self.kafka.app, topic).items()
        }


def part_of(kafka: KafkaSettings, name: str) -> KafkaSettings:
    """Return the settings of another pipeline on the same cluster."""
    mine = f"{kafka.topic_prefix}{name}."
    return replace(kafka, topic_prefix=mine, group_prefix=mine)


def _write_settings(kafka: KafkaSettings) -> str:
    return "\n".join(
        (
            "[kafka]",
            f'bootstrap = "{kafka.bootstrap}"',
            f'topic_prefix = "{kafka.topic_prefix}"',
            f'group_prefix = "{kafka.group_prefix}"',
            f"partitions = {kafka.partitions}",
            f"replication_factor = {kafka.replication_factor}",
            "",
        )
    )


def _say_nothing(_line: str) -> None:
    """The table says what is to be said."""
