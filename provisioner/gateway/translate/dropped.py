"""What of a request could not be carried, by the rules that docs/upstreams.md states."""

from __future__ import annotations

import re

__all__ = ["TRANSLATION_LOGGER", "Dropped"]

TRANSLATION_LOGGER = "provisioner.gateway.translation"
"""Gets a line of JSON at level INFO for each request that lost something on the way."""


# Names end up in a header and in the log: what a client made up must not.
_PLAIN = re.compile(r"[a-z][a-z0-9_.]{0,60}\Z")


class Dropped:
    """Collects names such as `tools.web_search`, each once, in the order they were met."""

    def __init__(self) -> None:
        """Start with nothing dropped."""
        self._names: dict[str, None] = {}

    def add(self, name: str) -> None:
        """Take note that `name` did not go on; one that is not plain counts as `other`."""
        self._names[name if _PLAIN.match(name) else "other"] = None

    def names(self) -> tuple[str, ...]:
        """Return all names so far."""
        return tuple(self._names)
