"""The quickstart's consumers in a shell and in Node, on what a worker has published.

    make test-clients

Needs kcat, jq and Node, and the network for their packages. Not part of `make test`.
"""

import os
import shutil
from collections.abc import Callable

import pytest

from connectors.cluster.settings import KafkaSettings
from tests.consumer import Program
from tests.quickstart import QUICKSTART, ROOT, check_articles, check_copies, check_kill, published

__all__ = ["published"]

CLIENTS = ROOT / ".venv" / "clients"
KCAT = CLIENTS / "kcat"  # what tests/clients/quickstart/fetch_kcat.sh has put there, if anything


def make_shell() -> Program:
    path = os.pathsep.join((str(KCAT / "usr" / "bin"), os.environ["PATH"]))
    missing = [name for name in ("kcat", "jq") if shutil.which(name, path=path) is None]
    assert missing == [], (
        f"not installed: {missing}; remove {KCAT}, and `make test-clients` fetches them by apt-get"
    )
    libraries = os.pathsep.join(str(folder) for folder in (KCAT / "usr" / "lib").glob("*-linux-gnu*"))
    environment = {"PATH": path} | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
    return Program(["sh", str(QUICKSTART / "consume.sh")], QUICKSTART, environment)


def make_node() -> Program:
    folder = CLIENTS / "quickstart"
    assert shutil.which("node"), "not installed: node"
    assert (folder / "node_modules").is_dir(), "its packages are missing: `make test-clients` fetches them"
    shutil.copy(QUICKSTART / "consume.mjs", folder)  # it looks for its packages beside itself
    return Program(["node", "consume.mjs"], folder)


programs = pytest.mark.parametrize(
    "make", [pytest.param(make_shell, id="kcat"), pytest.param(make_node, id="node")]
)


@programs
def test_it_prints_every_article_once_and_after_ctrl_c_only_what_is_new(
    make: Callable[[], Program], published: KafkaSettings
) -> None:
    check_articles(make(), published)


@programs
def test_it_tells_of_every_copy_whose_it_is(make: Callable[[], Program], published: KafkaSettings) -> None:
    check_copies(make(), published)


def test_what_node_was_killed_at_comes_again(kafka: KafkaSettings) -> None:
    check_kill(make_node(), kafka)
