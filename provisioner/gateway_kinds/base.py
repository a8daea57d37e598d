"""What every gateway kind says: its paths, its provider id in Codex, its token."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GatewayKind"]

_PROVIDERS = ("openai", "chatgpt")


@dataclass(frozen=True, slots=True)
class GatewayKind:
    """One kind of AI gateway, as Codex must be told about it."""

    name: str
    title: str
    base_path: str
    """Path of the base URL below the deployment's URL, with `{provider}` in it where it varies."""
    provider_id: str
    """Key of the table under `model_providers`."""
    provider_name: str
    """Display name; never `OpenAI`, which makes Codex treat the gateway as OpenAI itself."""
    token_env: str
    """Environment variable with the gateway token."""
    token_help: str
    """Where the user gets a gateway token outside a workspace."""
    models: str
    """How it takes the name of a model, in words."""
    source: str
    """Where these facts are from."""
    flows: frozenset[str] = frozenset({"centralized"})
    """Names of the flows it can serve."""
    token_header: str = ""
    """Header for the token when a personal credential takes the Authorization header."""
    other_paths: tuple[str, ...] = ()
    """Paths that serve the same as `base_path`, which a URL may ask for."""
    default_url: str = ""
    """URL of the hosted service, where there is one."""

    def path_for(self, gateway_provider: str) -> str:
        """Return the path of the base URL for one provider of the gateway."""
        return self.base_path.format(provider=gateway_provider)

    def split(self, url: str, gateway_provider: str) -> tuple[str, str]:
        """Return the deployment's URL and the path of the base URL below it.

        `url` may have that path already, whole or up to the provider, or one of `other_paths`.
        """
        for path in (self.base_path, *self.other_paths):
            before, _, behind = path.partition("/{provider}")
            tails = [path, before] if before == path else [before]
            if before != path:
                tails += [f"{before}/{name}{behind}" for name in _PROVIDERS]
            for tail in tails:
                if tail and url.endswith(tail):
                    return url.removesuffix(tail), path.format(provider=gateway_provider)
        return url, self.path_for(gateway_provider)

    @property
    def is_in_coder(self) -> bool:
        """Whether a Coder workspace knows its URL and holds a token for it."""
        return bool(self.token_header)
