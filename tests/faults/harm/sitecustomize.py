"""Harm done on purpose inside a worker: Python imports a module of this name when it starts.

HARM says what is done in the processes that have this folder on their path, HARM_ONCE names a file
whose being there says that it was done before.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

DROPPED_OFFSET = 37


def break_stage() -> None:
    """Have one stage raise, end its process or never end, on the pages whose address asks for it."""
    import streams.text.repair as stage
    from streams.draft import Draft

    whole = stage.repair

    def repair(draft: Draft) -> Draft:
        address = draft.raw.url or ""
        if "/raise/" in address:
            raise RuntimeError("broken on purpose")
        if "/exit/" in address:
            os._exit(9)
        if "/sleep/" in address:
            time.sleep(3600)
        return whole(draft)

    stage.repair = repair


def drop_events() -> None:
    """Pass over one event of each partition, as Faust does around some rebalances."""
    from streams.app.lanes import Lanes

    take, dropped = Lanes.take, set()

    async def drop(self: Lanes, event: Any) -> None:
        message = event.message
        if message.offset == DROPPED_OFFSET and message.tp not in dropped:
            dropped.add(message.tp)
            print(f"dropped {message.tp.topic}:{message.tp.partition}:{message.offset}", file=sys.stderr)
            return
        await take(self, event)

    Lanes.take = drop  # type: ignore[method-assign]


def stand_still() -> None:
    """Never end the work on one event."""
    from schemas.letter import INPUT, Letter
    from streams.app.clean import CleanWork
    from streams.app.lane import Promise

    begin, once = CleanWork.begin, Path(os.environ["HARM_ONCE"])

    def stand(self: CleanWork, letter: Letter) -> Promise:
        if letter.headers[INPUT].endswith(":100") and not once.exists():
            once.touch()
            return Promise()
        return begin(self, letter)

    CleanWork.begin = stand  # type: ignore[method-assign]


HARM = os.environ.get("HARM")
if HARM == "stage":
    break_stage()
elif any(argument.startswith("streams.app.") for argument in sys.orig_argv):
    {"drop": drop_events, "stand": stand_still}[HARM or ""]()
