"""The router's /health: each credential and each model of it, without anybody's key."""

from __future__ import annotations

from aiohttp import web

from provisioner.gateway.router.state import RouterState

__all__ = ["RouterHealth", "health_document"]


def health_document(state: RouterState) -> dict[str, object]:
    """Return what is told.

    A credential is banned when it is for all of its models, and so cannot be asked at all.
    """
    banned = {
        name for name in (one.name for one in state.config.credentials) if _is_banned(state, name)
    }
    available = len(state.config.credentials) - len(banned)
    credentials: dict[str, object] = {}
    for credential in state.config.credentials:
        rpm, tpm, limit = state.limits.state(credential.name)
        credentials[credential.name] = {
            "type": credential.type,
            "is_fallback": credential.is_fallback,
            "is_banned": credential.name in banned,
            "current_rpm": rpm,
            "current_tpm": tpm,
            "limit_rpm": limit.rpm,
            "limit_tpm": limit.tpm,
        }
    return {
        "status": "healthy" if available else "unhealthy",
        "credentials_available": available,
        "credentials_banned": len(banned),
        "total_credentials": len(state.config.credentials),
        "credentials": credentials,
        "models": {f"{one}:{model}": _model(state, one, model) for one, model in state.pairs},
    }


def _model(state: RouterState, credential: str, model: str) -> dict[str, object]:
    rpm, tpm, limit = state.limits.state(credential, model)
    return {
        "credential": credential,
        "model": model,
        "is_banned": state.bans.holds(credential, model),
        "current_rpm": rpm,
        "current_tpm": tpm,
        "limit_rpm": limit.rpm,
        "limit_tpm": limit.tpm,
    }


def _is_banned(state: RouterState, credential: str) -> bool:
    models = [model for one, model in state.pairs if one == credential]
    return bool(models) and all(state.bans.holds(credential, model) for model in models)


class RouterHealth:
    """Answers /health and /health/readiness."""

    def __init__(self, state: RouterState) -> None:
        """Tell of `state`."""
        self._state = state

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add both to `router`."""
        for path in ("/health", "/health/readiness"):
            router.add_get(path, self._health)

    async def _health(self, _: web.Request) -> web.Response:
        document = health_document(self._state)
        status = 200 if document["credentials_available"] else 503
        return web.json_response(document, status=status)
