"""Plan → everything a Codex outside a workspace needs: its files, its environment, its login."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from provisioner.flows.credential import Credential
from provisioner.plan.model import EnvVar, Plan
from provisioner.render.codex_config import config_files

__all__ = ["CodexSetup", "codex_setup"]

_COMMENT_WIDTH = 98


@dataclass(frozen=True, slots=True)
class CodexSetup:
    """What to put where before the first prompt."""

    files: dict[str, str]
    """Text by name below CODEX_HOME."""
    credential: Credential
    """How the bearer reaches Codex."""
    environment: tuple[EnvVar, ...]
    """Variables that Codex reads secrets from."""
    login: str
    """What to do once before the first prompt; empty when there is nothing to log in to."""
    login_variable: str
    """Variable that a key to store is taken from; empty when no key is stored."""
    unset: tuple[str, ...]
    """Variables that break the flow when they are set."""

    def as_toml(self) -> str:
        """Return config.toml, with what else is needed in comments above it.

        The text of other files stands in comments below it: it may be put into config.toml as it
        is, and there their keys would become keys of its last table.
        """
        notes = [f"Set {variable.name}: {variable.help}" for variable in self.environment]
        notes += [
            f"Leave {', '.join(self.unset)} unset: a key there could replace the login."
        ] * bool(self.unset)
        notes += [self.login] * bool(self.login)
        comments = [
            line
            for note in notes
            for line in textwrap.wrap(
                note,
                _COMMENT_WIDTH,
                initial_indent="# ",
                subsequent_indent="#   ",
                break_on_hyphens=False,
                break_long_words=False,
            )
        ]
        head = ["# ~/.codex/config.toml", *comments, ""]
        others = [
            f"\n# ~/.codex/{name} is a file of its own, which --output-dir writes:\n#\n"
            + textwrap.indent(text, "# ", lambda _: True)
            for name, text in self.files.items()
            if name != "config.toml"
        ]
        return "\n".join([*head, self.files["config.toml"], *others])


def codex_setup(plan: Plan) -> CodexSetup:
    """Return the setup for the gateway URL of `plan`, which must not be empty."""
    return CodexSetup(
        files=config_files(plan.codex, plan.gateway_url),
        credential=plan.credential,
        environment=plan.env,
        login=plan.login,
        login_variable=plan.login_variable,
        unset=plan.credential.unset,
    )
