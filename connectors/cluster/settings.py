"""`[kafka]` of the settings: which cluster, how to be let in, and what its topics are to be."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

_Prefix = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,100}$")]
_Days = Annotated[int, Meta(ge=1, le=36_500)]


@dataclass(frozen=True, kw_only=True)
class KafkaSettings:
    """The names are those of Kafka's own clients. Paths are relative to the settings file."""

    bootstrap: Annotated[str, Meta(min_length=1)] = "127.0.0.1:9092"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str = ""
    sasl_password: str = ""
    ssl_cafile: str = ""
    ssl_certfile: str = ""
    ssl_keyfile: str = ""
    ssl_check_hostname: bool = True
    topic_prefix: _Prefix = ""
    group_prefix: _Prefix = ""
    partitions: Annotated[int, Meta(ge=1, le=1000)] = 8
    replication_factor: Annotated[int, Meta(ge=1, le=15)] = 1
    keep_results: _Days = 90
    keep_dead: _Days = 365

    def topic(self, name: str) -> str:
        """Return what the topic `news.….v1` is called on this cluster."""
        return self.topic_prefix + name

    @property
    def app(self) -> str:
        """Return the name of the workers: their consumer group, and what their changelogs begin with."""
        return f"{self.group_prefix}{self.topic_prefix}naba"

    def changelog(self, table: str) -> str:
        """Return the topic that keeps the state of one table of the workers."""
        return f"{self.app}-{table}-changelog"
