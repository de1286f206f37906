"""docs/quickstart/consume.py, on what a worker has published."""

import sys
from pathlib import Path

import pytest

from connectors.cluster.settings import KafkaSettings
from tests.consumer import Program
from tests.quickstart import QUICKSTART, check_articles, check_copies, check_kill, published

__all__ = ["published"]

pytestmark = pytest.mark.slow


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program alone in a folder, as one copies it."""
    (tmp_path / "consume.py").write_bytes((QUICKSTART / "consume.py").read_bytes())
    return Program([sys.executable, "consume.py"], tmp_path)


def test_it_prints_every_article_once_and_after_ctrl_c_only_what_is_new(
    program: Program, published: KafkaSettings
) -> None:
    check_articles(program, published)


def test_it_tells_of_every_copy_whose_it_is(program: Program, published: KafkaSettings) -> None:
    check_copies(program, published)


def test_what_it_was_killed_at_comes_again(program: Program, kafka: KafkaSettings) -> None:
    check_kill(program, kafka)
