"""Credentials that open nothing but the reference gateway, made anew for each proof."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from provisioner.flows.base import PersonalCredential
from provisioner.flows.credential import API_KEY_LOGIN
from provisioner.plan.model import Plan
from provisioner.redact import Secret

__all__ = ["Credentials", "made_for"]

_CLAIMS = "https://api.openai.com/auth"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one proof hands to its client."""

    environment: Mapping[str, Secret]
    bearer: Secret
    """What Codex has to send as its bearer, however it gets it."""
    personal: Secret
    """The bearer, where it is the user's own; empty when the flow needs none."""
    auth_json: str
    """A stored ChatGPT login; empty when the flow needs none."""
    key_to_store: Secret
    """What `codex login --with-api-key` has to store; empty when nothing is stored so."""

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """Every secret that no output may show."""
        return tuple(dict.fromkeys((*self.environment.values(), self.bearer)))


def made_for(plan: Plan, gateway_token: Secret) -> Credentials:
    """Return the credentials that the flow of `plan` asks for."""
    personal, auth_json = Secret(""), ""
    if plan.flow.personal_credential is PersonalCredential.OPENAI_API_KEY:
        personal = Secret("sk-proof-" + secrets.token_hex(16))
    if plan.flow.personal_credential is PersonalCredential.CHATGPT_LOGIN:
        token = _unsigned_jwt()
        personal, auth_json = Secret(token), _auth_json(token)
    environment = {
        variable.name: personal if variable.name == plan.personal_env else gateway_token
        for variable in plan.env
    }
    bearer = personal or gateway_token
    stored = bearer if plan.credential is API_KEY_LOGIN else Secret("")
    return Credentials(environment, bearer, personal, auth_json, stored)


def _unsigned_jwt() -> str:
    """A token with the claims Codex reads; measured: it does not check the signature.

    The plan is `pro`, because Codex 0.169 asks a business plan's backend for policies first.
    """
    account = secrets.token_hex(8)
    claims = {
        "email": "proof@example.com",
        "exp": int((datetime.now(UTC) + timedelta(hours=1)).timestamp()),
        _CLAIMS: {
            "chatgpt_account_id": account,
            "chatgpt_plan_type": "pro",
            "chatgpt_user_id": "proof",
            "user_id": "proof",
        },
    }
    parts = ({"alg": "none", "typ": "JWT"}, claims, {"signed": "by nobody"})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


def _auth_json(token: str) -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    tokens = {
        "id_token": token,
        "access_token": token,
        "refresh_token": "proof-refresh-token",
        "account_id": "proof-account",
    }
    login = {"auth_mode": "chatgpt", "OPENAI_API_KEY": None, "tokens": tokens, "last_refresh": now}
    return json.dumps(login, indent=2) + "\n"
