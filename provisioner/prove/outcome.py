"""Everything one run of a proof left behind, and what its records say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provisioner.gateway.record.model import InterceptionRecord
from provisioner.plan.model import Plan
from provisioner.prove.client_run import ClientRun
from provisioner.prove.credentials import Credentials
from provisioner.prove.model import GatewaySaw
from provisioner.prove.scenario import Scenario
from provisioner.redact import hidden

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was planned, what the client did, what the gateway recorded."""

    plan: Plan
    gateway_url: str
    scenario: Scenario
    credentials: Credentials
    run: ClientRun
    records: Sequence[InterceptionRecord]
    requests: Sequence[str]
    """The requests as the gateway got them, oldest first, credentials as hints."""

    def redacted(self, text: str) -> str:
        """Return `text` with every secret of the run replaced by its hint."""
        return hidden(text, self.credentials.all_secrets)

    @property
    def gateway_saw(self) -> GatewaySaw | None:
        """Fold all interceptions into one row; where they differ it says `a, b`."""
        records = self.records
        if not records:
            return None
        provider = _joined(record.provider for record in records)
        kind = _joined(record.credential_kind for record in records)
        usages = [usage for record in records for usage in record.token_usage]
        return GatewaySaw(
            flow="chatgpt" if provider == "chatgpt" else kind,
            provider=provider,
            credential_kind=kind,
            credential_hint=_joined(record.credential_hint for record in records),
            client=_joined(record.client for record in records),
            model=_joined(record.model for record in records),
            interceptions=len(records),
            input_tokens=sum(usage.input for usage in usages),
            output_tokens=sum(usage.output for usage in usages),
            tools=tuple(tool.tool for record in records for tool in record.tools),
        )


def _joined(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))
