"""`provisioner gateway session|usage|token`: on a state directory and on a gateway that runs."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import provisioner
from tests.support.gateway_server import RunningGateway, post, running_gateway

QUESTION = {"model": "gpt-5.5", "stream": True, "input": "hello\x1b[31m there"}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "state") as running:
        yield running


@pytest.fixture(params=["state", "url"])
def where(
    request: pytest.FixtureRequest, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The options that name the gateway, in each of the two ways."""
    if request.param == "state":
        return ["--state", str(gateway.state)]
    monkeypatch.setenv("PROVISIONER_GATEWAY_TOKEN", gateway.token)
    return ["--url", f"http://127.0.0.1:{gateway.port}"]


def test_what_was_recorded(gateway: RunningGateway, where: list[str], tmp_path: Path) -> None:
    post(gateway, QUESTION, headers=gateway.headers(session_id="s-1", **{"User-Agent": "codex"}))
    post(gateway, {**QUESTION, "model": "=evil"})
    gateway.ended(2)

    def run(*arguments: str | Path) -> str:
        done = provisioner("gateway", *arguments, *where)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    table = run("session", "list", "--search", "client:Codex").splitlines()
    assert table[0].split("  ")[0] == "STARTED"
    assert len(table) == 2
    assert "hello?[31m there" in table[1]
    assert table[1].endswith("  s-1")
    listed = json.loads(run("session", "list", "--format", "json", "--limit", "1"))
    assert (listed["count"], len(listed["sessions"])) == (2, 1)

    shown = run("session", "show", "s-1")
    assert shown.startswith("session s-1 of local, Codex\n\n")
    assert "hello?[31m there\n  openai gpt-5.5, centralized; tokens: " in shown
    assert json.loads(run("session", "show", "s-1", "--format", "json"))["id"] == "s-1"

    lines = [json.loads(line) for line in run("session", "export").splitlines()]
    assert [line["model"] for line in lines] == ["=evil", "gpt-5.5"]
    assert lines[1]["prompts"][0]["prompt"] == QUESTION["input"]
    run("session", "export", "--format", "csv", "-o", tmp_path / "out.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [row["model"] for row in rows] == ["'=evil", "gpt-5.5"]
    assert [row["prompts"] for row in rows] == ["1", "1"]
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600

    used = run("usage", "--by", "model").splitlines()
    assert used[0].split() == ["MODEL", "INTERCEPTIONS", "FAILED", "IN", "CACHED", "OUT"]
    assert {line.split()[0] for line in used[1:]} == {"gpt-5.5", "=evil", "total"}
    total = json.loads(run("usage", "--format", "json"))["total"]
    assert total["interceptions"] == 2


def test_tokens(gateway: RunningGateway, where: list[str]) -> None:
    create = ("gateway", "token", "create", "--user", "ada", "--group", "ml", "--expires", "2h")
    made = provisioner(*create, "--name", "laptop", "--format", "json", *where)
    document = json.loads(made.stdout)
    token = document["token"]
    assert (document["user"], document["name"]) == ("ada", "laptop")
    headers = {"Authorization": f"Bearer {token}"}
    assert post(gateway, QUESTION, headers=headers).status == 200

    listed = provisioner("gateway", "token", "list", *where)
    assert (listed.returncode, listed.stderr) == (0, "")
    (row,) = [line for line in listed.stdout.splitlines() if "laptop" in line]
    assert f"{token[:4]}...{token[-4:]}" in row
    assert token not in listed.stdout

    revoked = provisioner("gateway", "token", "revoke", "laptop", "--user", "ada", *where)
    assert (revoked.returncode, revoked.stdout) == (0, "revoked laptop of ada\n")
    of_local = provisioner("gateway", "token", "list", "--user", "local", *where)
    assert " first " in of_local.stdout
    mine = provisioner("gateway", "token", "list", "--user", "ada", *where)
    assert mine.stdout == "no tokens\n"
    every = ("gateway", "token", "list", "--user", "ada", "--all", "--format", "json")
    (dead,) = json.loads(provisioner(*every, *where).stdout)["tokens"]
    assert dead["state"] == "revoked"


def test_a_name_that_several_tokens_have_is_not_enough(where: list[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = provisioner("gateway", "token", *arguments, *where)
        return done.returncode, done.stdout or done.stderr

    ids = {}
    for user in ("ada", "bob"):
        made = run("create", "--user", user, "--name", "laptop", "--format", "json")
        ids[user] = json.loads(made[1])["id"]

    again = run("create", "--user", "ada", "--name", "laptop")
    unclear = run("revoke", "laptop")
    by_id = run("revoke", ids["bob"], "--format", "json")
    clear = run("revoke", "laptop")
    gone = run("revoke", "laptop")

    said = 'error: a token with name "laptop" already exists; token_name: '
    assert again[0] == 2
    assert again[1].startswith(said)
    meant = f"{ids['bob']} of bob, {ids['ada']} of ada"
    told = 'error: several tokens have the name "laptop"; name the user, or use the id: '
    assert unclear == (2, f"{told}{meant}\n")
    assert json.loads(by_id[1]) == {"revoked": ids["bob"], "id": ids["bob"], "user": "bob"}
    assert clear == (0, "revoked laptop of ada\n")
    assert gone[0] == 2
    assert run("create", "--user", "ada", "--name", "laptop")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("session", "show", "nothing"),
            'session not found; no session that you may see is "nothing"',
        ),
        (("session", "list", "--search", "a:b"), "invalid search query; a: "),
        (("token", "revoke", "nothing"), "resource not found or you do not have access"),
        (("token", "list", "--user", "nobody"), "resource not found or you do not have access"),
        (("token", "create", "--user", " "), "request body has invalid values; user: must be "),
    ],
)
def test_what_cannot_be_done(where: list[str], arguments: tuple[str, ...], message: str) -> None:
    done = provisioner("gateway", *arguments, *where)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {message}")
    assert len(done.stderr.splitlines()) == 1


def test_a_gateway_that_is_not_there_or_not_asked_rightly(
    gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{gateway.port}"
    untold = provisioner("gateway", "usage", "--url", url)
    monkeypatch.setenv("PROVISIONER_GATEWAY_TOKEN", "prv_wrong")
    wrong = provisioner("gateway", "usage", "--url", url)
    nowhere = provisioner("gateway", "usage", "--url", "http://127.0.0.1:1")
    nothing = provisioner("gateway", "usage", "--url", "ftp://x")
    (tmp_path / "there").write_text("mine")
    taken = provisioner(
        "gateway", "session", "export", "--state", gateway.state, "-o", tmp_path / "there"
    )

    assert untold.stderr == "error: set PROVISIONER_GATEWAY_TOKEN to a token of the gateway\n"
    told = f"error: the gateway at {url} knows no such token, or not any more; "
    assert wrong.stderr == f"{told}set PROVISIONER_GATEWAY_TOKEN to another one\n"
    assert nowhere.stderr.startswith(
        "error: no usable answer from http://127.0.0.1:1: ConnectError"
    )
    assert nothing.stderr == 'error: "ftp://x" is not an http or https address\n'
    assert taken.stderr == f"error: cannot write {tmp_path / 'there'}: File exists\n"
    assert (tmp_path / "there").read_text() == "mine"
    assert {run.returncode for run in (untold, wrong, nowhere, nothing, taken)} == {2}


def test_a_lifetime_is_a_number_with_a_unit(tmp_path: Path) -> None:
    done = provisioner("gateway", "token", "create", "--state", tmp_path, "--expires", "soon")

    assert done.returncode == 2
    assert '"soon" is not a duration such as 30m, 12h or 90d' in done.stderr
