"""What a start does to a home besides config.toml, and what it says when it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.codex_module import script_with, start
from tests.support.fake_codex import chatgpt_auth, jwt
from tests.support.merged_config import block
from tests.support.module_client import image_with_codex, snapshot

pytestmark = [pytest.mark.needs_codex, pytest.mark.needs_terraform]

HEAD = "# Written by the template at each start; without this line the file is yours and stays.\n"
KEY = "sk-test-0123456789abcdef0123"
LOGIN = jwt(exp=4_000_000_000, email="user@example.com")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_with_codex(tmp_path_factory.mktemp("image") / "bin")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "a home"
    folder.mkdir()
    return folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_linked_config_stays_a_link(home: Path, image: Path) -> None:
    kept = home / "dotfiles" / "codex.toml"
    kept.parent.mkdir()
    kept.write_text("[tui]\n")
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").symlink_to(kept)

    done = start(script_with(), home, image)

    assert done.returncode == 0, done.stdout
    assert (home / ".codex" / "config.toml").readlink() == kept
    assert kept.read_text() == block('model = "m"\n') + "\n[tui]\n"
    assert mode(kept) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["codex.toml"]


def test_a_config_linked_to_nowhere_is_said(home: Path, image: Path) -> None:
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").symlink_to(home / "gone" / "codex.toml")

    done = start(script_with(), home, image)

    assert done.returncode == 1
    assert f"codex: error: {home}/.codex/config.toml is a link to nowhere: remove it" in done.stdout


def test_profiles_come_change_and_go_and_the_users_own_stay(home: Path, image: Path) -> None:
    own = home / ".codex" / "own.config.toml"
    own.parent.mkdir()
    own.write_text('model = "mine"\n')
    first = start(script_with({"own": "x = 1\n", "a": "x = 1", "b-2": ""}), home, image)
    second = start(script_with({"own": "x = 1\n", "a": "x = 2\n"}), home, image)

    files = {path.name: path.read_text() for path in own.parent.glob("*.config.toml")}
    assert files == {"own.config.toml": 'model = "mine"\n', "a.config.toml": f"{HEAD}x = 2\n"}
    assert mode(own.parent / "a.config.toml") == 0o600
    assert (
        f'codex: {own} is your own and stays; remove it to get the template\'s profile "own"'
        in first.stdout
    )
    assert 'codex: removed profile "b-2", which is no longer in the template' in second.stdout


def test_loose_modes_are_narrowed(home: Path, image: Path) -> None:
    start(script_with(), home, image)
    config = home / ".codex" / "config.toml"
    config.chmod(0o644)
    start(script_with(), home, image)

    assert mode(config) == 0o600


def test_a_broken_block_leaves_the_users_file_alone(home: Path, image: Path) -> None:
    config = home / ".codex" / "config.toml"
    config.parent.mkdir()
    config.write_text("a = 1\n")

    broken = start(script_with(BASE_CONFIG='x = """\n'), home, image)
    twice = start(
        script_with(BASE_CONFIG="[mcp_servers.a]\n", MCP="[mcp_servers.a]\n"), home, image
    )

    assert (broken.returncode, twice.returncode) == (1, 1)
    assert (
        "codex: error: base_config_toml or mcp opens a string or a bracket that never ends"
        in broken.stdout
    )
    assert 'are no TOML ("mcp_servers.a" is there twice): correct the template' in twice.stdout
    assert config.read_text() == "a = 1\n"


def test_given_scripts_run_around_it_with_the_users_umask(home: Path, image: Path) -> None:
    look = "ls -A ~/.codex 2>/dev/null; umask; echo \"$WHO\" $'\\u00e9'; ls -l /proc/self/fd | grep -c lock || true"
    done = start(
        script_with(PRE_INSTALL=look, POST_INSTALL=look), home, image, WHO="it's me", LANG="C.UTF-8"
    )

    assert done.returncode == 0, done.stdout
    umask = os.umask(0)
    os.umask(umask)
    seen = f"{umask:04o}\nit's me é\n0\n"
    assert done.stdout.startswith(f"codex: running the pre-install script\n{seen}codex: using ")
    assert done.stdout.endswith(
        f"codex: running the post-install script\nconfig.toml\n{seen}codex: ready\n"
    )


@pytest.mark.parametrize("which", ["PRE_INSTALL", "POST_INSTALL"])
def test_a_given_script_that_fails_ends_the_start(which: str, home: Path, image: Path) -> None:
    done = start(script_with(**{which: "exit 7"}), home, image)

    assert done.returncode == 1
    assert f"codex: error: the {which.lower().replace('_', '-')} script ended with 7" in done.stdout
    assert (home / ".codex").exists() is (which == "POST_INSTALL")


def test_the_workdir_is_made_as_it_is_written(home: Path, image: Path) -> None:
    folder = home / "it's $(touch here) é" / "-p"
    assert start(script_with(WORKDIR=str(folder)), home, image).returncode == 0
    assert folder.is_dir()

    done = start(script_with(WORKDIR="/proc/none"), home, image)

    assert done.returncode == 1
    assert "codex: warning: cannot make the workdir /proc/none: choose one" in done.stdout
    assert "codex: using " in done.stdout


def test_codex_home_of_the_agent_is_used(home: Path, image: Path) -> None:
    done = start(script_with(), home, image, CODEX_HOME=str(home / "elsewhere"))

    assert done.returncode == 0, done.stdout
    assert (home / "elsewhere" / "config.toml").read_text() == block('model = "m"\n')
    assert not (home / ".codex").exists()


def test_variables_of_the_agent_are_not_taken_for_its_own(home: Path, image: Path) -> None:
    (home / "mine").mkdir()
    hostile = dict.fromkeys(("CODEX_SCRATCH", "CODEX_STAGE", "TEMP", "STATE"), str(home / "mine"))
    done = start(script_with(PRE_INSTALL="exit 1"), home, image, **hostile, CODEX_LOCKED="yes")

    assert done.returncode == 1
    assert (home / "mine").is_dir()


def test_the_log_of_the_start_before_is_kept(home: Path, image: Path) -> None:
    first = start(script_with(), home, image)
    second = start(script_with(POST_INSTALL="echo two"), home, image)

    logs = home / ".coder-modules/provisioner/codex/logs"
    assert (logs / "codex.log").read_text() == second.stdout
    assert (logs / "codex.log.1").read_text() == first.stdout
    assert sorted(path.name for path in logs.parent.iterdir()) == ["lock", "logs"]


@pytest.mark.parametrize("missing", ["awk", "base64"])
def test_a_missing_tool_is_named(missing: str, home: Path, tmp_path: Path) -> None:
    bins = tmp_path / "bins"
    bins.mkdir()
    for name in ("bash", "mkdir", "chmod", "mktemp", "tee", "rm", "mv", "find", "base64", "awk"):
        if name != missing:
            (bins / name).symlink_to(f"/usr/bin/{name}")
    done = start(script_with(), home, PATH=str(bins))

    assert done.returncode == 1
    assert f'codex: error: "{missing}" is not on PATH: install' in done.stdout


def test_where_locks_do_not_work_it_goes_on_without(
    home: Path, image: Path, tmp_path: Path
) -> None:
    (tmp_path / "flock").symlink_to("/bin/false")
    done = start(script_with(), home, tmp_path, image)

    assert done.returncode == 0, done.stdout
    assert "codex: flock is missing or does not work here" in done.stdout


SYNC = """#!/bin/sh
echo "$*" >> "$HOME/sync"
[ "$3 $4" != "want provisioner-codex" ] || [ "$5" != gone ]
"""


def test_it_waits_for_the_units_it_is_told_to(home: Path, image: Path, tmp_path: Path) -> None:
    agent = tmp_path / "agent"
    agent.mkdir()
    (agent / "coder").write_text(SYNC)
    (agent / "coder").chmod(0o755)

    good = start(script_with(SYNC_AFTER="git-clone gone"), home, image, agent)
    bad = start(script_with(PRE_INSTALL="exit 1"), home, image, agent)

    assert (good.returncode, bad.returncode) == (0, 1)
    assert "codex: warning: cannot wait for gone" in good.stdout
    unit = "provisioner-codex"
    assert (home / "sync").read_text().splitlines() == [
        "exp sync ping",
        f"exp sync want {unit} git-clone",
        f"exp sync want {unit} gone",
        f"exp sync start {unit}",
        f"exp sync complete {unit}",
        "exp sync ping",
        f"exp sync start {unit}",
        f"exp sync complete {unit}",
    ]


def test_an_agent_without_sync_is_no_obstacle(home: Path, image: Path) -> None:
    done = start(script_with(SYNC_AFTER="git-clone"), home, image)

    assert done.returncode == 0
    assert 'codex: the agent has no "coder exp sync": not waiting for git-clone' in done.stdout


def log_in(home: Path, image: Path, credential: str, login_env: str = "", **variables: str) -> str:
    done = start(script_with(CREDENTIAL=credential, LOGIN_ENV=login_env), home, image, **variables)
    assert done.returncode == 0, done.stdout
    assert [value for value in variables.values() if value.strip() in done.stdout] == []
    return done.stdout


def test_a_key_is_stored_once_and_again_when_it_changes(home: Path, image: Path) -> None:
    assert "codex: stored the key in MY_KEY" in log_in(
        home, image, "api_key_login", "MY_KEY", MY_KEY=f"{KEY}\n"
    )
    before = snapshot(home / ".codex")
    assert "codex: the key in MY_KEY is stored already" in log_in(
        home, image, "api_key_login", "MY_KEY", MY_KEY=KEY
    )
    assert "no key" not in log_in(home, image, "api_key_login", "MY_KEY")
    assert snapshot(home / ".codex") == before
    assert "codex: stored the key in MY_KEY" in log_in(
        home, image, "api_key_login", "MY_KEY", MY_KEY=KEY[:-1]
    )
    assert f'"{KEY[:-1]}"' in (home / ".codex" / "auth.json").read_text()


def test_a_key_that_is_nowhere_is_asked_for(home: Path, image: Path) -> None:
    said = log_in(home, image, "api_key_login", "MY_KEY")
    by_hand = log_in(home, image, "api_key_login")

    assert "no key is stored yet: run `printenv MY_KEY | codex login --with-api-key`" in said
    assert "no key is stored yet" in by_hand
    assert "CODEX_API_KEY is not set" in log_in(home, image, "codex_api_key")
    assert "CODEX_API_KEY is not set" not in log_in(home, image, "codex_api_key", CODEX_API_KEY=KEY)


def test_a_chatgpt_login_is_never_touched(home: Path, image: Path) -> None:
    assert "codex: not logged in: run `codex login --device-auth`" in log_in(
        home, image, "chatgpt_login"
    )
    assert not (home / ".codex" / "auth.json").exists()

    auth = chatgpt_auth(home / ".codex", LOGIN)
    before = auth.read_bytes()
    said = log_in(home, image, "chatgpt_login", OPENAI_API_KEY=KEY)

    assert auth.read_bytes() == before
    assert "codex: warning: OPENAI_API_KEY is set in this workspace" in said
    assert "codex: logged in with ChatGPT" in said
    log_in(home, image, "api_key_login", "MY_KEY", MY_KEY=KEY)
    assert "codex: an API key is stored: run `codex logout`" in log_in(home, image, "chatgpt_login")


hostile = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")
    | st.sampled_from("'\"\\$`\n{}%"),
    max_size=40,
) | st.sampled_from(
    ["${x}", "%{ if }", "EOT\n", "'; exit 9 #", "$(exit 9)", "\\n", "\n\n", "-n", "😀"]
)


@settings(max_examples=12, deadline=None)
@given(profile=hostile, comment=hostile, given_script=hostile)
def test_any_text_arrives_byte_for_byte(
    profile: str,
    comment: str,
    given_script: str,
    tmp_path_factory: pytest.TempPathFactory,
    image: Path,
) -> None:
    home = tmp_path_factory.mktemp("home")
    base = "".join(f"# {line}\n" for line in comment.split("\n"))
    pre = f"cat > ~/pre <<'END OF TEXT'\n{given_script}\nEND OF TEXT\n"
    done = start(script_with({"p": profile}, BASE_CONFIG=base, PRE_INSTALL=pre), home, image)

    assert done.returncode == 0, done.stdout
    assert (home / ".codex" / "p.config.toml").read_bytes() == f"{HEAD}{profile}".encode()
    assert (home / ".codex" / "config.toml").read_bytes() == block(base).encode()
    assert (home / "pre").read_bytes() == f"{given_script}\n".encode()
