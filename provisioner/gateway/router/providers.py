"""The router's credentials in, what serves them out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from provisioner.gateway.key_pool import KeyPool
from provisioner.gateway.providers import TRANSLATED_APIS, Provider
from provisioner.gateway.translate.apis import APIS
from provisioner.gateway.translate.protocol import Limits
from provisioner.gateway.upstreams.http import HttpService, HttpUpstream
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.gateway.upstreams.protocol import Upstream
from provisioner.gateway.upstreams.translated import TranslatedUpstream, Translation
from provisioner.router_file.model import RouterConfig, RouterCredential

__all__ = ["router_providers"]

_CONNECT_SECONDS = 10.0
_LONGEST_SECONDS = 86_400.0
_log = logging.getLogger(__name__)


def router_providers(config: RouterConfig, client: HttpClient) -> dict[str, Provider]:
    """Return a provider for each credential by its name; one that cannot be served is left out."""
    for note in config.notes:
        _log.warning("%s", note)
    return {provider.name: provider for provider in _providers(config, client)}


def _providers(config: RouterConfig, client: HttpClient) -> Iterator[Provider]:
    for credential in config.credentials:
        if not credential.upstream:
            text = 'credential "%s" is left out: this gateway has no upstream of type "%s"'
            _log.warning(text, credential.name, credential.type)
        elif credential.type == "vertex-ai" and not credential.key:
            text = (
                'credential "%s" is left out: this gateway reads no key files; give it an api_key'
            )
            _log.warning(text, credential.name)
        else:
            seconds = config.request_seconds if config.request_seconds > 0 else _LONGEST_SECONDS
            upstream = _upstream(credential, client, seconds, is_chat=_is_chat(config, credential))
            has_key = bool(credential.key)
            apis = TRANSLATED_APIS if isinstance(upstream, TranslatedUpstream) else None
            yield Provider(credential.name, "openai", upstream, has_key=has_key, apis=apis)


def _is_chat(config: RouterConfig, credential: RouterCredential) -> bool:
    """Say whether the models of a credential all ask for Chat Completions."""
    models = [one for one in config.models if one.credential in ("", credential.name)]
    return bool(models) and all(one.is_native is False for one in models)


def _upstream(
    credential: RouterCredential, client: HttpClient, seconds: float, *, is_chat: bool
) -> Upstream:
    name = "openai-chat" if is_chat and credential.upstream == "openai" else credential.upstream
    api = APIS.get(name)
    is_openai = credential.upstream == "openai"
    service = HttpService(
        base_url=f"{credential.base_url}/v1" if is_openai else credential.base_url,
        key_header="Authorization" if api is None else api.key_header,
        keys=KeyPool((credential.key,) if credential.key else ()),
        fails_over=False,
        proxy=credential.proxy_url,
        proxy_login=None,
        send_compressed=True,
        connect_seconds=_CONNECT_SECONDS,
        idle_seconds=seconds,
        answer_seconds=seconds,
    )
    upstream = HttpUpstream(service, client)
    if api is None:
        return upstream
    return TranslatedUpstream(Translation(credential.name, api, {}, (), Limits()), upstream)
