"""The management API over sockets: Coder's paths, query keys, pages and shapes, and who sees what."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_api import api, ask
from tests.support.gateway_server import Reply, RunningGateway, post, running_gateway
from tests.support.tree import write_tree

BASE = "/api/v2/aibridge"
PATH = "/central/v1/responses"
TURNS = """
[[turn]]
reasoning = "I look first."
[[turn.tool_call]]
name = "exec_command"
arguments = { cmd = "ls" }
[turn.usage]
input_tokens = 12
cached_tokens = 2
output_tokens = 3
[[turn]]
text = "Done."
[turn.usage]
input_tokens = 20
output_tokens = 5
"""
CONFIG = """
era = "2.36"
[[provider]]
name = "central"
type = "openai"
upstream = "scripted"
script = "turns.toml"
"""
CODEX = {"User-Agent": "codex_exec/0.134.0"}
MISSING = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    write_tree(tmp_path, {"gateway.toml": CONFIG, "turns.toml": TURNS})
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as running:
        yield running


def user_token(gateway: RunningGateway, user: str, **more: object) -> str:
    path = f"/api/v2/users/{user}/keys/tokens"
    made = ask(gateway, path, method="POST", body={"token_name": "laptop", **more})
    assert made.status == 201, made.body
    key: str = json.loads(made.body)["key"]
    return key


def say(
    gateway: RunningGateway,
    prompt: str,
    *,
    token: str | None = None,
    model: str = "gpt-5.5",
    session: str | None = None,
    turns: int = 2,
) -> None:
    """Ask as Codex does: the prompt, then the output of the tool call that it led to."""
    headers = {"Authorization": f"Bearer {token or gateway.token}", **CODEX}
    headers |= {"session_id": session} if session else {}
    items: list[dict[str, object]] = [{"type": "message", "role": "user", "content": prompt}]
    for _ in range(turns):
        reply = post(gateway, {"model": model, "input": items}, PATH, headers)
        assert reply.status == 200
        for item in json.loads(reply.body)["output"]:
            if item["type"] == "function_call":
                output = {"call_id": item["call_id"], "output": "a.txt"}
                items += [item, {"type": "function_call_output", **output}]


def test_a_session_in_the_list(gateway: RunningGateway) -> None:
    say(gateway, "hello", session="s-1")
    say(gateway, "and now\nthis", session="s-1", model="gpt-5.4", turns=1)
    records = gateway.ended(3)

    listed = api(gateway, f"{BASE}/sessions")

    newest, middle, oldest = records
    me = api(gateway, "/api/v2/users/me")
    assert listed == {
        "count": 1,
        "sessions": [
            {
                "id": "s-1",
                "client": "Codex",
                "initiator": {
                    "id": me["id"],
                    "username": "local",
                    "name": "local",
                    "avatar_url": "",
                },
                "providers": ["openai"],
                "provider_names": ["central"],
                "models": ["gpt-5.4", "gpt-5.5"],
                "started_at": in_json(oldest.started_at),
                "ended_at": in_json(newest.ended_at),
                "last_active_at": in_json(newest.ended_at),
                "last_prompt": "and now\nthis",
                "threads": 2,
                "metadata": {},
                "network_calls": {"total": 0, "blocked": 0},
                "token_usage_summary": {
                    "input_tokens": 10 + 20 + 10,
                    "output_tokens": 3 + 5 + 3,
                    "cache_read_input_tokens": 2 + 2,
                    "cache_write_input_tokens": 0,
                },
            }
        ],
    }
    assert uuid.UUID(me["id"])
    assert (middle.thread_root_id, newest.thread_root_id) == (oldest.id, None)
    assert api(gateway, "/api/v2/ai-gateway/sessions") == listed


def in_json(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def test_the_threads_of_a_session(gateway: RunningGateway) -> None:
    say(gateway, "hello", session="s/1 %?")
    asked, answered = reversed(gateway.ended(2))

    shown = api(gateway, f"{BASE}/sessions/s%2F1%20%25%3F")

    assert shown["id"] == "s/1 %?"
    (thread,) = shown["threads"]
    (action,) = thread.pop("agentic_actions")
    assert thread == {
        "id": asked.id,
        "prompt": "hello",
        "model": "gpt-5.5",
        "provider": "openai",
        "provider_name": "central",
        "credential_kind": "centralized",
        "credential_hint": "",
        "started_at": in_json(asked.started_at),
        "ended_at": in_json(answered.ended_at),
        "error_type": None,
        "error_message": None,
        "token_usage": {
            "input_tokens": 30,
            "output_tokens": 8,
            "cache_read_input_tokens": 2,
            "cache_write_input_tokens": 0,
        },
    }
    (call,) = action.pop("tool_calls")
    assert action["model"] == "gpt-5.5"
    assert action["thinking"] == [{"text": "I look first."}]
    assert uuid.UUID(call.pop("id"))
    assert call == {
        "interception_id": asked.id,
        "provider_response_id": asked.tools[0].msg_id,
        "server_url": "",
        "tool": "exec_command",
        "injected": False,
        "input": '{"cmd": "ls"}',
        "metadata": {},
        "created_at": in_json(asked.tools[0].created_at),
    }
    assert shown["page_started_at"] == in_json(asked.started_at)
    assert shown["page_ended_at"] == in_json(answered.ended_at)


def test_pages_of_sessions_and_threads(gateway: RunningGateway) -> None:
    for number in range(3):
        say(gateway, f"prompt {number}", session=f"s-{number}", turns=1)
        say(gateway, f"in one {number}", session="one", turns=1)
    gateway.ended(6)

    def sessions(**query: str) -> list[str]:
        found = api(gateway, f"{BASE}/sessions", query)
        assert found["count"] == 4
        return [entry["id"] for entry in found["sessions"]]

    def threads(**query: str) -> list[str]:
        found = api(gateway, f"{BASE}/sessions/one", query)["threads"]
        return [entry["prompt"] for entry in found]

    assert sessions() == ["s-2", "s-1", "one", "s-0"]
    assert sessions(limit="2") == ["s-2", "s-1"]
    assert sessions(limit="2", offset="1") == ["s-1", "one"]
    assert sessions(limit="2", after_session_id="s-1") == ["one", "s-0"]
    assert sessions(after_session_id="s-0") == []

    ids = [thread["id"] for thread in api(gateway, f"{BASE}/sessions/one")["threads"]]
    assert threads() == ["in one 0", "in one 1", "in one 2"]
    assert threads(limit="1", after_id=ids[0]) == ["in one 1"]
    assert threads(limit="1", before_id=ids[2]) == ["in one 1"]
    assert threads(limit="2") == ["in one 0", "in one 1"]


@pytest.mark.parametrize(
    ("path", "query", "document"),
    [
        (
            "sessions",
            {"limit": "1001"},
            {
                "message": "Invalid pagination limit value.",
                "detail": "Pagination limit must be in range (0, 1000]",
            },
        ),
        (
            "sessions",
            {"after_session_id": "x", "offset": "1"},
            {
                "message": "Query parameters have invalid values.",
                "detail": "Cannot use both after_session_id and offset pagination in the same request.",
            },
        ),
        ("sessions", {"after_session_id": "x"}, "after_session_id"),
        ("sessions", {"limit": "-1"}, "limit"),
        ("sessions", {"limit": "9" * 10}, "limit"),
        ("sessions", {"q": "colour:red"}, "colour"),
        ("sessions", {"q": "model:a model:b"}, "model"),
        ("sessions", {"q": 'model:"a'}, "q"),
        ("sessions", {"q": "started_after:yesterday"}, "started_after"),
        ("sessions", {"q": "started_after:2026-01-01T00:00:00"}, "started_after"),
        (
            "sessions",
            {"q": "started_after:2026-01-02T00:00:00Z started_before:2026-01-01T00:00:00Z"},
            "started_before",
        ),
        ("records", {"after_id": MISSING}, "after_id"),
        ("usage", {"by": "colour"}, "by"),
    ],
)
def test_what_cannot_be_asked(
    gateway: RunningGateway, path: str, query: dict[str, str], document: object
) -> None:
    reply = ask(gateway, f"{BASE}/{path}", query)

    assert reply.status == 400
    said = json.loads(reply.body)
    if isinstance(document, str):
        assert [entry["field"] for entry in said["validations"]] == [document]
    else:
        assert said == document


def test_a_search_keeps_what_fits(gateway: RunningGateway) -> None:
    ada = user_token(gateway, "ada")
    say(gateway, "a", token=ada, session="of ada", turns=1)
    say(gateway, "b", session="mine", model="two words", turns=1)
    first, last = sorted(gateway.ended(2), key=lambda record: record.started_at)

    def found(query: str) -> set[str]:
        return {s["id"] for s in api(gateway, f"{BASE}/sessions", {"q": query})["sessions"]}

    assert found("") == found("client:Codex provider:openai provider_name:central")
    assert found("initiator:ada") == found("ada") == {"of ada"}
    assert found(f"initiator:{first.initiator_id}") == {"of ada"}
    assert found("initiator:me") == {"mine"}
    assert found('model:"two words"') == {"mine"}
    assert found('session_id:"of ada"') == {"of ada"}
    assert found(f"started_after:{in_json(last.started_at)}") == {"mine"}
    assert found(f"started_before:{in_json(first.started_at)}") == {"of ada"}
    assert found("client:Zed") == set()


def test_users_see_what_is_theirs(gateway: RunningGateway) -> None:
    ada, bob = user_token(gateway, "ada"), user_token(gateway, "bob")
    say(gateway, "a", token=ada, session="same id", turns=1)
    say(gateway, "b", token=bob, session="same id", model="other", turns=1)
    gateway.ended(2)

    for token, prompt, model in ((ada, "a", "gpt-5.5"), (bob, "b", "other")):
        (session,) = api(gateway, f"{BASE}/sessions", token=token)["sessions"]
        shown = api(gateway, f"{BASE}/sessions/same%20id", token=token)
        assert session["last_prompt"] == prompt
        assert [thread["prompt"] for thread in shown["threads"]] == [prompt]
        assert api(gateway, f"{BASE}/models", token=token) == [model]
        assert len(api(gateway, f"{BASE}/records", token=token)["records"]) == 1
        assert api(gateway, f"{BASE}/usage", token=token)["total"]["interceptions"] == 1
        assert ask(gateway, "/metrics", token=token).status == 403
        for method, path in (
            ("GET", "/api/v2/users/local"),
            ("GET", "/api/v2/users/local/keys/tokens"),
            ("DELETE", f"/api/v2/users/local/keys/{MISSING}"),
        ):
            assert ask(gateway, path, method=method, token=token).status == 404
    assert api(gateway, f"{BASE}/sessions")["count"] == 2


def test_who_has_no_token_sees_nothing(gateway: RunningGateway) -> None:
    for token in ("", "prv_wrong", "\xff"):
        for path in (f"{BASE}/sessions", "/api/v2/users/me", "/api/v2/ai/providers", "/metrics"):
            reply = ask(gateway, path, token=token)
            assert reply.status == 401
            assert "signed out" in json.loads(reply.body)["message"]


def test_interceptions_as_older_releases_have_them(tmp_path: Path) -> None:
    config = CONFIG.replace("2.36", "2.32")
    write_tree(tmp_path, {"gateway.toml": config, "turns.toml": TURNS})
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
        say(gateway, "hello")
        asked = gateway.ended(2)[-1]

        first = api(gateway, f"{BASE}/interceptions", {"limit": "1"})
        second = api(gateway, f"{BASE}/interceptions", {"after_id": first["results"][0]["id"]})

    assert first["count"] == 2
    (entry,) = second["results"]
    assert entry["id"] == asked.id
    assert entry["metadata"] == {"Username": "local"}
    assert [prompt["prompt"] for prompt in entry["user_prompts"]] == ["hello"]
    (usage,) = entry["token_usages"]
    assert usage["metadata"] == {"input_cached": 2, "output_reasoning": 0, "total_tokens": 15}
    assert [tool["tool"] for tool in entry["tool_usages"]] == ["exec_command"]


NEVER = ["ai-gateway/interceptions"]
BEFORE = ["aibridge/interceptions"]
SINCE = [
    "ai-gateway/sessions",
    "ai-gateway/sessions/x",
    "ai-gateway/usage",
    *(f"{base}/{names}" for base in ("aibridge", "ai-gateway") for names in ("models", "clients")),
    "ai/providers",
    "ai/providers/central",
]
ALWAYS = ["aibridge/sessions", "aibridge/records", "aibridge/usage", "users/me"]
ROUTE_NOT_FOUND = b'{"message":"Route not found."}\n'


@pytest.mark.parametrize(
    ("settings", "there", "missing"),
    [
        ('era = "2.32"', ALWAYS + BEFORE, NEVER + SINCE),
        ('era = "2.36"', ALWAYS + SINCE, NEVER + BEFORE),
        ('dialect = "openai-compatible"', ALWAYS + BEFORE + SINCE + NEVER, []),
    ],
)
def test_each_era_has_its_paths(
    tmp_path: Path, settings: str, there: list[str], missing: list[str]
) -> None:
    config = CONFIG.replace('era = "2.36"', settings)
    write_tree(tmp_path, {"gateway.toml": config, "turns.toml": TURNS})
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
        for path in there:
            reply = ask(gateway, f"/api/v2/{path}")
            assert reply.body != ROUTE_NOT_FOUND, path
            assert reply.status in (200, 404), path
        for path in missing:
            for token in (gateway.token, ""):
                reply = ask(gateway, f"/api/v2/{path}", token=token)
                assert (reply.status, reply.body) == (404, ROUTE_NOT_FOUND), path


def test_names_and_providers(gateway: RunningGateway) -> None:
    say(gateway, "a", model="gpt-5.5", turns=1)
    say(gateway, "a", model="gpt_5", turns=1)
    gateway.ended(2)

    assert api(gateway, f"{BASE}/models") == ["gpt-5.5", "gpt_5"]
    assert api(gateway, f"{BASE}/models", {"q": "gpt_"}) == ["gpt_5"]
    assert api(gateway, f"{BASE}/clients") == ["Codex"]
    assert api(gateway, f"{BASE}/providers") == ["central"]
    (provider,) = api(gateway, "/api/v2/ai/providers")
    assert (provider["name"], provider["type"], provider["enabled"]) == ("central", "openai", True)
    assert api(gateway, "/api/v2/ai/providers/central") == provider
    assert api(gateway, f"/api/v2/ai/providers/{provider['id']}") == provider
    assert ask(gateway, "/api/v2/ai/providers/other").status == 404
    assert ask(gateway, f"{BASE}/sessions/other").status == 404


def test_usage_adds_up(gateway: RunningGateway) -> None:
    ada = user_token(gateway, "ada")
    say(gateway, "a", token=ada)
    say(gateway, "b", turns=1)
    gateway.ended(3)

    used = api(gateway, f"{BASE}/usage", {"by": "user"})
    days = api(gateway, f"{BASE}/usage", {"by": "day", "q": "initiator:ada"})
    for by, name in (("provider", "openai"), ("provider_name", "central")):
        (entry,) = api(gateway, f"{BASE}/usage", {"by": by})["usage"]
        assert entry[by] == name

    counts = ("interceptions", "failed", "input_tokens", "output_tokens", "cache_read_input_tokens")
    rows = [[entry["user"], *(entry[name] for name in counts)] for entry in used["usage"]]
    assert rows == [["ada", 2, 0, 30, 8, 2], ["local", 1, 0, 10, 3, 2]]
    assert [used["total"][name] for name in counts] == [3, 0, 40, 11, 4]
    (day,) = days["usage"]
    assert day["day"] == gateway.records()[0].started_at.date().isoformat()
    assert day["input_tokens"] == 30


def test_tokens_are_made_listed_and_revoked_at_once(gateway: RunningGateway) -> None:
    hour = 3_600 * 10**9
    token = user_token(gateway, "ada", lifetime=hour, groups=["ml"], admin=False)
    assert refused(gateway, token) == 200

    (listed,) = api(gateway, "/api/v2/users/me/keys/tokens", token=token)
    assert (listed["token_name"], listed["username"]) == ("laptop", "ada")
    assert (listed["state"], listed["lifetime_seconds"]) == ("active", 3600)
    assert token not in json.dumps(listed)
    everyone = api(gateway, "/api/v2/users/me/keys/tokens", {"include_all": "true"})
    assert [entry["username"] for entry in everyone] == ["ada", "local"]

    gone = ask(gateway, f"/api/v2/users/me/keys/{listed['id']}", method="DELETE", token=token)
    assert (gone.status, gone.body) == (204, b"")
    assert refused(gateway, token) == 403
    assert ask(gateway, "/api/v2/users/me", token=token).status == 401
    assert api(gateway, "/api/v2/users/ada/keys/tokens") == []
    (dead,) = api(gateway, "/api/v2/users/ada/keys/tokens", {"include_expired": "true"})
    assert dead["state"] == "revoked"


def refused(gateway: RunningGateway, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return post(gateway, {"model": "m", "input": "x"}, PATH, headers).status


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"{", None),
        (b"[]", None),
        (b"\xff", None),
        ({"lifetime": -1}, "lifetime"),
        ({"lifetime": "1h"}, "lifetime"),
        ({"lifetime": 10**30}, "lifetime"),
        ({"lifetime": True}, "lifetime"),
        ({"token_name": 7}, "token_name"),
        ({"token_name": "x" * 201}, "token_name"),
        ({"groups": "ml"}, "groups"),
        ({"groups": [""]}, "groups"),
    ],
)
def test_a_token_that_cannot_be_made(
    gateway: RunningGateway, body: object, wrong: str | None
) -> None:
    reply = ask(gateway, "/api/v2/users/ada/keys/tokens", method="POST", body=body)

    assert reply.status == 400
    fields = [entry["field"] for entry in json.loads(reply.body).get("validations", [])]
    assert fields == ([wrong] if wrong else [])
    assert ask(gateway, "/api/v2/users/ada").status == 404


def test_health_and_metrics(gateway: RunningGateway) -> None:
    say(gateway, "hello", model='evil\n"model', turns=2)
    gateway.ended(2)

    health: list[Reply] = [ask(gateway, path, token="") for path in ("/healthz", "/readyz")]
    metrics = ask(gateway, "/metrics")
    bearer = ask(gateway, "/metrics", token="")

    assert [(reply.status, reply.body) for reply in health] == [(200, b"OK"), (200, b"OK")]
    assert bearer.status == 401
    assert metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    me = api(gateway, "/api/v2/users/me")["id"]
    lines = metrics.body.decode().splitlines()
    model = 'model="evil\\n\\"model"'
    who = f'client="Codex",initiator_id="{me}"'
    for prefix in ("coder_aibridged_", "coder_ai_gateway_"):
        total = f'interceptions_total{{{who},method="POST",{model},provider="central",route="/v1/responses",status="completed"}} 2.0'
        assert prefix + total in lines
        assert f'{prefix}prompts_total{{{who},{model},provider="central"}} 1.0' in lines
        assert (
            f'{prefix}tokens_total{{{who},{model},provider="central",type="input"}} 30.0' in lines
        )
        assert f"# TYPE {prefix}interceptions_total counter" in lines
        assert f"# TYPE {prefix}interceptions_duration_seconds histogram" in lines
        kinds = 'provider_name="central",provider_type="openai",status="enabled"'
        assert f"{prefix}provider_info{{{kinds}}} 1.0" in lines
        inflight = 'interceptions_inflight{model="evil\\n\\"model",provider="central",route="/v1/responses"} 0.0'
        assert prefix + inflight in lines
