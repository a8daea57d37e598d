"""What PRV102 tells a user to do never gives one company's key to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.validate.check_home import check_codex_home

CODER = 'env_http_headers = { "X-Coder-AI-Governance-Token" = "CODER_API_TOKEN" }\n'
OWN = "the variable that holds the gateway's own key"


def advice(folder: Path, config: str, **environment: str) -> str:
    (folder / "config.toml").write_text(config)
    result = check_codex_home(
        folder, codex_version="0.169.0", profile=None, environment=environment
    )
    (found,) = [finding for finding in result.findings if finding.code == "PRV102"]
    return found.help or ""


def provider(url: str, more: str = "requires_openai_auth = true\n") -> str:
    head = 'model_provider = "gw"\n\n[model_providers.gw]\nname = "Gateway"\n'
    return f'{head}base_url = "{url}"\n{more}'


@pytest.mark.parametrize(
    "config",
    [
        provider("https://gateway.example.com/v1"),
        provider("https://gateway.example.com/v1", more=""),
        provider("https://api.openai.com.example.com/v1"),
        'openai_base_url = "https://gateway.example.com/v1"\n',
    ],
)
@pytest.mark.parametrize("has_key", [True, False])
def test_a_gateway_gets_a_key_of_its_own(tmp_path: Path, config: str, *, has_key: bool) -> None:
    said = advice(tmp_path, config, **({"OPENAI_API_KEY": "sk-mine"} if has_key else {}))

    assert OWN in said
    assert "OPENAI_API_KEY" not in said
    assert "codex login" not in said


def test_a_base_url_in_the_environment_leads_to_a_table_with_the_gateways_key(
    tmp_path: Path,
) -> None:
    said = advice(tmp_path, "", OPENAI_BASE_URL="https://gw.example.com", OPENAI_API_KEY="sk-mine")

    assert OWN in said
    assert "OPENAI_API_KEY" not in said


@pytest.mark.parametrize(
    "config",
    [
        provider("https://API.openai.com/v1"),
        provider(
            "https://coder.example.com/api/v2/aibridge/openai/v1",
            f"requires_openai_auth = true\n{CODER}",
        ),
    ],
)
def test_an_openai_key_is_for_openai_and_for_who_passes_it_on(tmp_path: Path, config: str) -> None:
    said = advice(tmp_path, config, OPENAI_API_KEY="sk-mine", CODER_API_TOKEN="token")

    assert 'env_key = "OPENAI_API_KEY"' in said


def test_the_built_in_provider_takes_a_stored_key(tmp_path: Path) -> None:
    said = advice(tmp_path, 'model_provider = "openai"\n', OPENAI_API_KEY="sk-mine")

    assert said == "run `printenv OPENAI_API_KEY | codex login --with-api-key`"
