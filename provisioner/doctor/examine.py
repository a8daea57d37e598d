"""Patient → all checks, in one order, those of the machine at the same time as the gateway's."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable

import httpx

from provisioner.doctor.client import UnusableVariableError, new_client
from provisioner.doctor.codex_checks import codex_found, config_loads
from provisioner.doctor.credential_checks import credential_present, no_flow_breaker
from provisioner.doctor.model import Check, Status, failed, skipped
from provisioner.doctor.model_checks import model_known, model_offered
from provisioner.doctor.patient import Patient
from provisioner.doctor.probe import Answer, Silence, ask
from provisioner.doctor.prompt_check import prompt_answered
from provisioner.doctor.reach_checks import other_path, path_right, reachable
from provisioner.doctor.token_checks import (
    byok_allowed,
    chatgpt_provider,
    is_let_in,
    token_accepted,
)
from provisioner.doctor.transport_checks import compression, websocket
from provisioner.launch.credential_flaw import credential_flaw
from provisioner.launch.plain_text import plain_text

__all__ = ["examine"]

# Without these a prompt cannot be answered, and Codex might wait for ever.
_NEEDED_BY_PROMPT = frozenset(
    {"codex-found", "config-loads", "credential-present", "gateway-reachable", "token-accepted"}
)


def examine(patient: Patient, prompt: str = "") -> tuple[Check, ...]:
    """Make every check; `prompt` is sent as the last one, if there is one."""
    checks = [*asyncio.run(_all(patient))]
    if prompt:
        checks.append(_prompted(patient, checks, prompt))
    secrets = tuple(patient.secrets)
    return tuple(
        dataclasses.replace(
            check, seen=plain_text(check.seen, secrets), fix=plain_text(check.fix, secrets)
        )
        for check in checks
    )


async def _all(patient: Patient) -> Iterable[Check]:
    loads, gateway = await asyncio.gather(
        asyncio.to_thread(config_loads, patient), _gateway(patient)
    )
    machine = (codex_found(patient), loads, credential_present(patient), no_flow_breaker(patient))
    return (*machine, *gateway, compression(patient))


async def _gateway(patient: Patient) -> tuple[Check, ...]:
    """Ask without credentials first: what is no gateway never sees one."""
    why = "the gateway cannot be reached"
    try:
        client = new_client(patient.facts.base_url, patient.seconds)
    except UnusableVariableError as error:
        reach = failed("gateway-reachable", str(error), error.fix)
        return (reach, skipped("path-right", why), *_not_asked(patient, why))
    async with client:
        reach, answer = await reachable(patient, client)
        if answer is None:
            return (reach, skipped("path-right", why), *_not_asked(patient, why))
        unsendable = _unsendable(patient)
        other, inside = await asyncio.gather(
            other_path(patient, client), _asked_inside(patient, client, unsendable)
        )
        path = path_right(patient, answer, inside if isinstance(inside, Answer) else None, other)
        if inside is None:
            return (reach, path, *_not_asked(patient, unsendable))
        token = token_accepted(patient, inside)
        socket = skipped("websocket", "the gateway does not let these credentials in")
        if is_let_in(token):
            socket = await websocket(patient, client)
        return (
            reach,
            path,
            token,
            chatgpt_provider(patient, inside),
            byok_allowed(patient, inside),
            model_known(patient),
            model_offered(patient, inside),
            socket,
        )


def _not_asked(patient: Patient, why: str) -> tuple[Check, ...]:
    """Return the checks that need an answer to credentials, as skipped."""
    return (
        skipped("token-accepted", why),
        skipped("chatgpt-provider", why),
        skipped("byok-allowed", why),
        model_known(patient),
        skipped("model-offered", why),
        skipped("websocket", why),
    )


async def _asked_inside(
    patient: Patient, client: httpx.AsyncClient, unsendable: str
) -> Answer | Silence | None:
    if unsendable:
        return None
    version = patient.codex.version if patient.codex else patient.plan.codex_version
    return await ask(
        client,
        f"{patient.facts.base_url}/models",
        patient.headers(with_credentials=True),
        params={**patient.facts.query_params, "client_version": str(version)},
        seconds=patient.seconds,
    )


def _unsendable(patient: Patient) -> str:
    """Return why the credentials are not sent at all; a missing personal one may be left out."""
    for variable in patient.setup.environment:
        value = patient.caller.get(variable.name)
        if value is None and variable.name != patient.plan.personal_env:
            return f"{variable.name} is not set"
        if value is not None and credential_flaw(value):
            return f"{variable.name} cannot be sent as it is"
    stored = patient.login.bearer.reveal() if patient.setup.credential.is_stored else ""
    if stored and credential_flaw(stored):
        return f"the login in {patient.login.path} cannot be sent as it is"
    return ""


def _prompted(patient: Patient, checks: Iterable[Check], prompt: str) -> Check:
    broken = [
        check.id
        for check in checks
        if check.status is Status.FAILED and check.id in _NEEDED_BY_PROMPT
    ]
    if broken or patient.codex is None:
        return skipped("prompt", f"not sent, because of {', '.join(broken)}")
    return prompt_answered(patient, patient.codex, prompt)
