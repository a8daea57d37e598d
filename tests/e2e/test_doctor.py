"""`provisioner doctor` as users run it, with the real Codex reading the config."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pytest

from provisioner.doctor.codex_checks import config_loads
from provisioner.doctor.patient import Patient, patient
from provisioner.knowledge.version import Version
from provisioner.launch.codex_install import install_codex
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.prepare import CodexHome
from tests.support.command import provisioner
from tests.support.fake_codex import fake_codex
from tests.support.gateway_server import running_gateway
from tests.support.loopback import Server, closed_port, serving, silent_server
from tests.support.specs import FLOW_NAMES, plan_for

VERSIONS = ("0.122.0", "0.134.0", "0.169.0")
KEY = "sk-mine-0123456789abcdef"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))


def reader(version: str, flow: str, url: str, folder: Path) -> Patient:
    plan = plan_for(
        flow,
        gateway={"url": url},
        target={"codex": version},
        codex={"model": "gpt-5.5"},
        profiles={"router": {"model": "m", "web_search": "disabled"}},
    )
    codex = FoundCodex(install_codex(version), Version.parse(version), "from the cache")
    return patient(plan, codex, CodexHome(folder, is_private=True), {})


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in json.loads(text)["checks"]}


@pytest.mark.needs_codex
@pytest.mark.parametrize("flow", FLOW_NAMES)
@pytest.mark.parametrize("version", VERSIONS)
def test_the_real_codex_reads_what_is_made_for_it_and_sends_nothing(
    version: str, flow: str, tmp_path: Path
) -> None:
    with listening() as server:
        check = config_loads(reader(version, flow, server.url, tmp_path))

    assert (check.status.value, check.fix) == ("ok", "")
    assert server.requests == []


@pytest.mark.needs_codex
@pytest.mark.parametrize(
    ("version", "line", "words"),
    [
        ("0.122.0", 'wire_api = "chat"', "is no longer supported"),
        ("0.134.0", "bogus_key = 1", "unknown configuration field"),
        ("0.169.0", "bogus_key = 1", "unknown configuration field"),
        ("0.169.0", 'model_provider = "nope"', "Model provider `nope` not found"),
    ],
)
def test_what_the_real_codex_refuses_is_shown(
    version: str, line: str, words: str, tmp_path: Path
) -> None:
    with listening() as server:
        who = reader(version, "byok", server.url, tmp_path)
        text = who.setup.files["config.toml"]
        key = line.split(" = ", maxsplit=1)[0]
        lines = [old for old in text.splitlines() if not old.startswith(f"{key} =")]
        place = next(i for i, old in enumerate(lines) if old.startswith("[model_providers"))
        lines.insert(place + 1 if key == "wire_api" else 0, line)
        files = {**who.setup.files, "config.toml": "\n".join(lines)}
        config = dataclasses.replace(who.config, files=files)

        check = config_loads(dataclasses.replace(who, config=config))

    assert check.status.value == "failed"
    assert words in check.seen
    assert str(tmp_path) not in check.seen
    assert server.requests == []


@pytest.mark.needs_codex
def test_the_config_of_a_project_is_not_blamed_on_the_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, home = tmp_path / "project", tmp_path / "codex"
    for folder, text in (
        (project / ".codex", "bogus_key = 1\n"),
        (home, f'[projects."{project}"]\ntrust_level = "trusted"\n'),
    ):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(text)
    monkeypatch.chdir(project)
    options = ["--gateway-url", closed_port(), "--codex", "0.169.0", "--codex-home", str(home)]

    done = provisioner("doctor", "--flow", "byok", *options, "--format", "json", cwd=project)

    assert rows(done.stdout)["config-loads"]["status"] == "ok", done.stdout


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
def test_the_real_codex_reads_a_copy_of_the_users_own_home(version: str, tmp_path: Path) -> None:
    home = tmp_path / "codex"
    home.mkdir()
    config = home / "config.toml"
    with listening() as server:
        for text, status, words in (
            ("", "ok", "reads it"),
            ('model_instructions_file = "i.md"\n', "ok", f"reads {config}"),
            ('approval_policy = "bogus"\n', "failed", "refuses the config"),
            ("bogus=[\n", "failed", f"{config} cannot be read"),
        ):
            config.write_text(text)
            (home / "i.md").write_text("Be brief.")
            made = reader(version, "byok", server.url, tmp_path)
            own = CodexHome(home, is_private=False)
            check = config_loads(patient(made.plan, made.codex, own, {}))

            assert check.status.value == status
            assert words in check.seen

    assert sorted(file.name for file in home.iterdir()) == ["config.toml", "i.md"]
    assert server.requests == []


def listening() -> Any:
    """A gateway that would notice any request."""
    return serving(lambda _: (500, {}, "nobody was to ask"))


@pytest.mark.needs_codex
def test_all_is_well_and_a_prompt_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A prompt goes through Codex itself, which asks other hosts unless its home says otherwise.
    home = tmp_path / "codex"
    home.mkdir()
    (home / "config.toml").write_text(
        "[features]\nplugins = false\napps = false\n[analytics]\nenabled = false\n"
    )
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with running_gateway(tmp_path / "gateway") as gateway:
        monkeypatch.setenv("MY_TOKEN", gateway.token)
        url = f"http://127.0.0.1:{gateway.port}"
        arguments = ["--flow", "byok", "--gateway-url", url, "--codex", "0.169.0"]
        arguments += ["--token-env", "MY_TOKEN", "--codex-home", home]
        quiet = provisioner("doctor", *arguments)
        spent_before = gateway.records()
        asked = provisioner("doctor", *arguments, "--prompt", "Say hello.", "--format", "json")
        (record,) = gateway.ended(1)

    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout.splitlines()[-1] == "11 ok, 2 skipped"
    assert spent_before == ()
    assert asked.returncode == 0, asked.stdout
    assert "Hello from the scripted upstream" in rows(asked.stdout)["prompt"]["seen"]
    assert record.credential_hint == "sk-m...cdef"
    assert not any(s in quiet.stdout + asked.stdout for s in (KEY, gateway.token))


def test_json_holds_every_check_and_the_exit_code_says_whether_one_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AI_GATEWAY_API_KEY", "key-0123456789abcdefg")
    codex = fake_codex(tmp_path / "bin")
    (tmp_path / "provisioner.toml").write_text(
        'flow = "centralized"\n[gateway]\nkind = "openai-compatible"\n'
    )

    def doctor(server: Server | None) -> Any:
        url = f"{server.url}/v1" if server else closed_port()
        options = ["--gateway-url", url, "--codex-path", codex, "--format", "json"]
        return provisioner("doctor", tmp_path / "provisioner.toml", *options)

    with serving(lambda _: (200, {}, '{"data": [{"id": "m"}]}')) as server:
        well = doctor(server)
    ill = doctor(None)

    assert (well.returncode, ill.returncode) == (0, 1)
    assert list(rows(well.stdout)) == list(rows(ill.stdout))
    assert list(rows(well.stdout)) == [
        "codex-found",
        "config-loads",
        "credential-present",
        "flow-breakers",
        "gateway-reachable",
        "path-right",
        "token-accepted",
        "chatgpt-provider",
        "byok-allowed",
        "model-known",
        "model-offered",
        "websocket",
        "compression",
    ]
    document = json.loads(ill.stdout)
    assert document["summary"]["failed"] == 1
    assert all(row["fix"] for row in document["checks"] if row["status"] == "failed")
    assert str(tmp_path / "bin") not in well.stdout.replace(str(codex), "")


def test_without_codex_the_gateway_is_still_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LANGWATCH_VK", "vk-lw-01HZX3M4N5P6Q7R8S9T0V1W2X3")
    (tmp_path / "s.toml").write_text('flow = "centralized"\n[gateway]\nkind = "langwatch"\n')
    with serving(lambda _: (401, {}, '{"error": {"message": "unknown key"}}')) as server:
        done = provisioner("doctor", tmp_path / "s.toml", "--gateway-url", server.url)

    assert done.returncode == 1
    assert "failed    codex-found" in done.stdout
    assert "skipped   config-loads" in done.stdout
    assert "refuses the key in LANGWATCH_VK (401): unknown key" in done.stdout


@pytest.mark.parametrize("where", ["private", "own", "named"])
def test_the_login_is_stored_where_doctor_looked(where: str, tmp_path: Path) -> None:
    codex = fake_codex(tmp_path / "bin")
    with serving(lambda _: (401, {}, '{"error": {"message": "unknown key"}}')) as server:
        (tmp_path / "s.toml").write_text(
            'flow = "centralized"\ncredential = "api_key_login"\n'
            f'[gateway]\nkind = "openai-compatible"\nurl = "{server.url}"\n'
        )
        more: list[str | Path] = ["--codex-path", codex]
        command = f"provisioner launch {tmp_path}/s.toml --codex-path {codex}"
        if where == "private":
            made = provisioner(
                "launch", tmp_path / "s.toml", *more, "--", "login", "--with-api-key"
            )
            assert made.returncode == 0, made.stderr
            (home,) = (tmp_path / "state" / "provisioner" / "homes").iterdir()
        elif where == "own":
            home, command = tmp_path / "codex", f"{command} --home own"
        else:
            home = tmp_path / "my home"
            command = f"CODEX_HOME='{home}' {command} --home own"
            more += ["--codex-home", home]
        home.mkdir(exist_ok=True)
        nothing = provisioner("doctor", tmp_path / "s.toml", *more, "--format", "json")
        (home / "auth.json").write_text('{"OPENAI_API_KEY": "a-gateway-key-0123456789"}')
        refused = provisioner("doctor", tmp_path / "s.toml", *more, "--format", "json")

    login = f"`printenv AI_GATEWAY_API_KEY | {command} -- login --with-api-key`"
    assert rows(nothing.stdout)["credential-present"]["fix"] == f"log in with {login}"
    assert rows(refused.stdout)["token-accepted"]["fix"] == f"store a key that works: {login}"


def test_a_gateway_that_is_silent_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    codex = fake_codex(tmp_path / "bin")
    with silent_server() as url:
        start = time.monotonic()
        options = ["--gateway-url", url, "--codex-path", codex, "--timeout", "0.5"]
        done = provisioner("doctor", "--flow", "byok", *options)

    assert done.returncode == 1
    assert "it accepted the connection and sent no answer" in done.stdout
    assert time.monotonic() - start < 15


def test_without_a_gateway_there_is_no_verdict(tmp_path: Path) -> None:
    codex = fake_codex(tmp_path / "bin")

    done = provisioner("doctor", "--flow", "byok", "--codex-path", codex)
    broken = provisioner("doctor", tmp_path / "nowhere.toml")

    assert (done.returncode, broken.returncode) == (2, 2)
    assert "give --gateway-url" in done.stderr
    assert "cannot read" in broken.stderr
