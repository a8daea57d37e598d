"""auth.json → what is stored there, without letting a secret out."""

from __future__ import annotations

import base64
import enum
import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.errors import InputError
from provisioner.launch.home_file import home_json
from provisioner.redact import Secret

__all__ = ["LoginKind", "StoredLogin", "stored_login"]

_GROUP_OR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class LoginKind(enum.Enum):
    """What auth.json holds."""

    NONE = "none"
    """There is no such file."""
    API_KEY = "api-key"
    """An OpenAI API key, by `codex login --with-api-key`."""
    CHATGPT = "chatgpt"
    """A ChatGPT login."""
    UNREADABLE = "unreadable"
    """A file that is not what Codex writes."""


@dataclass(frozen=True, slots=True)
class StoredLogin:
    """A login that Codex keeps in its home."""

    path: Path
    kind: LoginKind
    bearer: Secret
    """What Codex would send: the key or the access token."""
    account: str = ""
    """ChatGPT account, which travels in a header of its own."""
    expires: int | None = None
    """When the access token ends, in seconds of Unix time; None when it does not say."""
    can_refresh: bool = False
    open_to_others: bool = False
    """Whether other users of the machine can read the file."""


def stored_login(codex_home: Path) -> StoredLogin:
    """Return what auth.json in `codex_home` holds."""
    path = codex_home / "auth.json"
    try:
        mode = path.stat().st_mode
        data = home_json(path)
        open_to_others = bool(mode & _GROUP_OR_OTHERS)
    except FileNotFoundError:
        return StoredLogin(path, LoginKind.NONE, Secret(""))
    except (InputError, OSError, ValueError):
        return StoredLogin(path, LoginKind.UNREADABLE, Secret(""))
    if not isinstance(data, dict):
        return StoredLogin(path, LoginKind.UNREADABLE, Secret(""))
    key, tokens = data.get("OPENAI_API_KEY"), data.get("tokens")
    # Codex takes the key where the file does not say which of the two it means.
    if isinstance(key, str) and key and data.get("auth_mode", "apikey") == "apikey":
        return StoredLogin(path, LoginKind.API_KEY, Secret(key), open_to_others=open_to_others)
    if not isinstance(tokens, dict) or not isinstance(tokens.get("access_token"), str):
        return StoredLogin(path, LoginKind.UNREADABLE, Secret(""), open_to_others=open_to_others)
    return StoredLogin(
        path,
        LoginKind.CHATGPT,
        Secret(tokens["access_token"]),
        account=str(tokens.get("account_id") or ""),
        expires=_expires(tokens["access_token"]),
        can_refresh=bool(tokens.get("refresh_token")),
        open_to_others=open_to_others,
    )


def _expires(token: str) -> int | None:
    """Read `exp` of a JWT; a token that is none, or does not say, has no known end."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims: Any = json.loads(base64.urlsafe_b64decode(padded))
        return int(claims["exp"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
