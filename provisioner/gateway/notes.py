"""What becomes known of one request while it is served: the headers of its answer tell of it."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from msgspec import Struct

from provisioner.gateway.policy.judged import Candidate, Judged

__all__ = ["NOTES", "Notes"]


class Notes(Struct):
    """`headers` are the request's; `judged` is None until policy had its say.

    `answered` is who was asked last, `failed` counts those before, and `told` those who gave an
    answer, good or bad. `status` is that of what the client gets, 0 until it begins.
    """

    headers: Mapping[str, str]
    judged: Judged | None = None
    answered: Candidate | None = None
    failed: int = 0
    told: int = 0
    status: int = 0


NOTES = web.RequestKey("notes", Notes)
"""Where a request keeps its own."""
