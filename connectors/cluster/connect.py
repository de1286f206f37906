"""The way to a cluster: how every client is made, and what is said of one that cannot be reached."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka import errors
from kafka.net.compat import KafkaNetClient

from connectors.cluster.complaint import listen
from connectors.cluster.security import credentials, ssl_context
from connectors.cluster.settings import KafkaSettings
from schemas.wrong_use import WrongUse

Client = TypeVar("Client")
Say = Callable[[str], None]

SAY_EVERY = 10.0  # seconds between two lines of one who waits
_PORT = 9092
_TRY_FOR = (3.0, 15.0)  # seconds for the first attempt and at most: each has half as much again
_TRY_AGAIN = 1.0  # seconds between two


class ClusterError(OSError):
    """The cluster does not do what is asked of it; the message says why, and names the key to look at."""


class BrokerAway(ClusterError):
    """No broker answers now: it may be back in a moment."""


def addresses(kafka: KafkaSettings) -> list[tuple[str, int]]:
    """Return host and port of each broker to begin with; raises WrongUse for what is none."""
    found = []
    for part in kafka.bootstrap.split(","):
        match = re.fullmatch(r"\s*(?:\[([^]]+)\]|([^:\s]+))(?::(\d{1,5}))?\s*", part)
        if match is None or not 0 < int(match[3] or _PORT) < 65536:
            raise WrongUse(f"kafka.bootstrap: {part.strip()!r} is no host:port")
        found.append((match[1] or match[2], int(match[3] or _PORT)))
    return found


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Return what every client of kafka-python is made with; raises WrongUse for keys that do not fit."""
    options: dict[str, Any] = {
        "bootstrap_servers": [_name(*address) for address in addresses(kafka)],
        "client_id": kafka.app,
        "security_protocol": kafka.security_protocol,
        "ssl_context": ssl_context(kafka),
        "bootstrap_timeout_ms": int(_TRY_FOR[-1] * 1000),
        # Its own maximum is 30 s: as long would a broker that is back be left alone.
        "reconnect_backoff_max_ms": 2000,
    }
    if known := credentials(kafka):
        options["sasl_mechanism"] = known.mechanism
        options["sasl_plain_username"] = known.username
        options["sasl_plain_password"] = known.password
    return options


def connect(
    make: Callable[..., Client], kafka: KafkaSettings, say: Say, seconds: float | None = None, **options: Any
) -> Client:
    """Return the client that `make` (KafkaProducer …) makes, connected; wait for a broker until it is.

    `say` gets a line when the waiting begins, every ten seconds, and when it ends. Raises BrokerAway
    after `seconds` (None: waits without end), ClusterError at once where a broker answers and does
    not let us in.
    """
    options = client_options(kafka) | options
    patience = Patience(say, seconds)
    try_for, at_most = _TRY_FOR
    while True:
        try:
            _knock(kafka, try_for)
            client = _make(make, kafka, options | {"bootstrap_timeout_ms": int(try_for * 1000)})
        except BrokerAway as error:
            patience.wait(error)
            try_for = min(1.5 * try_for, at_most)
        else:
            patience.end(f"a broker answers at {kafka.bootstrap}")
            return client


class Patience:
    """Waits for what is away and says so: at once, then every ten seconds, then that it is back."""

    def __init__(self, say: Say, seconds: float | None = None) -> None:
        """Wait for so many seconds, None: without end."""
        self._say = say
        self._until = None if seconds is None else time.monotonic() + seconds
        self._since: float | None = None
        self._said = 0.0

    def wait(self, error: Exception, pause: float = _TRY_AGAIN) -> None:
        """Wait for `pause` seconds; raises `error` where that would be too long."""
        now = time.monotonic()
        if self._until is not None and now + pause >= self._until:
            raise error
        self._since = self._since or now
        if now >= self._said + SAY_EVERY:
            self._said = now
            self._say(
                f"{error}; waiting for it" + (f" since {now - self._since:.0f} s" * (now > self._since))
            )
        time.sleep(pause)

    def end(self, line: str) -> None:
        """Say that the waiting is over, if there was any."""
        if self._since is not None:
            self._say(f"{line} after {time.monotonic() - self._since:.0f} s")
        self._since, self._said = None, 0.0


def _name(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _knock(kafka: KafkaSettings, seconds: float) -> None:
    # The client tells an unreachable broker from a wrong certificate in its log alone, and tries on.
    trouble: list[str] = []
    context = ssl_context(kafka)
    for host, port in addresses(kafka):
        try:
            with socket.create_connection((host, port), timeout=seconds) as plain:
                if context is not None:
                    context.wrap_socket(plain, server_hostname=host.rstrip(".")).close()
            return
        except ssl.SSLCertVerificationError as error:
            raise ClusterError(_say_certificate(_name(host, port), error)) from None
        except ssl.SSLError as error:
            # Without a reason it is the end of the connection, in one of several classes.
            if not isinstance(error, ssl.SSLEOFError) and error.reason:
                raise ClusterError(
                    f"{_name(host, port)} does not take part in TLS ({error.reason}): look at "
                    f"kafka.security_protocol, which is {kafka.security_protocol}"
                ) from None
            trouble.append(
                f"{_name(host, port)} (hangs up; if that lasts, look at kafka.security_protocol, "
                f"which is {kafka.security_protocol})"
            )
        except OSError as error:
            trouble.append(f"{_name(host, port)} ({error.strerror or error})")
    raise BrokerAway(f"no broker answers at {', '.join(trouble)}")


def _say_certificate(address: str, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
        return f"{address}: {error.verify_message}: look at kafka.bootstrap and kafka.ssl_check_hostname"
    return (
        f"{address}: its certificate is not to be trusted ({error.verify_message}): look at kafka.ssl_cafile"
    )


def _make(make: Callable[..., Client], kafka: KafkaSettings, options: dict[str, Any]) -> Client:
    complaints = listen()
    complaints.errors.clear()
    opened: list[KafkaNetClient] = []

    def open_net(**given: Any) -> KafkaNetClient:
        opened.append(KafkaNetClient(**given))
        return opened[-1]

    try:
        return make(kafka_client=open_net, **options)
    except errors.KafkaError as error:
        for net in opened:
            net.close()  # what failed to be made closes nothing, not even its thread
        # A broker hangs up behind its refusal, and the client reads the one or the other.
        causes = [explain(kafka, one) for one in (*complaints.errors, error)]
        raise next((cause for cause in causes if not isinstance(cause, BrokerAway)), causes[0]) from None


@contextmanager
def cluster_errors(kafka: KafkaSettings) -> Iterator[None]:
    """Raise ClusterError for what a client raises within."""
    try:
        yield
    except errors.KafkaError as error:
        raise explain(kafka, error) from error


def explain(kafka: KafkaSettings, error: BaseException) -> ClusterError:
    """Return what `error` of a client means to its user: BrokerAway where waiting may help."""
    where, text = kafka.bootstrap, str(error)
    if isinstance(error, errors.SaslAuthenticationFailedError):
        reason = text.rpartition("Error: ")[2]
        return ClusterError(
            f"{where} does not let {kafka.sasl_username!r} in ({reason}): look at kafka.sasl_username, "
            f"kafka.sasl_password and kafka.sasl_mechanism, which is {kafka.sasl_mechanism}"
        )
    if isinstance(error, errors.UnsupportedSaslMechanismError):
        return ClusterError(f"{where} knows no {kafka.sasl_mechanism}: look at kafka.sasl_mechanism")
    if isinstance(error, errors.IllegalSaslStateError):
        return ClusterError(
            f"{where} asks for no SASL: look at kafka.security_protocol, which is {kafka.security_protocol}"
        )
    if isinstance(error, errors.IncompatibleBrokerVersion):
        return ClusterError(f"{where} is no broker, perhaps a controller: look at kafka.bootstrap ({text})")
    if isinstance(error, (errors.CoordinatorNotAvailableError, errors.NotCoordinatorError)):
        return BrokerAway(f"{where} is just coming up, and keeps no consumer groups yet")
    if "ALERT" in text.upper():
        return ClusterError(
            f"{where} breaks TLS off ({text}): look at kafka.ssl_certfile and kafka.ssl_keyfile"
        )
    return BrokerAway(
        f"{where} takes connections, but no broker answers ({text}); if that lasts, look at "
        f"kafka.security_protocol, which is {kafka.security_protocol}"
    )
