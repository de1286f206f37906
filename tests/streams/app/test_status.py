"""What the Faust process tells its supervisor through a pipe."""

import os

from schemas.letter import CLEAN, RAW
from streams.app.status import Lead, Place, Status, read_status, write_status

STATUS = Status(
    settled=True,
    to_recover=0,
    assigned=(Place(RAW, 3), Place(CLEAN, 0)),
    leads=(Lead(Place(RAW, 3), 71, 0.25),),
)


def test_what_was_told_is_read_line_by_line() -> None:
    reader, writer = os.pipe()
    write_status(writer, STATUS)
    write_status(writer, STATUS)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert [read_status(line) for line in pipe] == [STATUS, STATUS]


def test_a_torn_line_and_what_is_none_are_no_status() -> None:
    assert read_status(b'{"settled":true,"to_rec') is None
    assert read_status(b"a library prints something\n") is None
    assert read_status(b'{"settled":"yes"}\n') is None


def test_nobody_who_reads_is_no_reason_to_wait_or_to_fail() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for _ in range(2000):  # far more than a pipe holds
        write_status(writer, STATUS)
    os.close(reader)
    write_status(writer, STATUS)
    os.close(writer)
