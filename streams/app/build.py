"""The Faust app: its topics, tables and agents, and the settings that measuring has taught."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faust
from faust.serializers.codecs import codecs
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, TableT
from faust.types.auth import CredentialsT

from connectors.cluster.connect import addresses
from connectors.cluster.security import credentials, ssl_context
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import MAX_MESSAGE

# Of each partition. Faust's own are 64 MB, three of them, and a cache of 2 GB.
_ROCKSDB = {"write_buffer_size": 1 << 20, "max_write_buffer_number": 2, "block_cache_size": 1 << 20}

SESSION_SECONDS = 6.0  # after which a killed worker's partitions are given to others
_DAY = 86_400.0


class _Producer(driver.Producer):
    """Retries without doubles: Faust asks for an idempotent producer in transactions only."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class _Consumer(driver.Consumer):
    """Notes no gaps: only its own acknowledgements would ever empty that tree, and lanes do without."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        pass


class _App(faust.App):
    def _new_producer_transport(self) -> Any:
        transport = super()._new_producer_transport()
        transport.Producer = _Producer  # type: ignore[misc]
        return transport

    def _new_transport(self) -> Any:
        transport = super()._new_transport()
        transport.Consumer = _Consumer  # type: ignore[misc]
        return transport


def build_app(settings: KafkaSettings, folder: Path, window: int) -> faust.App:
    """Return the app without agents; its tables live under `folder`.

    `window` bounds the events that wait in front of an agent. Raises WrongUse for TLS files that
    cannot be used.
    """
    for name in [name for name in codecs if "pickle" in name]:
        del codecs[name]  # nothing of ours needs it, and what is not there cannot be sent to us
    return _App(
        settings.app,
        broker=[f"kafka://{host}:{port}" for host, port in addresses(settings)],
        broker_credentials=_read_credentials(settings),
        datadir=folder,
        store="rocksdb://",
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        topic_partitions=settings.partitions,
        table_standby_replicas=0,
        # The state that is here counts, also where somebody has made the changelog shorter.
        recovery_consistency_check=False,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=1.0,
        broker_rebalance_timeout=60.0,
        broker_max_poll_records=100,
        consumer_max_fetch_size=1024 * 1024,  # a larger record comes alone (KIP-74)
        consumer_auto_offset_reset="earliest",
        # Lanes acknowledge; Faust would wait for acks that never come.
        stream_wait_empty=False,
        stream_buffer_maxsize=window,
        producer_acks=-1,
        producer_compression_type="zstd",
        producer_linger_ms=5,
        producer_max_request_size=MAX_MESSAGE,
        producer_request_timeout=_DAY,  # a broker that is away comes back; nothing is given up meanwhile
    )


def add_table(app: faust.App, name: str, partitions: int) -> "TableT[bytes, bytes]":
    """Return a table of bytes on RocksDB, with a changelog of as many partitions."""
    # Without explicit types a restarted worker cannot read its own changelog and recovers for ever.
    return app.Table(
        name,
        key_type=bytes,
        value_type=bytes,
        partitions=partitions,
        options={"driver": "rocksdict", **_ROCKSDB},
    )


def add_topic(app: faust.App, name: str, partitions: int) -> Any:
    """Return a topic of bytes for an agent to read."""
    return app.topic(
        name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw",
        partitions=partitions, internal=True,
    )  # fmt: skip


def _read_credentials(settings: KafkaSettings) -> CredentialsT | None:
    context, known = ssl_context(settings), credentials(settings)
    if known:
        return faust.SASLCredentials(
            username=known.username, password=known.password, mechanism=known.mechanism, ssl_context=context
        )
    return faust.SSLCredentials(context=context) if context else None
