"""Settings: one TOML file, and `NABA_…` variables over it (`NABA_CLEAN__SECONDS` for `clean.seconds`)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

PREFIX = "NABA_"
Positive = Annotated[int, Meta(ge=1)]


class SettingsError(ValueError):
    """A setting that cannot be; the message names the file or variable, and the key."""


@dataclass(frozen=True, kw_only=True)
class CleanSettings:
    """Bounds of the clean step: of one page, and of the child processes that work on it."""

    seconds: Annotated[float, Meta(gt=0)] = 20.0
    memory_mb: Positive = 1024
    pages_per_child: Positive = 5000
    min_letters: Annotated[int, Meta(ge=0)] = 50


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """How many days the store keeps what it can do without."""

    keep_raw: Positive = 14
    keep_rows: Positive = 400


@dataclass(frozen=True, kw_only=True)
class CompareSettings:
    """How many days back a copy is looked for."""

    window_days: Positive = 30


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Paths are relative to the settings file."""

    db: str = "naba.db"
    rules: tuple[str, ...] = ()
    timezone: str = "UTC"
    clean: CleanSettings = field(default_factory=CleanSettings)
    compare: CompareSettings = field(default_factory=CompareSettings)
    store: StoreSettings = field(default_factory=StoreSettings)


def load_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Return the settings of the file, `naba.toml` here if there is one and none is named.

    Raises SettingsError.
    """
    file = path or Path("naba.toml")
    values: dict[str, Any] = {}
    if path is not None or file.exists():
        values = _read_file(file)
    settings = _convert(values, str(file), strict=True)
    variables = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    for name, value in variables.items():
        keys = name.removeprefix(PREFIX).lower().split("__")
        # One at a time, so that an error names its variable.
        _convert(_nest(keys, value), f"environment, {name}", strict=False)
        _merge(values, _nest(keys, value))
    if variables:
        settings = _convert(values, str(file), strict=False)
    _check_zone(settings.timezone, str(file))
    return _resolve(settings, file.parent)


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None


def _convert(values: dict[str, Any], where: str, *, strict: bool) -> Settings:
    _refuse_unknown(values, Settings, where, "")
    try:
        return msgspec.convert(values, Settings, strict=strict)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at `$.")
        raise SettingsError(f"{where}: {key.rstrip('`') or 'settings'}: {message}") from None


def _refuse_unknown(values: dict[str, Any], kind: Any, where: str, above: str) -> None:
    known = kind.__dataclass_fields__
    for key, value in values.items():
        if key not in known:
            raise SettingsError(f"{where}: {above}{key}: unknown key; known here: {', '.join(known)}")
        if isinstance(value, dict) and hasattr(known[key].type, "__dataclass_fields__"):
            _refuse_unknown(value, known[key].type, where, f"{above}{key}.")


def _nest(keys: list[str], value: str) -> dict[str, Any]:
    nested: Any = value
    for key in reversed(keys):
        nested = {key: nested}
    return dict(nested)


def _merge(into: dict[str, Any], values: dict[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _check_zone(name: str, where: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise SettingsError(f"{where}: timezone: {name!r} is no time zone of the IANA database") from None


def _resolve(settings: Settings, folder: Path) -> Settings:
    rules = tuple(str(folder / rule) for rule in settings.rules)
    return replace(settings, db=str(folder / settings.db), rules=rules)
