"""Checks on the way to the gateway: does something answer, and is it the gateway, on this path?"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import httpx

from provisioner.doctor.client import proxy_for
from provisioner.doctor.gateway_said import Said, message_of, said
from provisioner.doctor.model import Check, failed, ok, skipped, warning
from provisioner.doctor.patient import Patient
from provisioner.doctor.probe import Answer, Silence, ask, name_resolves
from provisioner.knowledge.hosts import is_this_machine

__all__ = ["other_path", "path_right", "reachable"]

_REACHABLE = "gateway-reachable"
_PATH = "path-right"
_PATHS = ("/api/v2/aibridge/", "/api/v2/ai-gateway/")
_TITLE = re.compile(r"<title[^>]*>(.{1,80}?)</title>", re.IGNORECASE | re.DOTALL)
# Answers that only the gateway gives, whatever else it thinks of the request.
_GATEWAY_SPEAKS = frozenset(
    {
        Said.FINE,
        Said.NO_TOKEN,
        Said.TOKEN_REFUSED,
        Said.BYOK_OFF,
        Said.ROUTE_UNKNOWN,
        Said.PROVIDER_DISABLED,
        Said.OVER_BUDGET,
        Said.CREDENTIAL_REFUSED,
    }
)


async def reachable(patient: Patient, client: httpx.AsyncClient) -> tuple[Check, Answer | None]:
    """Ask the gateway without any credential; return its answer when it is worth asking on."""
    base = patient.facts.base_url
    try:
        parts = urlsplit(base)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        host, port = "", 0
    if not host:
        return failed(_REACHABLE, f"{base} is not a URL with a host", "correct gateway.url"), None
    through = proxy_for(base)
    proxy = through.shown if through else ""
    if not proxy and (problem := await name_resolves(host, port, patient.seconds)):
        fix = "correct gateway.url, or connect to the network (VPN?) that knows the name"
        return failed(_REACHABLE, f"the name {host} does not resolve: {problem}", fix), None
    answer = await ask(
        client,
        f"{base}/models",
        patient.headers(with_credentials=False),
        params=patient.facts.query_params,
        seconds=patient.seconds,
    )
    check = _judged(base, answer, f"{host}:{port}", proxy)
    if isinstance(answer, Silence) or answer.is_redirect or answer.is_page:
        return check, None
    return check, answer


def _judged(base: str, answer: Answer | Silence, place: str, proxy: str) -> Check:
    through = f" through the proxy {proxy}" if proxy else ""
    if isinstance(answer, Silence):
        return failed(_REACHABLE, f"{place}{through}: {answer.reason}", _fix(answer, proxy))
    if answer.is_redirect:
        return _redirected(base, answer)
    if answer.is_page:
        return _page(base, answer, through)
    seen = f"{place} answers{through}"
    if base.startswith("http:") and not is_this_machine(urlsplit(base).hostname or ""):
        seen += ", and every credential travels in clear text"
        return warning(_REACHABLE, seen, "use an https URL")
    return ok(_REACHABLE, seen)


def _fix(silence: Silence, proxy: str) -> str:
    if silence.is_tls:
        return (
            "use the name the certificate is for; for a private CA set SSL_CERT_FILE, and "
            "CODEX_CA_CERTIFICATE for Codex"
        )
    if proxy:
        return f"look whether {proxy} lets this host through, or name the host in NO_PROXY"
    return "look whether the gateway runs and gateway.url names its host and port; VPN, firewall?"


def _redirected(base: str, answer: Answer) -> Check:
    target = urlsplit(urljoin(f"{base}/models", answer.location))
    here = urlsplit(base)
    seen = f"the gateway redirects ({answer.status}) to {target.scheme}://{target.netloc}"
    if (target.hostname, target.scheme) == (here.hostname, "https") and here.scheme == "http":
        return failed(_REACHABLE, seen, "use the https URL in gateway.url")
    if target.hostname == here.hostname:
        return failed(_REACHABLE, f"{seen}{target.path}", "use that address in gateway.url")
    return failed(
        _REACHABLE,
        f"{seen}, another host: no credential was sent, and nothing was followed",
        "a login or proxy stands in between: let the API paths through, or correct gateway.url",
    )


def _page(base: str, answer: Answer, through: str) -> Check:
    found = _TITLE.search(answer.body)
    title = f' "{" ".join(found[1].split())}"' if found else ""
    return failed(
        _REACHABLE,
        f"a web page{title} ({answer.status}) answers{through} in place of the gateway at {base}",
        "a login page or proxy stands in between, or gateway.url is not the deployment's: sign in, "
        "or let the API paths through",
    )


async def other_path(patient: Patient, client: httpx.AsyncClient) -> tuple[str, bool]:
    """Return the other path that Coder serves the gateway on, and whether it answers there."""
    base = patient.facts.base_url
    for mine, other in (_PATHS, _PATHS[::-1]):
        if patient.is_coder and mine in base:
            answer = await ask(
                client,
                f"{base.replace(mine, other, 1)}/models",
                patient.headers(with_credentials=False),
                seconds=patient.seconds,
            )
            speaks = isinstance(answer, Answer) and said(answer) in _GATEWAY_SPEAKS
            return other.rstrip("/"), speaks
    return "", False


def path_right(
    patient: Patient, answer: Answer, inside: Answer | None, other: tuple[str, bool]
) -> Check:
    """Is the gateway on the configured path? `inside` is the answer to a request with a token."""
    if not patient.is_coder:
        return skipped(_PATH, "only a Coder deployment has more than one path")
    path, other_answers = other
    base = patient.facts.base_url
    means = said(answer)
    if means in _GATEWAY_SPEAKS:
        if inside is not None and said(inside) is Said.ROUTE_UNKNOWN and patient.flow != "chatgpt":
            return failed(
                _PATH,
                f"the gateway is there and answers: {inside.body.strip()[:120]}",
                "the deployment needs an enabled provider of that name, and the base URL the "
                f"form .../<provider>/v1; it is {base}",
            )
        also = f"; {path} answers too" if other_answers else ""
        return ok(_PATH, f"the gateway answers below {base}{also}")
    if other_answers:
        return failed(
            _PATH,
            f"nothing serves the gateway below {base}, and {path} does",
            f"let the proxy in front pass both paths, or give the gateway's URL with "
            f"the path {path}",
        )
    return _no_gateway(base, answer, means)


def _no_gateway(base: str, answer: Answer, means: Said) -> Check:
    if means is Said.NOT_LICENSED:
        seen = f"the deployment has no licence for AI Gateway: {message_of(answer)}"
        return failed(_PATH, seen, "an administrator adds a licence that includes AI Governance")
    if means is Said.NOT_MOUNTED:
        fix = "an administrator starts coderd with CODER_AI_GATEWAY_ENABLED=true"
        return failed(_PATH, "the deployment has AI Gateway switched off", fix)
    if means is Said.NO_SUCH_PATH:
        return failed(
            _PATH,
            f"a Coder deployment answers, and knows no AI Gateway at {base}",
            "it needs Coder 2.30 or newer with AI Gateway enabled",
        )
    seen = f"something answers below {base}, unlike Coder's gateway: HTTP {answer.status}"
    return failed(
        _PATH, seen, "correct gateway.url, or gateway.kind if this is no Coder deployment"
    )
