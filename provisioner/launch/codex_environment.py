"""The caller's environment → the one Codex runs in: nothing that changes the flow, all it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError
from provisioner.launch.credential_flaw import credential_flaw
from provisioner.plan.model import EnvVar
from provisioner.redact import Secret
from provisioner.render.codex_setup import CodexSetup

__all__ = ["CodexEnvironment", "codex_environment", "flow_breakers", "need_credentials"]

# Codex's own variables choose credentials, hosts and folders, and new releases add some. These
# few do none of that: a private CA, the sandbox Codex itself is in, and looks.
_CODEX = "CODEX_"
_HARMLESS = ("CODEX_CA_CERTIFICATE", "CODEX_SANDBOX", "CODEX_TUI_")
_OPENAI = frozenset({"OPENAI_API_BASE", "OPENAI_BASE_URL", "OPENAI_ORGANIZATION", "OPENAI_PROJECT"})
# Where Codex keeps its things; a launch decides that, so it is no surprise that it is replaced.
_HOMES = frozenset({"CODEX_HOME", "CODEX_SQLITE_HOME"})


@dataclass(frozen=True, slots=True)
class CodexEnvironment:
    """The whole environment of a Codex, and what of the caller's is not in it."""

    variables: Mapping[str, str]
    left_out: tuple[str, ...]


def flow_breakers(setup: CodexSetup, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of `names` that would change where Codex goes or what it sends."""
    needed = {variable.name for variable in setup.environment}
    return tuple(
        sorted(
            name
            for name in names
            if name not in needed
            and name not in _HOMES
            and (name in setup.unset or name in _OPENAI or _is_codex_own(name))
        )
    )


def codex_environment(
    setup: CodexSetup, caller: Mapping[str, str], codex_home: Path | None
) -> CodexEnvironment:
    """Return the environment for `codex_home`; None leaves Codex the home the caller has."""
    left_out = flow_breakers(setup, caller)
    variables = {name: value for name, value in caller.items() if name not in left_out}
    if codex_home is not None:
        variables = {name: value for name, value in variables.items() if name not in _HOMES}
        variables["CODEX_HOME"] = str(codex_home)
    return CodexEnvironment(variables, left_out)


def need_credentials(environment: Iterable[EnvVar], caller: Mapping[str, str]) -> None:
    """Raise `InputError` when a variable that Codex reads a secret from cannot be used."""
    problems = [problem for variable in environment if (problem := _problem(variable, caller))]
    if problems:
        raise InputError("\n       ".join(problems))


def _problem(variable: EnvVar, caller: Mapping[str, str]) -> str:
    value = caller.get(variable.name, "")
    if not value.strip():
        state = credential_flaw(value) if variable.name in caller else "is not set"
        return f"{variable.name} {state}; it holds {_lower(variable.help)}"
    flaw = credential_flaw(value)
    hint = Secret(value.strip()).hint
    return f"{variable.name} ({hint}) {flaw}; set it again, the value alone" if flaw else ""


def _is_codex_own(name: str) -> bool:
    return name.startswith(_CODEX) and not name.startswith(_HARMLESS)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
