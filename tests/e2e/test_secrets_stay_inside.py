"""No secret in output, command lines or files that others can read, whatever command is run.

Every command runs as users run it, without a umask, on a machine with secrets all around.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from provisioner.cli import main
from tests.support.secret_world import SecretWorld, secret_world

VERSION = "0.169.0"
LEAKY_URL = "http://user:<<password in URL>>@127.0.0.1:9"
BYOK = "--flow byok --gateway-url https://coder.example.com"
SHOWN = ("text", "json", "github")

# Command → exit code and arguments of each run, in this order on one machine.
SHORT: dict[str, list[tuple[int, str]]] = {
    "codex apply": [
        (2, f"codex apply --flow byok --gateway-url {LEAKY_URL}"),
        (1, f"codex apply {BYOK}"),
        (1, f"codex apply {BYOK} --format json"),
        (0, f"codex apply {BYOK} --dry-run --force"),
        (0, f"codex apply {BYOK} --force --format json"),
        (0, "codex apply --flow chatgpt --gateway-url https://coder.example.com --force"),
        (2, f"codex apply {BYOK} --codex-home broken"),
        (1, "codex apply unknown-key.toml"),
    ],
    "codex check": [
        *((1, f"codex check --format {name}") for name in SHOWN),
        (1, "codex check --codex-home broken"),
        (1, "codex check --codex-home broken --format github"),
        (1, "codex check --codex-home broken-login --format json"),
    ],
    "codex config": [
        (0, f"codex config {BYOK}"),
        (0, f"codex config {BYOK} --format json"),
        (2, f"codex config --flow byok --gateway-url {LEAKY_URL}"),
        (1, "codex config url.toml"),
    ],
    "codex undo": [
        (0, f"codex apply {BYOK} --force"),
        (0, "codex undo"),
        (0, "codex undo --format json"),
    ],
    "gateway token create": [],
    "gateway session list": [],
    "init": [
        (2, "init"),
        (0, "init new"),
    ],
    "plan": [
        (0, "plan"),
        (0, "plan --format json"),
        *((1, f"plan {name}.toml") for name in ("broken", "unknown-key", "url", "token")),
    ],
    "render": [
        (0, "render -o rendered"),
        (2, "render -o template"),
        (1, "render -o template --check"),
        (1, "render broken.toml -o rendered"),
    ],
    "rule": [(0, "rule PRV101"), (0, "rule --format json")],
    "schema": [(0, "schema spec")],
    "validate": [
        *((1, f"validate template --format {name}") for name in SHOWN),
        (1, "validate template -o report.json --format json"),
        (1, "validate broken-template"),
        (1, "validate broken-template --format github"),
        (1, "validate broken/config.toml --format json"),
        (1, "validate broken/config.toml"),
    ],
}
LONG = {
    "doctor",
    "gateway serve",
    "gateway session list",
    "gateway token create",
    "launch",
    "prove",
}
SPEC = 'flow = "byok"\n[gateway]\nurl = "https://coder.example.com"\n'
FILES = {
    "provisioner.toml": SPEC,
    "broken.toml": SPEC + 'password = "<<value in spec>>" oops\n',
    "unknown-key.toml": SPEC + 'api_key = "<<value in spec>>"\n',
    "url.toml": 'flow = "byok"\n[gateway]\nurl = "https://user:<<value in spec>>@coder.example.com"\n',
    "token.toml": 'flow = "byok"\n[gateway]\nkind = "openai-compatible"\ntoken_env = "<<key in template>>"\n',
    "broken/config.toml": 'experimental_bearer_token = "<<bearer in config>>" oops\n',
    "broken-login/config.toml": 'model = "gpt-5.5"\n',
    "broken-login/auth.json": '{"OPENAI_API_KEY": "<<stored key>>" "tokens": {}}\n',
    "template/main.tf": """\
terraform {
  required_version = ">= 1.5"
}
variable "db_password" {
  default = "<<password in template>>"
}
module "codex" {
  source         = "registry.coder.com/coder-labs/codex/coder"
  agent_id       = coder_agent.main.id
  openai_api_key = "<<key in template>>"
}
resource "coder_env" "key" {
  agent_id = coder_agent.main.id
  name     = "OPENAI_API_KEY"
  value    = "<<key in template>>"
}
""",
    "broken-template/main.tf": 'variable "key" {\n  default = "<<password in template>>" oops\n}\n',
}


def commands(group: click.Group, above: str = "") -> Iterator[str]:
    """Yield every command there is, by the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        words = f"{above} {name}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, words)
        else:
            yield words


@pytest.fixture
def world(tmp_path: Path) -> SecretWorld:
    made = secret_world(tmp_path)
    for path, text in FILES.items():
        made.put(f"work/{path}", text)
    return made


def test_every_command_has_a_case() -> None:
    assert {*SHORT, *LONG} == set(commands(main))


@pytest.mark.parametrize("command", [command for command, lines in SHORT.items() if lines])
def test_a_command_keeps_secrets_to_itself(command: str, world: SecretWorld) -> None:
    leaks: list[str] = []
    codes = []
    for _, line in SHORT[command]:
        ran = world.run(*line_words(line))
        codes.append((ran.code, line))
        leaks += world.leaks(ran)

    assert leaks == []
    assert codes == SHORT[command]


def line_words(line: str) -> list[str]:
    """Split at spaces, and not at those in the name of a secret."""
    return [
        word.replace("\0", " ")
        for word in line.replace("password in URL", "password\0in\0URL").split()
    ]
