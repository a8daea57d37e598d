"""Options, environment and the `coder` CLI's own files → which deployment, and as whom.

Measured on no deployment: the files are those that the CLI writes, `url` and `session` in its
config folder (coder/coder, cli/config/file.go).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from provisioner.errors import InputError
from provisioner.redact import Secret

__all__ = [
    "TOKEN_VARIABLE",
    "URL_VARIABLE",
    "Login",
    "checked_token",
    "coder_config_folder",
    "find_login",
    "is_deployment",
]

URL_VARIABLE = "CODER_URL"
TOKEN_VARIABLE = "CODER_SESSION_TOKEN"  # noqa: S105 - a name
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS = {"http": 80, "https": 443}
_MAY_HIDE = frozenset("@?#")
_FOLDER_VARIABLE = "CODER_CONFIG_DIR"


@dataclass(frozen=True, slots=True)
class Login:
    """A deployment's URL without a slash at its end, and a token of one of its users."""

    url: str
    token: Secret
    """Empty where none was found."""
    token_from: str
    """Where it was found, for people."""

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read the token."""
        return self.url.startswith("https:") or urlsplit(self.url).hostname in _LOOPBACK


def find_login(url: str | None, environment: Mapping[str, str]) -> Login:
    """Return the deployment at `url`, in CODER_URL or of the `coder` CLI, and the token for it.

    The CLI's token is used for the CLI's own deployment only. Raises `InputError` where no URL is
    known, or what is known is none.
    """
    folder = coder_config_folder(environment)
    stored = _stored(folder / "url")
    known = (
        (url or "", "--url"),
        (environment.get(URL_VARIABLE, "").strip(), URL_VARIABLE),
        (stored, str(folder / "url")),
    )
    given, place = next((item for item in known if item[0]), ("", ""))
    if not given:
        raise InputError(
            f"which Coder deployment is meant: give --url or {URL_VARIABLE}, or run `coder login`"
        )
    address = _checked(given, place)
    if token := environment.get(TOKEN_VARIABLE, "").strip():
        return Login(address, checked_token(token, TOKEN_VARIABLE), TOKEN_VARIABLE)
    if (
        stored
        and _checked(stored, known[-1][1]) == address
        and (token := _stored(folder / "session"))
    ):
        place = str(folder / "session")
        return Login(address, checked_token(token, place), place)
    return Login(address, Secret(""), "")


def is_deployment(url: str, address: str) -> bool:
    """Say whether `url` leads to the deployment at `address`, in whatever spelling."""
    try:
        return _checked(url, "") == _checked(address, "")
    except InputError:
        return False


def coder_config_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder in which the `coder` CLI keeps its login."""
    if named := environment.get(_FOLDER_VARIABLE):
        return Path(named)
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library/Application Support/coderv2"
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home) / "coderv2"
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "coderv2"


def _stored(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _checked(url: str, place: str) -> str:
    """Return the URL that `place` holds in one spelling; raises `InputError` for what is none."""
    # What may hold a password or a token is not quoted, however it is split.
    quoted = "" if _MAY_HIDE & set(url) else f', "{url}",'
    try:
        parts = urlsplit(url.strip())
        number = parts.port
    except ValueError:
        # Its words quote what stands before the port, which may be a password.
        raise InputError(f"what {place} holds{quoted} is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InputError(
            f"what {place} holds{quoted} is not the URL of a deployment, such as "
            "https://coder.example"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            f"what {place} holds has a user, password, query or fragment, and the URL of a "
            "deployment has none"
        )
    port = f":{number}" if number and number != _PORTS[parts.scheme] else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def checked_token(text: str, place: str) -> Secret:
    """Return the token that `place` holds; raises `InputError` for what no header can carry."""
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise InputError(f"what {place} holds is no session token")
    return Secret(text)
