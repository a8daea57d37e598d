"""One Codex home with the environment, the version and the profile that Codex starts with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from provisioner.knowledge.codex import CodexRelease
from provisioner.redact import Secret
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.auth_file import AuthFile, Login, LoginKind
from provisioner.validate.codex_config import CodexConfig, Layer

__all__ = ["CODEX_ACCESS_TOKEN", "CODEX_API_KEY", "PROFILE_FILE", "CodexHome"]

CODEX_ACCESS_TOKEN = "CODEX_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
CODEX_API_KEY = "CODEX_API_KEY"
_JWT_DOTS = 2
"""Variable with a key that beats every stored login."""

PROFILE_FILE = re.compile(r"(?:.*/)?([^/]+)\.config\.toml\Z")
"""Path of a profile file; the group is the name of the profile."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class CodexHome:
    """The files of a home, and what Codex is started with.

    `profile` is what `-p` selects. `profiles` are the profile files by name.
    """

    config_path: str
    release: CodexRelease
    config: TomlDocument | None = None
    profiles: Mapping[str, TomlDocument] = field(default_factory=dict)
    auth: AuthFile | None = None
    environment: Mapping[str, Secret] = field(default_factory=dict)
    profile: str | None = None

    @property
    def reads_profile_files(self) -> bool:
        """Whether this Codex has profile files; before them, profiles were tables."""
        return self.release.has("profile_files")

    @cached_property
    def selected_profile(self) -> str | None:
        """Name of the profile that Codex looks for."""
        if self.profile is not None or self.reads_profile_files or self.config is None:
            return self.profile
        name = self.config.get("profile")
        return name if isinstance(name, str) else None

    @cached_property
    def legacy_profiles(self) -> Mapping[str, object]:
        """The profiles written as tables of config.toml, by name."""
        tables = self.config.get("profiles") if self.config else None
        return tables if isinstance(tables, dict) else {}

    @cached_property
    def profile_refusal(self) -> str | None:
        """Why Codex stops on account of the selected profile, in its words, if it does."""
        name = self.selected_profile
        if not self.reads_profile_files:
            missing = name is not None and name not in self.legacy_profiles
            return f"config profile `{name}` not found" if missing else None
        if name is not None and not _PLAIN_NAME.match(name):
            return f"invalid --profile value `{name}`; pass a plain name such as `work`"
        legacy = self.run.text("profile")
        if name is not None and (name in self.legacy_profiles or (legacy and legacy.value == name)):
            return (
                f"--profile `{name}` cannot be used while config.toml contains legacy "
                f'`profile = "{name}"` or `[profiles.{name}]` config'
            )
        if legacy:
            return f'legacy `profile = "{legacy.value}"` config is no longer supported'
        return None

    @cached_property
    def run(self) -> CodexConfig:
        """The config of the next run."""
        return self._with_profile(self.selected_profile)

    @cached_property
    def configs(self) -> tuple[CodexConfig, ...]:
        """The config of the next run, and that with each profile file."""
        names = self.profiles if self.reads_profile_files else ()
        others = [self._with_profile(name) for name in names if name != self.selected_profile]
        return (self.run, *others)

    def _with_profile(self, name: str | None) -> CodexConfig:
        layers = [Layer(self.config)] if self.config else []
        if name is None:
            pass
        elif self.reads_profile_files and name in self.profiles:
            layers.append(Layer(self.profiles[name]))
        elif self.config and not self.reads_profile_files:
            layers.append(Layer(self.config, ("profiles", name)))
        return CodexConfig(tuple(layers), self.release)

    def variable(self, name: str) -> Secret | None:
        """Return a variable of the environment; to Codex a blank one is not set."""
        secret = self.environment.get(name)
        return secret if secret and secret.reveal().strip() else None

    @cached_property
    def login(self) -> Login:
        """The login that Codex finds."""
        store = self.run.text("cli_auth_credentials_store")
        stored = self.auth.login if self.auth else Login(LoginKind.NONE)
        kept_in = store.value if store else "file"
        if kept_in == "ephemeral":
            return Login(LoginKind.NONE)
        found_none = stored.kind in {LoginKind.NONE, LoginKind.UNUSABLE}
        if kept_in == "keyring" or (kept_in == "auto" and found_none):
            return Login(LoginKind.UNKNOWN)
        return stored

    @property
    def stops_at_token(self) -> bool:
        """Whether Codex stops because CODEX_ACCESS_TOKEN is no JSON web token."""
        token = self.variable(CODEX_ACCESS_TOKEN)
        is_jwt = token is not None and token.reveal().count(".") == _JWT_DOTS
        return token is not None and not is_jwt and self.release.has("access_token_read")

    @property
    def stops_at_login(self) -> bool:
        """Whether Codex stops because auth.json has no login that it can use."""
        ignored = self.release.has("unusable_login_ignored")
        unusable = self.login.kind is LoginKind.UNUSABLE
        return unusable and not ignored and self.variable(CODEX_API_KEY) is None
