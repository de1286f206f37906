"""What a page's bytes say is read, whatever the server or the page claims about them."""

import gzip
import random
from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle, write_content
from streams.draft import Draft
from streams.pages.decode import decode
from streams.reject import Reject

ARABIC = "قال الوزير إن الحكومة ستعمل على خفض الأسعار قبل نهاية العام، وإن المجلس سيجتمع غدا في العاصمة"
RUSSIAN = "Министр сообщил, что правительство снизит цены до конца года и соберёт совет завтра в столице"
FRENCH = "Le ministre a déclaré que le gouvernement baissera les prix avant la fin de l’année à Orléans"
JAPANESE = "大臣は政府が年末までに物価を下げると述べ、明日首都で会議を開くと発表した"


def draft(content: bytes, content_type: str = "text/html") -> Draft:
    raw = RawArticle(
        raw_id="0" * 32,
        source="test",
        content_type=content_type,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        **write_content(content),
    )
    return Draft(raw=raw)


def page(text: str, meta: str = "") -> str:
    return f"<html><head>{meta}<title>x</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "content_type", "meta"),
    [
        pytest.param(ARABIC, "utf-8", "text/html", "", id="utf-8-undeclared"),
        pytest.param(ARABIC, "utf-8", "text/html; charset=windows-1252", "", id="utf-8-declared-western"),
        pytest.param(ARABIC, "utf-8", "text/html", "<meta charset=windows-1256>", id="utf-8-with-stale-meta"),
        pytest.param(ARABIC, "utf-8-sig", "text/html; charset=gbk", "", id="byte-order-mark-wins"),
        pytest.param(ARABIC, "utf-16", "text/html", "", id="utf-16-with-mark"),
        pytest.param(ARABIC, "utf-16-le", "text/html; charset=utf-16le", "", id="utf-16-declared"),
        pytest.param(ARABIC, "utf-8", "text/html; charset=utf-16", "", id="utf-8-declared-utf-16"),
        pytest.param(ARABIC, "cp1256", "text/html; charset=windows-1256", "", id="arabic-declared"),
        pytest.param(ARABIC, "cp1256", "text/html", '<meta charset="windows-1256">', id="arabic-in-meta"),
        pytest.param(ARABIC, "cp1256", "text/html", "", id="arabic-undeclared"),
        pytest.param(ARABIC, "cp1256", "text/html; charset=utf-8", "", id="arabic-declared-utf-8"),
        pytest.param(ARABIC, "cp1256", "text/html; charset=iso-8859-1", "", id="arabic-declared-latin"),
        pytest.param(
            ARABIC, "cp1256", "text/html; charset=shift_jis", "<meta charset=utf-8>", id="arabic-two-lies"
        ),
        pytest.param(ARABIC, "cp1256", "text/html; charset=nonsense", "", id="arabic-unknown-label"),
        pytest.param(ARABIC, "iso8859-6", "text/html; charset=iso-8859-6", "", id="iso-arabic-declared"),
        pytest.param(ARABIC, "iso8859-6", "text/html", "", id="iso-arabic-undeclared"),
        pytest.param(RUSSIAN, "cp1251", "text/html", "", id="russian-undeclared"),
        pytest.param(RUSSIAN, "cp1251", "text/html; charset=iso-8859-1", "", id="russian-declared-latin"),
        pytest.param(RUSSIAN, "koi8-r", "text/html; charset=koi8-r", "", id="koi8-declared"),
        pytest.param(
            FRENCH, "cp1252", "text/html; charset=ISO-8859-1", "", id="iso-8859-1-means-windows-1252"
        ),
        pytest.param(FRENCH, "cp1252", "text/html", '<meta charset="latin1">', id="latin1-in-meta"),
        pytest.param(FRENCH, "cp1252", "text/html", "", id="french-undeclared"),
        pytest.param(JAPANESE, "shift_jis", "text/html; charset=Shift_JIS", "", id="japanese-declared"),
        pytest.param(JAPANESE, "euc_jp", "text/html", '<meta charset="euc-jp">', id="japanese-in-meta"),
        pytest.param(
            JAPANESE, "iso2022_jp", "text/html", "<meta charset=iso-2022-jp>", id="japanese-in-seven-bits"
        ),
        pytest.param("联通", "gbk", "text/html; charset=gb2312", "", id="two-signs-that-pass-for-utf-8"),
    ],
)
def test_page_is_read_in_the_charset_that_it_is_written_in(
    text: str, codec: str, content_type: str, meta: str
) -> None:
    text = text.replace("،", "") if codec == "iso8859-6" else text
    markup = decode(draft(page(text, meta).encode(codec), content_type)).markup
    assert markup is not None
    assert text in markup


def test_byte_85_is_an_ellipsis_in_windows_1256_and_no_line_end() -> None:
    content = f"{ARABIC}…\n{ARABIC}".encode("cp1256")
    assert decode(draft(content, "text/plain; charset=windows-1256")).lines == (f"{ARABIC}…", ARABIC)


def test_plain_text_becomes_its_lines_without_the_blank_ones() -> None:
    text = "one\r\n\r\n two \rthree\x85four\u2028five\u2029\n \n\xa0\nsix"
    decoded = decode(draft(text.encode(), "text/plain; charset=utf-8"))
    assert decoded.lines == ("one", "two", "three", "four", "five", "six")
    assert decoded.markup is None


def test_byte_order_mark_is_no_text() -> None:
    for content_type in ("text/html", "text/html; charset=utf-8"):
        assert decode(draft(page(ARABIC).encode("utf-8-sig"), content_type)).markup == page(ARABIC)


def test_page_without_a_tag_is_plain_text() -> None:
    assert decode(draft(b"Fish &amp; ships\nnot tags: 3 &lt; 4")).lines == ("Fish & ships", "not tags: 3 < 4")


def test_utf8_page_that_was_cut_in_the_middle_of_a_letter_stays_utf8() -> None:
    markup = decode(draft(page(ARABIC).encode()[:-40] + b"\xd9")).markup
    assert markup is not None
    assert ARABIC[:60] in markup


def test_nul_becomes_the_replacement_character_and_other_controls_a_space() -> None:
    assert decode(draft(b"<html><p>a\x00b\x02c</p>")).markup == "<html><p>a\ufffdb c</p>"


@pytest.mark.parametrize(
    "content_type", ["", "application/octet-stream", "nonsense", "text/xml; charset=utf-8"]
)
def test_unknown_content_type_is_told_by_the_content(content_type: str) -> None:
    assert decode(draft(page(ARABIC).encode(), content_type)).markup is not None
    assert decode(draft(ARABIC.encode(), content_type)).lines == (ARABIC,)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(random.Random(1).randbytes(50_000), id="random"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(99), id="png"),
        pytest.param(gzip.compress(page(ARABIC).encode()), id="gzip"),
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "text/plain; charset=windows-1252", "image/png"])
def test_bytes_that_are_no_text_are_refused(content: bytes, content_type: str) -> None:
    with pytest.raises(Reject) as caught:
        decode(draft(content, content_type))
    assert caught.value.reason == "not_text"


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n"])
@pytest.mark.parametrize("content_type", ["text/html", "text/plain"])
def test_nothing_is_refused_as_empty(content: bytes, content_type: str) -> None:
    with pytest.raises(Reject) as caught:
        decode(draft(content, content_type))
    assert caught.value.reason == "empty"


def test_more_than_five_megabytes_are_refused() -> None:
    with pytest.raises(Reject) as caught:
        decode(draft(b"<p>" + b"a" * 10_000_000))
    assert caught.value.reason == "too_large"
