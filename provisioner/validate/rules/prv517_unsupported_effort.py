"""PRV517."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.models import Model, known_models
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unsupported_effort"]

_SETTINGS = ("model_reasoning_effort", "plan_mode_reasoning_effort")
_LOWERED = "ultra"
_OF_THE_API = frozenset({"none", "minimal"})


@rule("PRV517", "unsupported-effort", Severity.WARNING)
def unsupported_effort(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A reasoning effort that the model does not have.

    What it does:
        For Codex 0.140 and newer, which take any word, reports an effort that looks like one of
        Codex's catalogue and is none, such as `HIGH` or `medum`, and one that the selected model
        does not have where the catalogue knows that model. Other words may be those of a gateway's
        own model. Older versions refuse unknown words themselves.

    Why:
        Codex sends the word as it is, and the provider answers 400.

    Use instead:
        An effort that the catalogue lists for the model.
    """
    for config in workspace.codex_configs:
        if not config.release.has("free_reasoning_effort"):
            continue
        known = known_models(config.release.version)
        model = config.text("model")
        for setting in _SETTINGS:
            found = config.text(setting)
            if found is None or found.has_hole or not found.value:
                continue
            chosen = known.get(str(model.value)) if model and config.is_known else None
            if problem := _problem(str(found.value), chosen, known, config.release):
                yield this.finding(
                    found.file,
                    found.value_span,
                    problem[0],
                    help=problem[1],
                    confidence=Confidence.MEDIUM,
                )


def _problem(
    effort: str, model: Model | None, known: dict[str, Model], release: CodexRelease
) -> tuple[str, str] | None:
    words = {word for item in known.values() for word in item.efforts} | _OF_THE_API
    if effort not in words:
        advice = did_you_mean(effort.lower(), words)
        message = f'no model that Codex {release.version} knows has the effort "{effort}"'
        return (message, advice) if advice else None
    if model is None or effort in {*model.efforts, *_OF_THE_API, _LOWERED}:
        return None
    return (
        f'the model "{model.slug}" has no effort "{effort}"',
        f"use one of {', '.join(model.efforts)}",
    )
