"""The name of the site leaves the title, and nothing else does."""

import pytest

from streams.metadata.headline import strip_site

SITES = {"dailyherald", "dailyheraldexample", "herald", "الجريدة", "politics"}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Ferry resumes | Daily Herald", "Ferry resumes", id="bar"),
        pytest.param("Ferry resumes - The Daily Herald", "Ferry resumes", id="article before the name"),
        pytest.param("Ferry resumes – Herald Online", "Ferry resumes", id="word behind the name"),
        pytest.param("Ferry resumes - Politics | Daily Herald", "Ferry resumes", id="section and site"),
        pytest.param("Ferry resumes – Daily Herald – 30.01.2024", "Ferry resumes", id="date"),
        pytest.param("Ferry resumes | Daily Herald | by Jane Roe", "Ferry resumes", id="author"),
        pytest.param("Daily Herald | Ferry resumes", "Ferry resumes", id="site first"),
        pytest.param("عودة العبّارة إلى العمل | الجريدة", "عودة العبّارة إلى العمل", id="Arabic"),
        pytest.param(
            "Ferry resumes - and so does the train", "Ferry resumes - and so does the train", id="a dash"
        ),
        pytest.param("Herald of change - a portrait", "Herald of change - a portrait", id="name as a word"),
        pytest.param(
            "Storm - Herald of a hard winter", "Storm - Herald of a hard winter", id="name begins a clause"
        ),
        pytest.param("Jean-Luc Daily-Herald", "Jean-Luc Daily-Herald", id="hyphens are no marks"),
        pytest.param("Ferry resumes", "Ferry resumes", id="nothing to strip"),
    ],
)
def test_the_name_of_the_site_leaves_the_title(title: str, expected: str) -> None:
    assert strip_site(title, SITES, ["Jane Roe"]) == expected


def test_what_stands_beside_the_pages_headline_goes_even_if_unknown() -> None:
    title = "Harbour news | Ferry service resumes - National | Globe"
    assert (
        strip_site("Ferry service resumes - National | Globe", set(), (), ["Ferry service resumes"])
        == "Ferry service resumes"
    )
    assert (
        strip_site(title, set(), (), ["Ferry service resumes - National | Globe"])
        == "Ferry service resumes - National | Globe"
    )


def test_a_title_of_marks_alone_is_no_trap() -> None:
    assert isinstance(strip_site("| " * 400, SITES), str)
