"""A whole pipeline on a broker that asks for TLS and a name: nothing of it speaks in the open."""

from pathlib import Path

import pytest

from connectors.broker.ports import find_port
from connectors.cluster.settings import KafkaSettings
from tests.broker import OwnBroker
from tests.certificates import PASSWORD, make_certificate
from tests.faults.inputs import make_lines
from tests.faults.process import Process, Worker

pytestmark = pytest.mark.slow

PLAIN = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_naba="{PASSWORD}";'


@pytest.fixture
def secured(tmp_path: Path, own_broker: OwnBroker) -> KafkaSettings:
    """The settings of a broker; clients are let in on its TLS listener alone."""
    store, authority = make_certificate(tmp_path, "pier", "IP:127.0.0.1")
    port = find_port()
    own_broker(
        properties={
            "listeners": f"SASL_SSL://127.0.0.1:{port}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": PLAIN,
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": str(store),
            "ssl.keystore.password": PASSWORD,
        }
    )
    return KafkaSettings(
        bootstrap=f"127.0.0.1:{port}",
        security_protocol="SASL_SSL",
        sasl_username="naba",
        ssl_cafile=authority.name,  # relative to the settings file
        partitions=2,
    )


def test_push_worker_and_sink_pass_through_tls_with_a_name(tmp_path: Path, secured: KafkaSettings) -> None:
    names = ("bootstrap", "security_protocol", "sasl_username", "ssl_cafile")
    lines = [f'{name} = "{getattr(secured, name)}"' for name in names]
    (tmp_path / "naba.toml").write_text("\n".join(["[kafka]", "partitions = 2", *lines]))
    (tmp_path / "inputs.jsonl").write_bytes(b"\n".join(make_lines(40)))
    environment = {"NABA_KAFKA__SASL_PASSWORD": PASSWORD, "NABA_KAFKA__BOOTSTRAP": secured.bootstrap}
    started: list[Process] = []

    def run(*arguments: str) -> tuple[int, list[str]]:
        started.append(Process(tmp_path, *arguments, environment=environment))
        return started[-1].wait(), [line for _, line in started[-1].lines]

    try:
        assert run("topics")[0] == 0
        assert run("push", "inputs.jsonl") == (0, ["naba: the brokers have all 40 deliveries"])
        refused = Process(tmp_path, "worker", environment=environment | {"NABA_KAFKA__SASL_PASSWORD": "no"})
        started.append(refused)
        assert refused.wait() == 1
        assert "kafka.sasl_password" in refused.lines[-1][1]
        worker = Worker(tmp_path, tmp_path / "tables", environment=environment)
        started.append(worker)
        worker.wait_until_ready()
        outputs = ("--out", "a.jsonl", "--outcomes", "o.jsonl", "--until-idle", "1")
        assert run("sink", "files", *outputs) == (0, [])
        assert worker.stop() == 0
    finally:
        for process in started:
            process.kill()
    assert len((tmp_path / "o.jsonl").read_bytes().splitlines()) == 40
    assert (tmp_path / "a.jsonl").read_bytes().count(b"\n") > 25
    assert not any(PASSWORD in line for process in started for _, line in process.lines)
