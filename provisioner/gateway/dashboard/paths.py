"""The paths of the dashboard, which is imported and built for the first request to one of them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from provisioner.gateway.auth import Authenticator
from provisioner.gateway.record.database import Database

if TYPE_CHECKING:
    from provisioner.gateway.dashboard.web import Dashboard

__all__ = ["FORMS", "PAGES", "STATIC_TYPES", "DashboardPaths"]

STATIC_TYPES = {
    "dashboard.css": "text/css",
    "icon.svg": "image/svg+xml",
    "live.js": "text/javascript",
}
"""Files that pages bring along, with their types."""

PAGES = (
    "/ui",
    "/ui/",
    "/ui/sessions",
    "/ui/session",
    "/ui/errors",
    "/ui/live",
    *(f"/ui/static/{name}" for name in STATIC_TYPES),
)
"""Everything that can be read."""

FORMS = ("/ui/login", "/ui/logout")
"""Everything that can be sent."""


class DashboardPaths:
    """Answers what is below `/ui`; the rest of it stays the gateway's."""

    def __init__(self, database: Database, authenticator: Authenticator) -> None:
        """Show what `database` holds to those whom `authenticator` knows."""
        self._database = database
        self._authenticator = authenticator
        self._built: Dashboard | None = None
        self._turn = asyncio.Lock()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add all paths to `router`."""
        for path in PAGES:
            router.add_get(path, partial(self._answer, path))
        for path in FORMS:
            router.add_post(path, partial(self._answer, path))

    async def _answer(self, path: str, request: web.Request) -> web.StreamResponse:
        dashboard = self._built or await self._dashboard()
        return await dashboard.answer(path, request)

    async def _dashboard(self) -> Dashboard:
        async with self._turn:
            if self._built is None:
                # It takes a while, and answers of models must not wait for it.
                self._built = await asyncio.to_thread(self._build)
            return self._built

    def _build(self) -> Dashboard:
        from provisioner.gateway.dashboard.web import Dashboard  # noqa: PLC0415 - most show nothing

        return Dashboard(self._database, self._authenticator)
