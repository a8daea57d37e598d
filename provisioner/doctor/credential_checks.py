"""Checks of the credentials: are they there, can they be sent, and does nothing beat them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from provisioner.doctor.login_command import login_command
from provisioner.doctor.model import Check, Status, failed, ok, warning
from provisioner.doctor.patient import Patient
from provisioner.knowledge.codex import CodexRelease
from provisioner.launch.codex_environment import flow_breakers
from provisioner.launch.credential_flaw import credential_flaw
from provisioner.launch.stored_login import LoginKind
from provisioner.launch.wanted_login import WantedLogin, wanted_login
from provisioner.redact import Secret

__all__ = ["credential_present", "no_flow_breaker"]

_OPENAI_KEY = re.compile(r"sk-[A-Za-z0-9_-]{8,}\Z")
_LANGWATCH_KEY = re.compile(r"vk-lw-((live|test)_)?[0-9A-HJKMNP-TV-Z]{26}\Z")
# Measured on 0.122, 0.134 and 0.169: the first beats the login; with the second 0.134 stops.
_BEATS_LOGIN = ("CODEX_API_KEY", "CODEX_ACCESS_TOKEN")


def credential_present(patient: Patient) -> Check:
    """Is every credential of the flow there, and in a form that can be sent?"""
    check = "credential-present"
    findings = [*_variables(patient), *_login(patient)]
    worst = next(
        (
            status
            for status in (Status.FAILED, Status.WARNING)
            if any(found.status is status for found in findings)
        ),
        Status.OK,
    )
    relevant = [found for found in findings if found.status is worst] if worst.value else findings
    fixes = dict.fromkeys(found.fix for found in relevant if found.fix)
    return Check(check, worst, "; ".join(found.seen for found in findings), "; ".join(fixes))


def _variables(patient: Patient) -> Iterator[Check]:
    for variable in patient.setup.environment:
        name = variable.name
        if name not in patient.caller:
            yield failed(name, f"{name} is not set", f"set {name}: {variable.help}")
            continue
        value = patient.caller[name]
        hint = Secret(value.strip()).hint
        flaw = credential_flaw(value)
        shape = _odd_shape(patient, name, value)
        if flaw:
            yield failed(name, f"{name} ({hint}) {flaw}", f"set {name} again, the value alone")
        elif shape:
            yield warning(
                name,
                f"{name} ({hint}) {shape}",
                f"look whether {name} holds {_what(patient, name)}",
            )
        else:
            yield ok(name, f"{name} is set ({hint})")


def _odd_shape(patient: Patient, name: str, value: str) -> str:
    if name == "OPENAI_API_KEY" and not _OPENAI_KEY.match(value):
        return "does not look like an OpenAI key, which starts with sk-"
    if patient.plan.gateway_kind.name == "langwatch" and not _LANGWATCH_KEY.match(value):
        return "does not look like a LangWatch virtual key, which is vk-lw- and 26 characters"
    return ""


def _what(patient: Patient, name: str) -> str:
    return "your own key" if name == patient.plan.personal_env else "a key of the gateway"


def _login(patient: Patient) -> Iterator[Check]:
    """Yield what there is to say about the stored login, if the flow needs one."""
    if not patient.setup.credential.is_stored:
        return
    wanted = wanted_login(patient.setup.credential, patient.setup.login_variable)
    login = patient.login
    again = f"`{login_command(patient)}`"
    if login.kind is LoginKind.NONE:
        yield failed("login", f"there is no login in {patient.home.folder}", f"log in with {again}")
    elif login.kind is LoginKind.UNREADABLE:
        yield failed("login", f"{login.path} cannot be read", f"remove it and log in with {again}")
    elif login.kind is not wanted.kind:
        seen = f"{login.path} holds {wanted.other} ({login.bearer.hint}), not {wanted.what}"
        yield failed("login", seen, f"remove it and log in with {again}")
    else:
        yield from _right_login(patient, wanted, again)


def _right_login(patient: Patient, wanted: WantedLogin, again: str) -> Iterator[Check]:
    login = patient.login
    if flaw := credential_flaw(login.bearer.reveal()):
        hint = Secret(login.bearer.reveal().strip()).hint
        seen = f"the {wanted.name} in {login.path} ({hint}) {flaw}"
        yield failed("login", seen, f"remove it and log in with {again}")
        return
    seen = f"a {wanted.name} in {patient.home.folder} ({login.bearer.hint})"
    now = datetime.now(UTC).timestamp()
    if login.expires is not None and login.expires <= now:
        ended = datetime.fromtimestamp(login.expires, UTC).strftime("%Y-%m-%d %H:%M UTC")
        seen += f", whose token ended {ended}"
        if login.can_refresh:
            yield warning("login", seen, "Codex renews it at the next prompt, at auth.openai.com")
        else:
            yield failed("login", seen, f"log in again with {again}")
    else:
        yield ok("login", seen)
    if login.open_to_others:
        seen = f"{login.path} can be read by other users"
        yield warning("login", seen, f"chmod 600 {login.path}")


def no_flow_breaker(patient: Patient) -> Check:
    """Is nothing there that would change what Codex sends, or where?"""
    check = "flow-breakers"
    breakers = flow_breakers(patient.setup, (n for n, v in patient.caller.items() if v.strip()))
    login, facts = patient.login, patient.facts
    if facts.takes_no_credential and login.kind is not LoginKind.NONE and not _stays(patient):
        return failed(
            check,
            f"this Codex would send the login stored in {login.path} to {facts.base_url}",
            f"remove it with `{patient.home.launched_by} -- logout`, or take Codex 0.149 or newer",
        )
    beaten = [
        name for name in breakers if patient.setup.credential.is_stored and name in _BEATS_LOGIN
    ]
    fix = f"unset {', '.join(breakers)}; `provisioner launch` leaves them out"
    if beaten:
        seen = f"{', '.join(beaten)} is set, and Codex takes it before the stored login"
        return failed(check, seen, fix)
    if breakers:
        return warning(check, f"{', '.join(breakers)} is set, which this flow does not use", fix)
    return ok(check, "no variable and no stored login gets in the way")


def _stays(patient: Patient) -> bool:
    """Whether that Codex keeps a stored login from a provider that does not ask for it."""
    if patient.codex is None:
        return False
    return CodexRelease(patient.codex.version).has("stored_login_stays_home")
