"""`naba worker --check`: ready or not, of one folder or of every worker of this host."""

import time
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from streams.app.health import Health, write_health
from streams.verbs.worker import worker


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *, ready: bool = True, age: float = 0.0, host: str | None = None) -> None:
    folder.mkdir(parents=True)
    health = Health(
        ready=ready, why="" if ready else "the broker is away", at=time.time() - age, restarts=0, assigned=3
    )
    write_health(folder, health if host is None else msgspec.structs.replace(health, host=host))


def check(*arguments: str) -> Result:
    return CliRunner().invoke(worker, ["--check", *arguments])


def test_a_worker_that_is_ready_is_ready() -> None:
    write(Path("naba-data/0"))
    assert check().exit_code == 0
    assert check().output == "ready, 3 partitions\n"


def test_where_no_worker_runs_none_is_ready() -> None:
    assert check().exit_code == 1
    assert "no worker runs under naba-data" in check().output


def test_one_of_two_that_is_not_ready_is_told_of() -> None:
    write(Path("naba-data/0"))
    write(Path("naba-data/1"), ready=False)
    assert check().exit_code == 1
    assert check().output == "ready, 3 partitions\nnot ready: the broker is away\n"


def test_containers_that_share_the_folders_see_their_own_worker_alone() -> None:
    write(Path("naba-data/0"), ready=False, host="another container")
    write(Path("naba-data/1"))
    assert check().exit_code == 0
    assert check().output == "ready, 3 partitions\n"


def test_what_a_worker_left_that_ended_long_ago_says_nothing_of_those_that_run() -> None:
    write(Path("naba-data/0"), age=600)
    assert check().exit_code == 1
    write(Path("naba-data/1"))
    assert check().exit_code == 0


def test_of_a_named_folder_it_says_for_how_long_no_worker_has_run_there() -> None:
    write(Path("mine"), age=600)
    write(Path("naba-data/0"))
    assert check("--data", "mine").exit_code == 1
    assert check("--data", "mine").output == "not ready: no worker has run here for 600 s\n"
