"""Archives of the web for tests, written by warcio: responses, and what stands between them."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

FIRST = datetime(2025, 3, 1, 6, 0, tzinfo=UTC)
HTML = ("Content-Type", "text/html; charset=utf-8")


def capture_time(number: int) -> datetime:
    """Return when the capture of a number was made: one a minute."""
    return FIRST + timedelta(minutes=number)


def make_page(number: int, extra: str = "") -> bytes:
    lines = "".join(
        f"<p>On day {number * 31 + n} the ferry of pier {number} took {number * 17 + n * 5} crates of "
        f"books to the library of ward {number % 90}, and the harbour office wrote it down.{extra}</p>\n"
        for n in range(4)
    )
    return (
        f"<html><head><title>Crates on pier {number}</title></head><body><article><h1>Crates on pier "
        f"{number}</h1>\n{lines}</article></body></html>"
    ).encode()


class Archive:
    """A WARC file in memory; `offsets` are where its records begin."""

    def __init__(self, packed: bool = True, version: str = "1.0") -> None:
        self._bytes, self._packed, self._version = BytesIO(), packed, version
        self._writer = WARCWriter(self._bytes, gzip=packed, warc_version=version)
        self.offsets: list[int] = []

    @property
    def content(self) -> bytes:
        return self._bytes.getvalue()

    def respond(
        self,
        number: int,
        body: bytes | None = None,
        *headers: tuple[str, str],
        status: str = "200 OK",
        url: str = "",
        warc: dict[str, str] | None = None,
    ) -> None:
        """Write a response; without headers it is HTML, without a body the page of its number."""
        http = StatusAndHeaders(status, list(headers) or [HTML], protocol="HTTP/1.1")
        payload = make_page(number) if body is None else body
        self._write(
            "response", url or f"https://pier{number % 7}.example/{number}", payload, http, number, warc=warc
        )

    def ask(self, number: int) -> None:
        http = StatusAndHeaders(f"GET /{number} HTTP/1.1", [("Host", "pier.example")], is_http_request=True)
        self._write("request", f"https://pier{number % 7}.example/{number}", b"", http, number)

    def note(self, kind: str, content: bytes, content_type: str, uri: str = "") -> None:
        """Write a record of any kind without HTTP: metadata, a resource, an answer of DNS."""
        self._write(kind, uri or "https://pier.example/note", content, None, 0, content_type=content_type)

    def revisit(self, number: int) -> None:
        uri = f"https://pier{number % 7}.example/{number}"
        self.offsets.append(len(self.content))
        self._writer.write_record(
            self._writer.create_revisit_record(
                uri, "sha1:AAAA", uri, "2025-03-01T06:00:00Z", StatusAndHeaders("200 OK", [HTML], "HTTP/1.1")
            )
        )

    def open(self) -> None:
        """Write the record with which every archive begins."""
        self.offsets.append(len(self.content))
        self._writer.write_record(
            self._writer.create_warcinfo_record("a.warc.gz", {"software": "a crawler", "format": "WARC"})
        )

    def _write(
        self,
        kind: str,
        uri: str,
        payload: bytes,
        http: StatusAndHeaders | None,
        number: int,
        *,
        content_type: str = "",
        warc: dict[str, str] | None = None,
    ) -> None:
        self.offsets.append(len(self.content))
        moment = capture_time(number).strftime("%Y-%m-%dT%H:%M:%SZ")
        record = self._writer.create_warc_record(
            uri,
            kind,
            payload=BytesIO(payload),
            http_headers=http,
            warc_content_type=content_type,
            warc_headers_dict={"WARC-Date": moment},
        )
        if not warc:
            self._writer.write_record(record)
            return
        # The library writes what is right: what shall be wrong is put in behind it.
        plain = BytesIO()
        WARCWriter(plain, gzip=False, warc_version=self._version).write_record(record)
        written = plain.getvalue()
        for name, value in warc.items():
            line = re.compile(rb"\r\n" + name.encode() + rb": [^\r]*\r\n")
            written = line.sub(lambda _: f"\r\n{name}: {value}\r\n".encode(), written, count=1)  # noqa: B023
        self._bytes.write(gzip.compress(written) if self._packed else written)
