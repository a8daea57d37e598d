"""PRV511."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.models import known_models
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_model"]


@rule("PRV511", "unknown-model", Severity.NOTE)
def unknown_model(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A model that is not in Codex's catalogue.

    What it does:
        In a Codex home, reports a `model` that the version of Codex does not know, unless the
        config says how large its context window is or brings a catalogue of its own. Templates
        are left alone: there the names are the gateway's.

    Why:
        It works, if the gateway has it. Codex takes 272,000 tokens for its context window and
        leaves out tools and settings that it would offer to a model it knows.

    Use instead:
        The name as the catalogue has it, or `model_context_window` with the model's own.
    """
    for config in workspace.home.configs if workspace.home else ():
        version = config.release.version
        model = config.text("model")
        brought = (config.find(key) for key in ("model_context_window", "model_catalog_json"))
        if model is None or any(brought) or config.in_provider("model_catalog_url"):
            continue
        known = known_models(version)
        if model.value not in known:
            yield this.finding(
                model.file,
                model.value_span,
                f'Codex {version} does not know the model "{model.value}"',
                help=did_you_mean(model.value, known) or "set model_context_window as well",
            )
