"""Service tiers: what each Codex sends for what stands in its configuration."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.models import known_models
from provisioner.knowledge.version import Version

__all__ = ["TierRule", "sent_tier", "tier_rules"]


class TierRule(Struct, frozen=True):
    """What some versions send for one value of `service_tier`."""

    written: str
    sent: str
    source: str
    since: Version | None
    until: Version | None
    advertised: str
    """Tier that Codex's catalogue must have for the model; empty where any model will do."""

    def holds_for(self, codex: Version) -> bool:
        """Say whether `codex` does this."""
        return (self.since is None or self.since <= codex) and (
            self.until is None or codex < self.until
        )


@cache
def tier_rules() -> tuple[TierRule, ...]:
    """Every rule that was measured."""
    return tuple(
        TierRule(
            written=row["written"],
            sent=row["sent"],
            source=row["source"],
            since=Version.parse(row["since"]) if "since" in row else None,
            until=Version.parse(row["until"]) if "until" in row else None,
            advertised=row.get("advertised", ""),
        )
        for row in toml_data("codex.toml")["service_tier"]["rule"]
    )


def sent_tier(codex: Version, model: str, written: str) -> str:
    """Return the tier that `codex` asks the gateway for; empty where it leaves the tier out."""
    known = known_models(codex).get(model)
    advertised = known.service_tiers if known else ()
    for rule in tier_rules():
        is_met = not rule.advertised or rule.advertised in advertised
        if rule.written == written and rule.holds_for(codex) and is_met:
            return rule.sent
    return ""
