"""Paragraphs that stand as the found ones do are put back, others are not."""

from lxml.html import document_fromstring

from streams.pages.outline import Outline
from streams.pages.recover import recover_paragraphs

TEXTS = tuple(
    f"Paragraph {n} tells of the harbour, its ferries and the people who use them every day."
    for n in range(8)
)


def part(texts: tuple[str, ...], name: str) -> str:
    return f"<div class={name}>{''.join(f'<p>{text}</p>' for text in texts)}</div>"


def recover(body: str, found: tuple[str, ...]) -> tuple[str, ...]:
    tree = document_fromstring(f"<html><body>{body}</body></html>").find("body")
    assert tree is not None
    return recover_paragraphs(Outline(tree), found)


def test_second_container_of_one_kind_is_read_in_its_place() -> None:
    assert recover(part(TEXTS[:4], "body") + part(TEXTS[4:], "body"), TEXTS[:4]) == TEXTS


def test_gap_between_found_paragraphs_is_filled() -> None:
    assert recover(part(TEXTS, "body"), TEXTS[:3] + TEXTS[4:]) == TEXTS


def test_container_with_one_class_more_is_of_the_same_kind() -> None:
    last = part(TEXTS[4:], "'body article'")
    assert recover(part(TEXTS[:4], "'body article wide'") + last, TEXTS[:4]) == TEXTS


def test_container_of_another_kind_stays_out() -> None:
    assert recover(part(TEXTS[:4], "body") + part(TEXTS[4:], "comments"), TEXTS[:4]) == TEXTS[:4]


def test_next_article_on_the_page_stays_out() -> None:
    page = f"<article>{part(TEXTS[:4], 'body')}</article><article>{part(TEXTS[4:], 'body')}</article>"
    assert recover(page, TEXTS[:4]) == TEXTS[:4]
