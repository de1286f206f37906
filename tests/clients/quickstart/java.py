"""The quickstart's consumer in Java, on what a worker has published.

    make test-client-java

Needs a JDK from version 17 and Maven, and the network for its packages. Not part of `make test`.
"""

import shutil

import pytest

from connectors.cluster.settings import KafkaSettings
from tests.consumer import Program
from tests.quickstart import QUICKSTART, ROOT, check_articles, check_copies, check_kill, published

__all__ = ["published"]

FOLDER = ROOT / ".venv" / "clients" / "java"
INTERRUPTED = 130  # how a Java ends on Ctrl-C, whatever its program does


@pytest.fixture
def program() -> Program:
    shutil.copy(QUICKSTART / "Consume.java", FOLDER)
    return Program(["java", "-cp", "lib/*", "Consume.java"], FOLDER, code=INTERRUPTED)


def test_it_prints_every_article_once_and_after_ctrl_c_only_what_is_new(
    program: Program, published: KafkaSettings
) -> None:
    check_articles(program, published)


def test_it_tells_of_every_copy_whose_it_is(program: Program, published: KafkaSettings) -> None:
    check_copies(program, published)


def test_what_it_was_killed_at_comes_again(program: Program, kafka: KafkaSettings) -> None:
    check_kill(program, kafka)
