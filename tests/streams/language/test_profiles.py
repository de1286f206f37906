import numpy as np
import pytest
from langdetect import detector_factory

from streams.language.profiles import Profiles

TEXT = "Der Bürgermeister von KÖLN sagte, der Rhein steige weiter. Schools in Кёльн stay closed"


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return Profiles()


def test_the_n_grams_and_their_weights_are_langdetects_own(profiles: Profiles) -> None:
    detector_factory.init_factory()
    factory = detector_factory._factory
    detector = factory.create()
    detector.append(TEXT)
    grams = detector._extract_ngrams()
    expected = np.zeros(len(factory.langlist))
    for gram in grams:
        expected += np.log(np.array(factory.word_lang_prob_map[gram]) + 0.5 / 10_000)
    scores, known = profiles.score(TEXT)
    assert known == len(grams)
    by_language = dict(zip(factory.langlist, expected, strict=True))
    assert scores == pytest.approx([by_language[name] for name in profiles.languages], rel=1e-5)


@pytest.mark.parametrize("text", ["", " ", "12", "😀"])
def test_a_text_without_letters_has_no_n_gram(text: str, profiles: Profiles) -> None:
    scores, known = profiles.score(text)
    assert known == 0
    assert (scores == 0).all()
