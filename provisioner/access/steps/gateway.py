"""Where a mode leads: its gateway has to be known, and to have a flow for it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.flow_of_mode import flow_for
from provisioner.access.model import Removal
from provisioner.knowledge.hosts import is_this_machine

__all__ = ["take_away"]


def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes that lead nowhere, or not where the mode says."""
    for mode in left:
        gateway = case.gateway_for(mode)
        if gateway is None:
            host = case.verdicts[mode].host
            reason = f'a policy pins {mode} to host "{host}", and there is no [gateways.{host}]'
        elif flow_for(mode, gateway) is None:
            reason = f"{gateway.kind.title} has no flow for {mode}; name one in [gateways.{mode}]"
        elif mode is AuthMode.LOCAL and not is_this_machine(urlsplit(gateway.url).hostname or ""):
            reason = f'"{gateway.url}" is not on this machine, where local runs'
        else:
            continue
        yield Removal(mode, Denial.GATEWAY_CANNOT_SERVE, reason)
