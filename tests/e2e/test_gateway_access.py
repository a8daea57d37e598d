"""Auth modes at a running gateway: one quota for all gateways, a ledger, and what Codex shows."""

from __future__ import annotations

import json
import threading
import tomllib
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.command import provisioner
from tests.support.gateway_api import ask
from tests.support.gateway_server import RunningGateway, gateway_process, post, running_gateway
from tests.support.postgres_server import PostgresServer
from tests.support.real_codex import codex_exec
from tests.support.tree import write_tree

ACCESS = """
[organization]
name = "acme"
metered_enabled = true
metered_keys = ["codex"]
shared_daily_usd = 10.0

[[pool]]
provider = "kubernetes"
name = "cluster"
"""
# Every answer costs one US dollar, and so much is reserved for it.
GATEWAY = """
reserve_output_tokens = 10

[access]
file = "access.toml"
mode = "shared"
modes = { paid = "metered" }

[[price]]
model = "gpt-5.5"
input = 0
output = 100000

[[provider]]
name = "openai"
type = "openai"
upstream = "scripted"
script = "turns.toml"

[[provider]]
name = "paid"
type = "openai"
upstream = "scripted"
script = "turns.toml"
"""
USED = "[turn.usage]\ninput_tokens = 100\noutput_tokens = 10\n"
TURN = f'[[turn]]\ntext = "Hi."\n{USED}'
QUESTION = {"model": "gpt-5.5", "stream": True, "input": "hello"}
USED_UP = "SHARED_QUOTA_EXCEEDED: today's shared quota of {} US dollars is used up"


def write(folder: Path, turns: str = TURN, quota: str = "10.0", more: str = "") -> Path:
    access = ACCESS.replace("shared_daily_usd = 10.0", f"shared_daily_usd = {quota}")
    files = {"gateway.toml": GATEWAY, "access.toml": f"{access}{more}", "turns.toml": turns}
    write_tree(folder, files)
    return folder / "gateway.toml"


def paid(gateway: RunningGateway) -> int:
    return post(gateway, QUESTION, "/paid/v1/responses").status


@pytest.mark.needs_postgres
def test_forty_at_once_share_a_quota_of_ten(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", postgres.new_database())
    config = write(tmp_path)
    seen: Counter[tuple[int, bytes]] = Counter()
    lock = threading.Lock()
    with (
        running_gateway(tmp_path / "one", config) as one,
        running_gateway(tmp_path / "two", config) as two,
    ):
        headers = {"Authorization": f"Bearer {one.token or two.token}"}
        start = threading.Barrier(40)

        def work(gateway: RunningGateway) -> None:
            start.wait(60)
            reply = post(gateway, QUESTION, headers=headers)
            with lock:
                seen[reply.status, b"" if reply.status == 200 else reply.body] += 1

        threads = [threading.Thread(target=work, args=(g,)) for g in (one, two) * 20]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        options = ("--config", str(config), "--state", str(tmp_path / "one"))
        told = provisioner("gateway", "usage", *options, "--format", "access")

    assert seen == {(200, b""): 10, (403, f"{USED_UP.format('10.0')}\n".encode()): 30}
    assert [row["usd"] for row in tomllib.loads(told.stdout)["spent"]] == [10.0]


def test_what_was_spent_is_what_the_next_session_is_resolved_by(tmp_path: Path) -> None:
    cap = '\n[[cap]]\nmode = "metered"\npool = "kubernetes"\ndaily_usd = 5.0\n'
    config, usage = write(tmp_path, quota="2.0", more=cap), tmp_path / "usage.toml"
    with running_gateway(tmp_path / "state", config) as gateway:
        shared = [post(gateway, QUESTION).status for _ in range(3)]
        metered = [paid(gateway) for _ in range(3)]
        records = gateway.ended(6)
        options = ("--config", str(config), "--state", str(tmp_path / "state"))
        told = provisioner("gateway", "usage", *options, "--format", "access")
        over_http = ask(gateway, "/api/v2/ai-gateway/access-usage")
    usage.write_text(told.stdout)
    rows = tomllib.loads(told.stdout)["spent"]
    day = rows[0]["day"]

    def resolved(mode: str) -> tuple[int, str, str]:
        done = provisioner(
            "access", "resolve", "--access", tmp_path / "access.toml", "--model-id", "gpt-5.5",
            "--usage", usage, "--date", str(day), "--mode", mode, "--explain",
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    assert (shared, metered) == ([200, 200, 403], [200, 200, 200])
    assert [(record.auth_mode, record.error) for record in reversed(records)] == [
        ("shared", ""),
        ("shared", ""),
        ("shared", "denied: SHARED_QUOTA_EXCEEDED"),
        *[("metered", "")] * 3,
    ]
    mine = {"day": day, "pool": "kubernetes", "organization": "acme"}
    assert rows == [{**mine, "mode": "metered", "usd": 3.0}, {**mine, "mode": "shared", "usd": 2.0}]
    assert abs((datetime.now(UTC).date() - day).days) <= 1
    document = json.loads(over_http.body)["spent"]
    assert [Decimal(row["usd"]) for row in document] == [3, 2]
    code, explained, _ = resolved("shared")
    assert code == 0
    assert "SHARED_QUOTA_EXCEEDED: today's shared quota of 2.0 US dollars is used up" in explained
    _, explained, _ = resolved("metered")
    assert "may spend       2.0 US dollars" in explained


@pytest.mark.needs_codex
@pytest.mark.parametrize(
    ("retries", "asked"),
    [(0, 1), (1, 2)],
)
def test_codex_says_that_the_quota_is_used_up_in_mid_session(
    tmp_path: Path, retries: int, asked: int
) -> None:
    call = "[[turn.tool_call]]\nrun = 'true'\n"
    turns = f"[[turn]]\ntext = 'Working.'\n{USED}{call}{TURN}"
    with running_gateway(tmp_path / "state", write(tmp_path, turns, quota="1.0")) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/openai/v1"
        run = codex_exec("0.169.0", tmp_path / "codex", url, gateway.token, retries=retries)
        records = gateway.ended(1 + asked)

    assert run.status == 1, run.stderr
    assert run.errors[-1] == (
        f"unexpected status 403 Forbidden: {USED_UP.format('1.0')}, url: {url}/responses"
    )
    assert [(record.status, record.error) for record in reversed(records)] == [
        (200, ""),
        *[(403, "denied: SHARED_QUOTA_EXCEEDED")] * asked,
    ]


@pytest.mark.needs_codex
def test_codex_says_so_over_a_websocket_too(tmp_path: Path) -> None:
    call = "[[turn.tool_call]]\nrun = 'true'\n"
    turns = f"[[turn]]\ntext = 'Working.'\n{USED}{call}{TURN}"
    config = write(tmp_path, turns, quota="1.0")
    config.write_text(f"{config.read_text()}[relay]\nwebsockets = true\n")
    with running_gateway(tmp_path / "state", config) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/openai/v1"
        sockets = ("-c", "model_providers.ai_gateway.supports_websockets=true")
        run = codex_exec("0.169.0", tmp_path / "codex", url, gateway.token, *sockets)
        # It asks once more over HTTP, whatever a WebSocket said.
        records = gateway.ended(3)

    assert run.status == 1, run.stderr
    assert run.errors[-1] == (
        f"unexpected status 403 Forbidden: {USED_UP.format('1.0')}, url: {url}/responses"
    )
    assert [record.error for record in reversed(records)] == [
        "",
        *["denied: SHARED_QUOTA_EXCEEDED"] * 2,
    ]


def test_a_wrong_access_file_is_told_before_anything_starts(tmp_path: Path) -> None:
    config = write(tmp_path, more="[[pool]]\nprovider = 'modal'\nname = 'bursts'\n")
    two = provisioner("gateway", "serve", "--config", config, "--state", tmp_path / "state")
    (tmp_path / "access.toml").write_text("[organisation]\n")
    bad = provisioner("gateway", "serve", "--config", config, "--state", tmp_path / "state")
    (tmp_path / "access.toml").unlink()
    gone = provisioner("gateway", "serve", "--config", config, "--state", tmp_path / "state")

    file = tmp_path / "access.toml"
    assert two.stderr == (
        f"error: {config}: access.pool: say what makes the machines that sessions run on, as {file} "
        "does not have one kind of cloud pools but: kubernetes, modal\n"
    )
    assert bad.stderr.startswith(f'error: {config}: {file}:1:2: unknown key "organisation"')
    assert gone.stderr == (
        f'error: {config}: access.file: cannot read "{file}": No such file or directory\n'
    )
    assert {two.returncode, bad.returncode, gone.returncode} == {2}


def test_a_mode_of_no_provider_is_refused(tmp_path: Path) -> None:
    config = write(tmp_path)
    config.write_text(config.read_text().replace("paid =", "piad ="))
    done = provisioner("gateway", "serve", "--config", config, "--state", tmp_path / "state")

    assert (done.returncode, done.stderr) == (
        2,
        f'error: {config}: access.modes: no provider is "piad"\n',
    )


def test_what_was_reserved_is_let_go_when_a_budget_refuses(tmp_path: Path) -> None:
    budget = '[[budget]]\nname = "day"\nscope = "principal"\nwindow = "total"\nlimit_requests = 1\n'
    config = write(tmp_path)
    config.write_text(f'era = "2.36"\n{config.read_text()}{budget}')
    with running_gateway(tmp_path / "state", config) as gateway:
        asked = [post(gateway, QUESTION).status for _ in range(12)]
        gateway.ended(12)
        rows = json.loads(ask(gateway, "/api/v2/ai-gateway/access-usage").body)["spent"]

    # Nothing of eleven that another check refused counts, or is held for ever.
    assert asked == [200] + [403] * 11
    assert [row["usd"] for row in rows] == ["1.000000"]


def test_only_admins_see_what_was_spent_and_options_of_others_are_refused(tmp_path: Path) -> None:
    config = write(tmp_path)
    with gateway_process(tmp_path / "state", "--config", str(config)) as (_, gateway):
        mine = ("--config", str(config), "--state", str(tmp_path / "state"))
        made = provisioner("gateway", "token", "create", "--user", "ada", *mine)
        token = made.stdout.split()[0]
        refused = ask(gateway, "/api/v2/ai-gateway/access-usage", token=token)
        nothing = provisioner("gateway", "usage", *mine, "--format", "access")
        wrong = provisioner("gateway", "usage", *mine, "--format", "access", "--by", "day")

    assert made.returncode == 0
    assert refused.status == 403
    assert nothing.stdout == "# Nothing was spent.\n"
    assert wrong.returncode == 2
    assert "--by and --search are not for --format access, which has all" in wrong.stderr
