"""PRV518."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.models import known_models
from provisioner.validate.codex_config import CodexConfig, Found
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ineffective_context_window"]

_WINDOW, _LIMIT = "model_context_window", "model_auto_compact_token_limit"


@rule("PRV518", "ineffective-context-window", Severity.WARNING)
def ineffective_context_window(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A context window or compaction limit that Codex does not keep to.

    What it does:
        Reports a `model_context_window` that is not above 0 or larger than the largest one of the
        model, where Codex's catalogue knows it, and a `model_auto_compact_token_limit` that is not
        below the window.

    Why:
        Codex cuts the window down to the model's largest. It compacts the conversation at the
        window at the latest, so a higher limit is never reached. It takes a window of nothing
        without a word, and may compact at every turn (seen on 0.140).

    Use instead:
        The window of the model, and a limit below it.
    """
    for config in workspace.codex_configs:
        window, limit = _number(config, _WINDOW), _number(config, _LIMIT)
        model = config.text("model")
        version = config.release.version
        known = known_models(version).get(str(model.value)) if model and config.is_known else None
        if window and (value := int(window.value)) <= 0:
            yield _finding(this, window, "a context window of nothing", "leave it out")
        elif window and known and value > known.max_context_window:
            most = known.max_context_window
            reason = f'Codex {version} cuts the window of "{known.slug}" down to {most}'
            yield _finding(this, window, reason, f"write at most {most}")
        elif window and limit and int(limit.value) >= value:
            reason = f"the conversation is compacted before it reaches this: the window is {value}"
            yield _finding(this, limit, reason, "write a number below the window")


def _number(config: CodexConfig, key: str) -> Found | None:
    found = config.find(key)
    return found if found and type(found.value) is int else None


def _finding(this: Rule, place: Found, message: str, advice: str) -> Finding:
    return this.finding(place.file, place.value_span, message, help=advice)
