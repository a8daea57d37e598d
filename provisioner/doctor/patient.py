"""Everything the checks look at: the plan, the machine's part in it, the credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner import __version__
from provisioner.doctor.home_config import HomeConfig, own_config_in, written_config
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.version import Version
from provisioner.launch.config_facts import ConfigFacts
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.prepare import CodexHome
from provisioner.launch.stored_login import LoginKind, StoredLogin, stored_login
from provisioner.plan.model import EnvSource, Plan
from provisioner.redact import Secret
from provisioner.render.codex_setup import CodexSetup, codex_setup

__all__ = ["Patient", "patient"]


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    plan: Plan
    setup: CodexSetup
    config: HomeConfig
    codex: FoundCodex | None
    """None when this machine has none; `codex_problem` says why."""
    codex_problem: str
    home: CodexHome
    login: StoredLogin
    caller: Mapping[str, str]
    """The environment, with the gateway token under the name that the plan reads."""
    seconds: float
    """Deadline of one step on the network."""

    @property
    def facts(self) -> ConfigFacts:
        """What decides where that config sends a request."""
        return self.config.facts

    @property
    def flow(self) -> str:
        """Name of the flow."""
        return self.plan.flow.name

    @property
    def is_coder(self) -> bool:
        """Whether the gateway is Coder's, whose answers are known one by one."""
        return self.plan.gateway_kind.name == "coder"

    @property
    def secrets(self) -> Iterator[Secret]:
        """Every secret that no output may show."""
        for variable in self.setup.environment:
            if self.caller.get(variable.name, "").strip():
                yield Secret(self.caller[variable.name].strip())
        if stored := self.login.bearer.reveal().strip():
            yield Secret(stored)

    def headers(self, *, with_credentials: bool) -> dict[str, str]:
        """Return the headers that Codex would send, as far as a gateway decides by them."""
        headers = {"User-Agent": f"provisioner-doctor/{__version__}", "Accept": "*/*"}
        if not with_credentials:
            return headers
        headers |= self.facts.http_headers
        for name, variable in self.facts.env_http_headers.items():
            if self.caller.get(variable, "").strip():
                headers[name] = self.caller[variable]
        variable = self.facts.env_key or self.setup.credential.variable
        bearer = self.caller.get(variable, "") if variable else ""
        if self.setup.credential.is_stored and self.login.bearer:
            bearer = self.login.bearer.reveal()
            if self.login.kind is LoginKind.CHATGPT and self.login.account:
                headers["chatgpt-account-id"] = self.login.account
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return headers


def patient(
    plan: Plan,
    codex: FoundCodex | None,
    home: CodexHome,
    caller: Mapping[str, str],
    *,
    home_is_chosen: bool = True,
    codex_problem: str = "",
    token_env: str = "",
    seconds: float = 10.0,
) -> Patient:
    """Return what is examined; `token_env` names the variable that holds the gateway token.

    `home_is_chosen` is False for a home that is looked at because there is no other.
    """
    setup = codex_setup(plan)
    given = dict(caller)
    token = next((v.name for v in setup.environment if _is_gateway_token(v.source, plan)), "")
    if token_env and token:
        given.pop(token, None)
        if token_env in caller:
            given[token] = caller[token_env]
    config = written_config(setup.files)
    if not home.is_private:
        release = CodexRelease(codex.version if codex else Version.parse(plan.codex_version))
        config = own_config_in(
            home.folder, setup.files, release, home.launched_by, is_chosen=home_is_chosen
        )
    return Patient(
        plan=plan,
        setup=setup,
        config=config,
        codex=codex,
        codex_problem=codex_problem,
        home=home,
        login=stored_login(home.folder),
        caller=given,
        seconds=seconds,
    )


def _is_gateway_token(source: EnvSource, plan: Plan) -> bool:
    return source is not EnvSource.USER or not plan.flow.gateway_token_in_header
