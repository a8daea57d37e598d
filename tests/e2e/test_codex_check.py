"""`provisioner codex check` says what the real Codex does: refuses, ignores, sends."""

from __future__ import annotations

import base64
import http.server
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.launch.codex_install import install_codex
from provisioner.launch.run_codex import CodexRun, run_codex
from provisioner.validate.outcome import CodexCheckResult
from provisioner.validate.run import check_codex_home
from tests.rules.rule_cases import RuleCase, rule_cases
from tests.support.command import ROOT, provisioner
from tests.support.tree import write_tree

VERSIONS = ("0.122.0", "0.134.0", "0.169.0")
CASES = [case for case in rule_cases() if not any(name.endswith(".tf") for name in case.files)]
RECIPES = {
    case.folder: case
    for case in CASES
    if case.folder.startswith("recipe-") or (case.code, case.folder) == ("PRV102", "bad")
}


def check(
    home: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as users do, with nothing in its environment but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "provisioner", "codex", "check", *arguments],
        cwd=home,
        env={**kept, "PYTHONPATH": str(ROOT), "CODEX_HOME": str(home), **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def checked(case: RuleCase, home: Path, version: str | None = None) -> CodexCheckResult:
    started = case.check or {}
    return check_codex_home(
        home,
        codex_version=version or started.get("codex_version"),
        profile=started.get("profile"),
        environment=started.get("environment", {}),
    )


@pytest.mark.parametrize(
    ("folder", "codes", "ending"),
    [
        (
            "recipe-langwatch",
            {"PRV205", "PRV502"},
            "to https://api.openai.com/v1/responses (provider openai) with the API key in auth.json",
        ),
        ("recipe-router", {"PRV505"}, "Codex 0.169.0 will not start, and sends nothing"),
        ("bad", {"PRV102"}, "(provider ai_gateway) without Authorization, and X-Coder"),
        (
            "recipe-two-variables",
            {"PRV102", "PRV204"},
            "to https://api.openai.com/v1/responses (provider openai) without any credential",
        ),
    ],
)
def test_each_broken_recipe_is_reported_with_its_reason(
    folder: str, codes: set[str], ending: str, tmp_path: Path
) -> None:
    case = RECIPES[folder]
    case.write(tmp_path)
    started = case.check or {}
    options = [f"--profile={started['profile']}"] if "profile" in started else []
    done = check(
        tmp_path, "--codex-version", "0.169.0", *options, environment=started["environment"]
    )
    data = check(tmp_path, "--format", "json", *options, environment=started["environment"])

    assert done.returncode == 1, done.stderr
    assert set(re.findall(r"PRV\d+", done.stdout)) == codes
    assert ending in done.stdout.splitlines()[-1]
    assert {finding["code"] for finding in json.loads(data.stdout)["findings"]} == codes
    for secret in started["environment"].values():
        assert "example" not in secret or secret not in done.stdout + data.stdout


def test_a_clean_home_says_where_requests_go(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "config.toml": 'model_provider = "g"\n[model_providers.g]\nname = "G"\n'
            'base_url = "https://g.example.com/v1/"\nenv_key = "G_KEY"\n'
        },
    )
    environment = {"G_KEY": "example-key-0123456789"}
    done = check(tmp_path, environment=environment)
    data = check(tmp_path, "--format", "json", environment=environment)

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == (
        "Codex 0.169.0 will send requests to https://g.example.com/v1/responses (provider g) "
        "with the value of G_KEY (exam...6789) "
        "(the newest version known; --codex-version names another)"
    )
    assert json.loads(data.stdout)["sends"] == {
        "url": "https://g.example.com/v1/responses",
        "provider": "g",
        "credential": {"kind": "env_key", "from": "the value of G_KEY", "hint": "exam...6789"},
        "headers": [],
    }


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--codex-home", "nowhere"), 2, 'there is no folder "nowhere"'),
        (("--codex-version", "new"), 2, '"new" is not a version'),
        (("--select", "PRV9"), 2, "no rule is called"),
        (("--ignore", "PRV102"), 0, ""),
        (("--fail-on", "error"), 1, ""),
        (("--format", "github"), 1, ""),
    ],
)
def test_the_exit_code_is_the_verdict(
    arguments: tuple[str, ...], code: int, text: str, tmp_path: Path
) -> None:
    done = check(tmp_path, *arguments)

    assert done.returncode == code, done.stdout + done.stderr
    assert text in done.stderr


def jwt() -> str:
    claims = {"email": "a@example.com", "exp": 4102444800, "https://api.openai.com/auth": {
        "chatgpt_account_id": "account", "chatgpt_plan_type": "pro", "chatgpt_user_id": "u", "user_id": "u",
    }}  # fmt: skip
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "x"])


def chatgpt_login() -> str:
    tokens = {
        "id_token": jwt(),
        "access_token": "example-token",
        "refresh_token": "r",
        "account_id": "account",
    }
    return json.dumps(
        {"auth_mode": "chatgpt", "tokens": tokens, "last_refresh": "2026-11-20T20:55:00Z"}
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("flow", ["centralized", "byok", "chatgpt"])
def test_what_codex_config_prints_is_clean(flow: str, version: str, tmp_path: Path) -> None:
    url = "https://coder.example.com"
    options = ("--flow", flow, "--gateway-url", url, "--codex-version", version)
    done = provisioner("codex", "config", *options, "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    setup = json.loads(done.stdout)
    home = tmp_path / "home"
    write_tree(home, setup["files"])
    if setup["login"]:
        write_tree(home, {"auth.json": chatgpt_login()})
        (home / "auth.json").chmod(0o600)
    result = check_codex_home(
        home,
        codex_version=version,
        profile=None,
        environment={item["name"]: "example-value" for item in setup["environment"]},
    )

    assert result.findings == ()
    assert result.outcome.sends is not None
    assert (result.outcome.sends.url or "").startswith(url)
    assert result.outcome.sends.credential is not None


@dataclass
class Gateway:
    """A gateway that refuses everything at once and remembers what it saw."""

    seen: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    recorded = Gateway()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorded.seen.append((f"{self.command} {self.path}", headers))
            body = b'{"error": {"message": "no"}}'
            self.send_response(400)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - names of the base class

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorded.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield recorded
    server.shutdown()
    server.server_close()
    thread.join()


def codex(version: str, folder: Path, *arguments: str, environment: Mapping[str, str]) -> CodexRun:
    """Run Codex in the home `folder`, which is also its working directory."""
    own = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "CODEX_HOME": str(folder)}
    return run_codex(
        install_codex(version), arguments, environment={**own, **environment}, deadline=40
    )


def starts_never(result: CodexCheckResult) -> bool:
    """Say whether this Codex is said to end before any request."""
    return result.outcome.sentence.endswith("sends nothing")


def on_versions(
    cases: Iterable[RuleCase],
    versions: Iterable[str],
    applies: Callable[[CodexCheckResult], bool],
) -> pytest.MarkDecorator:
    """Parametrize over `case` and `version`, those pairs only that the test can say something of.

    0.122 takes `-p` behind the command only, and reads profiles before anything else.
    """
    chosen = []
    for case, version in itertools.product(cases, versions):
        if selecting(case) and version == "0.122.0":
            continue
        with tempfile.TemporaryDirectory() as folder:
            home = case.write(Path(folder) / "home")
            if applies(checked(case, home, version)):
                identity = f"{case.code}-{case.folder}-{version}"
                chosen.append(pytest.param(case, version, id=identity))
    return pytest.mark.parametrize(("case", "version"), chosen)


def selecting(case: RuleCase) -> list[str]:
    """Return the option for the profile of the case."""
    profile = (case.check or {}).get("profile")
    return [] if profile is None else ["-p", profile]


def without_access_token(case: RuleCase) -> RuleCase:
    check = dict(case.check or {})
    environment = {
        name: value
        for name, value in check.get("environment", {}).items()
        if name != "CODEX_ACCESS_TOKEN"
    }
    return replace(case, check={**check, "environment": environment})


# A provider that is not there ends the run before any request, after everything else was read.
NOWHERE = ("--skip-git-repo-check", "-c", 'model_provider="nowhere"', "hello")
READ = "Model provider `nowhere` not found"


@pytest.mark.needs_codex
@on_versions(CASES, VERSIONS, lambda _result: True)
def test_codex_refuses_what_we_say_it_refuses(case: RuleCase, version: str, tmp_path: Path) -> None:
    home = case.write(tmp_path / "home")
    # Whether a login or token stops it shows in a run only: see what it sends.
    (home / "auth.json").unlink(missing_ok=True)
    result = checked(without_access_token(case), home, version)
    predicted = starts_never(result)

    if profile := selecting(case):
        done = codex(version, home, *profile, "exec", *NOWHERE, environment={})
        refused = READ not in done.stderr
    else:
        done = codex(version, home, "features", "list", environment={})
        refused = done.exit_code != 0

    assert refused is predicted, done.stderr
    reasons = [
        finding.message.partition(": ")[2]
        for finding in result.findings
        if finding.code in {"PRV505", "PRV506", "PRV509", "PRV510"} and predicted
    ]
    # Codex gives one reason only; the oldest has other words for a provider without a name.
    said = re.sub(r"(contains legacy|while) \S*config\.toml", r"\1 config.toml", done.stderr)
    assert (
        not reasons
        or version == "0.122.0"
        or any(reason.partition(";")[0] in said for reason in reasons)
    ), done.stderr


STRICT = [case for case in CASES if (case.check or {}).get("profile") is None]


@pytest.mark.needs_codex
@on_versions(STRICT, VERSIONS[1:], lambda result: not starts_never(result))
def test_strict_codex_refuses_the_settings_that_we_say_it_ignores(
    case: RuleCase, version: str, tmp_path: Path
) -> None:
    home = case.write(tmp_path / "home")
    (home / "auth.json").unlink(missing_ok=True)
    result = checked(case, home, version)
    ignored = {"PRV502", "PRV504"} & {
        finding.code for finding in result.findings if finding.path.endswith("/config.toml")
    }

    done = codex(version, home, "exec", "--strict-config", *NOWHERE, environment={})

    assert ("unknown configuration field" in done.stderr) is bool(ignored), done.stderr
    assert ignored or READ in done.stderr


SENDING = [
    case for case in CASES if case.code in {"PRV102", "PRV103", "PRV104", "PRV106", "PRV206"}
]
HOSTS = re.compile(r"https://(?:gateway|coder|other)\.example\.com|http://127\.0\.0\.1:4000")


def stays_here(result: CodexCheckResult) -> bool:
    """Say whether a run would go to our gateway, with a credential that the home decides."""
    sends = result.outcome.sends
    if sends is None:
        return True
    known = sends.credential is None or sends.credential.kind.value not in {"unknown", "command"}
    return known and HOSTS.match(sends.url or "") is not None


@pytest.mark.needs_codex
@on_versions(SENDING, VERSIONS, stays_here)
def test_codex_sends_what_we_say_it_sends(
    case: RuleCase, version: str, tmp_path: Path, gateway: Gateway
) -> None:
    home = case.write(tmp_path / "home")
    for path in home.iterdir():
        text = HOSTS.sub(gateway.url, path.read_text()).replace('"e30.e30.x"', f'"{jwt()}"')
        path.write_text(text)
    result = checked(case, home, version)
    sends = result.outcome.sends
    environment = (case.check or {}).get("environment", {})
    quiet = ["features.plugins=false", "features.apps=false", "analytics.enabled=false",
             "features.unbounded_connection_retries=false", f'chatgpt_base_url="{gateway.url}/chatgpt"']  # fmt: skip
    options = [word for setting in quiet for word in ("-c", setting)]
    codex(
        version, home, *selecting(case), "exec", "--skip-git-repo-check", *options, "hello",
        environment=environment,
    )  # fmt: skip

    requests = [
        item for item in gateway.seen if item[0].startswith("POST") and "responses" in item[0]
    ]
    assert bool(requests) is (sends is not None)
    if sends is None:
        return
    line, headers = requests[-1]
    assert line == f"POST {(sends.url or '').removeprefix(gateway.url)}"
    found = sends.credential
    secret = found.secret if found and not found.is_dropped else None
    bearer = headers.get("authorization", "")
    # A bearer of nothing but blanks, from a blank key in auth.json, is no credential.
    bearer = bearer if bearer.removeprefix("Bearer").strip() else ""
    assert bearer == (f"Bearer {secret.reveal()}".rstrip() if secret else "")
    for name in ("x-coder-ai-governance-token", "x-team", "x-api-key", "chatgpt-account-id"):
        assert (name in headers) is (name in {header.name.lower() for header in sends.headers}), (
            name
        )
