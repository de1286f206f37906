"""The supervisor: keeps one Faust process alive and moving, and ends where that does not help."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from connectors.cluster.connect import BrokerAway, Patience, cluster_errors, connect
from connectors.cluster.offsets import Offsets
from connectors.cluster.topics import find_mismatches, list_missing, plan_topics
from schemas.letter import CLEAN, RAW
from schemas.wrong_use import WrongUse
from streams.app.belonging import claim_tables
from streams.app.folder import Folder
from streams.app.health import Health, write_health
from streams.app.progress import Progress
from streams.app.status import Place, Status, read_status
from streams.app.stopping import Stopped, ignore_signals
from streams.settings import Settings

_RESTARTS, _WITHIN = 5, 600.0
_LOOK_SECONDS = 5.0
_STOP_SECONDS = 45.0  # beyond the time limit of a page
_SILENT_SECONDS = 30.0  # without a status: the process hangs


class Supervisor:
    """Runs the Faust process of one worker."""

    def __init__(
        self, settings: Settings, config: str | None, folder: Folder, workers: int, say: Callable[[str], None]
    ) -> None:
        """`config` is the settings file as given, read again by the process."""
        self._settings, self._config, self._folder = settings, config, folder
        self._workers, self._say = workers, say
        self._restarts: deque[float] = deque()
        self._restarted = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._status: tuple[float, Status] | None = None
        self._offsets: Offsets | None = None

    def run(self) -> int:
        """Return 0 after SIGTERM or Ctrl-C, 1 where the process had to be started too often.

        Raises WrongUse where the topics are not as they should be.
        """
        try:
            while True:
                self._check_cluster()
                why = self._watch()
                now = time.monotonic()
                self._restarts.append(now)
                while self._restarts[0] < now - _WITHIN:
                    self._restarts.popleft()
                if len(self._restarts) > _RESTARTS:
                    self._say(f"{why}; restarted {_RESTARTS} times in ten minutes: giving up")
                    return 1
                self._restarted += 1
                self._say(f"{why}; starting anew")
                self._write_health(why)
        except Stopped:
            ignore_signals()
            self._write_health("stopped")
            return self._end(self._process)
        finally:
            self._kill(self._process)

    def _check_cluster(self) -> None:
        """Wait for a broker, and see that everything is there that the worker needs."""
        patience = Patience(self._say)
        while True:
            try:
                self._look_at_cluster()
            except BrokerAway as error:  # or one that is just coming up, and knows no groups yet
                patience.wait(error)
            else:
                patience.end("the cluster answers")
                return

    def _look_at_cluster(self) -> None:
        settings, kafka = self._settings, self._settings.kafka
        plan = plan_topics(kafka, settings.store.keep_raw)
        with closing(connect(KafkaAdminClient, kafka, self._say)) as admin, cluster_errors(kafka):
            missing = list_missing(admin, plan)
            if missing:
                raise WrongUse(
                    f"{kafka.bootstrap}: has no topic {', '.join(missing)}; `naba topics` creates it"
                )
            wrong = [one for one in find_mismatches(admin, plan) if not one.is_config]
            if wrong:
                raise WrongUse("; ".join(str(one) for one in wrong))
            if self._offsets is not None:
                self._offsets.close()
            self._offsets = Offsets(kafka, self._say)
            self._tell_of_lost_state(self._offsets)
            claim_tables(self._folder.path, self._name_owner(), self._say)

    def _name_owner(self) -> dict[str, str]:
        kafka = self._settings.kafka
        with closing(Offsets(replace(kafka, topic_prefix=""), self._say)) as whole_names:
            changelogs = whole_names.read_ids([kafka.changelog("rows"), kafka.changelog("hosts")])
            return {"cluster": whole_names.name_cluster(), "group": kafka.app, **changelogs}

    def _tell_of_lost_state(self, offsets: Offsets) -> None:
        changelog = self._settings.kafka.changelog("rows")
        compared = sum(offsets.read_committed(self._settings.kafka.app, CLEAN).values())
        if compared and offsets.is_empty(changelog):
            self._say(
                f"{changelog} is empty, though {compared} articles were compared: what no worker has "
                "in its folder is not known any more, and will be published again where it comes again"
            )

    def _watch(self) -> str:
        """Run the process until it ends or does not move, and return what it was."""
        self._status = None
        process = self._process = self._start()
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        progress, away = self._begin_progress(), None
        looked = started = time.monotonic()
        was_ready = False
        while (code := process.poll()) is None:
            time.sleep(0.2)
            now = time.monotonic()
            heard_at, status = self._status or (started, None)
            is_ready = status is not None and status.settled
            if now - looked < _LOOK_SECONDS and is_ready == was_ready:
                continue
            looked = now
            try:
                committed, ends = self._read_offsets()
            except (KafkaError, OSError) as error:
                # Whoever waits for the broker moves nothing, and no restart would help.
                if away is None:
                    self._say(f"the broker is away ({error}); waiting")
                away, progress = away or now, self._begin_progress()
                self._write_health("the broker is away")
                continue
            if away is not None:
                self._say(f"the broker is back after {now - away:.0f} s")
                away = None
            if now - heard_at > _SILENT_SECONDS and status is not None:
                why = f"no word of the worker for {now - heard_at:.0f} s"
                self._say(f"{why}; killing its process")  # it would not hear SIGTERM either
                self._kill(process)
                return why
            still = progress.look(now, status, committed, ends)
            if still:
                return self._give_up(process, f"{still[0].what}, and that for {still[0].seconds:.0f} s")
            if status is not None and is_ready and not was_ready:
                self._say(f"ready, {len(status.assigned)} partitions")
            was_ready = is_ready
            self._write_health("" if is_ready else "joining the group or recovering tables")
        return f"the worker's process ended with {code}"

    def _begin_progress(self) -> Progress:
        # Twice: a page whose child was lost gets a second one.
        return Progress(2 * self._settings.clean.seconds + 10.0)

    def _read_offsets(self) -> tuple[dict[Place, int], dict[Place, int]]:
        assert self._offsets is not None
        committed: dict[Place, int] = {}
        ends: dict[Place, int] = {}
        for topic in (RAW, CLEAN):
            for found, into in (
                (self._offsets.read_committed(self._settings.kafka.app, topic), committed),
                (self._offsets.read_ends(topic), ends),
            ):
                into.update({Place(topic, partition): at for partition, at in found.items()})
        return committed, ends

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "streams.app.start", "--data", str(self._folder.path)]
        command += ["--workers", str(self._workers), "--supervisor", str(os.getpid())]
        if self._config is not None:
            command += ["--config", self._config]
        # In our process group, so that whoever ends the group ends all; with the lock of the folder.
        return subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=(self._folder.lock,))

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if (status := read_status(line)) and process is self._process:
                self._status = (time.monotonic(), status)

    def _give_up(self, process: "subprocess.Popen[bytes]", why: str) -> str:
        self._say(f"{why}; stopping the worker's process")
        self._end(process)
        return why

    def _end(self, process: "subprocess.Popen[bytes] | None") -> int:
        """Stop the process and return 0 where it has committed what it did."""
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(self._settings.clean.seconds + _STOP_SECONDS)
            # Ended by the signal itself: it has begun nothing yet.
            return 0 if code in (0, -signal.SIGTERM) else 1
        except subprocess.TimeoutExpired:
            self._say("the worker's process does not stop; killed")
            self._kill(process)
            return 1

    def _kill(self, process: "subprocess.Popen[bytes] | None") -> None:
        if process is not None and process.poll() is None:
            process.kill()  # its children die with it
            process.wait()

    def _write_health(self, why: str) -> None:
        _, status = self._status or (0.0, None)
        write_health(
            self._folder.path,
            Health(
                ready=not why,
                why=why,
                at=time.time(),
                restarts=self._restarted,
                assigned=len(status.assigned) if status else 0,
            ),
        )
