"""Letters to the cluster: bounded in flight, in order, each reported when the brokers have it."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, errors
from kafka.producer.future import FutureRecordMetadata

from connectors.cluster.complaint import listen
from connectors.cluster.connect import BrokerAway, ClusterError, Patience, Say, connect
from connectors.cluster.message import write_headers
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import MAX_MESSAGE, require_topics
from schemas.letter import Letter
from schemas.wrong_use import WrongUse

# The client has no bound of its own: what a broker that is away does not take would fill the memory.
MAX_LETTERS = 2000
MAX_BYTES = 32 * 1024 * 1024
_STALLED = 5.0  # seconds without an acknowledgement, after which it is looked for the cause
_OPTIONS: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "zstd",
    "batch_size": 256 * 1024,
    "linger_ms": 20,
    "max_request_size": MAX_MESSAGE - 64 * 1024,
    # A batch that is given up and sent again is written twice: it is kept until a broker is back.
    "delivery_timeout_ms": 10 * 365 * 24 * 60 * 60 * 1000,
    "max_block_ms": 5000,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
_REFUSALS = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.AuthorizationError,
    errors.InvalidTopicError,
    errors.InvalidRecordError,
    errors.PolicyViolationError,
)


@dataclass(slots=True)
class _Sent:
    letter: Letter
    size: int
    future: FutureRecordMetadata


class LetterProducer:
    """Sends letters to the topics that they name, and calls `on_acked` with each that is safe.

    `on_acked` is called on the thread of the caller, within the methods here, in the order of
    sending. While no broker answers, both wait without end; `say` gets a line now and then.
    Letters of one key arrive in their order; after a broken connection one may arrive twice.
    """

    def __init__(
        self, kafka: KafkaSettings, on_acked: Callable[[Letter], object], say: Say, **options: Any
    ) -> None:
        """Connect, and wait until that succeeds; `options` go over those of the client.

        Raises ClusterError where a broker does not let us in.
        """
        self.acked = 0
        self.sent_again = 0
        self._kafka = kafka
        self._on_acked = on_acked
        self._say = say
        self._options = _OPTIONS | options
        self._sent: deque[_Sent] = deque()
        self._bytes = 0
        self._patience = Patience(say)
        self._moved = time.monotonic()
        self._acked_at_failure = -1
        self._producer = self._open()

    def send(self, letter: Letter) -> None:
        """Send `letter`, after waiting while too many or too large ones are on their way.

        Raises WrongUse for a topic that does not exist or does not take the letter, ClusterError where
        a broker does not let us in (any more). What was not reported then may have been written.
        """
        size = letter.size
        self.take_acked()
        while self._sent and (len(self._sent) >= MAX_LETTERS or self._bytes + size > MAX_BYTES):
            self._wait_for_first()
        if not self._sent:
            self._moved = time.monotonic()
        self._sent.append(_Sent(letter, size, self._hand_over(letter)))
        self._bytes += size

    def take_acked(self) -> None:
        """Report what is acknowledged by now, without waiting: for a source that has nothing to send."""
        while self._sent and self._sent[0].future.is_done:
            if self._sent[0].future.failed():
                self._send_again(self._sent[0].future.exception)
            else:
                self._take_first()

    def flush(self) -> None:
        """Wait until the brokers have every letter; raises as `send` does."""
        while self._sent:
            self._wait_for_first()

    def close(self) -> None:
        """End within seconds; what is not acknowledged by then may or may not have been written."""
        # close() of the client waits for what is on its way, and where that takes too long it
        # raises and goes on sending.
        self._producer._sender.force_close()
        self._producer._sender.join(5)
        with suppress(errors.KafkaTimeoutError):
            self._producer.close(timeout=0)
        while self._sent and self._sent[0].future.succeeded():
            self._take_first()

    def _open(self) -> KafkaProducer:
        return connect(KafkaProducer, self._kafka, self._say, **self._options)

    def _hand_over(self, letter: Letter) -> FutureRecordMetadata:
        while True:
            try:
                return self._producer.send(
                    self._kafka.topic(letter.topic),
                    key=letter.key.encode(),
                    value=letter.value,
                    headers=write_headers(letter),
                )
            except errors.KafkaTimeoutError:  # it does not know the topic's partitions yet
                self._look_for_trouble(letter)
            except errors.MessageSizeTooLargeError as error:
                raise _refuse(self._kafka, letter, error) from None

    def _take_first(self) -> None:
        sent = self._sent.popleft()
        self._bytes -= sent.size
        self.acked += 1
        self._moved = time.monotonic()
        self._patience.end(f"{self._kafka.bootstrap} takes letters again")
        self._on_acked(sent.letter)

    def _wait_for_first(self) -> None:
        """Wait until the oldest letter is acknowledged and take it, and what else is by then."""
        self._wait(self._sent[0])
        self.take_acked()

    def _wait(self, sent: _Sent, *, alone: bool = False) -> None:
        while not sent.future.is_done:
            with suppress(errors.KafkaError):  # of the letter, or that half a second is over
                if alone:
                    self._producer.flush(timeout=0.5)  # no use in lingering for others
                sent.future.get(timeout=0.5)
            if not sent.future.is_done and time.monotonic() > self._moved + _STALLED:
                self._look_for_trouble(sent.letter)

    def _look_for_trouble(self, letter: Letter) -> None:
        """Say what we wait for; raises where waiting does not help."""
        try:
            admin = connect(KafkaAdminClient, self._kafka, lambda _line: None, seconds=0)
            try:
                require_topics(admin, [self._kafka.topic(letter.topic)])
            finally:
                admin.close()
        except (BrokerAway, errors.KafkaError) as error:
            self._patience.wait(error)
        else:
            said = list(listen().errors)[-1:]
            why = f" ({said[0]})" if said else ""
            self._patience.wait(ClusterError(f"{self._kafka.bootstrap} answers and takes no letter{why}"))

    def _send_again(self, error: Exception) -> None:
        """Send what is not acknowledged by a new client: the old one fails whatever it is given."""
        if self.acked == self._acked_at_failure:  # the last new one did no better
            self._patience.wait(ClusterError(f"{self._kafka.bootstrap} takes no letter ({error})"))
        self._acked_at_failure = self.acked
        left = sum(not sent.future.succeeded() for sent in self._sent)
        self._say(f"the client failed ({error}); a new one sends {left} letters again")
        self.close()
        self._producer = self._open()
        if isinstance(error, _REFUSALS):
            self._find_refused()
            return
        for sent in self._sent:
            if not sent.future.succeeded():
                self._hand_over_again(sent)

    def _find_refused(self) -> None:
        """Send one at a time: all on their way fail with the error of the one that is refused."""
        while self._sent:
            sent = self._sent[0]
            if not sent.future.succeeded():
                self._hand_over_again(sent)
                self._wait(sent, alone=True)
            if isinstance(sent.future.exception, _REFUSALS):
                raise _refuse(self._kafka, sent.letter, sent.future.exception)
            if sent.future.failed():
                return
            self._take_first()

    def _hand_over_again(self, sent: _Sent) -> None:
        sent.future = self._hand_over(sent.letter)
        self.sent_again += 1


def _refuse(kafka: KafkaSettings, letter: Letter, error: Exception) -> Exception:
    topic = kafka.topic(letter.topic)
    if isinstance(error, errors.AuthorizationError):
        return ClusterError(f"{topic}: {kafka.sasl_username or 'nobody'} may not write to it: {error}")
    return WrongUse(
        f"{topic}: a letter of {letter.size} bytes is refused ({error}): `naba topics` tells "
        "what is wrong with the topic"
    )
