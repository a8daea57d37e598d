"""Budgets of a running gateway: reserved, booked, told, and the same for several gateways."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioner.gateway.record.budget_accounts import read_accounts
from provisioner.gateway.record.budgets import AccountKey, Balance
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.opened import open_database
from tests.support.command import provisioner
from tests.support.gateway_api import api
from tests.support.gateway_server import (
    Reply,
    RunningGateway,
    gateway_process,
    post,
    running_gateway,
)
from tests.support.postgres_server import PostgresServer
from tests.support.tree import write_tree

PROVIDER = (
    '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\nscript = "t.toml"\n'
)
TURN = '[[turn]]\ntext = "Hi."\n[turn.usage]\ninput_tokens = 100\noutput_tokens = 10\n'
QUESTION = {"model": "gpt-6-sol", "stream": True, "input": "hello"}
BUDGET = '[[budget]]\nname = "day"\nscope = "principal"\nwindow = "total"\n'


MONEY = '[[budget]]\nname = "money"\nscope = "organization"\nwindow = "total"\nlimit_usd = "9"\n'


def write(folder: Path, budgets: str, turn: str = TURN, head: str = 'era = "2.36"\n') -> Path:
    write_tree(folder, {"g.toml": head + PROVIDER + budgets, "t.toml": turn})
    return folder / "g.toml"


@contextmanager
def gateway_of(
    folder: Path, budgets: str, turn: str = TURN, head: str = 'era = "2.36"\n'
) -> Iterator[RunningGateway]:
    with running_gateway(folder / "state", write(folder, budgets, turn, head)) as gateway:
        yield gateway


def balances(folder: Path, *names: str, address: str | None = None) -> dict[AccountKey, Balance]:
    database = open_database(folder / "state", address)
    try:
        return database.read(lambda c: read_accounts(c, dict.fromkeys(names, 0)))
    finally:
        database.close()


def ask(gateway: RunningGateway, **changes: object) -> Reply:
    return post(gateway, {**QUESTION, **changes})


def test_requests_are_counted_one_by_one(tmp_path: Path) -> None:
    with gateway_of(tmp_path, f"{BUDGET}limit_requests = 2\n") as gateway:
        replies = [ask(gateway) for _ in range(3)]
        records = gateway.ended(3)

    assert [reply.status for reply in replies] == [200, 200, 403]
    assert (
        replies[2].body == b"AI budget exceeded: Budget exceeded for scope=principal window=total\n"
    )
    assert (records[0].outcome, records[0].status, records[0].error) == (
        Outcome.FAILED,
        403,
        "denied: budget_exceeded",
    )
    assert list(balances(tmp_path, "day").values()) == [Balance(2, 0)]


def test_money_is_counted_by_the_price_list(tmp_path: Path) -> None:
    with gateway_of(tmp_path, f'{BUDGET}limit_usd = "0.0004"\n') as gateway:
        replies = [ask(gateway) for _ in range(3)]
        gateway.ended(3)

    # 100 tokens at 2 dollars a million and 10 at 10 dollars: 300 millionths each.
    assert [reply.status for reply in replies] == [200, 200, 403]
    assert replies[2].body == (
        b"AI budget of US$0.00 exceeded. Please contact an administrator for more details.\n"
    )
    assert list(balances(tmp_path, "day").values()) == [Balance(600, 0)]


def test_a_price_of_ones_own_takes_the_place_of_the_list(tmp_path: Path) -> None:
    price = (
        '[[price]]\nmodel = "gpt-6-sol"\ninput = 1\ncached_input = 0.5\noutput = 2\nreasoning = 4\n'
    )
    turn = f"{TURN}cached_tokens = 40\nreasoning_tokens = 5\n"
    with gateway_of(tmp_path, f"{BUDGET}limit_usd = 1\n{price}", turn) as gateway:
        assert ask(gateway).status == 200
        gateway.ended(1)

    # 60 new, 40 cached, 5 written and 5 thought.
    assert list(balances(tmp_path, "day").values()) == [Balance(60 + 20 + 10 + 20, 0)]


def test_what_fails_costs_nothing(tmp_path: Path) -> None:
    turn = '[[turn]]\n[turn.failure]\nstatus = 500\njson = { error = { message = "x" } }\n'
    with gateway_of(tmp_path, f"{BUDGET}limit_requests = 1\n", turn) as gateway:
        replies = [ask(gateway) for _ in range(3)]
        gateway.ended(3)

    assert [reply.status for reply in replies] == [500] * 3
    assert list(balances(tmp_path, "day").values()) == [Balance(0, 0)]


def test_a_client_that_breaks_the_body_holds_nothing(tmp_path: Path) -> None:
    with gateway_of(tmp_path, f"{BUDGET}limit_requests = 1\n") as gateway:
        bad = post(gateway, b"{")
        background = ask(gateway, background=True)
        good = ask(gateway)
        gateway.ended(2)

    assert [bad.status, background.status, good.status] == [500, 501, 200]
    assert list(balances(tmp_path, "day").values()) == [Balance(1, 0)]


@pytest.mark.parametrize(
    ("limit", "status", "error"),
    [
        (
            "limit_requests = 1",
            402,
            {
                "message": "Budget exceeded for scope=principal window=total",
                "type": "insufficient_quota",
                "param": None,
                "code": "budget_exceeded",
            },
        ),
    ],
)
def test_the_words_of_another_dialect(
    tmp_path: Path, limit: str, status: int, error: Mapping[str, object]
) -> None:
    head = 'dialect = "openai-compatible"\n'
    with gateway_of(tmp_path, f"{BUDGET}{limit}\n", head=head) as gateway:
        replies = [post(gateway, QUESTION, "/v1/responses") for _ in range(2)]

    assert [reply.status for reply in replies] == [200, status]
    assert json.loads(replies[1].body) == {"error": error}


def test_what_was_reserved_for_a_killed_gateway_is_booked(tmp_path: Path) -> None:
    config = write(
        tmp_path, f"{BUDGET}limit_requests = 5\n", f"{TURN}[turn.failure]\nending = 'stall'\n"
    )
    state = tmp_path / "state"
    body = json.dumps(QUESTION)
    head = f"POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
    with gateway_process(state, "--config", str(config)) as (process, gateway):
        auth = f"Authorization: Bearer {gateway.token}"
        with gateway.connect() as client:
            client.sendall(f"{head}\r\n{auth}\r\n\r\n{body}".encode())
            assert client.recv(100)
            while not gateway.records():
                time.sleep(0.01)
            process.kill()
            process.wait()
    held = list(balances(tmp_path, "day").values())

    with running_gateway(state, config) as again:
        again.ended(1)
        (after,) = balances(tmp_path, "day").values()

    assert held == [Balance(0, 1)]
    assert after == Balance(1, 0)


@pytest.mark.needs_postgres
def test_two_gateways_never_let_in_more_than_there_is(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred at once on two gateways, half of what they ask for is there."""
    address = postgres.new_database()
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    config = write(tmp_path, f"{BUDGET}limit_requests = 100\n")
    seen: Counter[int] = Counter()
    lock = threading.Lock()
    with (
        running_gateway(tmp_path / "one", config) as one,
        running_gateway(tmp_path / "two", config) as two,
    ):
        token = one.token or two.token
        headers = {"Authorization": f"Bearer {token}"}

        def work(gateway: RunningGateway) -> None:
            for _ in range(10):
                status = post(gateway, QUESTION, headers=headers).status
                with lock:
                    seen[status] += 1

        threads = [threading.Thread(target=work, args=(g,)) for g in (one, two) * 10]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    assert seen == {200: 100, 403: 100}
    found = balances(tmp_path, "day", address=address)
    assert list(found.values()) == [Balance(100, 0)]


def told(*arguments: str) -> str:
    done = provisioner("gateway", "budget", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_what_is_left_is_told_and_can_be_reset(tmp_path: Path) -> None:
    config = write(tmp_path, f"{BUDGET}limit_requests = 1\n{MONEY}")
    options = ("--config", str(config), "--state", str(tmp_path / "state"))
    with running_gateway(tmp_path / "state", config) as gateway:
        before = [ask(gateway).status for _ in range(2)]
        listed = json.loads(told("list", *options, "--format", "json"))["budgets"]
        shown = told("list", *options)
        reset = told("reset", "day", "--subject", "local", *options)
        after = ask(gateway).status
        api_listed = api(gateway, "/api/v2/ai-gateway/budgets")
        unknown = provisioner("gateway", "budget", "reset", "year", *options)

    assert (before, after, reset) == ([200, 403], 200, "day: 1 account reset\n")
    (account,) = listed[0].pop("accounts")
    subject = account.pop("subject")
    assert account == {"name": "local", "spent": 1, "reserved": 0, "remaining": 0}
    assert len(subject) == 36
    assert listed[0] == {
        "name": "day",
        "scope": "principal",
        "scope_id": "",
        "window": "total",
        "provider": "",
        "unit": "requests",
        "limit": 1,
        "on_breach": "block",
        "started_at": "1970-01-01T00:00:00Z",
        "resets_at": None,
    }
    assert [a["spent"] for a in listed[1]["accounts"]] == ["0.000300"]
    assert shown.splitlines()[1].split() == (
        ["day", "principal", "total", "local", "1", "0", "0", "1", "requests", "never"]
    )
    assert [entry["name"] for entry in api_listed] == ["day", "money"]
    assert (unknown.returncode, unknown.stderr) == (
        2,
        'error: there is no budget "year"; the configuration has: day, money\n',
    )
