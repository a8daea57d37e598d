"""A gateway, an upstream with bad days and clients of all kinds → what went wrong in between."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from provisioner.gateway.record.model import InterceptionRecord, Outcome
from provisioner.gateway.record.opened import open_for_reading
from provisioner.gateway.record.sqlite import DATABASE_NAME
from provisioner.gateway.record.store import all_interceptions
from tests.soak.clients import KEY, Clients
from tests.soak.upstream import play
from tests.soak.watch import Sample, Watch
from tests.support.gateway_server import RunningGateway, gateway_process
from tests.support.relayed import PROVIDER
from tests.support.secret_search import SecretSearch
from tests.support.twin import Twin, twin

__all__ = ["Place", "Soak", "soak"]

_PROVIDER_KEY = "sk-key-of-the-provider-90d2c4ab17"
_CONFIG = """\
dump_dir = "dumps"
listen.workers = {workers}
relay = {{ websockets = true, request_seconds = 5, keep_alive_seconds = 1 }}
"""
# By so much a worker may grow over a whole soak, however long: each connection to a database fills
# a cache of its own (2 MiB on SQLite), and an allocator gives little back.
_GROWTH_KIB = 32 * 1024
# Two workers with up to five connections to the database, of up to three files each.
_KEPT_OPEN = 36
_QUIET_SECONDS = 15
_STORED_SECONDS = 10
_WARM = 0.3
_BAD_LINES = ("Traceback", "internal error", " lost: ", "Unhandled", "upkeep failed")


@dataclass(frozen=True)
class Place:
    """Where records are kept, and what takes them away for a while."""

    name: str
    address: str | None
    trouble: Callable[[Path], contextlib.AbstractContextManager[None]]


@dataclass
class Soak:
    """How a soak went; without `breaches` all is well."""

    place: str
    breaches: list[str] = field(default_factory=list)
    summary: str = ""


def soak(place: Place, folder: Path, seconds: float, tell: Callable[[str], None]) -> Soak:
    """Let clients run for so many `seconds` on a gateway that keeps its state in `folder`.

    `tell` gets a line about the state of things now and then.
    """
    for name in ("counts", "state"):
        (folder / name).mkdir()
    environment = {"K": _PROVIDER_KEY}
    if place.address:
        environment["PROVISIONER_GATEWAY_DATABASE"] = place.address
    with _set(environment), twin(play) as service:
        config = _CONFIG.format(workers=2)
        upstream = f'base_url = "{service.url}/v1"\nkey_env = ["K"]\nidle_seconds = 1\n'
        (folder / "gateway.toml").write_text(f"{config}{PROVIDER}{upstream}")
        options = ("--config", str(folder / "gateway.toml"), "--verbose")
        program = ("tests.soak.serve", str(folder / "counts"))
        with (
            gateway_process(folder / "state", *options, program=program) as (process, gateway),
            _logged(process, folder / "log"),
        ):
            return _Run(place, folder, process, gateway, service).go(seconds, tell)


class _Run:
    """One soak on one gateway."""

    def __init__(
        self,
        place: Place,
        folder: Path,
        process: subprocess.Popen[str],
        gateway: RunningGateway,
        service: Twin,
    ) -> None:
        self._place, self._folder = place, folder
        self._process, self._gateway, self._service = process, gateway, service
        self._watch = Watch(process.pid, folder / "counts")
        self._clients = Clients(gateway)
        self._soak = Soak(place.name, self._clients.breaches)

    def go(self, seconds: float, tell: Callable[[str], None]) -> Soak:
        before = self._watch.sample()
        self._clients.start(8)
        samples = list(self._samples(seconds, tell))
        self._clients.stop()
        self._all_is_stored()
        self._all_is_let_go(before)
        warm = samples[int(len(samples) * _WARM) :]
        growth = warm[-1].memory - min(warm[0].memory, warm[len(warm) // 2].memory)
        self._breach(growth > _GROWTH_KIB, f"a worker grew by {growth} KiB")
        self._process.terminate()
        code = self._process.wait(60)
        self._breach(code != 0, f"the gateway ended with {code}")
        self._log_is_clean()
        self._nothing_is_told()
        self._breach(
            any(r.outcome is Outcome.RUNNING for r in self._records()), "an interception runs on"
        )
        done = sum(self._clients.done.values())
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(self._clients.done.items()))
        self._soak.summary = (
            f"{done} actions ({kinds}), {len(self._clients.acknowledged)} acknowledged, "
            f"memory {warm[0].memory // 1024} to {warm[-1].memory // 1024} MiB a worker"
        )
        return self._soak

    def _breach(self, broken: bool, words: str) -> None:  # noqa: FBT001 - a condition
        if broken:
            self._soak.breaches.append(words)

    def _samples(self, seconds: float, tell: Callable[[str], None]) -> Iterator[Sample]:
        began, troubled = time.monotonic(), False
        pause = min(10.0, seconds / 10)
        while (spent := time.monotonic() - began) < seconds:
            if spent > seconds / 2 and not troubled:
                troubled = True
                self._trouble()
            sample = self._watch.sample()
            tell(
                f"{self._place.name} {spent:.0f} s: {sum(self._clients.done.values())} actions, "
                f"{sample.memory // 1024} MiB, {sample.descriptors} descriptors, "
                f"{sample.tasks} tasks, {len(self._clients.breaches)} breaches"
            )
            yield sample
            # Of no use here, and many.
            self._service.requests.clear()
            time.sleep(pause)
        yield self._watch.sample()

    def _trouble(self) -> None:
        self._clients.troubled_until = float("inf")
        with self._place.trouble(self._folder / "state"):
            time.sleep(1)
        self._clients.troubled_until = time.monotonic() + 5

    def _records(self) -> list[InterceptionRecord]:
        database = open_for_reading(self._folder / "state", self._place.address)
        try:
            return list(all_interceptions(database))
        finally:
            database.close()

    def _all_is_stored(self) -> None:
        deadline = time.monotonic() + _STORED_SECONDS
        missing = self._clients.acknowledged
        while missing and time.monotonic() < deadline:
            time.sleep(0.2)
            records = [record for record in self._records() if record.prompts]
            stored = {r.prompts[0].prompt for r in records if r.outcome is Outcome.COMPLETED}
            missing = self._clients.acknowledged - stored
        self._breach(bool(missing), f"{len(missing)} acknowledged records are not stored")

    def _all_is_let_go(self, before: Sample) -> None:
        """Fail when the gateway holds more than at the start, a while after the last client."""
        deadline = time.monotonic() + _QUIET_SECONDS + 5
        most_descriptors, most_tasks = before.descriptors + _KEPT_OPEN, before.tasks + 4
        while True:
            now = self._watch.sample()
            if now.descriptors <= most_descriptors and now.tasks <= most_tasks:
                return
            if time.monotonic() > deadline:
                self._breach(True, f"not let go: {before} became {now}")
                return
            time.sleep(0.5)

    def _log_is_clean(self) -> None:
        lines = (self._folder / "log").read_text().splitlines()
        bad = [line for line in lines if any(word in line for word in _BAD_LINES)]
        self._breach(bool(bad), f"in the log: {bad[:3]}")

    def _nothing_is_told(self) -> None:
        tokens = {f"token {number}": token for number, token in enumerate(self._clients.tokens)}
        own = {"key": KEY, "provider key": _PROVIDER_KEY, "token": self._gateway.token}
        search = SecretSearch({**tokens, **own})
        places = [path for path in self._folder.rglob("*") if path.is_file()]
        told = [path.name for path in places if search.found_in(path.read_bytes())]
        self._breach(bool(told), f"secrets in {told[:3]}")
        self._breach(bool(search.found_in(repr(self._records()))), "secrets in the records")
        if self._place.address is None:
            with contextlib.closing(
                sqlite3.connect(self._folder / "state" / DATABASE_NAME)
            ) as database:
                found = database.execute("PRAGMA integrity_check").fetchall()
            self._breach(found != [("ok",)], "the database is broken")


@contextlib.contextmanager
def _set(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _logged(process: subprocess.Popen[str], place: Path) -> Iterator[None]:
    def write(log: TextIO) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            log.write(line)
            log.flush()

    with place.open("w") as log:
        thread = threading.Thread(target=write, args=(log,))
        thread.start()
        try:
            yield
        finally:
            process.kill()
            thread.join(30)
