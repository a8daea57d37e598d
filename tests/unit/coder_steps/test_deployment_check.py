"""What a deployment supports is seen as an ordinary user and as an administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from provisioner.coder_api.problem import ApiError
from provisioner.coder_steps.deployment_checks import deployment_checks, spec_checks
from provisioner.coder_steps.deployment_facts import DeploymentFacts, deployment_facts
from provisioner.coder_steps.spec_target import with_target
from provisioner.errors import FindingsError, InputError
from provisioner.plan.model import Plan
from provisioner.plan.resolve import resolve
from provisioner.spec.load import load, parse_spec
from tests.support.coder_operations import Answer
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_state import CoderState
from tests.support.coder_steps_world import Stage
from tests.support.command import ROOT


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


def facts_of(server: CoderServer) -> DeploymentFacts:
    stage = Stage(server)
    with stage.client:
        return deployment_facts(stage.client)


def plan(flow: str) -> Plan:
    return resolve(load(ROOT / f"examples/{flow}.toml"))


def seen(server: CoderServer, flow: str) -> dict[str, str]:
    facts = facts_of(server)
    checks = [*deployment_checks(facts), *spec_checks(facts, plan(flow), "2.37.1")]
    return {check.id: check.status.value for check in checks}


def old(state: CoderState) -> None:
    state.version, state.gateway_paths = "v2.29.1", ()


def before_rename(state: CoderState) -> None:
    state.version, state.gateway_paths, state.ai_providers = "v2.33.0", ("aibridge",), None


def unlicensed(state: CoderState) -> None:
    state.entitlement = {"entitlement": "not_entitled", "enabled": False}


def switched_off(state: CoderState) -> None:
    state.entitlement = {"entitlement": "entitled", "enabled": False}


def no_byok(state: CoderState) -> None:
    state.allows_byok = False


def no_chatgpt(state: CoderState) -> None:
    state.ai_providers, state.gateway_providers = ["openai"], {"openai"}


def no_chatgpt_for_users(state: CoderState) -> None:
    state.ai_providers, state.gateway_providers = None, {"openai"}


def development(state: CoderState) -> None:
    state.version = "main-a1b2c3d"


def nothing(_: CoderState) -> None:
    return


@pytest.mark.parametrize(
    ("change", "flow", "others"),
    [
        (nothing, "chatgpt", {}),
        (nothing, "centralized", {}),
        (nothing, "byok", {}),
        (
            old,
            "chatgpt",
            {
                "version": "failed",
                "AI gateway": "failed",
                "BYOK": "skipped",
                "spec: path": "failed",
                "spec: flow chatgpt": "skipped",
                "spec: target": "warning",
            },
        ),
        (before_rename, "chatgpt", {"providers": "skipped", "spec: target": "warning"}),
        (
            before_rename,
            "byok",
            {
                "providers": "skipped",
                "spec: target": "warning",
                "spec: provider openai": "skipped",
                "spec: user secrets": "warning",
            },
        ),
        (
            unlicensed,
            "byok",
            {
                "licence": "warning",
                "AI gateway": "failed",
                "BYOK": "skipped",
                "spec: path": "failed",
                "spec: flow byok": "skipped",
            },
        ),
        (
            switched_off,
            "centralized",
            {
                "licence": "warning",
                "AI gateway": "failed",
                "BYOK": "skipped",
                "spec: path": "failed",
            },
        ),
        (no_byok, "byok", {"BYOK": "warning", "spec: flow byok": "failed"}),
        (no_byok, "centralized", {"BYOK": "warning"}),
        (
            no_chatgpt,
            "chatgpt",
            {"ChatGPT provider": "warning", "spec: provider chatgpt": "failed"},
        ),
        (no_chatgpt, "byok", {"ChatGPT provider": "warning"}),
        (
            no_chatgpt_for_users,
            "chatgpt",
            {
                "providers": "skipped",
                "ChatGPT provider": "warning",
                "spec: provider chatgpt": "failed",
            },
        ),
        (development, "chatgpt", {"version": "warning", "spec: target": "warning"}),
    ],
)
def test_each_lack_is_seen_and_fails_what_needs_it(
    server: CoderServer, change: Callable[[CoderState], None], flow: str, others: dict[str, str]
) -> None:
    change(server.state)
    found = seen(server, flow)

    assert {name: status for name, status in found.items() if status != "ok"} == others


def test_paths_and_words_are_those_of_the_deployment(server: CoderServer) -> None:
    no_byok(server.state)
    facts = facts_of(server)

    assert facts.paths == ("/api/v2/ai-gateway", "/api/v2/aibridge")
    assert facts.byok.seen == "Bring Your Own Key (BYOK) mode is not enabled."
    assert str(facts.version) == "2.37.1"
    assert server.changing == []


def test_no_session_token_reaches_the_gateway_where_an_administrator_asks(
    server: CoderServer,
) -> None:
    facts_of(server)

    assert not any("chatgpt" in sent for sent in server.sent)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_what_the_gateway_answers_before_the_provider_says_nothing_of_it(
    server: CoderServer, status: int
) -> None:
    server.state.ai_providers = None
    server.state.gateway_refusal = (status, "budget is used up")
    found = facts_of(server).chatgpt

    assert (found.is_so, found.seen) == (None, f"the gateway answered {status}: budget is used up")


def test_providers_that_cannot_be_listed_now_are_not_hidden_ones(server: CoderServer) -> None:
    server.fault("ai_providers", answer=Answer(400, {"message": "bad"}))
    with pytest.raises(ApiError, match="answered 400: bad"):
        facts_of(server)


def test_a_spec_for_another_gateway_is_not_judged(server: CoderServer) -> None:
    (check,) = spec_checks(facts_of(server), resolve(load(ROOT / "examples/langwatch.toml")), "")

    assert (check.id, check.status.value) == ("spec", "skipped")


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("", False),
        ("{here}/", False),
        ("{here}/api/v2/aibridge", False),
        ("https://other.example", True),
        ("https://other.example/api/v2/aibridge/openai/v1", True),
    ],
)
def test_a_spec_whose_gateway_is_another_deployment_does_not_fit(
    server: CoderServer, url: str, *, is_told: bool
) -> None:
    gateway = f'[gateway]\nurl = "{url.format(here=server.url)}"\n' if url else ""
    spec = parse_spec(f'flow = "byok"\n{gateway}', "x")
    checks = spec_checks(facts_of(server), resolve(spec), "2.37.1")
    told = [check for check in checks if check.status.value == "failed"]

    assert [(check.id, check.seen) for check in told] == (
        [("spec: gateway", f"is https://other.example, and this is {server.url}")]
        if is_told
        else []
    )


SPEC = """# Ours.
flow = "chatgpt"  # the login

[codex]
model = "gpt-5.5"
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SPEC, f'{SPEC}\n[target]\ncoder = "2.37.1"\n'),
        (
            f'{SPEC}\n[target]\ncodex = "0.169.0"\n',
            f'{SPEC}\n[target]\ncodex = "0.169.0"\ncoder = "2.37.1"\n',
        ),
        (f'{SPEC}[target]\ncoder = "2.32" # was\n', f'{SPEC}[target]\ncoder = "2.37.1" # was\n'),
        (
            'flow = "byok"\ntarget = {codex = "0.169.0"}\n',
            'flow = "byok"\ntarget = {codex = "0.169.0",coder = "2.37.1"}\n',
        ),
    ],
)
def test_the_target_is_set_and_everything_else_stays(before: str, after: str) -> None:
    assert with_target(before, "x", "2.37.1") == after
    assert with_target(after, "x", "2.37.1") == after
    assert parse_spec(after, "x").target.coder == "2.37.1"


def test_lines_keep_their_ends() -> None:
    text = SPEC.replace("\n", "\r\n")

    assert with_target(text, "x", "2.37.1").startswith(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("flow = ", "is not TOML"), ('target = "x"\n', "target is not a table")],
)
def test_what_is_no_spec_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        with_target(text, "x", "2.37.1")


def test_a_target_that_the_spec_cannot_have_is_refused() -> None:
    with pytest.raises(FindingsError):
        with_target(SPEC, "x", "2.29.0")
