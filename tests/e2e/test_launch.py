"""`provisioner launch` as users run it: real Codex in each flow, and a stand-in that tells all."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from provisioner.launch.codex_install import install_codex
from tests.support.command import ROOT, provisioner
from tests.support.fake_codex import chatgpt_auth, fake_codex, jwt, report_of
from tests.support.gateway_server import RunningGateway, running_gateway
from tests.support.loopback import Request, Told, serving
from tests.support.specs import FLOW_NAMES
from tests.support.tree import read_tree

VERSION = "0.169.0"
URL = "https://coder.example.com"
KEY = "sk-mine-0123456789abcdef"
TOKEN = "gateway-token-0123456789"
LOGIN = jwt(
    exp=4_000_000_000,
    email="user@example.com",
    **{"https://api.openai.com/auth": {"chatgpt_plan_type": "pro", "chatgpt_account_id": "a-1"}},
)
TOKEN_VARIABLE = {
    "centralized": "OPENAI_CODER_AIGATEWAY_SESSION_TOKEN",
    "byok": "CODER_API_TOKEN",
    "chatgpt": "CODER_API_TOKEN",
}
PROVIDERS = "".join(
    f'[[provider]]\nname = "{name}"\ntype = "openai"\nupstream = "scripted"\n'
    for name in ("openai", "chatgpt")
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg-state"))


def give(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def home_of(*options: str | Path) -> Path:
    """Return the private home that a launch with these options uses."""
    done = provisioner("launch", *options, "--print", "--", "login", "status")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.split("CODEX_HOME=")[1].split("\n")[0])


def quiet(url: str) -> list[str]:
    """Options that keep Codex off every host but the gateway."""
    overrides = (
        "features.plugins=false",
        "features.apps=false",
        "analytics.enabled=false",
        f'chatgpt_base_url="{url}/backend-api"',
    )
    return [word for override in overrides for word in ("-c", override)]


@contextlib.contextmanager
def gateway_in(folder: Path) -> Iterator[tuple[RunningGateway, str]]:
    (folder / "gateway.toml").write_text(PROVIDERS)
    with running_gateway(folder / "gateway", folder / "gateway.toml") as gateway:
        yield gateway, f"http://127.0.0.1:{gateway.port}"


@pytest.mark.needs_codex
@pytest.mark.parametrize("home", ["private", "own"])
@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_each_flow_reaches_the_gateway_as_itself(
    flow: str, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    breakers = {"CODEX_API_KEY": "must-not-be-sent", "OPENAI_BASE_URL": "http://127.0.0.1:9"}
    with gateway_in(tmp_path) as (gateway, url):
        options = ["--flow", flow, "--gateway-url", url, "--codex", VERSION]
        given = {TOKEN_VARIABLE[flow]: gateway.token, "OPENAI_API_KEY": KEY, "CODEX_HOME": str(own)}
        give(monkeypatch, given | breakers)
        chatgpt_auth(own if home == "own" else home_of(*options), LOGIN)
        command = ["exec", "--skip-git-repo-check", "--strict-config", "Say hello."]
        done = provisioner("launch", *options, "--home", home, "--", *quiet(url), *command)
        records = gateway.ended(1)

    assert done.returncode == 0, done.stderr
    assert "Hello from the scripted upstream" in done.stdout
    (record,) = records
    assert record.client == "Codex"
    kind = "centralized" if flow == "centralized" else "byok"
    assert (record.provider, record.credential_kind) == (
        "chatgpt" if flow == "chatgpt" else "openai",
        kind,
    )
    sent = {"centralized": "", "byok": KEY, "chatgpt": LOGIN}[flow]
    assert record.credential_hint == (f"{sent[:4]}...{sent[-4:]}" if sent else "")
    left_out = "CODEX_API_KEY, OPENAI_API_KEY, " if flow == "chatgpt" else "CODEX_API_KEY, "
    assert f"left out, as it would change the flow: {left_out}OPENAI_BASE_URL\n" in done.stderr


@pytest.mark.needs_codex
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["login", "status"], 1), (["--version"], 0), (["exec", "--no-such-option"], 2)],
)
def test_the_exit_code_is_codex_own(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, {"CODER_API_TOKEN": TOKEN, "OPENAI_API_KEY": KEY})
    options = ["--flow", "byok", "--gateway-url", URL, "--codex", VERSION]

    done = provisioner("launch", *options, "--", *arguments)

    assert done.returncode == code
    assert "error: unexpected argument" in done.stderr or code != 2


@pytest.mark.needs_codex
def test_an_interrupt_ends_codex_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, {"CODER_API_TOKEN": TOKEN, "OPENAI_API_KEY": KEY})
    codex = install_codex(VERSION)
    over = threading.Event()

    def think(_: Request) -> Told:
        over.wait(60)
        return 500, {}, ""

    with (
        serving(think) as server,
        started(server.url, codex, *quiet(server.url), "exec", "hi") as process,
    ):
        wait_until(lambda: any(request.method == "POST" for request in server.requests))
        commands = list(command_lines(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        code = process.wait(timeout=30)
        over.set()

    assert code != 0
    assert sum(" exec " in line for line in commands) >= 2
    assert not any(secret in line for line in commands for secret in (TOKEN, KEY))
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    home = next((tmp_path / "xdg-state" / "provisioner" / "homes").iterdir())
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    texts = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(secret.encode() in text for text in texts for secret in (TOKEN, KEY))


@contextlib.contextmanager
def started(url: str, codex: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a launch in a process group of its own, which ends with the block."""
    options = ["--flow", "byok", "--gateway-url", url, "--codex-path", str(codex)]
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", "launch", *options, "--", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # The runner of these tests may ignore interrupts, which its children would inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def command_lines(group: int) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) == group:
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def launch_fake(codex: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return provisioner(
        "launch", "--flow", "byok", "--gateway-url", URL, "--codex-path", codex, *arguments
    )


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, {"CODER_API_TOKEN": TOKEN, "OPENAI_API_KEY": KEY})


@pytest.mark.usefixtures("credentials")
def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    codex = fake_codex(tmp_path / "bin", "sys.exit(7)")
    odd = ["exec", "--", "-h", "a b", "é\n", "", "$(touch x)", "provisioner.toml"]

    done = launch_fake(codex, "--", *odd)

    assert done.returncode == 7, done.stderr
    assert report_of(codex)["arguments"][-len(odd) :] == odd


def test_the_process_is_replaced_and_ends_by_its_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, {"CODER_API_TOKEN": TOKEN, "OPENAI_API_KEY": KEY})
    codex = fake_codex(
        tmp_path / "bin",
        f"open({str(tmp_path / 'bin' / 'ready')!r}, 'w'); import time; time.sleep(60)",
    )
    with started(URL, codex, "exec", "hi") as process:
        wait_until((tmp_path / "bin" / "ready").exists)
        assert report_of(codex)["pid"] == process.pid
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=10) == -signal.SIGTERM


@pytest.mark.usefixtures("credentials")
def test_codex_gets_the_terminal(tmp_path: Path) -> None:
    codex = fake_codex(tmp_path / "bin", "sys.exit(5)")
    command = [sys.executable, "-m", "provisioner", "launch", "--flow", "byok"]
    command += ["--gateway-url", URL, "--codex-path", str(codex)]
    main, side = pty.openpty()
    try:
        done = subprocess.run(
            command, stdin=side, stdout=side, stderr=side, cwd=ROOT, timeout=60, check=False
        )
    finally:
        os.close(side)
        os.close(main)

    assert (done.returncode, report_of(codex)["tty"]) == (5, True)


@pytest.mark.usefixtures("credentials")
def test_codex_does_not_inherit_what_python_ignores(tmp_path: Path) -> None:
    codex = tmp_path / "codex"
    codex.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "codex-cli 0.169.0" && exit\n'
        "exec grep SigIgn /proc/self/status\n"
    )
    codex.chmod(0o755)

    done = launch_fake(codex)

    ignored = int(done.stdout.split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1))


@pytest.mark.usefixtures("credentials")
def test_the_environment_is_the_callers_without_what_changes_the_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, {"CODEX_API_KEY": "leak", "OPENAI_ORGANIZATION": "leak", "MINE": "kept"})
    codex = fake_codex(tmp_path / "bin")

    launch_fake(codex)

    environment = report_of(codex)["environment"]
    assert "leak" not in environment.values()
    assert (environment["MINE"], environment["CODER_API_TOKEN"]) == ("kept", TOKEN)
    assert Path(environment["CODEX_HOME"]).is_relative_to(tmp_path / "xdg-state")


@pytest.mark.usefixtures("credentials")
def test_a_users_own_home_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.toml").write_text('model = "mine"\r\n[projects."/x"]\ntrust_level="trusted"\n')
    monkeypatch.setenv("CODEX_HOME", str(own))
    before = read_tree(own), {path.name: path.stat().st_mtime_ns for path in own.iterdir()}
    codex = fake_codex(tmp_path / "bin")

    done = launch_fake(codex, "--home", "own")

    assert done.returncode == 0, done.stderr
    after = read_tree(own), {path.name: path.stat().st_mtime_ns for path in own.iterdir()}
    assert after == before
    assert report_of(codex)["environment"]["CODEX_HOME"] == str(own)
    assert not (tmp_path / "xdg-state").exists()


@pytest.mark.usefixtures("credentials")
def test_a_look_shows_hints_and_changes_nothing(tmp_path: Path) -> None:
    codex = fake_codex(tmp_path / "bin")

    done = launch_fake(codex, "--print", "--", "exec", f"my key is {KEY}")

    assert done.returncode == 0
    assert "CODER_API_TOKEN=gate...6789\nOPENAI_API_KEY=sk-m...cdef\n" in done.stdout
    assert done.stdout.endswith("exec 'my key is sk-m...cdef'\n")
    assert TOKEN not in done.stdout + done.stderr
    assert not (tmp_path / "bin" / "report.json").exists()
    assert not (tmp_path / "xdg-state").exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "CODER_API_TOKEN is not set; it holds a Coder API token, from `coder tokens create"),
        (f"{TOKEN}\n", "ends in a newline"),
        (f" {TOKEN}", "has white space around it"),
    ],
)
def test_a_credential_that_cannot_be_used_stops_the_launch(
    value: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, {"OPENAI_API_KEY": KEY} | ({"CODER_API_TOKEN": value} if value else {}))
    codex = fake_codex(tmp_path / "bin")

    done = launch_fake(codex, "--", "exec", "hi")

    assert done.returncode == 2
    assert words in done.stderr
    assert TOKEN not in done.stderr
    assert not (tmp_path / "bin" / "report.json").exists()


@pytest.mark.usefixtures("credentials")
def test_the_config_is_for_the_version_that_is_found(tmp_path: Path) -> None:
    spec = tmp_path / "provisioner.toml"
    spec.write_text(
        f'flow = "byok"\n[gateway]\nurl = "{URL}"\n[target]\ncodex = "0.169.0"\n'
        '[profiles.router]\nmodel = "m"\n'
    )
    old = fake_codex(tmp_path / "old", version="0.122.0")
    new = fake_codex(tmp_path / "new")
    homes = []
    for codex in (old, new, old):
        done = provisioner("launch", spec, "--codex-path", codex, "--profile", "router")
        assert done.returncode == 0, done.stderr
        assert ("the spec is for Codex 0.169.0" in done.stderr) is (codex is old)
        assert report_of(codex)["arguments"][-2:] == ["-p", "router"]
        home = Path(report_of(codex)["environment"]["CODEX_HOME"])
        homes.append((home, (home / "router.config.toml").exists()))

    assert homes == [(homes[0][0], False), (homes[0][0], True), (homes[0][0], False)]


def test_without_flow_url_or_codex_the_words_say_what_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codex = fake_codex(tmp_path / "bin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    flow = provisioner("launch", cwd=tmp_path)
    url = provisioner("launch", "--flow", "byok", "--codex-path", codex)
    both = provisioner("launch", "--flow", "byok", "--codex-path", codex, "--codex", VERSION)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    missing = provisioner("launch", "--flow", "byok", "--gateway-url", URL)

    assert [done.returncode for done in (flow, url, both, missing)] == [2, 2, 2, 2]
    assert "give SPEC or --flow" in flow.stderr
    assert "give --gateway-url" in url.stderr
    assert "not both" in both.stderr
    assert "`--codex VERSION` installs one" in missing.stderr
