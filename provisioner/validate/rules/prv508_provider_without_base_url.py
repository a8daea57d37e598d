"""PRV508."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.syntax.decoded_text import PLACEHOLDER
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["provider_without_base_url"]

_LEFTOVER = re.compile(r"\$?\{\{?[^{}/]*\}?\}|<[^<>/]*>")


@rule("PRV508", "provider-without-base-url", Severity.ERROR)
def provider_without_base_url(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A model provider whose requests cannot reach it.

    What it does:
        Reports a model provider without `base_url`, and a `base_url` that is empty, does not begin
        with `http://` or `https://`, ends in `/responses` or `/chat/completions`, has a query, a
        fragment or a space in it, or a `${…}` or `<…>` that nobody filled in.

    Why:
        Without a `base_url` Codex sends requests, and the provider's credential, to OpenAI. A URL
        without a scheme or with `${…}` in its host fails at the first request, after five retries.
        Codex appends `/responses` itself, to the end of the text: behind a query too.

    Use instead:
        `base_url = "https://gateway.example.com/v1"`; `query_params` for a query.
    """
    for config in workspace.codex_configs:
        if not config.is_known:
            continue
        for name, table in config.custom_providers.items():
            place = config.find("model_providers", name, "base_url")
            if place is None:
                place = config.find("model_providers", name)
                problem = f'"{name}" has no base_url'
                if place is None or name in config.appended_providers:
                    continue
                yield this.finding(
                    place.file,
                    place.key_span,
                    f"{problem}, so Codex sends its requests to {codex_config_keys().openai_url}",
                    help='write base_url = "https://…"',
                )
            elif isinstance(table["base_url"], str) and (wrong := _wrong(table["base_url"])):
                yield this.finding(place.file, place.value_span, wrong[0], help=wrong[1])


def _wrong(url: str) -> tuple[str, str] | None:
    if not url.strip():
        return "the base URL is empty", 'write base_url = "https://…"'
    if not url.lower().lstrip().startswith(("http://", "https://", PLACEHOLDER)):
        return "the base URL has no scheme", 'begin it with "https://"'
    if url.rstrip("/").endswith("/responses"):
        return (
            'Codex appends "/responses", and asks for "/responses/responses"',
            'take "/responses" off',
        )
    if url.rstrip("/").endswith("/chat/completions"):
        return (
            'Codex appends "/responses", and asks for "/chat/completions/responses"',
            'take "/chat/completions" off',
        )
    return _unfit_part(url)


def _unfit_part(url: str) -> tuple[str, str] | None:
    if left := _LEFTOVER.search(url):
        return f'"{left[0]}" in the base URL stands for something else', "write what it stands for"
    if "?" in url or "#" in url:
        what = "query" if "?" in url else "fragment"
        return f'Codex appends "/responses" behind the {what}', "put a query into query_params"
    if " " in url.lstrip():
        return "the base URL has a space in it, which Codex sends as %20", "take the space out"
    return None
