"""JSON-LD is read as sites write it, faults and all."""

import pytest

from streams.metadata.jsonld import find_articles, read_nodes

HEADLINE = "Ferry service resumes"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('{"@type": "NewsArticle", "headline": "Ferry service resumes"}', id="one node"),
        pytest.param(
            '[{"@type": "Organization"}, {"@type": "Article", "headline": "Ferry service resumes"}]',
            id="list",
        ),
        pytest.param(
            '{"@graph": [{"@type": ["Article", "X"], "headline": "Ferry service resumes"}]}', id="graph"
        ),
        pytest.param(
            '{"@type": "http://schema.org/NewsArticle", "headline": "Ferry service resumes"}', id="full type"
        ),
        pytest.param(
            '{"@type": "X", "mainEntity": {"@type": "BlogPosting", "headline": "Ferry service resumes"}}',
            id="main entity",
        ),
        pytest.param(
            '\n//<![CDATA[\n{"@type": "Article", "headline": "Ferry service resumes"}\n//]]>\n',
            id="CDATA in comments",
        ),
        pytest.param('<!-- {"@type": "Article", "headline": "Ferry service resumes"} -->', id="HTML comment"),
        pytest.param(
            '{"@type": "Article", "headline": "Ferry service resumes", "tags": ["a",],}', id="trailing commas"
        ),
        pytest.param(
            '{"@type": "Article", "body": "one\ntwo", "headline": "Ferry service resumes"};', id="raw newline"
        ),
        pytest.param(
            '{"@type": "Article", "x": "\\ud800", "headline": "Ferry service resumes"}', id="lone surrogate"
        ),
    ],
)
def test_the_article_is_found_however_it_is_written(script: str) -> None:
    articles = find_articles(read_nodes([script]), None)
    assert [node["headline"] for node in articles] == [HEADLINE]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("", id="empty"),
        pytest.param("null", id="null"),
        pytest.param("[[[[1, 2]]]]", id="no nodes"),
        pytest.param("{" * 50_000, id="deep and broken"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="deep"),
        pytest.param('{"@type": 1' + "1" * 10_000 + "}", id="a huge number"),
        pytest.param('{"@type": {"a": ["NewsArticle"]}}', id="type of a wrong kind"),
        pytest.param(", " * 100_000, id="commas"),
        pytest.param("x" * 3_000_000, id="very long"),
    ],
)
def test_what_is_no_article_is_absent(script: str) -> None:
    assert find_articles(read_nodes([script]), None) == []


def test_nodes_of_related_articles_do_not_hide_the_pages_own() -> None:
    other = '{"@type": "NewsArticle", "headline": "Another story", "url": "https://news.example/other"}'
    own = '{"@type": "NewsArticle", "headline": "Ferry service resumes", "mainEntityOfPage": {"@id": "https://news.example/ferry"}}'
    articles = find_articles(read_nodes([other, own]), "https://www.news.example/ferry?page=1")
    assert [node["headline"] for node in articles] == [HEADLINE]


def test_two_nodes_of_one_article_complete_each_other() -> None:
    first = '{"@type": "NewsArticle", "headline": "Ferry service resumes"}'
    second = '{"@type": "BlogPosting", "headline": "Ferry service resumes", "author": "Jane Roe"}'
    articles = find_articles(read_nodes([first, second]), None)
    assert [node.get("author") for node in articles] == [None, "Jane Roe"]


def test_nested_nodes_are_about_something_else() -> None:
    related = '{"@type": "Article", "headline": "Old"}'
    script = f'{{"@type": "NewsArticle", "headline": "Ferry service resumes", "isRelatedTo": {related}}}'
    assert len(find_articles(read_nodes([script]), None)) == 1


def test_a_script_with_very_many_nodes_is_cut() -> None:
    script = "[" + ",".join('{"@type": "Article"}' for _ in range(10_000)) + "]"
    assert len(read_nodes([script, script])) == 2000
