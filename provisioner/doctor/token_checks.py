"""Checks by a request with the flow's credentials: does the gateway take them, and this flow?

The request is `GET {base}/models`, which is passed through, is not recorded and costs nothing.
"""

from __future__ import annotations

from provisioner.doctor.gateway_said import Said, message_of, said
from provisioner.doctor.login_command import login_command
from provisioner.doctor.model import Check, Status, failed, ok, skipped, warning
from provisioner.doctor.patient import Patient
from provisioner.doctor.probe import Answer, Silence

__all__ = ["byok_allowed", "chatgpt_provider", "is_let_in", "token_accepted"]

_TOKEN = "token-accepted"  # noqa: S105 - a check
_CHATGPT = "chatgpt-provider"
_BYOK = "byok-allowed"
# The gateway looks at the token before it comes to any of these.
_AFTER_THE_TOKEN = frozenset({Said.FINE, Said.ROUTE_UNKNOWN, Said.PROVIDER_DISABLED})
_NO_VERDICT = frozenset(
    {Said.RATE_LIMITED, Said.PAGE, Said.REDIRECT, Said.NOT_LICENSED, Said.NOT_MOUNTED}
    | {Said.NO_SUCH_PATH}
)


def token_accepted(patient: Patient, answer: Answer | Silence) -> Check:
    """Does the gateway take the token, and what is behind it the user's own credential?"""
    if isinstance(answer, Silence):
        fix = "try again; is it overloaded?"
        if answer.is_unsent:
            fix = "look for line breaks and special characters in the headers of the provider table"
        return failed(_TOKEN, f"with credentials: {answer.reason}", fix)
    return _of_coder(patient, answer) if patient.is_coder else _of_any(patient, answer)


def _of_coder(patient: Patient, answer: Answer) -> Check:  # noqa: PLR0911 - one for each cause
    means = said(answer)
    token = patient.setup.environment[0]
    if means in _AFTER_THE_TOKEN:
        return ok(_TOKEN, f"the gateway takes the token in {token.name}")
    if means is Said.CREDENTIAL_REFUSED:
        return _refused_behind(patient, answer)
    match means:
        case Said.NO_TOKEN:
            seen = (
                "the gateway saw no token (400): Codex leaves a header out whose variable is unset"
            )
            return failed(_TOKEN, seen, f"set {token.name}: {token.help}")
        case Said.TOKEN_REFUSED:
            also = (
                "; in this flow the token has its own header, so look that it holds the Coder "
                "token and not your personal key"
                if patient.plan.flow.gateway_token_in_header
                else ""
            )
            seen = f"the gateway refuses the token in {token.name} (403 unauthorized): it is wrong "
            return failed(
                _TOKEN,
                seen + "or has ended, or its user is not active",
                f"set {token.name} anew: {token.help}{also}",
            )
        case Said.BYOK_OFF:
            return skipped(_TOKEN, "the deployment refuses the flow before it looks at the token")
        case Said.OVER_BUDGET:
            fix = "an administrator raises the budget; it starts anew next month"
            return failed(_TOKEN, f"the gateway takes the token: {answer.body.strip()}", fix)
        case Said.RATE_LIMITED:
            return warning(_TOKEN, "the gateway says: too many requests", "try again in a minute")
    return _unclear(answer)


def _refused_behind(patient: Patient, answer: Answer) -> Check:
    """Tell a 401, which comes from the provider behind the gateway, never from the gateway."""
    token, says = patient.setup.environment[0], message_of(answer) or "401"
    if "Authorization" not in patient.headers(with_credentials=True):
        return ok(_TOKEN, f"the gateway takes the token in {token.name}")
    seen = f"the gateway takes the token in {token.name}, the provider behind it refuses"
    if patient.flow == "chatgpt":
        again = f"log in again: `{patient.home.launched_by} -- login --device-auth`"
        return failed(_TOKEN, f"{seen} the ChatGPT login ({says})", again)
    if patient.flow == "byok":
        fix = f"{_anew(patient)} a key that works: openai.com, API keys"
        return failed(_TOKEN, f"{seen} your own key ({says})", fix)
    fix = "an administrator sets a working key for the provider in AI Gateway"
    return failed(_TOKEN, f"{seen} the gateway's own key ({says})", fix)


def _anew(patient: Patient) -> str:
    if patient.plan.personal_env:
        return f"set {patient.plan.personal_env} to"
    return f"`{login_command(patient)}` with"


def _of_any(patient: Patient, answer: Answer) -> Check:
    place, anew = str(patient.login.path), ""
    if patient.setup.credential.is_stored:
        anew = f"store a key that works: `{login_command(patient)}`"
    for token in patient.setup.environment:
        place, anew = token.name, f"set {token.name} anew: {token.help}"
    if 200 <= answer.status < 300:
        if answer.is_page:
            return _unclear(answer)
        return ok(_TOKEN, f"the gateway takes the key in {place}")
    if answer.status in (401, 403):
        says = message_of(answer) or f"HTTP {answer.status}"
        seen = f"the gateway refuses the key in {place} ({answer.status}): {says}"
        return failed(_TOKEN, seen, anew)
    if answer.status in (404, 405):
        return warning(
            _TOKEN,
            f"the gateway has no list of models (HTTP {answer.status}), so the key was not tried",
            "`provisioner doctor --prompt hi` tries it with one real request",
        )
    return _unclear(answer)


def _unclear(answer: Answer) -> Check:
    says = message_of(answer) or answer.body[:120].strip() or "nothing"
    seen = f"the gateway answers HTTP {answer.status}: {says}"
    if answer.status == 429:
        return warning(_TOKEN, seen, "try again in a minute")
    return failed(_TOKEN, seen, "ask the gateway's administrator; its log has this request")


def chatgpt_provider(patient: Patient, answer: Answer | Silence) -> Check:
    """Has the gateway a provider named `chatgpt`?"""
    if patient.flow != "chatgpt":
        return skipped(_CHATGPT, f"the {patient.flow} flow does not need it")
    if isinstance(answer, Silence):
        return skipped(_CHATGPT, "the gateway gave no answer")
    match said(answer):
        case Said.ROUTE_UNKNOWN:
            return failed(
                _CHATGPT,
                f"the gateway has no provider named chatgpt: {answer.body.strip()[:120]}",
                "an administrator adds a provider of type openai, named exactly chatgpt, base URL "
                "https://chatgpt.com/backend-api/codex, without a key, under /ai/settings/providers"
                " (before Coder 2.35: CODER_AIBRIDGE_PROVIDER_0_TYPE, _NAME and _BASE_URL)",
            )
        case Said.PROVIDER_DISABLED:
            fix = "an administrator enables it under /ai/settings/providers"
            return failed(_CHATGPT, "the provider named chatgpt is disabled", fix)
        case Said.FINE | Said.CREDENTIAL_REFUSED:
            return ok(_CHATGPT, "the gateway has a provider named chatgpt")
        case _:
            return skipped(_CHATGPT, "the gateway looks at the token before it comes to this")


def byok_allowed(patient: Patient, answer: Answer | Silence) -> Check:
    """Does the deployment take the user's own credential?"""
    if not patient.plan.flow.gateway_token_in_header:
        return skipped(_BYOK, "this flow brings no credential of the user's own")
    if isinstance(answer, Silence) or said(answer) in _NO_VERDICT:
        return skipped(_BYOK, "the gateway did not come to it")
    if said(answer) is Said.BYOK_OFF:
        return failed(
            _BYOK,
            f"the deployment refuses it: {message_of(answer)}",
            "an administrator starts coderd with CODER_AI_GATEWAY_ALLOW_BYOK=true "
            "(--ai-gateway-allow-byok), or use the centralized flow",
        )
    return ok(_BYOK, "the deployment takes the user's own credential")


def is_let_in(check: Check) -> bool:
    """Whether a request with these credentials got past the door."""
    return check.status in (Status.OK, Status.WARNING)
