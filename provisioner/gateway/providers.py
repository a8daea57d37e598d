"""The providers a gateway serves, and which one and which route of it a path means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from provisioner.gateway.config_place import named_in
from provisioner.gateway.deployment_config import Era
from provisioner.gateway.key_pool import KeyPool
from provisioner.gateway.provider_config import ProviderConfig, provider_keys, proxy_login
from provisioner.gateway.provider_types import PROVIDER_TYPES, ProviderType, RouteKind
from provisioner.gateway.upstreams.protocol import Upstream
from provisioner.gateway.wire_format import CHAT, MESSAGES, RESPONSES, WireFormat
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.upstreams.http import HttpService
    from provisioner.gateway.upstreams.http_client import HttpClient

__all__ = [
    "TRANSLATED_APIS",
    "Provider",
    "Route",
    "build_provider",
    "build_providers",
    "configured_keys",
    "find_model_route",
    "find_route",
]

TRANSLATED_APIS = frozenset({"responses"})
"""Those of an upstream whose own API is another one."""

_BY_MODEL: Mapping[str, WireFormat] = {
    "/v1/responses": RESPONSES,
    "/v1/chat/completions": CHAT,
    "/v1/messages": MESSAGES,
}
_MODELS = "/v1/models"


@dataclass(frozen=True, slots=True)
class Provider:
    """One upstream AI service under the name clients use.

    Without `has_key` only users who bring a credential of their own can be served. `keys` are
    those that give way to each other, `key_hint` tells the first of them. `apis` are the only ones
    it can be asked through, None for all of its type. `models` maps names that clients use to the
    service's own.
    """

    name: str
    type: str
    upstream: Upstream
    enabled: bool = True
    has_key: bool = True
    keys: KeyPool | None = None
    key_hint: str = ""
    apis: frozenset[str] | None = None
    models: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def kind(self) -> ProviderType:
        """What it has in common with others of its type."""
        return PROVIDER_TYPES[self.type]

    def speaks(self, api: str) -> bool:
        """Say whether it can be asked through `api`, such as `responses`."""
        is_of_type = self.kind.behind(f"/v1/{api}") in self.kind.bridged
        return is_of_type and (self.apis is None or api in self.apis)


class Route(Struct, frozen=True):
    """What a path means: `path` is the part that goes behind the base URL.

    `wire` is the format of a bridged route, None for any other. `provider` is None where the model
    decides; `path` is the whole one then.
    """

    provider: Provider | None
    kind: RouteKind
    path: str
    wire: WireFormat | None

    @property
    def named(self) -> Provider:
        """The provider of a path that names one."""
        if self.provider is None:
            raise LookupError(self.path)
        return self.provider


def configured_keys(configs: Iterable[ProviderConfig]) -> dict[str, tuple[Secret, ...]]:
    """Return the own keys of the configured providers by name.

    Raises `InputError` for one that is not there.
    """
    keys = {}
    for number, config in enumerate(configs, start=1):
        with named_in(f"provider[{number}]"):
            keys[config.name] = provider_keys(config)
    return keys


def build_providers(
    configs: Iterable[ProviderConfig],
    keys: Mapping[str, Sequence[Secret]],
    client: HttpClient,
    era: Era,
) -> dict[str, Provider]:
    """Return the configured providers by name, each with its `keys`.

    Raises `InputError` for a bad script or recording and for a proxy login that is not there.
    """
    providers = {}
    for number, config in enumerate(configs, start=1):
        setting = ".script" if config.script else ".recording" if config.recording else ""
        with named_in(f"provider[{number}]{setting}"):
            providers[config.name] = build_provider(config, keys[config.name], client, era)
    return providers


def build_provider(
    config: ProviderConfig, own_keys: Sequence[Secret], client: HttpClient, era: Era
) -> Provider:
    """Return what serves `config` with `own_keys`; raises `InputError` as `build_providers`."""
    if config.upstream == "scripted" or config.recording is not None:
        return Provider(config.name, config.type, _told(config), config.enabled)
    # Each kind of upstream is imported where one is configured.
    from provisioner.gateway.upstreams.http import HttpService, HttpUpstream  # noqa: PLC0415

    keys = KeyPool(own_keys)
    fails_over = era is not Era.V2_32 and len(keys) > 0
    service = HttpService(
        base_url=config.url,
        key_header=PROVIDER_TYPES[config.type].key_header,
        keys=keys,
        fails_over=fails_over,
        proxy=config.proxy,
        proxy_login=proxy_login(config),
        send_compressed=config.send_compressed,
        connect_seconds=config.connect_seconds,
        idle_seconds=config.idle_seconds,
        answer_seconds=config.answer_seconds,
    )
    is_translated = config.is_translated
    return Provider(
        config.name,
        config.type,
        _translated(config, service, client) if is_translated else HttpUpstream(service, client),
        config.enabled,
        has_key=len(keys) > 0,
        keys=keys if fails_over else None,
        key_hint=keys.keys[0].secret.hint if keys.keys else "",
        apis=TRANSLATED_APIS if is_translated else None,
        models=config.models if is_translated else {},
    )


def _told(config: ProviderConfig) -> Upstream:
    from provisioner.gateway.upstreams.told import told_upstream  # noqa: PLC0415 - as above

    return told_upstream(config.script, config.recording)


def _translated(config: ProviderConfig, service: HttpService, client: HttpClient) -> Upstream:
    # Few gateways have one, and to import all of it takes a while.
    from provisioner.gateway.translate.apis import APIS  # noqa: PLC0415
    from provisioner.gateway.translate.protocol import Limits  # noqa: PLC0415
    from provisioner.gateway.upstreams.http import HttpUpstream  # noqa: PLC0415
    from provisioner.gateway.upstreams.translated import (  # noqa: PLC0415
        TranslatedUpstream,
        Translation,
    )

    api, limits = APIS[config.upstream], Limits(config.max_output_tokens)
    wanted = Translation(config.name, api, config.models, config.leave_out, limits)
    upstream = HttpUpstream(replace(service, key_header=api.key_header), client)
    return TranslatedUpstream(wanted, upstream)


def find_route(providers: Mapping[str, Provider], path: str) -> Route | None:
    """Return what the stripped `path`, such as `/openai/v1/responses`, means."""
    name, _, rest = path.removeprefix("/").partition("/")
    provider = providers.get(name)
    if provider is None:
        return None
    prefix = provider.kind.prefix
    behind = f"/{rest}"
    if not behind.startswith(f"{prefix}/"):
        return None
    behind = behind[len(prefix) :]
    found = provider.kind.route(behind)
    return None if found is None else Route(provider, found[0], behind, found[1])


def find_model_route(method: str, path: str) -> Route | None:
    """Return what `path`, such as `/v1/responses`, means where the model decides."""
    wire = _BY_MODEL.get(path)
    if wire is not None:
        return Route(None, RouteKind.BRIDGED, path, wire) if method == "POST" else None
    if method == "GET" and (path == _MODELS or path.startswith(f"{_MODELS}/")):
        return Route(None, RouteKind.OWN, path, None)
    return None
