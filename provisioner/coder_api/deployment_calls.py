"""What a deployment says of itself and of its AI gateway."""

from __future__ import annotations

import httpx

from provisioner.coder_api.models import AiProvider, BuildInfo, Entitlements, User
from provisioner.coder_api.problem import Problem, read_problem
from provisioner.coder_api.transport import Call, Transport

__all__ = ["DeploymentCalls"]


class DeploymentCalls:
    """Calls about the deployment; each raises `CoderError`."""

    def __init__(self, transport: Transport) -> None:
        """Ask through `transport`."""
        self._to = transport

    def build_info(self) -> BuildInfo:
        """Return the version, which anybody may know."""
        return self._to.ask(BuildInfo, Call("GET", "/buildinfo", is_anonymous=True))

    def me(self) -> User:
        """Return whom the session token stands for."""
        return self._to.ask(User, Call("GET", "/users/me"))

    def entitlements(self) -> Entitlements:
        """Return what the licence covers."""
        return self._to.ask(Entitlements, Call("GET", "/entitlements"))

    def ai_providers(self) -> tuple[AiProvider, ...]:
        """Return the providers of the AI gateway; only an administrator may see them."""
        return self._to.ask(tuple[AiProvider, ...], Call("GET", "/ai/providers"))

    def probe(
        self, path: str, *, headers: dict[str, str], is_anonymous: bool
    ) -> tuple[int, Problem]:
        """Ask the AI gateway once; return the status and the words of whatever is answered."""
        call = Call("GET", path, headers=headers, is_anonymous=is_anonymous)
        try:
            answer = self._to.send_once(call)
        except httpx.HTTPError as error:
            return 0, Problem(" ".join(str(error).split()) or type(error).__name__)
        return answer.status_code, read_problem(answer.content)
