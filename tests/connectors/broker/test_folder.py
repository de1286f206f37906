"""The folder of a broker: whose it is, and that it is nobody else's."""

import json
from pathlib import Path

import pytest

from connectors.broker.folder import Folder
from schemas.wrong_use import WrongUse


def test_the_id_is_kept_and_never_looks_like_an_option(tmp_path: Path) -> None:
    # One in 64 would begin with a dash; Kafka's tool could not make its data then.
    ids = []
    for number in range(500):
        folder = Folder(tmp_path / str(number), 1)
        folder.take()
        ids.append(folder.identify())
        folder.close()
        assert Folder(tmp_path / str(number), 1).identify() == ids[-1]
    assert [one for one in ids if one.startswith("-") or len(one) != 22] == []
    assert len(set(ids)) == 500


def test_another_number_of_nodes_is_refused(tmp_path: Path) -> None:
    Folder(tmp_path, 3).identify()
    with pytest.raises(WrongUse, match="was made for --nodes 3"):
        Folder(tmp_path, 1).identify()


def test_a_folder_is_one_brokers_until_it_lets_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.broker.folder._PATIENCE_SECONDS", 0.1)
    first, second = Folder(tmp_path, 1), Folder(tmp_path, 1)
    first.take()
    with pytest.raises(WrongUse, match="in use by another"):
        second.take()
    first.close()
    second.take()
    second.close()


def test_what_was_killed_at_its_first_breath_is_no_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "broker.json.new").write_text('{"cluster')
    folder = Folder(tmp_path, 1)
    folder.take()
    assert folder.identify() == json.loads((tmp_path / "broker.json").read_text())["cluster_id"]
    folder.close()


def test_a_torn_identity_is_told_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "broker.json").write_text("{")
    with pytest.raises(WrongUse, match="is not what `naba broker` wrote"):
        Folder(tmp_path, 1).identify()
    assert (tmp_path / "broker.json").read_text() == "{"
