"""A clock, a hub that goes by it, and a site that names the hub in its Link headers."""

from collections.abc import Iterator

import pytest

from tests.connectors.websub.listening import Clock
from tests.hub import Hub, announce
from tests.site import Site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(clock: Clock) -> Iterator[Hub]:
    with Hub(clock) as opened:
        yield opened


@pytest.fixture
def site(hub: Hub) -> Iterator[Site]:
    with Site() as opened:
        opened.publish("/ferry", "The ferry waits for the tide")
        opened.behave("/feed.xml", announce(f'<{hub.url}>; rel="hub"'))
        yield opened
