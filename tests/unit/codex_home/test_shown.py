"""Diffs and values show no secret, and do show names of variables."""

from __future__ import annotations

import pytest

from provisioner.codex_home.shown import shown_diff, shown_value

SECRET = "not-a-real-secret-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f'experimental_bearer_token = "{SECRET}"',
        f'[model_providers.x]\nhttp_headers = {{ Authorization = "Bearer {SECRET}" }}',
        f'[model_providers.x.http_headers]\nX-Custom = "{SECRET}"',
        f'[mcp_servers.x.env]\nGITHUB_TOKEN = """\n{SECRET}"""',
        f'[mcp_servers.x.env]\nDB_PASSWORD = ["{SECRET}"]',
        f'args = ["--key", "sk-{SECRET}"]',
        f'# api_key = "{SECRET}"',
        f"url = 'https://me:{SECRET}@example.com'",
        f"notify = 'curl -H \"x: Bearer {SECRET}\"'",
        f'this is not TOML\nsecret = "{SECRET}"',
        f"this is not TOML\n{SECRET}",
        f'[model_providers.x]\nquery_params = {{ subscription-key = "{SECRET}" }}',
        f"[model_providers.x.query_params]\nanything = '{SECRET}'",
        f'[mcp_servers.x.env]\nANYTHING = "{SECRET}"',
        f'[mcp_servers.x]\nenv = {{ MYSQL_PWD = "{SECRET}" }}\nargs = ["--anything", "{SECRET}"]',
        f'PGPASSWORD = "{SECRET}"',
        f'DB_PASS = "{SECRET}"',
        f'sig = "{SECRET}"',
        f"# ANYTHING = '{SECRET}'",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    diff = shown_diff("config.toml", f"{text}\n", "")

    assert SECRET not in diff
    assert SECRET[4:-4] not in diff
    assert diff.startswith("--- config.toml\n+++ config.toml\n")


@pytest.mark.parametrize(
    "text",
    [
        'env_key = "CODER_API_TOKEN"',
        'env_http_headers = {X-Token = "CODER_API_TOKEN", Authorization = "OPENAI_API_KEY"}',
        'bearer_token_env_var = "GITHUB_TOKEN"',
        "tool_output_token_limit = 1000",
        'base_url = "https://coder.example.com/api/v2/aibridge/openai/v1"',
    ],
)
def test_the_rest_is_shown_as_it_is(text: str) -> None:
    assert shown_diff("f", "", f"{text}\n").splitlines()[-1] == f"+{text}"


@pytest.mark.parametrize(
    "raw",
    ['{ subscription-key = "%s" }', '{ sig = "%s", n = 1234567890 }', '[["%s"], 1234567890]'],
)
def test_values_of_any_kind_are_masked_where_they_may_be_anything(raw: str) -> None:
    for name in ("args", "env", "http_headers", "query_params"):
        shown = shown_value(("model_providers", "x", name), raw.replace("%s", SECRET))

        assert SECRET not in shown
        assert "1234567890" not in shown


def test_lines_that_stay_are_not_shown() -> None:
    diff = shown_diff("f", "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 4\nc = 3\n")

    assert diff.splitlines()[2:] == ["@@ -2 +2 @@", "-b = 2", "+b = 4"]


def test_a_value_is_masked_by_its_key() -> None:
    assert shown_value(("mcp_servers", "x", "api_key"), f"'{SECRET}'") == '"not-...6789"'
    assert shown_value(("http_headers",), f"{{ a = '{SECRET}' }}") == '{ a = "not-...6789" }'
    assert shown_value(("env_key",), '"CODER_API_TOKEN"') == '"CODER_API_TOKEN"'
    assert shown_value(("token",), None) == ""
