"""Reading back what was rendered: any change of meaning is refused, and said."""

from __future__ import annotations

import pytest

from provisioner.errors import OutputError
from provisioner.plan.model import Plan
from provisioner.render.template import render
from provisioner.render.verify import verify
from tests.support.specs import plan_for

SPEC = {
    "codex": {"model": "gpt-5.5", "workdir": "/home/coder/x"},
    "parameters": {"model_reasoning_effort": ["low", "high"]},
    "mcp": {"files": {"command": "npx", "args": ["-y", "server"]}},
    "profiles": {"deep": {"model_reasoning_effort": "high"}},
}


def plan(**tables: object) -> Plan:
    return plan_for("byok", **{**SPEC, **tables})


@pytest.mark.parametrize("source", ["registry", "bundled"])
def test_what_is_rendered_reads_back(source: str) -> None:
    planned = plan(module={"source": source})

    verify(planned, render(planned))


MODULE4 = {"target": {"codex_module": "~> 4.3"}}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("enable_aibridge     = true", "", "enable_aibridge is None, planned True"),
        ("enable_aibridge", "enable_ai_gateway", "enable_ai_gateway is True, planned None"),
        ('codex_model         = ""', "", "codex_model is None, planned ''"),
        ("= false", "= true", "report_tasks is True, planned False"),
        ('"aibridge"', '"other"', "model_provider is 'other', planned 'aibridge'"),
    ],
)
def test_a_change_of_an_input_of_release_4_is_refused(before: str, after: str, words: str) -> None:
    planned = plan_for("centralized", **MODULE4)
    files = render(planned)
    text = files["codex.tf"].decode()
    assert before in text
    verify(planned, files)

    with pytest.raises(OutputError) as refused:
        verify(planned, {**files, "codex.tf": text.replace(before, after, 1).encode()})
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('model = "gpt-5.5"', 'model = "gpt-5.4"', "model is 'gpt-5.4', planned 'gpt-5.5'"),
        ("env_key = ", "env_kee = ", "env_key is '', planned 'OPENAI_API_KEY'"),
        ("/openai/v1", "/openai/v2", "base_url is False"),
        ('args = ["-y", "server"]', 'args = ["-y"]', "mcp_servers is"),
        (
            'workdir       = "/home/coder/x"',
            'workdir       = "/home"',
            "module.codex.workdir is '/home'",
        ),
        ('"~> 5.0"', '"~> 4.0"', "module.codex.version is '~> 4.0', planned '~> 5.0'"),
        ('module "codex"', 'module "other"', "the modules is ['other'], planned ['codex']"),
        ('name     = "CODER_API_TOKEN"', 'name     = "TOKEN"', "coder_env.coder_api_token is"),
        ('    value = "high"', '    value = "higher"', "option is ['low', 'higher']"),
        ('[projects."/home/coder/x"]', "[projects./home]", "planned 'TOML'"),
        ("<<-TOML", "<<-TOMLS", "does not read back"),
    ],
)
def test_a_change_of_meaning_is_refused(before: str, after: str, words: str) -> None:
    planned = plan()
    files = render(planned)
    text = files["codex.tf"].decode()
    assert before in text

    with pytest.raises(OutputError) as refused:
        verify(planned, {**files, "codex.tf": text.replace(before, after, 1).encode()})
    assert words in str(refused.value)


def test_a_profile_of_the_bundled_module_is_compared() -> None:
    planned = plan(module={"source": "bundled"})
    files = render(planned)
    text = files["codex.tf"].decode()
    changed = text.replace('model_reasoning_effort = "high"', 'model_reasoning_effort = "low"')

    with pytest.raises(OutputError, match=r"module\.codex\.profiles is"):
        verify(planned, {**files, "codex.tf": changed.encode()})
