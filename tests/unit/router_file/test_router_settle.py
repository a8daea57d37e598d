"""What a configuration file means: defaults, variables, both spellings, the page and the code."""

from __future__ import annotations

import math

from provisioner.router_file.file import RouterFile
from provisioner.router_file.model import BanRule, RouterConfig
from provisioner.router_file.problem import RouterProblem
from provisioner.router_file.settle import settled
from provisioner.syntax.source import SourceText
from provisioner.syntax.yaml_document import YamlDocument

SERVER = "server:\n  master_key: os.environ/MASTER\n"
CREDENTIAL = """credentials:
  - name: main
    type: openai
    api_key: os.environ/KEY
    base_url: https://ai.example.com/v1
"""
ENVIRONMENT = {"MASTER": "sk-master", "KEY": "sk-key"}


def read(
    text: str, environment: dict[str, str] | None = None, *, as_page: bool = True
) -> tuple[RouterConfig | None, tuple[RouterProblem, ...]]:
    file = RouterFile(YamlDocument.read(SourceText("config.yaml", text)))
    return settled(file, ENVIRONMENT if environment is None else environment, as_page=as_page)


def config_of(text: str, *, as_page: bool = True) -> RouterConfig:
    config, problems = read(text, as_page=as_page)
    assert config is not None, problems
    return config


def test_what_the_file_does_not_say_is_as_in_the_router() -> None:
    config = config_of(SERVER + CREDENTIAL)

    assert config.port == 8080
    assert config.max_body_bytes == 100 * 1024 * 1024
    assert config.max_provider_retries == 2
    assert config.request_seconds == 60
    assert config.ban == BanRule(3, math.inf)
    assert config.ban_codes == {429}
    assert config.has_metrics
    assert (config.models, dict(config.aliases)) == ((), {})


def test_variables_are_looked_up_and_the_path_is_taken_off() -> None:
    (credential,) = config_of(SERVER + CREDENTIAL).credentials

    assert credential.key.reveal() == "sk-key"
    assert credential.base_url == "https://ai.example.com"
    assert (credential.rpm, credential.tpm, credential.is_fallback) == (-1, -1, False)


def test_a_variable_that_is_not_set_is_named_with_its_place() -> None:
    config, problems = read(SERVER + CREDENTIAL, {"MASTER": "sk-master"})

    assert config is None
    assert [(one.message, one.span.start.line) for one in problems] == [
        ('credential main: api_key: the variable "KEY" is not set', 6)
    ]


def test_the_page_leaves_out_base_urls_and_the_code_wants_them() -> None:
    text = SERVER + CREDENTIAL.rpartition("    base_url")[0]

    assert config_of(text).credentials[0].base_url == "https://api.openai.com"
    config, problems = read(text, as_page=False)
    assert config is None
    assert [one.message for one in problems] == ["credential main: base_url is required"]


def test_aliases_in_both_spellings_but_none_of_itself() -> None:
    text = (
        f"{SERVER}{CREDENTIAL}model_alias:\n  a: b\n  c: c\nmodel_aliases:\n  - fast/openai/gpt\n"
    )

    assert config_of(text).aliases == {"a": "b", "fast": "openai/gpt"}
    assert config_of(text, as_page=False).aliases == {"a": "b"}


def test_a_model_takes_the_default_limit_and_keeps_its_own_name() -> None:
    models = "models:\n  - name: opus\n    model: claude-opus-4-1\n  - name: gpt\n    rpm: 3\n"
    text = SERVER + "  default_models_rpm: 7\n" + CREDENTIAL + models

    found = config_of(text).models
    assert [(one.name, one.model, one.rpm, one.tpm) for one in found] == [
        ("opus", "claude-opus-4-1", 7, -1),
        ("gpt", "gpt", 3, -1),
    ]


def test_rules_of_error_codes_inherit_what_they_do_not_say() -> None:
    rules = "    - code: 429\n      max_attempts: 5\n    - code: 500\n      ban_duration: 1m\n"
    ban = f"fail2ban:\n  max_attempts: 2\n  ban_duration: 5m\n  error_code_rules:\n{rules}"

    assert config_of(SERVER + CREDENTIAL + ban).ban_rules == {
        429: BanRule(5, 300),
        500: BanRule(2, 60),
    }


def test_what_has_no_effect_here_is_noted_with_its_line() -> None:
    text = SERVER + "  tiktoken_enabled: true\n" + CREDENTIAL + "otel:\n  enabled: true\n"

    assert config_of(text).notes == (
        "config.yaml:9: `otel` has no effect in this gateway",
        "config.yaml:3: server: `tiktoken_enabled` has no effect in this gateway",
    )


def test_vertex_is_reached_by_project_and_location() -> None:
    google = "credentials:\n  - name: g\n    type: vertex-ai\n    api_key: os.environ/KEY\n"
    where = "    project_id: p\n    location: {}\n"
    path = "projects/p/locations/{0}/publishers/google"

    urls = [
        config_of(SERVER + google + where.format(place)).credentials[0].base_url
        for place in ("global", "europe-west1")
    ]
    assert urls == [
        "https://aiplatform.googleapis.com/v1/" + path.format("global"),
        "https://europe-west1-aiplatform.googleapis.com/v1/" + path.format("europe-west1"),
    ]
