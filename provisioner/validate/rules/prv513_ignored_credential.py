"""PRV513."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ignored_credential"]

_HEADERS = ("http_headers", "env_http_headers")


@rule("PRV513", "ignored-credential", Severity.WARNING)
def ignored_credential(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential of a model provider that another one displaces.

    What it does:
        Reports what Codex leaves aside: beside `env_key`, `requires_openai_auth = true`,
        `experimental_bearer_token` and an `Authorization` header; beside
        `experimental_bearer_token`, `requires_openai_auth = true` and that header.

    Why:
        Only one of them becomes the `Authorization` of a request, whatever the other holds: the
        gateway sees another user or key than the config seems to say. With `env_key` an unset
        variable stops Codex although a login would be there.

    Use instead:
        One of them.
    """
    for config in workspace.codex_configs:
        for name, table in config.custom_providers.items():
            if "auth" in table:
                continue  # With it Codex refuses the table.
            winner, losers = _ranked(table)
            for path in losers:
                place = config.find("model_providers", name, *path)
                if place:
                    yield this.finding(
                        place.file,
                        place.key_span,
                        f'Codex does not use this: the credential of "{winner}" wins',
                        help=f'remove it, or "{winner}"',
                    )


def _ranked(table: Mapping[str, Any]) -> tuple[str, list[tuple[str, ...]]]:
    """Return the setting whose credential is sent, and the paths of those that are not."""
    if table.get("env_key"):
        winner = "env_key"
    elif table.get("experimental_bearer_token"):
        winner = "experimental_bearer_token"
    else:
        return "", []
    losers: list[tuple[str, ...]] = []
    if table.get("requires_openai_auth") is True:
        losers.append(("requires_openai_auth",))
    if winner == "env_key" and table.get("experimental_bearer_token"):
        losers.append(("experimental_bearer_token",))
    for setting in _HEADERS:
        headers = table.get(setting)
        names = headers if isinstance(headers, dict) else ()
        losers += [(setting, name) for name in names if name.lower() == "authorization"]
    return winner, losers
