"""Over homes of all kinds, two starts with modules/codex give a Codex that reaches the gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioner.prove.run import prove
from tests.support.codex_release import serving_release
from tests.support.merged_config import END, NOTE, START
from tests.support.module_client import VERSION, ModuleClient
from tests.support.specs import plan_for

pytestmark = [pytest.mark.needs_codex, pytest.mark.needs_terraform]

TARGET = {"codex": VERSION}


def failed(client: ModuleClient, flow: str, profile: str = "", **spec: object) -> list[str]:
    proof = prove(plan_for(flow, target=TARGET, **spec), client, profile=profile)
    return [f"{check.name}: {check.detail}" for check in proof.checks if not check.passed]


@pytest.mark.parametrize(
    ("flow", "credential"),
    [
        ("centralized", "env_key"),
        ("byok", "env_key"),
        ("byok", "api_key_login"),
        ("byok", "codex_api_key"),
        ("chatgpt", "chatgpt_login"),
    ],
)
def test_each_flow_works_as_terraform_planned_it(flow: str, credential: str) -> None:
    client = ModuleClient(planned_by_terraform=True)

    assert failed(client, flow, credential=credential) == []


def test_a_profile_of_the_template_works() -> None:
    client = ModuleClient(planned_by_terraform=True)
    profiles = {"deep": {"model_reasoning_effort": "high", "model": "gpt-5.5"}}

    assert failed(client, "centralized", "deep", profiles=profiles) == []


USER = """\
# My own settings.
approval_policy = "never"
model = "mine"
file_opener = "none"

# Colours of the terminal.
[tui]
notifications = true

[mcp_servers."a b"]
command = "true"
args = ['''
[model_providers.aigateway]
''']
enabled = false

[model_providers.aigateway]
name = "mine"
base_url = "http://127.0.0.1:9/v1"

[model_providers.aigateway.http_headers]
X-Mine = "1"

[model_providers.other]
name = "Other"
base_url = "http://127.0.0.1:9/v1\""""
OLD = (
    START
    + 'model_provider = "old"\n\n[model_providers.old]\nname = "Old"\nbase_url = "http://127.0.0.1:9/v1"\n'
    + END
)


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(USER, id="own settings"),
        pytest.param(USER.replace("\n", "\r\n"), id="carriage returns"),
        pytest.param('file_opener = "none"\n\n' + OLD + "\n[tui]\nnotifications = true\n", id="an earlier block"),
        pytest.param(OLD + '\nfile_opener = "none"\n', id="a root key below the block"),
        pytest.param(USER + "\n" + OLD, id="a block below tables"),
        pytest.param(OLD.replace(END, "") + "[tui]\nnotifications = true\n", id="a start marker alone"),
        pytest.param(OLD.replace(START, "") + "[tui]\nnotifications = true\n", id="an end marker alone"),
        pytest.param('model = """\n', id="no TOML"),
    ],
)  # fmt: skip
def test_whatever_the_user_has_codex_reads_it(theirs: str) -> None:
    client = ModuleClient({"config.toml": theirs})

    assert failed(client, "centralized", codex={"model": "gpt-5.5"}) == []
    text = client.after["config.toml"]
    assert text.count(START) == text.count(END) == 1
    everything = "".join(client.after.values())
    rest = theirs.replace(OLD, "")
    assert "[model_providers.old]" not in text or rest == theirs
    assert all(line.removesuffix("\r") in everything for line in rest.split("\n"))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with serving_release(VERSION, tmp_path_factory.mktemp("mirror")) as settings:
        yield settings


@pytest.mark.parametrize("flow", ["centralized", "byok", "chatgpt"])
def test_the_codex_that_it_installs_works_over_the_users_settings(
    flow: str, release: dict[str, str]
) -> None:
    client = ModuleClient({"config.toml": USER}, release=release)

    assert failed(client, flow, codex={"model": "gpt-5.5"}) == []
    assert client.log.count(f"codex: installed Codex {VERSION}") == 1
    assert client.log.count(f"codex: Codex {VERSION} is there") == 1


def test_what_the_template_sets_is_kept_as_a_comment_and_in_a_copy() -> None:
    client = ModuleClient({"config.toml": USER})

    assert failed(client, "centralized", codex={"model": "gpt-5.5"}) == []
    text = client.after["config.toml"]
    assert client.after["config.toml.before-provisioner"] == USER
    assert f'{NOTE}\n# model = "mine"\nfile_opener = "none"\n\n{START}' in text
    assert f'{NOTE}\n# [model_providers.aigateway]\n# name = "mine"\n' in text
    assert f'{NOTE}\n# [model_providers.aigateway.http_headers]\n# X-Mine = "1"\n' in text
    assert text.endswith(
        '[model_providers.other]\nname = "Other"\nbase_url = "http://127.0.0.1:9/v1"'
    )
    assert client.log.count('"model" is set by the template') == 1
