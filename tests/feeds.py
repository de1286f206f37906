"""Feeds of an invented harbour."""

URL = "https://harbour.example/feed.xml"
ARABIC = "عودة القوارب إلى الرصيف"
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>H</title>
<link rel="hub" href="https://hub.example/"/><link rel="self" href="{URL}"/>
<entry><id>urn:1</id><title type="html">&lt;b&gt;{ARABIC}&lt;/b&gt; &amp;amp; more</title>
<link rel="alternate" href="/1"/><link rel="enclosure" href="https://harbour.example/1.mp3"/>
<author><name>ليان الساحلي</name></author><author><name>Desk</name></author>
<published>2026-03-01T10:00:00+02:00</published><updated>2026-03-01T11:00:00Z</updated>
<summary>Short</summary><content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""


def rss(items: str, head: str = "", attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel><title>Harbour</title>{head}{items}</channel></rss>'


def item(number: int, more: str = "") -> str:
    return (
        f"<item><title>Tide {number}</title><link>https://harbour.example/{number}</link>"
        f"<guid isPermaLink='false'>id-{number}</guid>{more}</item>"
    )
