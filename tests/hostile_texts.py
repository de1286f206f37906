"""Texts that break stores and those who read them: nothing of them may be changed, and nothing happen."""

from typing import Any

# By what they try. None is of any use against a store that takes texts as texts.
HOSTILE = {
    "script": "<script>alert('tide')</script><img src=x onerror=alert(1)>",
    "csv": '=HYPERLINK("http://harbour.example","ferry")\t+1\r\n@SUM(A1)',
    "log": "tide\n2026-03-01 ERROR forged\r\x1b[31mred\x1b[0m\x07\x08",
    "replaced_nul": "be\ufffdfore",
    "path": "../../../../etc/passwd\\..\\..\\boot.ini",
    "sql": "'; DROP TABLE articles; -- \" ') OR 1=1 /*",
    "search": 'title:* NEAR(a b, 2) AND "quoted" OR ^x -y',
    "format": "%s %n {0} ${HOME} $(reboot) `id` {{7*7}} \\u0000 \\x00",
    "bidi": "\u202eelif\u202c \u2066ferry\u2069 \u200f\u061c المرفأ \u200c\u200d",
    "breaks": "a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg",
    "marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "wide": "\U0001f6a2\U000e0067\U0010ffff\ufeff\ufffe\U0001f468\u200d\U0001f469",
    "json": '"}\\"],"article_id":"' + "f" * 32 + '","x":{"',
    "word": "م" * 100_000,
}


def paint(text: str) -> dict[str, Any]:
    """Return the fields of a record that all hold the text."""
    plain = dict.fromkeys(
        ("url", "canonical_url", "host", "publisher", "title", "kicker", "text", "section", "image",
         "licence", "language", "source"),
        text,
    )  # fmt: skip
    return {**plain, "authors": (text, text), "tags": (text,), "captions": (text,), "versions": {text: text}}
