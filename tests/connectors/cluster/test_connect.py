"""Who is away is waited for, who does not let us in is told at once: on sockets and on a real broker."""

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import UserScramCredentialUpsertion

from connectors.broker.broker import Broker
from connectors.broker.ports import find_port
from connectors.cluster.connect import BrokerAway, ClusterError, addresses, client_options, connect
from connectors.cluster.security import credentials, ssl_context
from connectors.cluster.settings import KafkaSettings
from schemas.wrong_use import WrongUse
from tests.certificates import PASSWORD, make_certificate


def silence(_line: str) -> None:
    pass


@pytest.mark.parametrize(
    ("bootstrap", "expected"),
    [
        ("127.0.0.1:9092", [("127.0.0.1", 9092)]),
        ("one.example:9093, two.example", [("one.example", 9093), ("two.example", 9092)]),
        ("[::1]:19092", [("::1", 19092)]),
    ],
)
def test_brokers_are_named_by_host_and_port(bootstrap: str, expected: list[tuple[str, int]]) -> None:
    assert addresses(KafkaSettings(bootstrap=bootstrap)) == expected


@pytest.mark.parametrize(
    "bootstrap", ["one:port", "one:99999", "one:1,,two:2", "http://one:9092", "a b:1", ":1"]
)
def test_what_is_no_address_is_told_with_its_key(bootstrap: str) -> None:
    with pytest.raises(WrongUse, match=r"^kafka\.bootstrap: .* is no host:port"):
        addresses(KafkaSettings(bootstrap=bootstrap))


def test_every_client_is_let_in_by_the_same_keys() -> None:
    plain = client_options(KafkaSettings())
    assert (plain["security_protocol"], plain["ssl_context"]) == ("PLAINTEXT", None)
    assert "sasl_mechanism" not in plain
    known = KafkaSettings(
        security_protocol="SASL_SSL", sasl_mechanism="SCRAM-SHA-512", sasl_username="n", sasl_password="p"
    )
    options = client_options(known)
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("n", "p")
    assert options["ssl_context"].check_hostname
    assert options["ssl_context"].minimum_version == ssl.TLSVersion.TLSv1_2
    assert credentials(known) == ("SCRAM-SHA-512", "n", "p")
    lax = ssl_context(replace(known, ssl_check_hostname=False))
    assert lax is not None
    assert not lax.check_hostname
    assert lax.verify_mode == ssl.CERT_REQUIRED


def test_files_that_are_no_certificates_are_told_with_their_key(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    no = str(tmp_path / "no.pem")
    tls = KafkaSettings(security_protocol="SSL")
    with pytest.raises(WrongUse, match=rf"kafka\.ssl_cafile: {no}"):
        ssl_context(replace(tls, ssl_cafile=no))
    with pytest.raises(WrongUse, match=rf"kafka\.ssl_certfile, kafka\.ssl_keyfile: {no}"):
        ssl_context(replace(tls, ssl_certfile=no, ssl_keyfile=no))
    with pytest.raises(WrongUse, match=r"kafka\.ssl_keyfile: .* kafka\.ssl_certfile"):
        ssl_context(replace(tls, ssl_keyfile=no))
    with pytest.raises(WrongUse, match=r"kafka\.sasl_username: empty"):
        credentials(KafkaSettings(security_protocol="SASL_PLAINTEXT"))


@pytest.mark.slow
def test_an_absent_broker_is_waited_for_as_long_as_asked_and_named() -> None:
    said: list[str] = []
    kafka = KafkaSettings(bootstrap=f"127.0.0.1:{find_port()}")
    begun = time.monotonic()
    with pytest.raises(BrokerAway, match=rf"no broker answers at {kafka.bootstrap} \(Connection refused\)"):
        connect(KafkaAdminClient, kafka, said.append, 2.5)
    assert 1 < time.monotonic() - begun < 4
    assert len(said) == 1
    assert kafka.bootstrap in said[0]


@contextmanager
def listener(answer: bytes | None) -> Iterator[str]:
    """Take connections at the yielded address, send `answer` to each and hang up; None: say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return
                if answer is not None:
                    held[-1].sendall(answer)
                    held[-1].close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for one in held:
            one.close()


@pytest.mark.slow
@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_takes_connections_and_is_no_broker_is_told_from_one_that_is_away(answer: bytes | None) -> None:
    before = threading.active_count()
    with listener(answer) as address:
        kafka = KafkaSettings(bootstrap=address)
        with pytest.raises(BrokerAway, match=rf"{address} takes connections, but .*kafka\.security_protocol"):
            connect(KafkaAdminClient, kafka, silence, 1)
    assert threading.active_count() <= before + 1  # the listener's own


def test_a_listener_without_tls_is_no_absent_broker() -> None:
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        kafka = KafkaSettings(bootstrap=address, security_protocol="SSL")
        with pytest.raises(ClusterError, match=r"kafka\.security_protocol, which is SSL") as caught:
            connect(KafkaAdminClient, kafka, silence, 20)
        assert not isinstance(caught.value, BrokerAway)


@dataclass(frozen=True)
class Secured:
    """A broker that asks for TLS and a name on one of its listeners."""

    tls: str
    open: str
    authority: Path
    another: Path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    store, authority = make_certificate(folder, "pier", "IP:127.0.0.1")
    _, another = make_certificate(folder, "other", "IP:127.0.0.1")
    tls = find_port()
    plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_naba="{PASSWORD}";'
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    properties = {
        "listeners": f"SASL_SSL://127.0.0.1:{tls}",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": plain,
        "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(store),
        "ssl.keystore.password": PASSWORD,
    }
    with Broker(folder / "data", properties=properties) as broker:
        admin = connect(KafkaAdminClient, KafkaSettings(bootstrap=broker.bootstrap), silence, 30)
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion("naba", "SCRAM-SHA-256", PASSWORD)])
        admin.close()
        yield Secured(f"127.0.0.1:{tls}", broker.bootstrap, authority, another)


def settings_of(secured: Secured) -> KafkaSettings:
    return KafkaSettings(
        bootstrap=secured.tls,
        security_protocol="SASL_SSL",
        sasl_username="naba",
        sasl_password=PASSWORD,
        ssl_cafile=str(secured.authority),
    )


@pytest.mark.slow
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_topics_push_and_tail_pass_through_tls_with_a_name(
    secured: Secured, mechanism: str, tmp_path: Path
) -> None:
    prefix = mechanism.lower() + "."
    (tmp_path / "naba.toml").write_text(f"""[kafka]
        bootstrap = "{secured.tls}"
        security_protocol = "SASL_SSL"
        sasl_mechanism = "{mechanism}"
        sasl_username = "naba"
        ssl_cafile = "pier.pem"
        topic_prefix = "{prefix}"
        partitions = 2
    """)
    (tmp_path / "pier.pem").write_bytes(secured.authority.read_bytes())
    (tmp_path / "a.jsonl").write_text('{"url": "https://pier.example/1", "text": "a"}\n')
    environment = os.environ | {"NABA_KAFKA__SASL_PASSWORD": PASSWORD}
    environment.pop("NABA_KAFKA__BOOTSTRAP", None)
    said = b""
    for words in (["topics"], ["push", "a.jsonl"], ["tail", "raw", "--no-follow"]):
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", *words],
            cwd=tmp_path, env=environment, capture_output=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said += done.stdout
    assert f"{prefix}news.raw.v1".encode() in said
    assert b'"url":"https://pier.example/1"' in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sasl_password": "wrong"}, r"does not let 'naba' in .*kafka\.sasl_password"),
        (
            {"sasl_password": "wrong", "sasl_mechanism": "SCRAM-SHA-256"},
            r"does not let 'naba' in .*kafka\.sasl_p",
        ),
        ({"sasl_mechanism": "SCRAM-SHA-512"}, r"kafka\.sasl_mechanism"),
        ({"ssl_cafile": "another"}, r"not to be trusted .*kafka\.ssl_cafile"),
        ({"ssl_cafile": ""}, r"not to be trusted .*kafka\.ssl_cafile"),
        ({"bootstrap": "localhost"}, r"kafka\.ssl_check_hostname"),
        (
            {"bootstrap": "open", "security_protocol": "SASL_PLAINTEXT"},
            r"asks for no SASL.*security_protocol",
        ),
    ],
)
def test_who_is_not_let_in_is_told_the_key_at_once(
    secured: Secured, changes: dict[str, str], told: str
) -> None:
    known = {
        "another": str(secured.another),
        "open": secured.open,
        "localhost": secured.tls.replace("127.0.0.1", "localhost"),
    }
    wanted = {key: known.get(value, value) for key, value in changes.items()}
    said: list[str] = []
    with pytest.raises(ClusterError, match=told) as caught:
        connect(KafkaAdminClient, replace(settings_of(secured), **wanted), said.append, 20)  # type: ignore[arg-type]
    assert not isinstance(caught.value, BrokerAway)
    assert said == []  # not waited for


@pytest.mark.slow
def test_a_broker_that_hangs_up_on_tls_is_told_from_one_that_is_not_there(secured: Secured) -> None:
    kafka = replace(settings_of(secured), bootstrap=secured.open)
    with pytest.raises(BrokerAway, match=r"hangs up; .*kafka\.security_protocol, which is SASL_SSL"):
        connect(KafkaAdminClient, kafka, silence, 1)
