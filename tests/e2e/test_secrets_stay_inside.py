"""No secret in output, command lines or files that others can read, whatever command is run.

Every command runs as users run it, without a umask, on a machine with secrets all around.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import click
import pytest

from provisioner.cli.program import program
from provisioner.launch.codex_install import codex_cache, install_codex
from tests.support.loopback import Request, Told, serving
from tests.support.process_watch import SEES_PROCESSES, watched
from tests.support.secret_search import SecretSearch
from tests.support.secret_world import EXCEPTIONS, Ran, SecretWorld, ended, secret_world

VERSION = "0.169.0"
LEAKY_URL = "http://user:<<password in URL>>@127.0.0.1:9"
BYOK = "--flow byok --gateway-url https://coder.example.com"
SHOWN = ("text", "json", "github")

# Command → exit code and arguments of each run, in this order on one machine.
SHORT: dict[str, list[tuple[int, str]]] = {
    "codex apply": [
        (2, f"codex apply --flow byok --gateway-url {LEAKY_URL}"),
        (1, f"codex apply {BYOK}"),
        (0, f"codex apply {BYOK} --dry-run --force"),
        (0, f"codex apply {BYOK} --force --format json"),
        (2, f"codex apply {BYOK} --codex-home broken"),
    ],
    "codex check": [
        *((1, f"codex check --format {name}") for name in SHOWN),
        (1, "codex check --codex-home broken"),
        (1, "codex check --codex-home broken-login --format json"),
    ],
    "codex config": [
        (0, f"codex config {BYOK} --format json"),
        (2, f"codex config --flow byok --gateway-url {LEAKY_URL}"),
    ],
    "codex undo": [
        (0, f"codex apply {BYOK} --force"),
        (0, "codex undo"),
    ],
    "init": [
        (2, "init"),
    ],
    "plan": [
        (0, "plan --format json"),
        *((1, f"plan {name}.toml") for name in ("broken", "unknown-key", "url", "token")),
    ],
    "render": [
        (0, "render -o rendered"),
        (1, "render -o template --check"),
    ],
    "rule": [(0, "rule PRV101")],
    "schema": [(0, "schema spec")],
    "validate": [
        *((1, f"validate template --format {name}") for name in SHOWN),
        (1, "validate broken-template"),
        (1, "validate broken-template --format github"),
        (1, "validate broken/config.toml"),
    ],
}
# Their own suites look for what is secret there: tests/e2e/test_coder_command.py,
# tests/gateway/test_key_commands.py; the others are handed no secret at all.
ELSEWHERE = {
    "access resolve",
    *(f"catalog {name}" for name in ("create", "list", "show")),
    *(f"coder {name}" for name in ("check", "create", "push", "start", "status", "stop")),
    *(f"gateway budget {name}" for name in ("list", "reset")),
    *(
        f"gateway key {name}"
        for name in ("create", "disable", "enable", "list", "revoke", "rotate", "show", "update")
    ),
    *(f"profile {name}" for name in ("create", "list", "show")),
}
# Each has a test of its own below.
LONG = {
    "doctor",
    "gateway serve",
    "gateway session export",
    "gateway session interceptions",
    "gateway session list",
    "gateway session show",
    "gateway token create",
    "gateway token list",
    "gateway token revoke",
    "gateway usage",
    "launch",
    "prove",
}
FORMATS = ("text", "json")
WHOLE = ("session", "export")
LISTINGS = (("session", "interceptions"), ("session", "list"), ("token", "list"), ("usage",))
PROVIDERS = "".join(
    f'[[provider]]\nname = "{name}"\ntype = "openai"\nupstream = "scripted"\n'
    for name in ("openai", "chatgpt")
)
SPEC = 'flow = "byok"\n[gateway]\nurl = "https://coder.example.com"\n'
FILES = {
    "provisioner.toml": SPEC,
    "broken.toml": SPEC + 'password = "<<value in spec>>" oops\n',
    "unknown-key.toml": SPEC + 'api_key = "<<value in spec>>"\n',
    "url.toml": 'flow = "byok"\n[gateway]\nurl = "https://user:<<value in spec>>@coder.example.com"\n',
    "token.toml": 'flow = "byok"\n[gateway]\nkind = "openai-compatible"\ntoken_env = "<<key in template>>"\n',
    "bad-gateway.toml": 'api_key = "<<value in gateway.toml>>"\n[listen]\nport = "<<value in gateway.toml>>"\n',
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
    assert {*SHORT, *LONG, *ELSEWHERE} == set(commands(program))


@pytest.mark.parametrize("command", SHORT)
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


def quiet(url: str) -> list[str]:
    """Options that keep Codex off every host but the gateway."""
    overrides = (
        "features.plugins=false",
        "features.apps=false",
        "analytics.enabled=false",
        f'chatgpt_base_url="{url}/backend-api"',
    )
    return [word for override in overrides for word in ("-c", override)]


def made(command: str, secret: str) -> dict[str, str]:
    assert command in EXCEPTIONS
    return {"gateway token": secret}


@pytest.fixture
def codex(world: SecretWorld) -> SecretWorld:
    """The same machine with the real Codex in its cache."""
    install_codex(VERSION)
    cache = world.root / "xdg" / "cache" / "provisioner"
    cache.mkdir(parents=True)
    (cache / "codex").symlink_to(codex_cache())
    return world


def saw_codex(ran: Ran) -> bool:
    return not SEES_PROCESSES or any(
        b"codex" in line and b" exec " in line and b"-m provisioner" not in line
        for line in ran.seen.commands
    )


@pytest.mark.needs_codex
def test_the_gateway_and_a_codex_that_goes_through_it(codex: SecretWorld) -> None:
    state = ("--state", str(codex.root / "state"))
    codex.put("work/gateway.toml", 'dump_dir = "dumps"\n' + PROVIDERS)
    options = ("--port", "0", "--config", "gateway.toml", "-v", "--format", "json", *state)
    with codex.started("gateway", "serve", *options) as serve:
        assert serve.process.stdout is not None
        first = serve.process.stdout.readline().decode()
        ready = json.loads(first)
        token, url = ready["token"], ready["url"]
        codex.secrets |= made("gateway serve", token)
        codex.environment["CODER_API_TOKEN"] = token
        flow = ("--flow", "byok", "--gateway-url", url, "--codex", VERSION)
        arguments = (*quiet(url), "exec", "--skip-git-repo-check", "Say hello.")
        launched = [
            codex.run("launch", *flow, "--", *arguments),
            codex.run("launch", *flow, "--print", "--", "exec", "key <<OPENAI_API_KEY>>"),
        ]
        for answer in wrong_requests(codex, url, token):
            assert SecretSearch(codex.secrets).found_in(answer) == []
        create = codex.run("gateway", "token", "create", *state, "--format", "json")
        listed = [
            codex.run("gateway", *command, *state, "--format", form)
            for command in LISTINGS
            for form in FORMATS
        ]
        session = json.loads(listed[3].stdout)["sessions"][0]["id"]
        others = (
            ("session", "export"),
            ("session", "export", "--format", "csv"),
            ("session", "show", session),
            ("token", "revoke", "first"),
        )
        listed += [codex.run("gateway", *command, *state) for command in others]
        serve.process.terminate()
        served = ended(serve, "gateway", "serve")
    again = codex.run("gateway", "serve", "--config", "bad-gateway.toml")
    made_now = made("gateway token create", json.loads(create.stdout)["token"])

    assert codex.leaks(served, printed=made("gateway serve", token)) == []
    assert codex.leaks(create, printed=made_now) == []
    assert [leak for ran in (*launched, again) for leak in codex.leaks(ran)] == []
    # What a user wrote to a model is recorded as it is, and programs get it as it is.
    prompts = {"OPENAI_API_KEY": codex.secrets["OPENAI_API_KEY"]}
    for ran in listed:
        whole = ran.arguments[-2:] == ("--format", "json") or ran.arguments[1:3] == WHOLE
        assert codex.leaks(ran, printed=prompts if whole else None) == []
    assert "Hello from the scripted upstream" in launched[0].stdout, launched[0].stderr
    assert saw_codex(launched[0])
    assert [again.code, launched[1].code] == [2, 0]
    dumps = [file.path for file in served.seen.files if file.path.name.endswith(".req.txt")]
    above = {folder for path in dumps for folder in path.parents if "dumps" in folder.parts}
    assert {folder.stat().st_mode & 0o777 for folder in above} == {0o700}
    assert "sk-p..." in listed[0].stdout


def wrong_requests(world: SecretWorld, url: str, token: str) -> Iterator[bytes]:
    """Send what a client should not: secrets in the query, in a broken body, under a wrong token."""
    key = world.secrets["OPENAI_API_KEY"]
    bodies = [f'{{"model": "m", "input": "my key is {key}"}}', f'{{"api_key": "{key}" oops']
    for body in bodies:
        for bearer in (token, key):
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
            with contextlib.closing(connection):
                headers = {"Authorization": f"Bearer {bearer}", "X-Api-Key": key}
                connection.request("POST", f"/openai/v1/responses?api_key={key}", body, headers)
                response = connection.getresponse()
                # What the model answers is the client's own affair.
                yield response.read() if response.status >= 400 else b""


@pytest.mark.needs_codex
def test_doctor_with_a_gateway_that_tells_what_it_was_sent(codex: SecretWorld) -> None:
    flow = ("--flow", "byok", "--codex", VERSION)
    with serving(echo) as server:
        refused = codex.run("doctor", *flow, "--gateway-url", server.url, "--prompt", "Say hello.")
        spec = f'flow = "centralized"\n[gateway]\nkind = "langwatch"\nurl = "{server.url}"\n'
        codex.put("work/langwatch.toml", spec)
        other = codex.run("doctor", "langwatch.toml", "--codex", VERSION, "--format", "json")
    codex.environment["HTTPS_PROXY"] = codex.filled(LEAKY_URL)
    proxied = codex.run("doctor", *flow, "--gateway-url", "https://gateway.example.com")
    wrong = codex.run("doctor", *flow, "--gateway-url", LEAKY_URL)
    ran = (refused, other, proxied, wrong)

    assert [leak for each in ran for leak in codex.leaks(each)] == []
    assert [each.code for each in ran] == [1, 1, 1, 2]
    assert saw_codex(refused)
    assert "the connection is refused" in proxied.stdout


def echo(request: Request) -> Told:
    """Refuse a request and repeat its credentials, plain and encoded."""
    sent = [value for name, value in request.headers.items() if name not in {"host", "accept"}]
    forms = [
        (value, quote(value, safe=""), base64.b64encode(value.encode()).decode()) for value in sent
    ]
    return 401, {}, json.dumps({"error": {"message": f"Incorrect API key provided: {forms}"}})


@pytest.mark.needs_codex
def test_proofs_keep_the_credentials_that_they_make(codex: SecretWorld) -> None:
    codex.put("work/stored.toml", 'flow = "byok"\ncredential = "api_key_login"\n')
    stored = codex.run("prove", "stored.toml", "--codex", VERSION, "--evidence", "evidence")
    login = codex.run("prove", "--flow", "chatgpt", "--gateway-kind", "coder", "--format", "json")

    assert codex.leaks(stored) + codex.leaks(login) == []
    assert (stored.code, login.code) == (0, 0), stored.stdout + login.stdout
    assert saw_codex(stored)
    assert saw_codex(login)
    assert any(b"gateway serve" in line for line in login.seen.commands) or not SEES_PROCESSES


def test_the_look_itself_finds_a_leak_of_each_kind(world: SecretWorld) -> None:
    leaky = (
        "import base64, os, subprocess, sys, time; key = os.environ['OPENAI_API_KEY'];"
        "print(base64.b64encode(b'x' + key.encode()).decode());"
        "print(key[9:21], file=sys.stderr);"
        "os.mkdir('loose'); open('loose/file', 'w').write(key);"
        "os.mkdir('tight', 0o700); os.umask(0o077); open('tight/file', 'w').write(key);"
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(0.3)', key])"
    )
    command = [sys.executable, "-c", leaky]
    with watched(command, world.root, world.work, world.environment) as seen:
        ran = ended(seen, "it")

    commands = ["it: a command line shows OPENAI_API_KEY (as it is)"] if SEES_PROCESSES else []
    assert world.leaks(ran) == [
        "it: stdout shows OPENAI_API_KEY (in base64)",
        "it: stderr shows OPENAI_API_KEY (as it is)",
        *commands,
        "it: work/loose/file with OPENAI_API_KEY (as it is) has the mode 666",
        "it: work/loose/file with OPENAI_API_KEY (as it is) is in a folder that others can enter",
    ]
