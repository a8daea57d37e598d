"""Plan, Codex and home → what is run, and what is refused before it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.flows.credential import API_KEY_LOGIN
from provisioner.knowledge.version import Version
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.prepare import CodexHome, Launch, launch_command, users_own_home
from provisioner.launch.wanted_login import wanted_login
from provisioner.plan.model import Plan
from provisioner.render.codex_setup import codex_setup
from tests.support.fake_codex import chatgpt_auth
from tests.support.specs import plan_for

URL = "https://coder.example.com"
CREDENTIALS = {"CODER_API_TOKEN": "gateway-token-1", "OPENAI_API_KEY": "sk-mine-12345678"}


def plan(flow: str = "byok", codex: str = "0.169.0", **tables: Any) -> Plan:
    return plan_for(flow, gateway={"url": URL}, target={"codex": codex}, **tables)


def launch(
    what: Plan, home: CodexHome, *arguments: str, caller: dict[str, str] | None = None, **more: Any
) -> Launch:
    codex = FoundCodex(Path("/bin/codex"), Version.parse(what.codex_version), "as given")
    return launch_command(
        codex_setup(what),
        codex,
        home,
        arguments,
        caller=CREDENTIALS if caller is None else caller,
        **more,
    )


@pytest.fixture
def private(tmp_path: Path) -> CodexHome:
    return CodexHome(tmp_path / "home", is_private=True, launched_by="provisioner launch x.toml")


def test_a_private_home_is_written_and_used(private: CodexHome) -> None:
    ready = launch(plan(), private, "exec", "hi")

    assert ready.command[0] == "/bin/codex"
    assert ready.command[-2:] == ("exec", "hi")
    assert ready.environment.variables["CODEX_HOME"] == str(private.folder)
    assert (private.folder / "config.toml").exists()
    assert not set(CREDENTIALS.values()) & set(" ".join(ready.command).split())


def test_a_look_writes_nothing(private: CodexHome) -> None:
    launch(plan(), private, write=False)

    assert not private.folder.exists()


def test_an_own_home_is_not_written_and_named_only_if_it_must(tmp_path: Path) -> None:
    own = users_own_home({"CODEX_HOME": str(tmp_path)})

    implied = launch(plan(), own, caller={**CREDENTIALS, "CODEX_HOME": str(tmp_path)})
    named = launch(plan(), own)

    assert list(tmp_path.iterdir()) == []
    assert implied.environment.variables["CODEX_HOME"] == str(tmp_path)
    assert named.environment.variables["CODEX_HOME"] == str(tmp_path)
    assert 'model_provider="ai_gateway"' in implied.command


@pytest.mark.parametrize("arguments", [("login", "--device-auth"), ("--version",), ("mcp", "list")])
def test_what_asks_no_model_needs_no_credential(
    private: CodexHome, arguments: tuple[str, ...]
) -> None:
    assert launch(plan("chatgpt"), private, *arguments, caller={}).command[-1] == arguments[-1]


def test_without_a_login_the_chatgpt_flow_says_how_to_log_in(private: CodexHome) -> None:
    with pytest.raises(InputError, match=r"`provisioner launch x\.toml -- login --device-auth`"):
        launch(plan("chatgpt"), private)

    chatgpt_auth(private.folder, "token")
    assert launch(plan("chatgpt"), private).command


def test_a_stored_key_in_the_chatgpt_flow_is_refused(private: CodexHome) -> None:
    private.folder.mkdir()
    (private.folder / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": "sk-stored-12345"}))

    with pytest.raises(InputError, match=r"holds an API key.* -- logout`") as error:
        launch(plan("chatgpt"), private)
    assert "sk-stored" not in str(error.value)


def test_a_login_in_the_keyring_is_codex_own_matter(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('cli_auth_credentials_store = "keyring"\n')

    assert launch(plan("chatgpt"), CodexHome(tmp_path, is_private=False)).command


@pytest.mark.parametrize(("codex", "refused"), [("0.148.0", True), ("0.149.0", False)])
def test_a_stored_login_never_goes_to_a_third_party(
    private: CodexHome, codex: str, *, refused: bool
) -> None:
    """A provider without env_key and requires_openai_auth got it before 0.149."""
    what = plan("centralized", codex)
    setup = codex_setup(what)
    config = setup.files["config.toml"]
    setup.files["config.toml"] = "".join(
        line for line in config.splitlines(keepends=True) if not line.startswith("env_key")
    )
    chatgpt_auth(private.folder, "token")
    found = FoundCodex(Path("/bin/codex"), Version.parse(codex), "as given")
    caller = {variable.name: "token-1234567" for variable in setup.environment}

    def run() -> Launch:
        return launch_command(setup, found, private, ("exec", "hi"), caller=caller)

    if refused:
        with pytest.raises(InputError, match="would send the login stored in"):
            run()
    else:
        assert run().command


def store(private: CodexHome, **login: object) -> None:
    private.folder.mkdir(exist_ok=True)
    (private.folder / "auth.json").write_text(json.dumps(login))


def test_a_key_that_is_to_be_stored_is_asked_for_with_the_command(private: CodexHome) -> None:
    what = plan(credential="api_key_login")
    command = r"`printenv OPENAI_API_KEY \| provisioner launch x\.toml -- login --with-api-key`"

    with pytest.raises(InputError, match=command):
        launch(what, private)

    assert launch(what, private, "login", "--with-api-key").command[-1] == "--with-api-key"
    store(private, auth_mode="apikey", OPENAI_API_KEY="sk-stored-12345")
    ready = launch(what, private, caller={**CREDENTIALS, "CODEX_API_KEY": "sk-other-1234567"})
    assert ready.environment.left_out == ("CODEX_API_KEY",)


@pytest.mark.parametrize(
    ("kind", "variable"),
    [
        ("langwatch", "LANGWATCH_VK"),
        ("auto-ai-router", "AUTO_AI_ROUTER_KEY"),
        ("openai-compatible", "AI_GATEWAY_API_KEY"),
    ],
)
def test_a_gateway_is_never_given_the_key_of_another_provider(
    private: CodexHome, kind: str, variable: str
) -> None:
    what = plan_for("centralized", credential="api_key_login", gateway={"url": URL, "kind": kind})

    with pytest.raises(InputError, match=rf"`printenv {variable} \| provisioner") as error:
        launch(what, private, caller={"OPENAI_API_KEY": "sk-mine-12345678"})
    assert "OPENAI" not in str(error.value)


def test_a_key_from_nobody_knows_where_is_read_from_a_file() -> None:
    command = wanted_login(API_KEY_LOGIN).command("provisioner launch")

    assert command == "provisioner launch -- login --with-api-key < FILE"


@pytest.mark.parametrize(
    ("key", "flaw"),
    [("sk-stored-12345\n", "ends in a newline"), ("  ", "holds nothing but white space")],
)
@pytest.mark.parametrize("is_private", [True, False])
def test_a_stored_key_that_cannot_be_sent_is_refused(
    tmp_path: Path, key: str, flaw: str, *, is_private: bool
) -> None:
    home = CodexHome(tmp_path, is_private=is_private)
    store(home, auth_mode="apikey", OPENAI_API_KEY=key)

    with pytest.raises(
        InputError, match=rf"auth\.json .*{flaw}.* again, .*--with-api-key"
    ) as error:
        launch(plan(credential="api_key_login"), home)
    assert "sk-stored-12345" not in str(error.value)


def test_a_chatgpt_token_that_cannot_be_sent_is_refused(private: CodexHome) -> None:
    chatgpt_auth(private.folder, "token-12345\n")

    with pytest.raises(InputError, match=r"ends in a newline.*log in again with `.*device-auth`"):
        launch(plan("chatgpt"), private)


def test_a_chatgpt_login_in_place_of_a_stored_key_is_refused(private: CodexHome) -> None:
    chatgpt_auth(private.folder, "token")

    with pytest.raises(InputError, match=r"holds a ChatGPT login.* instead of the key.* -- logout"):
        launch(plan(credential="api_key_login"), private)


def test_codex_api_key_is_for_exec_only(private: CodexHome) -> None:
    what = plan(credential="codex_api_key")
    caller = {**CREDENTIALS, "CODEX_API_KEY": "sk-mine-12345678"}

    with pytest.raises(InputError, match="CODEX_API_KEY is not set"):
        launch(what, private, "exec", "hi")
    with pytest.raises(InputError, match="read by `codex exec` only"):
        launch(what, private, caller=caller)

    ready = launch(what, private, "exec", "hi", caller=caller)
    assert ready.environment.variables["CODEX_API_KEY"] == "sk-mine-12345678"
    # Codex does not read this one here, and it is no business of ours to take it away.
    assert ready.environment.variables["OPENAI_API_KEY"] == "sk-mine-12345678"


PROFILES = {"router": {"model": "m"}}


@pytest.mark.parametrize("codex", ["0.122.0", "0.169.0"])
def test_a_profile_of_the_plan_is_passed(private: CodexHome, codex: str) -> None:
    ready = launch(plan(codex=codex, profiles=PROFILES), private, "exec", "hi", profile="router")

    assert ready.command[-4:] == ("exec", "-p", "router", "hi")


def test_a_profile_of_the_plan_is_laid_over_an_own_home(tmp_path: Path) -> None:
    own = CodexHome(tmp_path, is_private=False)

    ready = launch(plan(profiles=PROFILES), own, "exec", "hi", profile="router")

    assert "-p" not in ready.command
    assert 'model="m"' in ready.command


def test_what_stands_behind_dashes_is_a_prompt_and_needs_its_login(private: CodexHome) -> None:
    with pytest.raises(InputError, match="there is no ChatGPT login"):
        launch(plan("chatgpt"), private, "exec", "--", "-V")


def test_a_profile_that_does_not_exist_is_refused(private: CodexHome, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='no profile "nope"; the spec has router'):
        launch(plan(profiles=PROFILES), private, profile="nope")

    (tmp_path / "nope.config.toml").write_text("")
    own = CodexHome(tmp_path, is_private=False)
    assert "nope" in launch(plan(), own, profile="nope").command
