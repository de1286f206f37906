"""How a client is let in: certificates and passwords from `[kafka]` of the settings."""

import ssl
from typing import NamedTuple

from connectors.cluster.settings import KafkaSettings
from schemas.wrong_use import WrongUse


class Credentials(NamedTuple):
    """Who we are to a broker that asks by SASL."""

    mechanism: str
    username: str
    password: str


class _Socket(ssl.SSLSocket):
    """Tells of an end in a call of its own.

    kafka-python throws away what it read before an end: of a broker that refuses a password and
    hangs up, it would know the hanging up alone.
    """

    _unheard = False

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return what came; raises SSLWantReadError once between the last bytes and the end."""
        data = super().recv(buflen, flags)
        if self._unheard and not data:
            self._unheard = False
            raise ssl.SSLWantReadError
        self._unheard = bool(data)
        return data


def ssl_context(kafka: KafkaSettings) -> ssl.SSLContext | None:
    """Return what TLS connections are made with, None where there are to be none.

    Raises WrongUse for a file that is not what its key says.
    """
    if not kafka.security_protocol.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=kafka.ssl_cafile or None)
    except OSError as error:
        raise WrongUse(f"kafka.ssl_cafile: {kafka.ssl_cafile}: no certificates in PEM ({error})") from None
    context.sslsocket_class = _Socket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = kafka.ssl_check_hostname
    if kafka.ssl_certfile:
        try:
            # A callable, else OpenSSL asks the terminal for the passphrase and waits.
            context.load_cert_chain(kafka.ssl_certfile, kafka.ssl_keyfile or None, password=lambda: "")
        except OSError as error:
            raise WrongUse(
                f"kafka.ssl_certfile, kafka.ssl_keyfile: {kafka.ssl_certfile}, "
                f"{kafka.ssl_keyfile or 'none'}: no certificate with its key, in PEM and without "
                f"a passphrase ({error})"
            ) from None
    elif kafka.ssl_keyfile:
        raise WrongUse("kafka.ssl_keyfile: a key needs its certificate in kafka.ssl_certfile")
    return context


def credentials(kafka: KafkaSettings) -> Credentials | None:
    """Return who we are to the brokers, None where they do not ask; raises WrongUse without a name."""
    if not kafka.security_protocol.startswith("SASL"):
        return None
    if not kafka.sasl_username:
        raise WrongUse(f"kafka.sasl_username: empty, and {kafka.security_protocol} asks for a name")
    return Credentials(kafka.sasl_mechanism, kafka.sasl_username, kafka.sasl_password)
