"""The file by which others see whether a worker is well."""

import time
from pathlib import Path

import pytest

from streams.app.health import Health, read_health, read_healths, write_health


def make(age: float = 0.0, **fields: object) -> Health:
    given = {"ready": True, "why": "", "at": time.time() - age, "restarts": 2, "assigned": 3}
    return Health(**(given | fields))  # type: ignore[arg-type]


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    for health in (make(), make(ready=False, why="the broker is away")):
        write_health(tmp_path, health)
        assert read_health(tmp_path) == health
    assert [path.name for path in tmp_path.iterdir()] == ["health.json"]


def test_one_that_is_old_is_not_ready_whatever_it_says(tmp_path: Path) -> None:
    write_health(tmp_path, make(age=40))
    health = read_health(tmp_path)
    assert not health.ready
    assert health.why == "no worker has run here for 40 s"


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"ready": true}', b"\xff"])
def test_none_at_all_and_what_is_none_are_not_ready(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "health.json").write_bytes(content)
    assert not read_health(tmp_path).ready
    assert read_health(tmp_path).why == "no worker has run here"


def test_those_of_this_host_that_live_are_listed(tmp_path: Path) -> None:
    for name, health in {"0": make(), "1": make(age=60), "2": make(host="elsewhere"), "3": make()}.items():
        (tmp_path / name).mkdir()
        write_health(tmp_path / name, health)
    assert [health.ready for health in read_healths(tmp_path)] == [True, True]
    assert read_healths(tmp_path / "none") == []
