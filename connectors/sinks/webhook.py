"""Webhook: each record is posted to an address of the operator, signed as Standard Webhooks has it."""

from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
from yarl import URL

from connectors.sink import Sink, Tell
from connectors.sinks.wanted import OnlyWanted, list_topics
from connectors.sinks.webhook_store import WebhookStore
from connectors.sources.keys import Address, Name
from schemas.article import Relation
from schemas.wrong_use import WrongUse


class WebhookSink(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="webhook"
):
    """`secret_file` has a secret a line (`whsec_…`), and each signs; `seconds` bound one request in all."""

    files: ClassVar[tuple[str, ...]] = ("secret_file",)

    name: Name
    relations: tuple[Relation, ...] = ()
    url: Address
    secret_file: Annotated[str, msgspec.Meta(min_length=1)]
    at_once: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    seconds: Annotated[float, msgspec.Meta(ge=0.1, le=300)] = 15

    def __post_init__(self) -> None:
        """Refuse an address that cannot be asked. Raises ValueError, which msgspec tells with the key."""
        try:
            host = URL(self.url).host
        except ValueError:
            host = None
        if not host:
            raise ValueError("url: is no address with a host")  # it may hold a password: not told

    def open(self, tell: Tell) -> Sink:  # noqa: ARG002 - others have something to tell
        """Return the sink; nothing is asked yet. Raises WrongUse where the file has no secret."""
        topics, secrets = list_topics(self.relations), Path(self.secret_file)
        try:
            store = WebhookStore(topics, secrets, self.url, self.at_once, self.seconds)
        except WrongUse as error:
            raise WrongUse(f"sink {self.name}: {error}") from None
        return OnlyWanted(store, self.relations)
