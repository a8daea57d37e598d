"""A login → the client of its deployment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from provisioner.coder_api.deployment_calls import DeploymentCalls
from provisioner.coder_api.http import new_http
from provisioner.coder_api.login import Login
from provisioner.coder_api.template_calls import TemplateCalls
from provisioner.coder_api.transport import Transport
from provisioner.coder_api.workspace_calls import WorkspaceCalls
from provisioner.redact import Secret

__all__ = ["CoderClient"]


class CoderClient:
    """One user's view of one deployment: `templates`, `workspaces` and the `deployment` itself."""

    def __init__(
        self,
        login: Login,
        *,
        seconds: float = 30.0,
        certificates: Path | None = None,
        secrets: tuple[Secret, ...] = (),
        pause: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Wait `seconds` for a step of an answer; nothing is sent yet.

        `say` hears of each attempt that is made again.

        Raises `InputError` for certificates or a proxy that cannot be used.
        """
        self.login = login
        self.pause = pause
        self.secrets = (login.token, *secrets)
        self._http = new_http(login.url, seconds=seconds, certificates=certificates)
        transport = Transport(self._http, login, secrets=secrets, pause=pause, say=say)
        self.deployment = DeploymentCalls(transport)
        self.templates = TemplateCalls(transport)
        self.workspaces = WorkspaceCalls(transport)

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._http.close()
