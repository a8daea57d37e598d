"""What a proof says: one row for each flow and client version, each made of checks."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Check", "GatewaySaw", "Proof"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that had to be true; `detail` says what was seen instead when it was not."""

    name: str
    passed: bool
    detail: str

    @classmethod
    def of(cls, name: str, passed: bool, seen: str) -> Check:  # noqa: FBT001 - the verdict
        """Make a check; what was seen matters only when it did not pass."""
        return cls(name, passed, "" if passed else seen)


@dataclass(frozen=True, slots=True)
class GatewaySaw:
    """What the gateway's records say of one run, all interceptions together."""

    flow: str
    provider: str
    credential_kind: str
    credential_hint: str
    client: str
    model: str
    interceptions: int
    input_tokens: int
    output_tokens: int
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome for one flow with one client."""

    kind: str
    flow: str
    credential: str
    """How the bearer reached the client."""
    profile: str
    """Profile that was selected with `-p`; empty for none."""
    client: str
    version: str
    checks: tuple[Check, ...]
    gateway: GatewaySaw | None
    file_written: str
    seconds: float
    evidence: str

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def proven(self) -> bool:
        """Whether it passed with the real Codex; a stand-in client proves nothing about Codex."""
        return self.passed and self.client == "codex"
