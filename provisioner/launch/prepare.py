"""Plan, Codex and home → the command and environment that run Codex as the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError
from provisioner.flows.credential import API_KEY_LOGIN, ENV_KEY
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.version import Version
from provisioner.launch.codex_arguments import asks_the_model, runs_exec, with_profile
from provisioner.launch.codex_environment import (
    CodexEnvironment,
    codex_environment,
    need_credentials,
)
from provisioner.launch.config_facts import ConfigFacts, config_facts
from provisioner.launch.credential_flaw import credential_flaw
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.overrides import overrides, own_config, pinned_provider
from provisioner.launch.persistent_home import prepare_home
from provisioner.launch.stored_login import LoginKind, StoredLogin, stored_login
from provisioner.launch.wanted_login import WantedLogin, wanted_login
from provisioner.redact import Secret
from provisioner.render.codex_setup import CodexSetup

__all__ = ["CodexHome", "Launch", "launch_command", "users_own_home"]


@dataclass(frozen=True, slots=True)
class CodexHome:
    """Where Codex keeps its config, login and history."""

    folder: Path
    is_private: bool
    """Whether it is ours to write; a user's own home is left as it is."""
    launched_by: str = "provisioner launch --home own"
    """Command that runs Codex in it, for words of advice."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run."""

    command: tuple[str, ...]
    environment: CodexEnvironment


def users_own_home(caller: Mapping[str, str]) -> CodexHome:
    """Return the home that Codex uses when nobody tells it otherwise."""
    given = caller.get("CODEX_HOME", "")
    return CodexHome(Path(given) if given else Path.home() / ".codex", is_private=False)


def launch_command(
    setup: CodexSetup,
    codex: FoundCodex,
    home: CodexHome,
    arguments: tuple[str, ...],
    *,
    profile: str = "",
    caller: Mapping[str, str],
    write: bool = True,
) -> Launch:
    """Return the command and environment, and bring a private home up to date.

    Raises `InputError` when what the flow needs is not there; `write` is False for a look only.
    """
    facts = config_facts(setup.files)
    release = CodexRelease(codex.version)
    if profile:
        _need_profile(profile, facts, home, profile_files=release.has("profile_files"))
    if asks_the_model(arguments, codex.version):
        _need_exec(setup, arguments, codex.version)
        need_credentials(setup.environment, caller)
        _need_right_login(facts, setup, home, release)
    if home.is_private:
        if write:
            prepare_home(home.folder, setup.files)
        given = pinned_provider(setup.files)
    else:
        given = overrides(
            setup.files,
            profile if profile in facts.profiles else "",
            own_config(home.folder),
            profile_files=release.has("profile_files"),
        )
    laid_over = not home.is_private and profile in facts.profiles
    passed = with_profile(arguments, "" if laid_over else profile, codex.version)
    # Codex makes its default home itself, but none that is named to it.
    implied = not home.is_private and home.folder == users_own_home(caller).folder
    environment = codex_environment(setup, caller, None if implied else home.folder)
    return Launch((str(codex.path), *given, *passed), environment)


def _need_profile(
    profile: str, facts: ConfigFacts, home: CodexHome, *, profile_files: bool
) -> None:
    """Refuse a profile that does not exist: from 0.134 on, Codex silently runs without it."""
    there = profile in facts.profiles or (
        (home.folder / f"{profile}.config.toml").is_file()
        if profile_files
        else profile in _own_profiles(home)
    )
    if not there:
        known = f"; the spec has {', '.join(facts.profiles)}" if facts.profiles else ""
        raise InputError(f'there is no profile "{profile}"{known}')


def _own_profiles(home: CodexHome) -> tuple[str, ...]:
    profiles = own_config(home.folder).get("profiles")
    return tuple(profiles) if isinstance(profiles, dict) else ()


def _need_exec(setup: CodexSetup, arguments: tuple[str, ...], codex: Version) -> None:
    if setup.credential.exec_only and not runs_exec(arguments, codex):
        raise InputError(
            f"{setup.credential.variable} is read by `codex exec` only, and the terminal interface "
            f"would ask for a login: run `exec`, or use credential = "
            f'"{API_KEY_LOGIN.name}" or "{ENV_KEY.name}" in the spec'
        )


def _need_right_login(
    facts: ConfigFacts, setup: CodexSetup, home: CodexHome, release: CodexRelease
) -> None:
    login = stored_login(home.folder)
    leaks = facts.takes_no_credential and not release.has("stored_login_stays_home")
    if leaks and login.kind is not LoginKind.NONE:
        raise InputError(
            f"Codex {release.version} would send the login stored in {login.path} to "
            f"{facts.base_url}; remove it with `{home.launched_by} -- logout`"
        )
    if not setup.credential.is_stored:
        return
    wanted = wanted_login(setup.credential, setup.login_variable)
    if login.kind in {LoginKind.API_KEY, LoginKind.CHATGPT} and login.kind is not wanted.kind:
        raise InputError(
            f"{login.path} holds {wanted.other}, which Codex would send instead of "
            f"{wanted.what}; remove it with `{home.launched_by} -- logout`"
        )
    if login.kind is LoginKind.UNREADABLE and not _keeps_logins_elsewhere(home):
        raise InputError(
            f"{login.path} is no login that can be read; remove it, and {wanted.verb} with "
            f"`{wanted.command(home.launched_by)}`"
        )
    if login.kind is not wanted.kind and not _keeps_logins_elsewhere(home):
        raise InputError(
            f"there is no {wanted.name} in {home.folder}; {wanted.verb} with "
            f"`{wanted.command(home.launched_by)}`"
        )
    if login.kind is wanted.kind:
        _need_sendable(login, wanted, home)


def _need_sendable(login: StoredLogin, wanted: WantedLogin, home: CodexHome) -> None:
    """Refuse what no header can carry: Codex would send nothing, and the gateway its own key."""
    value = login.bearer.reveal()
    if flaw := credential_flaw(value):
        hint = Secret(value.strip()).hint
        raise InputError(
            f"the {wanted.name} in {login.path} ({hint}) {flaw}; {wanted.again} with "
            f"`{wanted.command(home.launched_by)}`"
        )


def _keeps_logins_elsewhere(home: CodexHome) -> bool:
    """Whether Codex was told to use the keyring of the system, which is not for us to read."""
    return own_config(home.folder).get("cli_auth_credentials_store") in ("auto", "keyring")
