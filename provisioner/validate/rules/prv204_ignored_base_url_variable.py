"""PRV204."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Finding, Severity, Span
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.validate.codex_config import OPENAI, CodexConfig
from provisioner.validate.codex_home import CodexHome
from provisioner.validate.given_variables import given_variables
from provisioner.validate.hosts import host_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ignored_base_url_variable"]

_NAME = "OPENAI_BASE_URL"


@rule("PRV204", "ignored-base-url-variable", Severity.ERROR)
def ignored_base_url_variable(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A gateway that only an ignored variable names.

    What it does:
        Reports `OPENAI_BASE_URL` in the environment of a Codex home, or given to the workspace by
        a template, when the config selects no model provider and sets no `openai_base_url`.

    Why:
        Codex does not read the variable. Requests, with everything in them, go to
        `api.openai.com`, past the gateway.

    Use instead:
        A table below `model_providers` with `base_url` and `env_key`, selected by
        `model_provider`.
    """
    home = workspace.started_home
    for path, span in _in_home(home) if home else _in_template(workspace):
        yield this.finding(
            path,
            span,
            f"Codex ignores {_NAME}, and sends requests to {codex_config_keys().openai_url}",
            help="put the URL into a table below model_providers, and select that",
        )


def _in_home(home: CodexHome) -> Iterator[tuple[str, Span]]:
    url = home.variable(_NAME)
    host = host_of(url.reveal()) if url else None
    if host and host != host_of(codex_config_keys().openai_url) and _goes_to_openai(home.run):
        found = home.run.find("model_provider")
        yield (found.file, found.value_span) if found else (home.config_path, FILE_START)


def _in_template(workspace: Workspace) -> Iterator[tuple[str, Span]]:
    configs = [call.codex_config for call in workspace.codex_modules]
    if any(
        config.is_known and not config.appended_providers and _goes_to_openai(config)
        for config in configs
    ):
        for place in given_variables(workspace, _NAME):
            yield place.path, place.span


def _goes_to_openai(config: CodexConfig) -> bool:
    return config.provider_id == OPENAI and not config.text("openai_base_url")
