"""A Coder deployment's REST API: who asks, how a request is sent, and what is answered."""

from __future__ import annotations

__all__: list[str] = []
