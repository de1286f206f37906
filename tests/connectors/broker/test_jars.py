"""The jars: whole and known, or not at all."""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.broker import jars
from connectors.broker.trouble import BrokerError
from schemas.wrong_use import WrongUse

NAMES = [f"org.example:part-{number}:1.{number}" for number in range(6)]


def content_of(name: str) -> bytes:
    return f"the bytes of {name}".encode() * 1000


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A repository of six jars in place of the real one; returns what was asked of it."""
    asked: list[str] = []

    class Repository:
        def __init__(self, repo_cache: Path, **_: Any) -> None:
            self.folder = repo_cache

        def project(self, group: str, artifact: str) -> Any:
            def resolve(version: str) -> Path:
                name = f"{group}:{artifact}:{version}"
                asked.append(name)
                path = self.folder / f"{artifact}.jar"
                path.write_bytes(content_of(name))
                return path

            return SimpleNamespace(
                at_version=lambda version: SimpleNamespace(
                    artifact=lambda: SimpleNamespace(resolve=lambda: resolve(version))
                )
            )

    monkeypatch.setitem(sys.modules, "jgo.maven", SimpleNamespace(MavenContext=Repository))
    monkeypatch.setattr(jars, "SUMS", {name: hashlib.sha256(content_of(name)).hexdigest() for name in NAMES})
    return asked


def quiet(_line: str) -> None:
    pass


def test_the_known_jars_are_those_of_one_kafka() -> None:
    assert len(jars.SUMS) == 46
    assert f"org.apache.kafka:kafka_2.13:{jars.KAFKA}" in jars.SUMS
    assert {name.split(":")[2] for name in jars.SUMS if "org.apache.kafka:" in name} == {jars.KAFKA}
    assert all(len(known) == 64 for known in jars.SUMS.values())


def test_they_are_fetched_once(tmp_path: Path, fetched: list[str]) -> None:
    found = jars.get_jars(tmp_path, quiet)
    assert sorted(fetched) == NAMES
    assert [path.read_bytes() for path in found] == [content_of(name) for name in NAMES]
    assert jars.get_jars(tmp_path, quiet) == found
    assert sorted(fetched) == NAMES


def test_one_that_is_missing_is_fetched_alone(tmp_path: Path, fetched: list[str]) -> None:
    jars.get_jars(tmp_path, quiet)[2].unlink()
    fetched.clear()
    jars.get_jars(tmp_path, quiet)
    assert fetched == [NAMES[2]]


def test_a_jar_that_was_changed_is_refused_by_its_name(tmp_path: Path, fetched: list[str]) -> None:
    changed = jars.get_jars(tmp_path, quiet)[3]
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    with pytest.raises(BrokerError, match=rf"{changed.name} is not the {NAMES[3]}"):
        jars.get_jars(tmp_path, quiet)


def test_another_jar_beside_them_is_never_loaded(tmp_path: Path, fetched: list[str]) -> None:
    found = jars.get_jars(tmp_path, quiet)
    (found[0].parent / "a-stranger-1.0.jar").write_bytes(b"not ours")
    assert jars.get_jars(tmp_path, quiet) == found


def test_what_is_fetched_and_not_known_never_gets_into_the_folder(
    tmp_path: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jars.SUMS, NAMES[1], "0" * 64)
    with pytest.raises(BrokerError, match=NAMES[1]):
        jars.get_jars(tmp_path, quiet)
    assert not list(tmp_path.rglob("part-1*"))
    assert not list(tmp_path.glob("tmp-*"))


def test_two_at_once_fetch_each_jar_once(tmp_path: Path, fetched: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: jars.get_jars(tmp_path, quiet), range(4)))
    assert found == [found[0]] * 4
    assert sorted(fetched) == NAMES


def test_what_a_killed_one_left_is_cleared_away(tmp_path: Path, fetched: list[str]) -> None:
    (tmp_path / "tmp-abc").mkdir()
    (tmp_path / "tmp-abc" / "half.jar").write_bytes(b"ha")
    jars.get_jars(tmp_path, quiet)
    assert not (tmp_path / "tmp-abc").exists()


def test_without_the_network_it_says_what_cannot_be_had(
    tmp_path: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise RuntimeError("no route to host")

    monkeypatch.setattr(sys.modules["jgo.maven"], "MavenContext", away)
    with pytest.raises(BrokerError, match="cannot be fetched: no route to host"):
        jars.get_jars(tmp_path, quiet)


def test_without_what_fetches_them_it_says_what_to_install(
    tmp_path: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(WrongUse, match=r"pip install 'naba\[broker\]'"):
        jars.get_jars(tmp_path, quiet)


def test_the_cache_is_where_the_user_keeps_such_things() -> None:
    assert jars.find_cache({"XDG_CACHE_HOME": "/somewhere"}) == Path("/somewhere/naba/kafka")
    assert jars.find_cache({}) == Path.home() / ".cache" / "naba" / "kafka"
