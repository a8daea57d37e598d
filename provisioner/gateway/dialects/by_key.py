"""What dialects have in common where a key alone opens the gateway, and pays for nothing itself."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.gateway.upstreams.protocol import Credential

__all__ = ["ByKey"]


class ByKey:
    """The parts of a dialect that only Coder's has more of: a deployment around it, and BYOK."""

    left_out: tuple[str, ...] = ()

    def open_for(self, path: str) -> None:
        """Serve everybody."""

    def admitted(self) -> None:
        """Stop nobody."""

    def checked(self, headers: Mapping[str, str]) -> None:
        """Refuse nothing: only Coder's workspaces have an agent firewall."""

    def personal_credential(
        self,
        headers: Mapping[str, str],  # noqa: ARG002
        places: tuple[str, ...],  # noqa: ARG002
    ) -> Credential | None:
        """Return None: providers are asked with the gateway's own."""
        return None

    def recordable(self) -> None:
        """Stop nobody."""
