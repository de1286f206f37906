"""The secrets that sign messages, a line each of a file of the operator."""

from pathlib import Path

from schemas.webhook import read_secret
from schemas.wrong_use import WrongUse


def read_secrets(file: Path) -> list[bytes]:
    """Return the keys of a file with one secret a line. Raises WrongUse, which never quotes one."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
        keys = [read_secret(line.strip()) for line in lines if line.strip()]
    except OSError as error:
        raise WrongUse(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{file}: is no text in UTF-8") from None
    except ValueError as error:
        raise WrongUse(f"{file}: {error}") from None
    if not keys:
        raise WrongUse(f"{file}: is empty")
    return keys
