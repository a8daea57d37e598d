"""Credentials and models as the router sees them while it runs, for routing and for health."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provisioner.gateway.providers import Provider
from provisioner.gateway.router.bans import Bans
from provisioner.gateway.router.limits import Limit, RouterLimits
from provisioner.router_file.model import RouterConfig, RouterCredential, RouterModel

__all__ = ["RouterState", "Served"]


@dataclass(frozen=True, slots=True)
class Served:
    """A model at a credential: who is asked, and by which name."""

    credential: RouterCredential
    provider: Provider
    model: RouterModel


class RouterState:
    """Everything that one process knows."""

    def __init__(
        self,
        config: RouterConfig,
        providers: Mapping[str, Provider],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Serve the credentials of `config` that are among `providers`, in their order."""
        self.config = config
        self.bans = Bans(config, clock)
        self.limits = RouterLimits(clock)
        self._served: dict[str, list[Served]] = {model.name: [] for model in config.models}
        self._any: list[tuple[RouterCredential, Provider]] = []
        for credential in config.credentials:
            self.limits.add(Limit(credential.rpm, credential.tpm), credential.name)
            provider = providers.get(credential.name)
            if provider is not None:
                self._add(credential, provider)

    def _add(self, credential: RouterCredential, provider: Provider) -> None:
        self._any.append((credential, provider))
        for model in self.config.models:
            if model.credential in ("", credential.name):
                self._served[model.name].append(Served(credential, provider, model))
                self.limits.add(Limit(model.rpm, model.tpm), credential.name, model.name)

    @property
    def models(self) -> tuple[str, ...]:
        """The names of all models."""
        return tuple(self._served)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every credential with every model of it."""
        return tuple(
            (served.credential.name, name)
            for name, entries in self._served.items()
            for served in entries
        )

    def serving(self, name: str) -> list[Served] | None:
        """Return who serves the model `name`, None where nobody knows it.

        A file without models lets every credential serve all.
        """
        if self._served:
            return self._served.get(name)
        model = RouterModel(name, name, "", -1, -1)
        return [Served(credential, provider, model) for credential, provider in self._any]
