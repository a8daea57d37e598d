"""Starts and stops a whole gateway: state, records, sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from msgspec import Struct

from provisioner.gateway.access_file import read_access_file
from provisioner.gateway.afterwards import Afterwards
from provisioner.gateway.app import Gateway, build_app
from provisioner.gateway.auth import Authenticator
from provisioner.gateway.body import BODY_LIMIT
from provisioner.gateway.call import Services
from provisioner.gateway.circuit import Circuits
from provisioner.gateway.config import GatewayConfig, database_address
from provisioner.gateway.config_place import named_in
from provisioner.gateway.dashboard.paths import DashboardPaths
from provisioner.gateway.dialects import build_dialect
from provisioner.gateway.dump import Dump
from provisioner.gateway.dump_folder import prepare_dump_folder
from provisioner.gateway.farewell import Farewell
from provisioner.gateway.http_server import HttpRunner
from provisioner.gateway.logs import server_logger
from provisioner.gateway.management.provider_documents import provider_documents
from provisioner.gateway.management.web import ManagementApi
from provisioner.gateway.metrics import Metrics
from provisioner.gateway.optional_parts import (
    all_offers,
    other_token_check,
    shared_state,
    stored_providers,
)
from provisioner.gateway.policy.build import build_engine
from provisioner.gateway.port import open_port
from provisioner.gateway.providers import Provider, configured_keys
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.first_token import first_token
from provisioner.gateway.record.gateways import GatewayIdentity, say_goodbye
from provisioner.gateway.record.model import Record
from provisioner.gateway.record.opened import open_database, open_prepared
from provisioner.gateway.record.queue import RecordQueue
from provisioner.gateway.record.write import write_records
from provisioner.gateway.record_log import log_record
from provisioner.gateway.router.build import read_router, router_parts, served_providers
from provisioner.gateway.stored_keys import stored_keys
from provisioner.gateway.upkeep import Upkeep
from provisioner.gateway.upstream_metrics import WatchedCircuits
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.gateway.virtual_key import load_pepper
from provisioner.gateway.visits import Visits
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.shared_state import SharedState

__all__ = ["GatewayServer", "Ready"]

# What a stop leaves to connections whose answers are done.
_GOODBYE_SECONDS = 1.0
# A ChatGPT token and Codex's own metadata headers can each be longer than the 8 KiB that aiohttp
# takes by default.
_MAX_HEADER_BYTES = 64 * 1024


class Ready(Struct, frozen=True):
    """Where a gateway accepts connections, and the token it made, None when it made none."""

    url: str
    token: Secret | None
    state: Path


class GatewayServer:
    """One gateway on one socket; start and stop it on the same event loop."""

    def __init__(
        self,
        config: GatewayConfig,
        state: Path,
        providers: Mapping[str, Provider] | None = None,
        *,
        shared: Path | None = None,
    ) -> None:
        """Serve `config` from `state`; `providers` stand in for the configured ones.

        With `shared` it is one of several workers on a port whose database is ready: that is the
        folder that they have in common.
        """
        self._config = config
        self._shared = shared
        self._state = state.absolute()
        self._client = HttpClient()
        self._afterwards = Afterwards()
        router = read_router(config)
        with named_in(config.file):
            keys = configured_keys(config.provider) if providers is None else {}
            if providers is None:
                providers = served_providers(config, keys, router, self._client)
            self._access = read_access_file(config.access)
            if config.dump_dir:
                prepare_dump_folder(config.dump_dir)
        self._providers = dict(providers)
        self._router = router_parts(router, providers)
        self._routing = self._router.state if self._router is not None else None
        self._documents = provider_documents(config.provider, keys, datetime.now(UTC))

    async def start(self) -> Ready:
        """Accept connections, then make a token if there is none.

        Raises `OutputError` for a state directory and `GatewayError` for an address that cannot
        be used.
        """
        config = self._config
        with named_in(config.file):
            router = self._router
            self._check = other_token_check(config) if router is None else router.check
        # Only where a key's policy holds may anybody come with one.
        virtual = config.dialect == "langwatch"
        self._pepper = load_pepper(self._state, database_address(config)) if virtual else None
        self._offers = all_offers(config, self._providers)
        opened = open_prepared if self._shared else open_database
        self._database = opened(self._state, database_address(config))
        self._identity = GatewayIdentity.of_this_process()
        catch_up = self._afterwards.catch_up
        self._metrics = Metrics(self._shared, self._providers.values(), catch_up)
        write = partial(write_records, self._database, self._identity.id)
        self._records = RecordQueue(write, watch=self._watch)
        self._records.start(self._afterwards)
        authenticator = stored_keys(
            self._database, self._check, self._pepper, tells_state=router is not None
        )
        self._upkeep = Upkeep(
            self._database, self._identity, authenticator, retention_days=config.retention_days
        )
        await self._upkeep.start()
        self._together = self._with_others()
        if self._together is not None:
            await self._together.start()
        self._stored = stored_providers(
            config,
            self._database,
            self._providers,
            self._client,
            state=self._state,
            changed=self._see_providers,
        )
        if self._stored is not None:
            await self._stored.start()
        self._policy = build_engine(
            config,
            self._database,
            self._identity.id,
            self._offers,
            router=self._routing,
            access=self._access,
            watch=self._metrics.costs,
        )
        self._runner = self._built(authenticator)
        try:
            url = await open_port(self._runner, config.listen, shared=bool(self._shared))
            wanted = config.first_token and not self._shared
            token = self._database.write_plain(first_token) if wanted else None
        except BaseException:
            await self.stop()
            raise
        return Ready(url, token, self._state)

    async def stop(self) -> None:
        """Accept nothing new, let running answers finish for a while, then write all records."""
        try:
            for site in tuple(self._runner.sites):
                await site.stop()
            await self._gateway.drain(self._config.relay.shutdown_seconds)
            await self._runner.cleanup()
        finally:
            await self._client.close()
            self._afterwards.catch_up()
            if self._stored is not None:
                await self._stored.stop()
            if self._together is not None:
                await self._together.stop()
            await self._upkeep.stop()
            await self._policy.close()
            await self._records.close()
            if self._check is not None:
                await self._check.close()
            with suppress(DatabaseAwayError):
                await self._database.write_plain_async(
                    lambda plain: say_goodbye(plain, self._identity)
                )
            self._database.close()

    def _with_others(self) -> SharedState | None:
        return shared_state(
            self._config,
            self._database,
            self._identity,
            self._providers.values(),
            bans=None if self._routing is None else self._routing.bans,
            workers=self._shared,
        )

    def _see_providers(self, providers: Iterable[Provider], left_out: int = 0) -> None:
        self._metrics.see_providers(providers, are_all=not left_out)
        if self._together is not None:
            self._together.see_providers(providers)

    def _built(self, authenticator: Authenticator) -> web.AppRunner:
        together, config = self._together, self._config
        shared = None if together is None else together.limits
        self._gateway = Gateway(
            self._services(),
            self._providers,
            authenticator,
            Visits(config.max_concurrency, config.rate_limit, shared),
            metrics=self._metrics,
            sockets=None if together is None else together.sockets,
        )
        management = ManagementApi(
            self._database,
            authenticator,
            self._metrics,
            self._documents,
            config=config.model_copy(update={"open_metrics": self._has_open_metrics}),
            storing=lambda: not self._records.failing,
            pepper=None if self._pepper is None else partial(_same, self._pepper),
            stored=self._stored,
        )
        more = () if self._router is None else (self._router.health,)
        dashboard = DashboardPaths(self._database, authenticator)
        return HttpRunner(
            build_app(self._gateway, management, dashboard, *more),
            access_log=None,
            logger=server_logger(),
            # Request bodies go on as they came; reading them undoes their encoding itself.
            auto_decompress=False,
            # A client that goes away must end its request, also while the upstream is silent.
            handler_cancellation=True,
            # Also for a connection that never brings a whole head. Clients keep idle connections
            # for a minute and a half, and must not find one closed just when they use it.
            keepalive_timeout=2 * self._config.relay.request_seconds,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            shutdown_timeout=_GOODBYE_SECONDS,
        )

    @property
    def _has_open_metrics(self) -> bool:
        router = self._router
        return self._config.open_metrics or (router is not None and router.has_metrics)

    def _watch(self, record: Record) -> None:
        self._metrics.see(record)
        if self._config.structured_logging:
            log_record(record)

    def _services(self) -> Services:
        config = self._config
        shared = None if self._together is None else self._together.circuits
        router = self._router
        return Services(
            dialect=build_dialect(config, self._offers, self._routing),
            records=self._records,
            circuits=WatchedCircuits(
                shared or Circuits(config.circuit_breaker), self._metrics.upstreams
            ),
            relay=config.relay,
            dump=Dump(config.dump_dir) if config.dump_dir else None,
            send_actor_headers=config.send_actor_headers,
            policy=self._policy,
            farewell=Farewell(),
            afterwards=self._afterwards,
            body_limit=BODY_LIMIT if router is None else router.body_limit,
        )


def _same(pepper: Secret) -> Secret:
    return pepper
