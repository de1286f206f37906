"""The jars of Apache Kafka: fetched once, and compared with what is known of them at every start."""

import fcntl
import hashlib
import json
import os
import shutil
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from connectors.broker.trouble import BrokerError
from schemas.wrong_use import WrongUse

KAFKA = "4.3.1"
# `group:artifact:version` of each, and its SHA-256: nothing else is ever loaded.
SUMS: dict[str, str] = json.loads(Path(__file__).with_name("jars.json").read_text(encoding="ascii"))
_AT_ONCE = 4


def find_cache(environment: Mapping[str, str]) -> Path:
    """Return the folder for what is fetched once: `naba/kafka` in the user's cache.

    Raises WrongUse for a user who has none.
    """
    try:
        above = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        raise WrongUse("this user has no home: let XDG_CACHE_HOME name a folder for the jars") from None
    return Path(above).absolute() / "naba" / "kafka"


def get_jars(cache: Path, say: Callable[[str], None]) -> list[Path]:
    """Return the jars in the order of the class path; those that are missing are fetched into `cache`.

    Raises BrokerError where one cannot be had or is not what it should be, WrongUse where the
    package that fetches them is missing.
    """
    folder = cache / KAFKA
    jars = {name: folder / _file_name(name) for name in SUMS}
    if not all(path.exists() for path in jars.values()):
        with lock(cache, say):
            missing = [name for name, path in jars.items() if not path.exists()]
            if missing:
                say(f"fetching Apache Kafka {KAFKA}: {len(missing)} jars, 45 MB in all, once")
                folder.mkdir(parents=True, exist_ok=True)
                _fetch(missing, jars, cache)
    for name, path in jars.items():
        if _sum(path) != SUMS[name]:
            raise BrokerError(
                f"{path} is not the {name} that is expected (its SHA-256 differs); "
                "remove it, and it is fetched again"
            )
    return list(jars.values())


@contextmanager
def lock(cache: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time change the cache; the others wait. A killed one lets go."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another naba that prepares Kafka in {cache}")
            fcntl.flock(file, fcntl.LOCK_EX)
        # Nobody works there now: what is left is of one that was killed.
        for left in cache.glob("tmp-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _fetch(names: list[str], jars: Mapping[str, Path], cache: Path) -> None:
    try:
        from jgo.maven import MavenContext
    except ImportError:
        raise WrongUse(
            f"the jars of Apache Kafka {KAFKA} are not in {cache}, and what fetches them is not installed: "
            "pip install 'naba[broker]'"
        ) from None

    def fetch(name: str) -> None:
        group, artifact, version = name.split(":")
        context = MavenContext(repo_cache=Path(scratch), local_repos=[], timeout=30)
        found = context.project(group, artifact).at_version(version).artifact().resolve()
        if _sum(found) != SUMS[name]:
            raise BrokerError(f"what was fetched as {name} is not what is expected: its SHA-256 differs")
        found.replace(jars[name])  # whole and checked, or not at all

    # On the same disk, so that a jar can be moved into its place.
    with tempfile.TemporaryDirectory(prefix="tmp-", dir=cache) as scratch, _trusted_by_the_machine():
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            for _ in pool.map(fetch, names):
                pass
        except BrokerError:
            raise
        except Exception as error:  # whatever the network and its libraries may raise
            raise BrokerError(f"the jars of Apache Kafka {KAFKA} cannot be fetched: {error}") from None
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _trusted_by_the_machine() -> Iterator[None]:
    # requests trusts its own list of authorities, and not what the machine's owner added to the
    # system's, as a company's proxy needs it.
    paths = ssl.get_default_verify_paths()
    store = paths.cafile or paths.capath
    if store is None or "REQUESTS_CA_BUNDLE" in os.environ:
        yield
        return
    os.environ["REQUESTS_CA_BUNDLE"] = store
    try:
        yield
    finally:
        del os.environ["REQUESTS_CA_BUNDLE"]


def _file_name(name: str) -> str:
    _, artifact, version = name.split(":")
    return f"{artifact}-{version}.jar"


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
