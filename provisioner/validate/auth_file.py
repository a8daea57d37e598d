"""The text of Codex's auth.json → the login that it stores."""

from __future__ import annotations

import base64
import enum
import json
import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from provisioner.finding import FILE_START, Span
from provisioner.redact import Secret
from provisioner.syntax.source import SourceText, SyntaxProblem, decode_source

__all__ = ["AuthFile", "Login", "LoginKind"]

_TOKENS = ("id_token", "access_token", "refresh_token")
_STRING = r'"(?:[^"\\]|\\.)*"'


class LoginKind(enum.Enum):
    """What `codex login` left behind."""

    NONE = "none"
    """No login that Codex could send."""
    API_KEY = "api-key"
    """An OpenAI API key."""
    CHATGPT = "chatgpt"
    """A ChatGPT login, sent as its access token."""
    UNUSABLE = "unusable"
    """A login that lacks what Codex needs to send it."""
    UNKNOWN = "unknown"
    """One that cannot be seen from here, in a keyring or of another kind."""


class Login(Struct, frozen=True, dict=True):
    """One login, and where its secret stands in the file."""

    kind: LoginKind
    secret: Secret = Secret("")
    span: Span = FILE_START
    has_account: bool = False
    """Whether it names the ChatGPT account, which goes out in a header."""


class AuthFile(Struct, frozen=True, dict=True):
    """One auth.json; `mode` are its permission bits."""

    path: str
    login: Login
    problem: SyntaxProblem | None = None
    mode: int = 0o600

    @property
    def is_open_to_others(self) -> bool:
        """Whether other users of the machine may read or change it."""
        return bool(self.mode & 0o077)

    @classmethod
    def read(cls, data: bytes, path: str, mode: int) -> AuthFile:
        """Parse the file; without a usable text there is no login."""
        source, problem = decode_source(data, path)
        if problem:
            return cls(path, Login(LoginKind.UNUSABLE), problem, mode)
        try:
            content = json.loads(source.text)
        except (json.JSONDecodeError, RecursionError) as error:
            place = error.pos if isinstance(error, json.JSONDecodeError) else 0
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "too deeply nested"
            found = SyntaxProblem(f"it is not JSON: {reason}", source.span(place, place))
            return cls(path, Login(LoginKind.UNUSABLE), found, mode)
        return cls(path, _login(content, source), None, mode)


def _login(content: Any, source: SourceText) -> Login:  # noqa: ANN401 - whatever JSON can hold
    if not isinstance(content, dict) or not isinstance(content.get("auth_mode"), str | None):
        return Login(LoginKind.UNUSABLE)
    mode, key, tokens = (content.get(name) for name in ("auth_mode", "OPENAI_API_KEY", "tokens"))
    if mode not in {None, "apikey", "chatgpt", "chatgptAuthTokens"}:
        return Login(LoginKind.UNKNOWN)
    # Without a mode a key wins over the tokens; measured on 0.122, 0.148 and 0.169.
    if mode == "apikey" or (mode is None and isinstance(key, str)):
        return _stored(LoginKind.API_KEY, "OPENAI_API_KEY", key, source)
    if not content:
        return Login(LoginKind.NONE)
    if not isinstance(tokens, dict) or not _is_usable(tokens) or not content.get("last_refresh"):
        return Login(LoginKind.UNUSABLE)
    login = _stored(LoginKind.CHATGPT, "access_token", tokens["access_token"], source)
    return replace(login, has_account=bool(tokens.get("account_id")))


def _is_usable(tokens: dict[str, Any]) -> bool:
    """Say whether Codex sends these tokens; it wants all three, and reads the claims of one."""
    if not all(isinstance(tokens.get(name), str) for name in _TOKENS):
        return False
    _, _, claims = tokens["id_token"].rpartition(".")[0].rpartition(".")
    try:
        padded = claims + "=" * (-len(claims) % 4)
        return isinstance(json.loads(base64.urlsafe_b64decode(padded)), dict)
    except ValueError:
        return False


def _stored(kind: LoginKind, name: str, value: object, source: SourceText) -> Login:
    if not isinstance(value, str):
        return Login(LoginKind.UNUSABLE)
    if not value.strip():
        return Login(LoginKind.NONE)
    match = re.search(rf'"{name}"\s*:\s*({_STRING})', source.text)
    span = source.span(match.start(1), match.end(1)) if match else FILE_START
    return Login(kind, Secret(value), span)
