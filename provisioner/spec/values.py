"""The kinds of text that a spec holds: each says what is wrong with one that is not of its kind."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from provisioner.knowledge.version import Constraint, Version

__all__ = [
    "ArtifactUrl",
    "CodexVersion",
    "ConstraintText",
    "CredentialName",
    "Digest",
    "EnvName",
    "Line",
    "Milliseconds",
    "Name",
    "Option",
    "Script",
    "Seconds",
    "Tokens",
    "Url",
    "VersionText",
    "WebSearch",
    "Workdir",
]

_URL = re.compile(r"https?://[^\s/?#\"\\@]+(?:/[^\s?#\"\\]*)?\Z")
_ARTIFACT_URL = re.compile(r"[A-Za-z0-9._~:/!$&()*+,;={}%\[\]-]+\Z")
_RELEASE_PARTS = 3
_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}\Z")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORKDIR = re.compile(r"/[^\x00-\x1f\x7f\"'\\$`]*\Z")


def _url(text: str) -> str:
    if not _URL.match(text):
        raise ValueError(
            "must be an http or https URL without user or query, such as https://coder.example.com"
        )
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host:
        raise ValueError("has no host, or a port that is none")
    if {".", ".."} & {*parts.path.split("/")}:
        raise ValueError('must not have "." or ".." in its path')
    shorter = text.rstrip("/")
    for ending in ("/responses", "/chat/completions"):
        if shorter.endswith(ending):
            raise ValueError(f'must be the base URL: leave "{ending}" out, which Codex adds')
    return shorter


def _version(text: str) -> str:
    return str(Version.parse(text))


def _codex_version(text: str) -> str:
    version = Version.parse(text)
    if len(version.parts) != _RELEASE_PARTS:
        raise ValueError(f'"{text}" is not a Codex version, which has three parts')
    return str(version)


def _constraint(text: str) -> str:
    Constraint.parse(text)
    return " ".join(text.split())


def _workdir(text: str) -> str:
    # The Codex module pastes it into shell and into a TOML key, so these characters cannot pass.
    if not _WORKDIR.match(text):
        raise ValueError(
            "must be an absolute path without quotes, `$`, backslashes or control characters"
        )
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise ValueError("must not contain `..`")
    # The module drops a final slash, and Codex compares trusted folders letter by letter.
    return "/" + "/".join(parts)


def _option(text: str) -> str:
    # Terraform puts the chosen value between the quotes of a TOML string.
    if set(text) & set('"\\'):
        raise ValueError("must not contain quotes or backslashes")
    return text


def _env_name(text: str) -> str:
    if not _ENV_NAME.match(text):
        raise ValueError("must be the name of an environment variable")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of text that is not blank")
    return text


def _script(text: str) -> str:
    if not text.strip() or set(text) & {"\0", "\r"}:
        raise ValueError("must be a script that is not blank, without NUL and carriage returns")
    return text if text.endswith("\n") else f"{text}\n"


def _digest(text: str) -> str:
    if not _DIGEST.match(text):
        raise ValueError("must be a SHA-256 in 64 hexadecimal digits")
    return text.lower()


def _artifact_url(text: str) -> str:
    # Braces hold the version and the target, which no other URL has.
    _url(text.replace("{version}", "1").replace("{target}", "x"))
    # The module refuses others, which curl and npm would have to guess about.
    if not _ARTIFACT_URL.match(text):
        raise ValueError("has characters that an address cannot have: write them as %20 and so on")
    return text


def _name(text: str) -> str:
    if not _NAME.match(text):
        raise ValueError("has letters, digits, hyphens and underscores only")
    return text


Url = Annotated[str, AfterValidator(_url)]
VersionText = Annotated[str, AfterValidator(_version)]
CodexVersion = Annotated[str, AfterValidator(_codex_version)]
ConstraintText = Annotated[str, AfterValidator(_constraint)]
Workdir = Annotated[str, AfterValidator(_workdir)]
EnvName = Annotated[str, AfterValidator(_env_name)]
Tokens = Annotated[int, Field(gt=0)]
Milliseconds = Annotated[int, Field(gt=0)]
WebSearch = Literal["disabled", "cached", "live"]
CredentialName = Literal["env_key", "api_key_login", "codex_api_key", "chatgpt_login"]
Line = Annotated[str, AfterValidator(_one_line)]
Option = Annotated[Line, AfterValidator(_option)]
Script = Annotated[str, AfterValidator(_script)]
Digest = Annotated[str, AfterValidator(_digest)]
ArtifactUrl = Annotated[str, AfterValidator(_artifact_url)]
Name = Annotated[str, AfterValidator(_name)]
Seconds = Annotated[int, Field(gt=0)]
