"""A file that cannot be parsed is shown too, and no finding says where its secrets are."""

from __future__ import annotations

import pytest

from provisioner.finding import CheckResult, Finding, Severity, Span
from provisioner.redact import secret_looking
from provisioner.report import report
from provisioner.report.mask import without_secrets

RANDOM = "3f9a1c7e5b2d4860a1b2c3d4e5f60718"


def result(source: str, message: str = "m") -> CheckResult:
    end = len(source) + 1
    found = Finding("PRV010", "x", Severity.ERROR, message, "a", Span.of(1, 1, 1, end))
    return CheckResult((found,), ("a",), sources={"a": source})


@pytest.mark.parametrize(
    ("source", "secret"),
    [
        (f'experimental_bearer_token = "{RANDOM}" oops', RANDOM),
        ('password = "correct horse" oops', "correct horse"),
        ("X-Api-Key: 'only-letters-in-it'", "only-letters-in-it"),
        ('url = "https://user:hunter22@example.com"', "user:hunter22"),
        (f'default = "{RANDOM}" oops', RANDOM),
        ("token_env = sk-proj-0123456789abcdef", "sk-proj-0123456789abcdef"),
        ("# Authorization: Bearer abcdefgh+/", "abcdefgh+/"),
        ("key = A1b2C3d4E5-0123456789abcdef012345 oops", "A1b2C3d4E5-0123456789abcdef012345"),
    ],
)
def test_a_secret_is_blotted_out_by_its_look(source: str, secret: str) -> None:
    assert [source[first:last] for first, last in secret_looking(source)] == [secret]

    text = report(result(source))

    assert secret not in text
    assert source.replace(secret, "".join("*" if c != " " else c for c in secret)) in text


@pytest.mark.parametrize(
    "source",
    [
        'model = "claude-sonnet-4-20250514"',
        'env_key = "OPENAI_API_KEY"',
        'openai_api_key = "${var.key}"',
        'source = "registry.coder.com/coder-labs/codex/coder"',
        'url = "https://coder.example.com/api/v2/aibridge/openai/v1"',
        'id = "123e4567-e89b-12d3-a456-426614174000"',
        "token = data.coder_workspace_owner.me.session_token",
        "max_tokens = 4096",
    ],
)
def test_ordinary_settings_stay_legible(source: str) -> None:
    assert without_secrets(result(source)).sources == {"a": source}


def test_a_message_that_repeats_it_does_not_show_it_and_words_stay_words() -> None:
    key = f'password = "{RANDOM}" oops'
    word = 'secret = "workspace"'

    assert RANDOM not in without_secrets(result(key, f'"{RANDOM}" is odd')).findings[0].message
    assert without_secrets(result(word, "no workspace")).findings[0].message == "no workspace"
