"""The paragraphs of the page's own text come out, what stands around them does not."""

import base64
from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft, Metadata
from streams.pages.decode import decode
from streams.pages.extract import extract
from streams.pages.parse import parse
from streams.reject import Reject

HARBOUR = (
    "The harbour council voted on Tuesday evening to close the northern ferry line for the winter.",
    "Some four hundred people use it every day, most of them on their way to the shipyard and its school.",
    "“We have no choice before the new piers are built,” said the head of the council after the vote.",
    "The ferries will be brought to the dry dock in November and will sail again in the first week of April.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in HARBOUR)


def read(markup: str, **metadata: str) -> Draft:
    raw = RawArticle(
        raw_id="0" * 32,
        source="test",
        content=markup,
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return extract(parse(decode(Draft(raw=raw, metadata=Metadata(**metadata)))))  # type: ignore[arg-type]


def page(body: str, head: str = "<title>Ferries stop for the winter</title>") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def news(inside: str) -> str:
    return page(
        "<nav><ul><li><a href=/a>Home</a><li><a href=/b>Sport</a></ul></nav>"
        f"<article><h1>Ferries stop for the winter</h1><div class=article-body>{inside}</div></article>"
        "<footer>All rights reserved by the harbour paper and its owners</footer>"
    )


def test_headline_is_no_line_of_the_text() -> None:
    assert read(news(BODY)).lines == HARBOUR


def test_headings_lists_and_cells_are_lines_in_their_order() -> None:
    inside = (
        f"<p>{HARBOUR[0]}</p><h2>What it means</h2><ul><li>No ferry before eight in the morning</li>"
        f"<li>Buses every hour</li></ul><table><tr><td>Monday</td><td>7 ferries</td></tr></table>"
        f"<p>{HARBOUR[1]}</p><p>{HARBOUR[2]}</p>"
    )
    assert read(news(inside)).lines == (
        HARBOUR[0],
        "What it means",
        "No ferry before eight in the morning",
        "Buses every hour",
        "Monday | 7 ferries",
        HARBOUR[1],
        HARBOUR[2],
    )


def test_line_ends_of_the_source_are_spaces_and_breaks_are_lines() -> None:
    first = HARBOUR[0].replace(" ", "\n", 3)
    inside = f"<p>{first}<br>\nA second\nline.</p><p>{HARBOUR[1]}</p><p>{HARBOUR[2]}</p>"
    assert read(news(inside)).lines == (HARBOUR[0], "A second line.", HARBOUR[1], HARBOUR[2])


def test_joiners_stay_inside_words() -> None:
    persian = (
        "دولت می\u200cخواهد خط\u200cهای شمالی کشتی را ببندد و کارگران راهی دیگر می\u200cیابند، گفت شورا."
    )
    inside = (
        f"<p>{persian}</p><p>کتاب&zwnj;ها در بندر مانده\u200cاند و کسی آن\u200cها را نمی\u200cبرد.</p>" + BODY
    )
    lines = read(news(inside)).lines
    assert lines[0] == persian
    assert lines[1].startswith("کتاب\u200cها")


def test_persian_headline_and_lede_with_joiners_are_known_again() -> None:
    title = "کشتی\u200cها در زمستان نمی\u200cآیند"
    lede = "شورای بندر می\u200cگوید خط شمالی تا بهار بسته می\u200cماند و راه دیگری نیست برای مردم."
    markup = page(
        f"<header><h1>{title}</h1><p class=lead>{lede}</p></header><div class=article-body>{BODY}</div>"
    )
    assert read(markup, title=title).lines == (lede, *HARBOUR)


@pytest.mark.parametrize(
    "furniture",
    [
        pytest.param(
            "<div class=newsletter-box><p>Get the harbour news every morning</p></div>",
            id="newsletter",
        ),
        pytest.param("<p><a href=/x>Council looks for money for the two piers</a></p>", id="link-alone"),
        pytest.param(
            "<p><b>Read more:</b> <a href=/x>Council looks for money</a></p>",
            id="label-and-link",
        ),
        pytest.param(
            "<h3>You may also like</h3><ul><li><a href=/x>Council looks for money for the piers</a></li>"
            "<li><a href=/y>Shipyard takes forty apprentices this year</a></li></ul>",
            id="link-list-and-its-heading",
        ),
        pytest.param("<div class=social-share>Share this with the people you know</div>", id="share-bar"),
        pytest.param("<p class=author-bio>Ada Quay writes about the sea.</p>", id="author-biography"),
        pytest.param("<span class=visually-hidden>Article continues below</span>", id="hidden-label"),
    ],
)
def test_furniture_inside_the_article_is_left_out(furniture: str) -> None:
    inside = f"<p>{HARBOUR[0]}</p><p>{HARBOUR[1]}</p>{furniture}" + "".join(
        f"<p>{p}</p>" for p in HARBOUR[2:] * 3
    )
    assert read(news(inside)).lines == HARBOUR[:2] + HARBOUR[2:] * 3


def test_arabic_page_in_windows_1256_gives_its_paragraphs() -> None:
    paragraphs = (
        "قال الوزير إن الحكومة ستعمل على خفض الأسعار قبل نهاية العام، وإن المجلس سيجتمع غدا.",
        "وأضاف في مؤتمر صحفي أن اللجنة المختصة رفعت تقريرها النهائي، وأن القرار سيصدر خلال أيام.",
        "من جهته، رأى خبراء أن الخطوة تأتي متأخرة، لكنها قد تخفف العبء عن الأسر محدودة الدخل.",
    )
    markup = (
        "<html dir=rtl><head><meta charset=windows-1256><title>خفض</title></head><body>"
        "<ul><li><a href=/>الرئيسية</a></li></ul><div class=details><h1>خفض الأسعار</h1><div class=text>"
        + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs * 2)
        + "<p><strong>اقرأ أيضاً:</strong> <a href=/x>مجلس الوزراء يناقش الموازنة</a></p>"
        "<h3>مواضيع ذات صلة</h3><ul><li><a href=/1>ارتفاع أسعار النفط في الأسواق</a></li>"
        "<li><a href=/2>البنك يثبت سعر الفائدة</a></li></ul>"
        "</div></div></body></html>"
    )
    raw = RawArticle(
        raw_id="0" * 32,
        source="test",
        content_base64=base64.b64encode(markup.encode("cp1256")).decode(),
        content_type="text/html",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert extract(parse(decode(Draft(raw=raw)))).lines == paragraphs * 2


def test_captions_have_a_field_of_their_own() -> None:
    inside = (
        f"<p>{HARBOUR[0]}</p>"
        "<figure><img src=a.jpg><figcaption>The last ferry of the year.</figcaption></figure>"
        "<div class=article-picture><img src=b.jpg><p>A pier in the morning. Photo: Ada Quay</p></div>"
        + "".join(f"<p>{paragraph}</p>" for paragraph in HARBOUR[1:])
    )
    draft = read(news(inside))
    assert draft.lines == HARBOUR
    assert draft.captions == ("The last ferry of the year.", "A pier in the morning. Photo: Ada Quay")


def test_lede_outside_of_the_body_comes_first() -> None:
    lede = "From November on nobody crosses the northern harbour by ship, and the buses are full already."
    markup = page(
        f"<main><header><h1>Ferries stop for the winter</h1><p class=teaser>{lede}</p></header>"
        f"<div class=article-body>{BODY}</div></main>"
    )
    assert read(markup, title="Ferries stop for the winter").lines == (lede, *HARBOUR)


def test_body_in_two_containers_of_one_kind_is_read_whole() -> None:
    def part(first: int) -> str:
        return f"<div class=body__container>{''.join(f'<p>{p} ({first})</p>' for p in HARBOUR)}</div>"

    lines = read(page(f"<main><h1>Ferries</h1>{part(1)}<div class=ad>Buy now</div>{part(2)}</main>")).lines
    assert lines == tuple(f"{p} ({n})" for n in (1, 2) for p in HARBOUR)


FORUM = "".join(
    f"<div id=post-{n} class='post comment comment-{n}'><div class=post-author>user{n}</div>"
    f"<div class=content>{text}</div></div>"
    for n, text in enumerate(HARBOUR, 1)
)
CHAT = "".join(f"<div class='topic c-{n}'>Short answer number {n} of many</div>" for n in range(20))
SHOP = (
    "<div class=product><h1>Ship's bell, brass</h1><div class=product-info><p class=price>49.90</p>"
    "<p>This bell is cast by hand in a workshop by the sea and rings for a whole minute after a stroke.</p>"
    "<p>It comes with a rope, four screws and a leaflet about how to hang it.</p></div>"
    "<div class=product-meta>Article 4711</div><div class=related-products><h2>Others bought</h2>"
    "<ul><li><a href=/a>Anchor, iron, 2 kg</a><li><a href=/b>Rope of hemp, ten metres</a></ul></div></div>"
)
BLOG = (
    "<div id=content><div class='post hentry'><h2 class=entry-title><a href=/p>Winter by the sea</a></h2>"
    f"<div class=entry-content>{BODY}<p>My favourite walks are these:</p><ol><li>along the northern pier</li>"
    "<li>up to the old light</li></ol></div></div><div class=comments><p>Nice!</p></div></div>"
)
FORM = f"<form id=aspnetForm><input type=hidden><div id=main><h1>News</h1>{BODY}</div></form>"
TABLES = (
    "<table><tr><td width=120><a href=/>Home</a><br><a href=/s>Sport</a></td>"
    f"<td><font size=2>{'<br><br>'.join(HARBOUR)}</font></td></tr></table>"
)


@pytest.mark.parametrize(
    ("body", "wanted", "unwanted"),
    [
        pytest.param(FORUM, HARBOUR, (), id="forum"),
        pytest.param(CHAT, ("number 0 of", "number 9 of", "number 19 of"), (), id="short-posts"),
        pytest.param(f"<aside><h1>News</h1>{BODY}</aside>", HARBOUR, (), id="all-in-an-aside"),
        pytest.param(SHOP, ("rings for a whole minute", "four screws"), ("Rope of hemp",), id="shop"),
        pytest.param(BLOG, (*HARBOUR, "along the northern pier", "up to the old light"), (), id="blog"),
        pytest.param(FORM, HARBOUR, (), id="page-in-one-form"),
        pytest.param(TABLES, HARBOUR, (), id="table-layout"),
        pytest.param("<pre>" + "\n".join(HARBOUR) + "</pre>", HARBOUR, (), id="preformatted"),
    ],
)
def test_main_text_of_other_pages_is_kept(
    body: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    text = "\n".join(read(page(body)).lines)
    assert [piece for piece in wanted if piece not in text] == []
    assert [piece for piece in unwanted if piece in text] == []


def test_same_page_gives_the_same_text_whatever_came_before() -> None:
    first = read(news(BODY)).lines
    for _ in range(5):
        read(page(BLOG))
        read(news(BODY))
    assert read(news(BODY)).lines == first


def test_page_is_taken_over() -> None:
    assert read(news(BODY)).tree is None


def test_page_without_a_word_is_refused() -> None:
    with pytest.raises(Reject) as caught:
        read(page("<p>...</p><p>1 / 2</p>"))
    assert caught.value.reason == "no_article"
