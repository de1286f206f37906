import pytest

from streams.language.script import count_scripts, list_candidates, name_chinese

LEADING = {
    "japanese with many han": ("東京都知事は明日会見する", {"ja"}),
    "chinese that names a brand in kana": (
        "中国消费者购买了许多日本出产的化妆品其中包括の字品牌的产品",
        {"zh"},
    ),
    "hindi counts its vowel signs": ("की", {"hi", "mr", "ne", "sa", "gom"}),
    "thai among latin": ("ภาษาไทย news", {"th"}),
    "latin": ("Nothing to tell", None),
    "half and half": ("abcd абвг", None),
    "digits": ("123", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "languages"), LEADING.values(), ids=LEADING)
def test_the_script_that_leads_leaves_its_languages(text: str, languages: set[str] | None) -> None:
    assert list_candidates(count_scripts(text))[1] == languages


@pytest.mark.parametrize(
    ("text", "code"),
    [("国家发展计划", "zh-Hans"), ("國家發展計劃", "zh-Hant"), ("中文", "zh-Hans")],
    ids=["simplified", "traditional", "written alike in both"],
)
def test_chinese_is_named_by_its_characters(text: str, code: str) -> None:
    assert name_chinese(text) == code
