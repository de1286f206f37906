"""Archives of the web as a source: every HTML response of a WARC file (ISO 28500) is one delivery."""

from collections.abc import Iterator

from connectors.archives.records import Gap, Record, read_records
from connectors.archives.response import read_response
from connectors.archives.unpacked import Damaged
from schemas.address import NO_ALIASES, Aliases
from schemas.letter import Letter, unread_letter

ARCHIVES = (".warc", ".warc.gz")


def read_archive(path: str, shown: str, source: str, aliases: Aliases = NO_ALIASES) -> Iterator[Letter]:
    """Yield a letter for each HTML response, and for each place that is damaged one marked `broken_input`.

    An `input` is `shown` with the place of the record behind a colon; `fetched_at` is the time of
    the capture. A status other than 2xx is marked `http_error`. What is no HTML response is passed over.
    """
    place = "0"
    try:
        for found in read_records(path):
            place = found.place
            letter = (
                _tell_damage(f"{shown}:{place}", source, found.detail)
                if isinstance(found, Gap)
                else _read_record(found, f"{shown}:{place}", source, aliases)
            )
            if letter is not None:
                yield letter
    except OSError as error:
        yield _tell_damage(f"{shown}:{place}", source, f"cannot be read on: {error.strerror or error}")


def _read_record(record: Record, where: str, source: str, aliases: Aliases) -> Letter | None:
    try:
        letter = read_response(record, where, source, aliases)
        record.finish()
    except Damaged as error:
        return _tell_damage(where, source, str(error))
    return letter


def _tell_damage(where: str, source: str, detail: str) -> Letter:
    return unread_letter(where, source, b"", "broken_input", detail)
