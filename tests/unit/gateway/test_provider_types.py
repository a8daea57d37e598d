"""What a path means to providers of each type, and where it goes behind a base URL."""

from __future__ import annotations

import pytest

from provisioner.gateway.provider_types import PROVIDER_TYPES, RouteKind

LIKE_OPENAI = ("openai", "azure", "google", "openai-compat", "openrouter", "vercel")


@pytest.mark.parametrize(
    ("names", "path", "kind"),
    [
        (LIKE_OPENAI, "/responses", RouteKind.BRIDGED),
        (LIKE_OPENAI, "/chat/completions", RouteKind.BRIDGED),
        (LIKE_OPENAI, "/models/x", RouteKind.PASSTHROUGH),
        (LIKE_OPENAI, "/responses/x", RouteKind.PASSTHROUGH),
        (LIKE_OPENAI, "/responses/", None),
        (LIKE_OPENAI, "/responses//", None),
        (LIKE_OPENAI, "/embeddings", None),
        (("anthropic", "bedrock"), "/v1/messages", RouteKind.BRIDGED),
        (("anthropic", "bedrock"), "/v1/messages/count_tokens", RouteKind.PASSTHROUGH),
        (("anthropic", "bedrock"), "/responses", None),
        (("copilot",), "/responses", RouteKind.BRIDGED),
        (("copilot",), "/chat/completions", RouteKind.BRIDGED),
        (("copilot",), "/agents/x", RouteKind.PASSTHROUGH),
        (("copilot",), "/.well-known/x", RouteKind.PASSTHROUGH),
        (("copilot",), "/agents/../user", None),
        (("copilot",), "/v1/responses", None),
        (("copilot",), "/user", None),
    ],
)
def test_what_a_path_means(names: tuple[str, ...], path: str, kind: RouteKind | None) -> None:
    for name in names:
        found = PROVIDER_TYPES[name].route(path)
        assert (None if found is None else found[0]) is kind, name


@pytest.mark.parametrize(
    ("name", "path", "behind"),
    [
        ("openai", "/v1/responses", "/responses"),
        ("openai", "/v1/messages", "/messages"),
        ("openai", "/responses", "/responses"),
        ("copilot", "/v1/chat/completions", "/chat/completions"),
        ("copilot", "/responses", "/responses"),
        ("anthropic", "/v1/messages", "/v1/messages"),
    ],
)
def test_where_a_request_goes_that_names_no_provider(name: str, path: str, behind: str) -> None:
    assert PROVIDER_TYPES[name].behind(path) == behind
