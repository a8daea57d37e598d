"""Steps of `provisioner coder` in this process, at a test's own Coder, without waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.coder_api.archive import Entry
from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.login import Login
from provisioner.coder_steps.interrupts import Interrupts
from provisioner.coder_steps.left_behind import LeftVersion
from provisioner.coder_steps.push import PushDone, PushWish, push
from provisioner.coder_steps.watch import Watch
from provisioner.redact import Secret
from tests.support.coder_server import CoderServer
from tests.support.coder_world import MINIMAL

__all__ = ["Stage", "entries"]


def entries(**files: str) -> dict[str, Entry]:
    """Return a template: a minimal main.tf and `files`, with `_tf` for `.tf` in their names."""
    named = {name.replace("_tf", ".tf"): Entry(text.encode()) for name, text in files.items()}
    return {"main.tf": Entry(MINIMAL.encode()), **named}


class Stage:
    """A client of one server, and what it says."""

    def __init__(self, server: CoderServer, *, seconds: float = 20.0) -> None:
        self.server = server
        self.pauses: list[float] = []
        self.said: list[str] = []
        self.logged: list[str] = []
        login = Login(server.url, Secret(server.state.session_token), "the test")
        self.client = CoderClient(login, seconds=seconds, pause=self.pauses.append)
        self.watch = Watch(
            self.said.append,
            lambda line: self.logged.append(line.output),
            Interrupts(self.said.append, lambda _: None),
        )
        self.left = LeftVersion("")

    def push(self, files: Mapping[str, Entry] | None = None, **wish: Any) -> PushDone:
        """Push a template named `t`; what is left afterwards is `left`."""
        self.left = LeftVersion("t")
        made = PushWish("t", files or entries(), "folder", **wish)
        return push(self.client, made, self.left, self.watch)
