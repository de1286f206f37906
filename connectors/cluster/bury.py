"""Dead letters of a sink to the cluster: what its store refuses for its content, each once."""

from collections.abc import Sequence
from types import TracebackType

from connectors.cluster.offsets import Offsets
from connectors.cluster.producer import LetterProducer
from connectors.cluster.reader import Reader
from connectors.cluster.settings import KafkaSettings
from connectors.sink import Refused, Tell
from connectors.sinks.refusal import bury_refused, name_refused
from schemas.dead import SINK, tell_place
from schemas.letter import DEAD, STAGE, TOPIC, Letter

_SECONDS = 0.2


class Undertaker:
    """Connects when there is something to bury: most sinks never refuse anything.

    A sink that was killed gets its last letters again; those that lie on `news.dead.v1` already are
    left there, which is why it is read, from its beginning once and then what was added.
    """

    def __init__(self, kafka: KafkaSettings, offsets: Offsets, sink: str, tell: Tell) -> None:
        self._kafka, self._offsets, self._sink, self._tell = kafka, offsets, sink, tell
        self._producer: LetterProducer | None = None
        self._reader: Reader | None = None
        self._buried: set[bytes] = set()

    def __enter__(self) -> "Undertaker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._producer is not None:
            self._producer.close()

    def bury(self, refused: Sequence[Refused]) -> None:
        """Come back when the brokers have the dead letters; waits while no broker answers.

        Raises as `LetterProducer.send` does.
        """
        self._look_up()
        if self._producer is None:
            self._producer = LetterProducer(self._kafka, _forget, self._tell)
        for one in refused:
            item = one.item
            name = name_refused(self._sink, item.letter)
            if name not in self._buried:
                topic = self._kafka.topic(item.letter.topic)
                dead = tell_place(bury_refused(self._sink, one), topic, item.partition, item.offset)
                self._producer.send(dead)
                self._buried.add(name)
        self._producer.flush()

    def _look_up(self) -> None:
        """Learn which of this sink's dead letters lie on their topic."""
        if self._reader is None:
            self._reader = Reader(self._kafka, self._offsets, [DEAD], self._tell)
        ends = self._offsets.wait_for(self._offsets.read_ends, DEAD)
        position = self._reader.position()
        while any(position.get((DEAD, number), 0) < end for number, end in ends.items()):
            for item in self._reader.read(_SECONDS):
                headers = item.letter.headers
                if headers.get(STAGE) == SINK + self._sink:
                    original = Letter(headers.get(TOPIC, ""), item.letter.key, item.letter.value)
                    self._buried.add(name_refused(self._sink, original))
            position = self._reader.position()


def _forget(_letter: object) -> None:
    """What is safe needs no further care."""
