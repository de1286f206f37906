"""A caption is known by its credit; datelines, bylines and paragraphs are none."""

import pytest

from streams.text.caption import is_caption

CAPTIONS = [
    "رئيسا البلديتين خلال لقاء في قاعة الجسر القديم (الأناضول)",
    "عمال يرممون حجارة الجسر القديم (أ ف ب)",
    "الجسر كما بدا صباح الأحد (تصوير خالد/رويترز)",
    "The mayor walks across the old bridge on Sunday (Reuters)",
    "The mayor walks across the old bridge [File: A Name/Getty Images]",
    "A worker carries a stone across the old bridge in the rain. — AFP",
    "The old bridge before its repair. Photograph: A Name/The Gazette",
    "مشهد من الجسر القديم بعد العاصفة (الفرنسية)",
    "صدر الصورة، Getty Images",
    "التعليق على الصورة، رئيس البلدية خلال جولته",
    "Photo by A Name on Unsplash",
    "(Photo by A NAME/AFP via Getty Images)",
    "© AP Photo / A Name",
    "Photo: the old bridge at dawn",
    "صورة أرشيفية: الجسر القديم قبل ترميمه",
    "تصوير: قسم الصور",
]
NO_CAPTIONS = [
    "المدينة الساحلية (رويترز)",
    "HARBOUR TOWN (Reuters)",
    "The bridge will open in spring. The mayor said so on Sunday, and the engineer agreed with him (Reuters)",
    "وقال رئيس البلدية إن الجسر سيفتح في الربيع.",
    "The council (which owns the bridge) met on Sunday with the owners of the ferry (the mayor and I)",
    "وسيرسل الملف إلى المريض عبر موقع التواصل (تويتر).",
    "The hospital introduced the electronic record last year (eFile)",
    "By Someone – Reuters",
    "ويتحدث الدليل ثلاث لغات هي (العربية والإنجليزية والفرنسية)",
    "The clinic calls its new electronic record of patients (ePA)",
    "الساحل – واس",
]


@pytest.mark.parametrize("line", CAPTIONS)
def test_a_line_with_a_credit_is_a_caption(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize("line", NO_CAPTIONS)
def test_other_lines_are_not(line: str) -> None:
    assert not is_caption(line)
