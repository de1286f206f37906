"""Where the Faust process starts. Light: every child process imports its main module once more."""

import asyncio
import ctypes
import os
import signal
import sys
from pathlib import Path

import click

from streams.children.open import open_children
from streams.children.pool import Children
from streams.settings import Settings
from streams.verbs.options import open_settings

_PR_SET_PDEATHSIG = 1


@click.command()
@click.option("--config")
@click.option("--data", required=True, type=Path)
@click.option("--workers", required=True, type=int)
@click.option("--supervisor", required=True, type=int)
def main(config: str | None, data: Path, workers: int, supervisor: int) -> None:
    """Run one worker; its supervisor reads its status from standard output."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:  # it has died meanwhile
        sys.exit(1)
    status = os.dup(1)
    os.set_blocking(status, False)
    os.dup2(2, 1)  # what a library prints is no status
    settings = open_settings(config)
    with open_children(settings, workers) as children:
        code = _run(settings, data, children, workers, status)
    sys.stderr.flush()
    # Threads of the libraries that do not end would keep the process, and with it the data folder.
    os._exit(code)


def _run(settings: Settings, data: Path, children: Children, workers: int, status: int) -> int:
    from streams.app.process import WorkerProcess
    from streams.app.quiet import quieten

    quieten()

    async def run() -> int:
        return await WorkerProcess(settings, data, children, workers).run(status)

    # Not asyncio.run: behind the end it would wait for the threads of an app that does not stop.
    return asyncio.new_event_loop().run_until_complete(run())


if __name__ == "__main__":
    main()
