"""Settings: one TOML file, and `NABA_…` variables over it (`NABA_CLEAN__SECONDS` for `clean.seconds`)."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from connectors.cluster.settings import KafkaSettings
from connectors.fetching.settings import FetchSettings
from connectors.polling.settings import PollSettings
from connectors.sinks.kinds import RESERVED, SinkKind
from connectors.sources.kinds import Kind, Local
from schemas.wrong_use import WrongUse
from streams.policy.check import find_fault
from streams.policy.policy import Policy
from streams.toml_lines import find_line, name_key

PREFIX = "NABA_"
STANDARD = "-"  # standard input or output, where a path may stand
Place = Callable[[str], str]
Table = TypeVar("Table", bound=msgspec.Struct)
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=1, le=36_500)]


class SettingsError(WrongUse):
    """A setting that cannot be; the message names the file or variable, and the key."""


@dataclass(frozen=True, kw_only=True)
class CleanSettings:
    """Bounds of the clean step: of one page, and of the child processes that work on it."""

    seconds: Annotated[float, Meta(gt=0, le=3600)] = 20.0
    memory_mb: Annotated[int, Meta(ge=64, le=1_000_000)] = 1024
    pages_per_child: Positive = 5000
    min_letters: Annotated[int, Meta(ge=0)] = 50


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """How many days the store keeps what it can do without."""

    keep_raw: Days = 14
    keep_rows: Days = 400


@dataclass(frozen=True, kw_only=True)
class CompareSettings:
    """How many days back an original is looked for."""

    window_days: Days = 30


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Paths are relative to the settings file."""

    db: Annotated[str, Meta(min_length=1)] = "naba.db"
    rules: tuple[str, ...] = ()
    timezone: str = "UTC"
    source: tuple[Kind, ...] = ()
    sink: tuple[SinkKind, ...] = ()
    policy: tuple[Policy, ...] = ()
    fetch: FetchSettings = field(default_factory=FetchSettings)
    poll: PollSettings = field(default_factory=PollSettings)
    clean: CleanSettings = field(default_factory=CleanSettings)
    compare: CompareSettings = field(default_factory=CompareSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    kafka: KafkaSettings = field(default_factory=KafkaSettings)


def load_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Return the settings of the file, `naba.toml` here if there is one and none is named.

    Raises SettingsError.
    """
    file = path or Path("naba.toml")
    text = _read_file(file) if path is not None or file.exists() else ""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: nested without end
        raise SettingsError(f"{file}: {error}") from None

    def place(key: str) -> str:
        line = find_line(text, key)
        return f"{file}:{line}: {key}" if line else f"{file}: {key or 'settings'}"

    settings = _convert(values, place, strict=True)
    variables = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    for name, value in variables.items():
        nested = _nest(name.removeprefix(PREFIX).lower().split("__"), value)
        # One at a time, so that an error names its variable.
        _convert(nested, f"environment, {name}: {{}}".format, strict=False)
        _merge(values, nested)
    if variables:
        settings = _convert(values, place, strict=False)
    return _resolve(settings, file, place)


def _read_file(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: {error}") from None


def _convert(values: dict[str, Any], place: Place, *, strict: bool) -> Settings:
    _refuse_unknown(values, Settings, place, "")
    try:
        return msgspec.convert(values, Settings, strict=strict)
    except msgspec.ValidationError as error:
        key, message = name_key(error)
        raise SettingsError(f"{place(key)}: {message}") from None


def _refuse_unknown(values: dict[str, Any], kind: Any, place: Place, above: str) -> None:
    known = kind.__dataclass_fields__
    for key, value in values.items():
        if key not in known:
            raise SettingsError(f"{place(above + key)}: unknown key; known here: {', '.join(known)}")
        if isinstance(value, dict) and hasattr(known[key].type, "__dataclass_fields__"):
            _refuse_unknown(value, known[key].type, place, f"{above}{key}.")
        for item in get_args(known[key].type)[:1]:  # an array of tables, as [[policy]]
            if isinstance(value, list) and hasattr(item, "__dataclass_fields__"):
                for number, table in enumerate(value):
                    if isinstance(table, dict):
                        _refuse_unknown(table, item, place, f"{above}{key}[{number}].")


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


def _resolve(settings: Settings, file: Path, place: Place) -> Settings:
    try:
        ZoneInfo(settings.timezone)
    except (ValueError, OSError, LookupError):
        zone = settings.timezone
        raise SettingsError(f"{place('timezone')}: {zone!r} is no time zone of the IANA database") from None
    rules = tuple(str(file.parent / rule) for rule in settings.rules)
    for number, rule in enumerate(rules):
        if not Path(rule).is_dir():
            raise SettingsError(f"{place(f'rules[{number}]')}: {rule}: no such folder")
    if fault := find_fault(settings.policy, settings.store.keep_raw):
        raise SettingsError(f"{place(f'policy{fault[0]}')}: {fault[1]}")
    return replace(
        settings,
        db=str(file.parent / settings.db),
        rules=rules,
        source=_resolve_sources(settings.source, file, place),
        sink=_resolve_sinks(settings.sink, file, place),
        kafka=_resolve_kafka(settings, file, place),
    )


def _resolve_sources(sources: tuple[Kind, ...], file: Path, place: Place) -> tuple[Kind, ...]:
    _refuse_same_names("source", [source.name for source in sources], place)
    return tuple(
        _resolve_files(source, source.files, file) if isinstance(source, Local) else source
        for source in sources
    )


def _resolve_sinks(sinks: tuple[SinkKind, ...], file: Path, place: Place) -> tuple[SinkKind, ...]:
    for number, sink in enumerate(sinks):
        if sink.name in RESERVED:
            raise SettingsError(
                f"{place(f'sink[{number}].name')}: {sink.name}: `naba sink {sink.name}` is a verb of its own"
            )
    _refuse_same_names("sink", [sink.name for sink in sinks], place)
    resolved = tuple(_resolve_files(sink, sink.files, file) for sink in sinks)
    _refuse_same_paths(resolved, place)
    return resolved


def _refuse_same_paths(sinks: tuple[SinkKind, ...], place: Place) -> None:
    taken: dict[str, str] = {}
    for number, sink in enumerate(sinks):
        path = getattr(sink, "path", STANDARD)  # what it writes; a secret may be shared
        if path != STANDARD and (other := taken.setdefault(os.path.realpath(path), sink.name)) != sink.name:
            raise SettingsError(f"{place(f'sink[{number}].path')}: {path}: sink {other} writes there")


def _refuse_same_names(what: str, names: list[str], place: Place) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise SettingsError(f"{place(f'{what}[{number}].name')}: {name}: another {what} has this name")


def _resolve_files(table: Table, keys: tuple[str, ...], file: Path) -> Table:
    named = {key: name for key in keys if (name := getattr(table, key)) not in (None, STANDARD)}
    return msgspec.structs.replace(table, **{key: str(file.parent / name) for key, name in named.items()})


def _resolve_kafka(settings: Settings, file: Path, place: Place) -> KafkaSettings:
    kafka = settings.kafka
    if kafka.keep_results <= settings.store.keep_raw:
        raise SettingsError(
            f"{place('kafka.keep_results')}: {kafka.keep_results} days, and a page (store.keep_raw) "
            f"is kept for {settings.store.keep_raw}: the ledger has to last longer"
        )
    files: dict[str, Any] = {}
    for key in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
        if name := getattr(kafka, key):
            files[key] = str(file.parent / name)
            if not Path(files[key]).is_file():
                raise SettingsError(f"{place(f'kafka.{key}')}: {files[key]}: no such file")
    return replace(kafka, **files)
