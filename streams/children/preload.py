"""Imported once by the server process from which children are forked: what they all need, loaded.

One page is cleaned here, so that what is compiled and cached at first use is shared as well.
"""

from datetime import UTC, datetime

from trafilatura.external import jt_stoplist_init

from schemas.letter import INPUT, raw_letter
from schemas.raw import RawArticle
from streams.language.tell import load
from streams.steps.order import CleanOrder

_SENTENCE = "The harbour office told the boats of the northern pier to wait, and they waited. "
_PAGE = f"""<html><head><title>Tide</title><meta name="author" content="A. Pier">
<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "2026-03-01"}}</script></head>
<body><nav><a href="/">Home</a></nav><article><h1>Tide</h1>{f"<p>{_SENTENCE * 4}</p>" * 4}
<p>انتظرت القوارب عند الرصيف الشمالي حتى عاد المد إلى الميناء.</p></article><footer>Imprint</footer></body>"""


def warm_up() -> None:
    """Clean one page."""
    raw = RawArticle(
        raw_id="0" * 32, source="files", url="https://pier.example/2026/03/01/tide", content=_PAGE,
        content_type="text/html; charset=utf-8", fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    CleanOrder((), "UTC", 1)()(raw_letter(INPUT, raw))


load()
jt_stoplist_init()  # what trafilatura falls back to on a poor page; it takes .14 s when first asked for
warm_up()
