"""What learned lines cut of a real stream, host by host, beside no step and a plain counter.

    python tests/benchmarks/learned_lines.py --data DIR [--show]

The stream is `arabic_news/articles.jsonl.gz`, in order, its texts as they are, without any rule. Every
line that was cut is labelled by the patterns below, which were written after reading each of them once
(`--show` prints them): boilerplate, byline, or else content, which is what must not be lost.
"""

import argparse
import gzip
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from streams.fold import fold
from streams.learned.host_lines import HostLines, snapshot
from streams.learned.judge import judge
from streams.learned.learn import fold_row, page_row
from streams.learned.lines import line_keys
from streams.learned.place import NAMES, find_places

BOILERPLATE = re.compile(
    r"^\W+$|للتواصل|لمراسلة|تبدأ بالرمز|^ثم الرسالة|مسافة ثم الرسالة|أو الاتصال على|^الاتصالات ?[,،]|"
    r"\b(?:Stc|Mobily|Zain)\b|^زين تبدأ|^\S+@\S+\.\S+$|^(?:https?://|www\.)\S+$|^[\W_]*@\w+$|"
    r"^(?:تويتر|T|Twitter|فيسبوك|إيميل|البريد)\s*:|^// ?(?:[اإ]نتهـ*ى|يتبع) ?//|\bNNNN\b|^\d\d:\d\d ت م|"
    r"^\W*Next Previous$|^تصوير\s*:|\bvia @|^المزيد|^خدمة\s*:"
)
BYLINE = re.compile(
    r"عين اليوم|^Next Previous \S|واس\W*$|^\*? ?وحدة التقارير|"
    r"^\(?(?:أ\. ?ف\. ?ب|رويترز|واس|وكالات|د ب أ)[.)]*$|"
    # columnists who sign with their name alone, one with a pen name
    r"^(?:ناصر الجديع|فوزية الحربي|عبير الدخيل|صالح الصالح|أحمد العرفج|فيصل الغامدي|محمد سلامة|صالح الزهراني|"
    r"فهيم الحامد|زياد عيتاني|\"صياد\")$|"
    r"^[^.،:؟!\d]{4,40} ?[–-] ?[^.،:؟!\d]{2,25}$"
)
_LABELS = ("boilerplate", "byline", "content")


@dataclass
class Article:
    """One article of the stream: its lines with their keys, and who the stream says wrote it."""

    host: str
    url: str
    author: str
    lines: list[str]
    keys: tuple[int, ...]


def label(line: str, article: Article) -> str:
    """Return what the line is to a reader of the article."""
    if BOILERPLATE.search(line):
        return "boilerplate"
    if len(line) <= 60:
        folded = fold(line)
        author = fold(article.author)
        if BYLINE.search(line) or (author and (folded in author or author in folded)):
            return "byline"
    return "content"


class Method(Protocol):
    """Returns which lines of an article go, and remembers the article."""

    def __call__(self, seq: int, article: Article, /) -> Sequence[int]: ...


def leave(seq: int, article: Article) -> Sequence[int]:
    return ()


@dataclass
class Count:
    """The loop a user would write: a line of this host that was seen three times goes."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, _: int, article: Article) -> Sequence[int]:
        gone = [at for at, line in enumerate(article.lines) if self.seen[article.host, line] >= 3]
        self.seen.update((article.host, line) for line in set(article.lines))
        return gone


@dataclass
class Learn:
    """Learned lines as the pipeline runs them."""

    states: dict[str, HostLines] = field(default_factory=lambda: defaultdict(HostLines))
    rows: int = 0

    def __call__(self, seq: int, article: Article) -> Sequence[int]:
        state = self.states[article.host]
        verdicts = judge(article.lines, article.keys, state, seq)
        row = page_row(state, seq, article.url, article.lines, article.keys)
        fold_row(state, row)
        self.rows += len(row)
        return [verdict.line for verdict in verdicts]


@dataclass
class Score:
    """What one method cut, by host, label and place, and the CPU seconds it took."""

    cut: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    often: int = 0
    seconds: float = 0.0
    shown: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def read(file: Path) -> Iterator[Article]:
    with gzip.open(file) as lines:
        for line in lines:
            raw: dict[str, Any] = orjson.loads(line)
            body = [part.strip() for part in raw["text"].split("\n") if part.strip()]
            yield Article(raw["host"], raw["url"], raw.get("author") or "", body, ())


def measure(articles: Sequence[Article], method: Method, often: set[tuple[str, int]]) -> Score:
    """Return what `method` cuts; `often` are the keys that stand in ten articles of their host."""
    score = Score()
    for seq, article in enumerate(articles):
        started = time.process_time()
        gone = method(seq, article)
        score.seconds += time.process_time() - started
        places = find_places([len(line) >= 60 for line in article.lines], [False] * len(article.lines))
        for at in gone:
            line, kind = article.lines[at], label(article.lines[at], article)
            score.cut[article.host, kind, NAMES[places[at]]] += 1
            score.shown[kind, article.host, line] += 1
            score.often += kind != "content" and (article.host, article.keys[at]) in often
    return score


def weigh(item: object, met: set[int]) -> int:
    """Return the bytes of an object of the state with all that hangs on it."""
    if id(item) in met:
        return 0
    met.add(id(item))
    inner: Sequence[object] = ()
    if isinstance(item, dict):
        inner = [*item, *item.values()]
    elif isinstance(item, list):
        inner = item
    elif hasattr(item, "__slots__"):
        inner = [getattr(item, name) for name in item.__slots__]
    return sys.getsizeof(item) + sum(weigh(part, met) for part in inner)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print every line that was learned or lost")
    options = parser.parse_args()

    articles = list(read(options.data / "arabic_news" / "articles.jsonl.gz"))
    started = time.process_time()
    for article in articles:
        article.keys = line_keys(article.lines)
    keyed = time.process_time() - started

    met = Counter((article.host, key) for article in articles for key in set(article.keys) if key)
    often = {key for key, times in met.items() if times >= 10}
    wanted = sum(
        label(line, article) != "content"
        for article in articles
        for line, key in zip(article.lines, article.keys, strict=True)
        if (article.host, key) in often
    )
    total = sum(len(article.lines) for article in articles)
    print(
        f"{len(articles)} articles, {total} lines; {wanted} boilerplate or byline lines that come ten times\n"
    )

    learn = Learn()
    methods: dict[str, Method] = {"no step": leave, "seen 3 times": Count(), "learned": learn}
    print(
        f"{'':14}{'boilerplate':>12}{'bylines':>9}{'content':>9}{'lost/100k':>11}{'recall':>8}{'us/article':>12}"
    )
    scores: dict[str, Score] = {}
    for name, method in methods.items():
        score = scores[name] = measure(articles, method, often)
        kinds = [sum(n for (_, kind, _), n in score.cut.items() if kind == wanted_) for wanted_ in _LABELS]
        cost = (score.seconds + (keyed if name == "learned" else 0)) / len(articles) * 1e6
        print(
            f"{name:14}{kinds[0]:12}{kinds[1]:9}{kinds[2]:9}{kinds[2] / total * 1e5:11.1f}"
            f"{score.often / wanted:8.1%}{cost:12.1f}"
        )

    keys_cost, row_size = keyed / len(articles) * 1e6, learn.rows / len(articles)
    print(f"\nof it {keys_cost:.1f} us for the keys; a row of {row_size:.0f} bytes a page\n")
    print(
        f"{'host':14}{'pages':>7}{'learned':>9}{'head':>7}{'middle':>8}{'tail':>7}{'content':>9}{'bytes':>9}{'packed':>8}"
    )
    for host, state in learn.states.items():
        cut = {key[1:]: n for key, n in scores["learned"].cut.items() if key[0] == host}
        places = [sum(n for (_, place), n in cut.items() if place == name) for name in NAMES]
        lost = sum(n for (kind, _), n in cut.items() if kind == "content")
        print(
            f"{host:14}{state.pages:7}{len(state.learned):9}{places[0]:7}{places[1]:8}{places[2]:7}{lost:9}"
            f"{weigh(state, set()):9}{len(snapshot(state)):8}"
        )
    if options.show:
        for name in ("learned", "seen 3 times"):
            print(f"\n{name}: lines cut, by label" if name == "learned" else f"\n{name}: content lines cut")
            for (kind, host, line), times in sorted(
                scores[name].shown.items(), key=lambda item: (*item[0][:2], -item[1])
            ):
                if name == "learned" or kind == "content":
                    print(f"{times:5} {kind:12}{host:14}{line[:120]}")


if __name__ == "__main__":
    main()
