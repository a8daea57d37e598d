"""PRV211."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_module import codex_module
from provisioner.validate.codex_config import Found
from provisioner.validate.given_variables import given_variables
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import given
from provisioner.validate.workspace import Workspace

__all__ = ["emptied_credential"]


@rule("PRV211", "emptied-credential", Severity.ERROR)
def emptied_credential(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential of the user's that the Codex module empties.

    What it does:
        In calls of the Codex module of releases 4.x without `openai_api_key`, reports a selected
        provider whose `env_key` is OPENAI_API_KEY, unless the template itself gives the variable,
        and one with `requires_openai_auth = true`, unless `enable_aibridge` is on.

    Why:
        These releases set OPENAI_API_KEY in every workspace, to nothing where they get no key, and
        write the same into `~/.codex/auth.json` at each start. A key that a user stored as a secret
        and a login made with `codex login` are gone: Codex sends no bearer, or asks to log in
        again.

    Use instead:
        `version = "~> 5.4"`, which leaves both alone; a variable of another name.
    """
    for call in workspace.codex_modules:
        release = call.codex_release
        cleared = codex_module().cleared_credential(release) if release else None
        key = call.block.value("openai_api_key")
        if cleared is None or (key and given(key, workspace.declared)):
            continue
        if found := _lost(call, cleared.variable, workspace):
            what = cleared.variable if found.path[-1] == "env_key" else "auth.json"
            yield this.finding(
                found.file,
                found.value_span,
                f"release {release} of the Codex module empties {what} at each start",
                help=f'require version = "{cleared.constraint_after}"',
            )


def _lost(call: ModuleCall, variable: str, workspace: Workspace) -> Found | None:
    """Return the setting of the selected provider whose credential is not there."""
    config = call.codex_config
    if not config.is_known:
        return None
    name = config.in_provider("env_key")
    if name is not None:
        is_given = any(given_variables(workspace, variable))
        return name if name.value == variable and not is_given else None
    login = config.in_provider("requires_openai_auth")
    return login if login and login.value is True and call.enables_gateway is False else None
