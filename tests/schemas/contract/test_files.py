"""The contract as it is committed: equal to what the types say."""

from pathlib import Path

import pytest

from schemas.contract.field_table import fill_tables
from schemas.contract.files import write_contract
from schemas.contract.record_schema import RECORDS

ROOT = Path(__file__).parents[3]
WRITTEN = write_contract(ROOT)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in WRITTEN])
def test_what_is_committed_is_what_the_types_say(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == WRITTEN[path], "run `make contract`"


def test_no_schema_is_committed_that_no_type_has() -> None:
    assert {path.stem for path in (ROOT / "schemas" / "json").iterdir()} == set(RECORDS)


def test_a_table_of_fields_that_was_changed_by_hand_is_written_anew() -> None:
    table = fill_tables("<!-- fields of rejection.v1 -->\n| `raw_id` | old |\n<!-- end of fields -->\n")
    assert "old" not in table
    assert (
        '| `stage` | the stage that refused it; `delete` of a deletion | the stage | `"length"` |\n' in table
    )
    assert fill_tables(table) == table
