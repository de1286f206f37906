"""`python -m schemas.contract`: write the files of the contract anew from the types."""

from pathlib import Path

from schemas.contract.files import write_contract

ROOT = Path(__file__).parents[2]

if __name__ == "__main__":
    for path, text in write_contract(ROOT).items():
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
