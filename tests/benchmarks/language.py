"""Languages told right, and what it costs, beside langdetect and py3langid alone on the same texts.

    python tests/benchmarks/language.py --data DIR

DIR holds `languages/sentences.jsonl.gz` (language, text) and `pages/publishers.jsonl.gz` (languages,
title, paragraphs). `und` counts as wrong; simplified and traditional Chinese count as one.
"""

import argparse
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from langdetect import DetectorFactory, LangDetectException, detect
from langdetect.detector_factory import init_factory
from py3langid.langid import classify

from streams.language.tell import load, tell

Text = tuple[frozenset[str], str]
_SAME = {"no": "nb", "iw": "he"}


def main() -> None:
    """Print accuracy and CPU time of the three on each set, then accuracy by language."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="take every n-th sentence only")
    options = parser.parse_args()

    sentences = [
        (frozenset({_code(record["language"])}), record["text"])
        for record in list(_read(options.data / "languages/sentences.jsonl.gz"))[:: options.every]
    ]
    pages = list(_read(options.data / "pages/publishers.jsonl.gz"))
    expected = [frozenset(map(_code, page["languages"])) for page in pages]
    bodies = [(languages, _join(page)) for languages, page in zip(expected, pages, strict=True)]
    headlines = [(languages, page["title"] or "") for languages, page in zip(expected, pages, strict=True)]

    load()
    init_factory()
    DetectorFactory.seed = 0
    classify("warm")
    ways: dict[str, Callable[[str], str]] = {"naba": _tell, "langdetect": _detect, "py3langid": _classify}
    print(f"{'':12}{'texts':>8}" + "".join(f"{way:>12}{'CPU ms':>8}" for way in ways))
    by_language: dict[str, dict[str, float]] = defaultdict(dict)
    for name, texts in {"sentences": sentences, "bodies": bodies, "headlines": headlines}.items():
        cells = ""
        for way, answer in ways.items():
            right, seconds = _run(answer, texts)
            share = sum(right) / len(right)
            cells += f"{share:>11.2%} {seconds / len(texts) * 1000:>8.2f}"
            if name == "sentences":
                for language, correct in _by_language(texts, right).items():
                    by_language[language][way] = correct
        print(f"{name:12}{len(texts):>8}{cells}")

    print("\nconfidence and how often it was right, sentences")
    for low, (share, count) in _calibrate(sentences).items():
        print(f"{low:>8}  {share:7.2%} of {count}")
    print("\nby language" + " " * 9 + "".join(f"{way:>12}" for way in ways))
    for language, shares in sorted(by_language.items(), key=lambda item: item[1]["naba"]):
        print(f"{language:20}" + "".join(f"{shares[way]:>11.1%} " for way in ways))


def _run(answer: Callable[[str], str], texts: list[Text]) -> tuple[list[bool], float]:
    began = time.process_time()
    told = [answer(text) for _, text in texts]
    seconds = time.process_time() - began
    return [code in languages for code, (languages, _) in zip(told, texts, strict=True)], seconds


def _by_language(texts: list[Text], right: list[bool]) -> dict[str, float]:
    correct: dict[str, list[bool]] = defaultdict(list)
    for (languages, _), one in zip(texts, right, strict=True):
        correct[next(iter(languages))].append(one)
    return {language: sum(answers) / len(answers) for language, answers in correct.items()}


def _calibrate(texts: list[Text]) -> dict[str, tuple[float, int]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for languages, text in texts:
        language, confidence = tell(text)
        low = "0.999" if confidence >= 0.999 else f"{int(confidence * 10) / 10:.1f}…"
        total[low] += 1
        right[low] += _code(language) in languages
    return {low: (right[low] / total[low], total[low]) for low in sorted(total)}


def _tell(text: str) -> str:
    return _code(tell(text)[0])


def _detect(text: str) -> str:
    try:
        return _code(detect(text))
    except LangDetectException:
        return "und"


def _classify(text: str) -> str:
    return _code(classify(text)[0])


def _code(language: str) -> str:
    language = language.split("-")[0]
    return _SAME.get(language, language)


def _join(page: dict[str, Any]) -> str:
    paragraphs = page["paragraphs"] or []
    flat = (line for part in paragraphs for line in (part if isinstance(part, list) else [part]))
    return "\n".join(flat)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
