"""A message that was answered is known for as long as anybody would believe its time."""

from dataclasses import replace

import pytest

from connectors.receiving.replays import Replays
from connectors.receiving.signature import WINDOW, BadSignature, Signed, read_signed

NOW = 1_772_874_000
SIGNED = Signed("tide-1", NOW, (b"",))


@pytest.fixture
def replays() -> Replays:
    return Replays()


def test_the_very_message_is_known(replays: Replays) -> None:
    assert not replays.has("harbour", SIGNED)
    replays.note("harbour", SIGNED, NOW)
    assert replays.has("harbour", SIGNED)
    assert replays.has("harbour", replace(SIGNED, signatures=(b"another of its secrets",)))


@pytest.mark.parametrize(
    ("sender", "signed"),
    [
        ("library", SIGNED),
        ("harbour", replace(SIGNED, id="tide-2")),
        ("harbour", replace(SIGNED, time=NOW + 1)),
    ],
    ids=["another sender", "another message", "a further try"],
)
def test_another_message_is_not(replays: Replays, sender: str, signed: Signed) -> None:
    replays.note("harbour", SIGNED, NOW)
    assert not replays.has(sender, signed)


def test_it_is_known_until_its_time_is_believed_no_more(replays: Replays) -> None:
    # Signed by a clock that is as much ahead as may be.
    ahead = replace(SIGNED, time=int(NOW + WINDOW))
    replays.note("harbour", ahead, NOW)
    headers = {"webhook-id": "tide-1", "webhook-timestamp": str(ahead.time), "webhook-signature": "v1,AAAA"}
    for now in range(NOW, int(NOW + 2 * WINDOW) + 1, 50):
        assert read_signed(headers, now) is not None
        replays.note("harbour", Signed(str(now), now, ()), now)
        assert replays.has("harbour", ahead)
    with pytest.raises(BadSignature):
        read_signed(headers, NOW + 2 * WINDOW + 1)


def test_old_ones_are_forgotten(replays: Replays) -> None:
    messages = [Signed(f"tide-{number}", NOW + number, ()) for number in range(5000)]
    for message in messages:
        replays.note("harbour", message, message.time)
    known = [message for message in messages if replays.has("harbour", message)]
    assert known == messages[-len(known) :]
    assert 2 * WINDOW <= len(known) <= 2 * WINDOW + 5
