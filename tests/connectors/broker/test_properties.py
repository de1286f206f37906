"""What a node is told."""

from connectors.broker.properties import Place, write_properties
from schemas.limits import MAX_LETTER

ONE = [Place(1, 20001, 20002)]
THREE = [Place(1, 20001, 20004), Place(2, 20002, 20005), Place(3, 20003, 20006)]


def told(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in text.splitlines())}


def test_nothing_is_reached_from_outside() -> None:
    text = write_properties(THREE[1], THREE, "/data", {})
    for name in ("listeners", "advertised.listeners"):
        assert all("://127.0.0.1:" in each for each in told(text)[name].split(","))


def test_one_node_keeps_one_copy_and_three_keep_three_and_need_two() -> None:
    for places, copies, enough in ((ONE, "1", "1"), (THREE, "3", "2")):
        properties = told(write_properties(places[0], places, "/data", {}))
        assert properties["default.replication.factor"] == copies
        assert properties["min.insync.replicas"] == enough
        factors = {value for name, value in properties.items() if name.endswith("replication.factor")}
        assert factors == {copies}


def test_a_letter_of_the_largest_size_passes_with_what_kafka_adds() -> None:
    properties = told(write_properties(ONE[0], ONE, "/data", {}))
    assert int(properties["message.max.bytes"]) > MAX_LETTER + 100_000
    assert int(properties["replica.fetch.max.bytes"]) >= int(properties["message.max.bytes"])


def test_listeners_that_are_given_stand_beside_ours_and_the_rest_instead() -> None:
    given = {"listeners": "MORE://127.0.0.1:20009", "num.io.threads": "1"}
    properties = told(write_properties(ONE[0], ONE, "/data", given))
    assert properties["num.io.threads"] == "1"
    assert (
        properties["listeners"]
        == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002,MORE://127.0.0.1:20009"
    )
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:20001,MORE://127.0.0.1:20009"
