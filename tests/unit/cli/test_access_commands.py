"""`access`, `catalog` and `profile` as users run them: output, files and exit codes."""

from __future__ import annotations

import json
import shutil
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import ROOT, provisioner
from tests.support.tree import read_tree, write_tree

EXAMPLES = ROOT / "examples/access"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with the access files of the examples."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    return tmp_path


def resolved(folder: Path, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    done = provisioner("access", "resolve", "--format", "json", *arguments, cwd=folder)
    return done.returncode, json.loads(done.stdout)


def test_what_is_resolved_is_complete(office: Path) -> None:
    code, data = resolved(office, "--profile", "review", "--codex", "0.155.0")
    steps = data.pop("steps")

    assert code == 0
    assert data == {
        "version": 1,
        "allowed": True,
        "authMode": "metered",
        "provider": "codex",
        "modelId": "gpt-5.6-sol",
        "effort": "high",
        "serviceTier": "auto",
        "codexServiceTier": None,
        "contextWindow": 400000,
        "pool": {"name": "cluster", "provider": "kubernetes"},
        "gateway": {"kind": "coder", "url": "https://coder.example.com"},
        "flow": "centralized",
        "spendAtMostUsd": "10.0",
        "codex": "0.155.0",
        "notes": [],
    }
    taken = [(step["name"], item["authMode"]) for step in steps for item in step["removed"]]
    assert taken == [
        ("organization-policy", "byok"),
        ("organization-policy", "shared"),
        ("organization-policy", "host-session"),
        ("profile", "local"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "own-login", "--pool", "cluster"],
         "AUTH_MODE_REQUIRES_LOCAL_CAPACITY: host-session runs on the user's machine only, and no local pool is active among those called \"cluster\""),
        (["--profile", "offline", "--pool", "cluster"], "AUTH_MODE_REQUIRES_LOCAL_CAPACITY: local runs"),
        (["--model-id", "gpt-9"], 'MODEL_NOT_IN_CATALOG: model not in catalog: "codex/gpt-9"'),
        (["--profile", "review", "--usage", "usage.toml", "--date", "2026-08-21", "--pool", "modal"],
         "AUTH_MODE_REQUIRES_CLOUD_CAPACITY: metered runs in the cloud only"),
        (["--profile", "review", "--model-id", "team-coder"],
         'AUTHMODES_UNSATISFIABLE: the catalog offers model "codex/team-coder" in local'),
    ],
)  # fmt: skip
def test_denied_access_exits_1_with_the_code_and_writes_no_spec(
    office: Path, arguments: list[str], said: str
) -> None:
    before = read_tree(office)

    done = provisioner("access", "resolve", *arguments, "-o", "provisioner.toml", cwd=office)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert read_tree(office) == before


@pytest.mark.parametrize(
    ("changes", "profile", "usage", "said"),
    [
        ({"metered_enabled = true": "metered_enabled = false"}, "review", "",
         "METERED_NOT_ENTITLED: Organisation is not entitled to use metered auth mode\n"),
        ({'metered_keys = ["codex"]': "metered_keys = []"}, "review", "",
         "METERED_KEY_MISSING: No metered key is configured for provider 'codex'\n"),
        ({"shared = { allowed = false }": "shared = {}", "metered_enabled = true": ""}, "review", "usage.toml",
         "SHARED_QUOTA_EXCEEDED: today's shared quota of 25.0 US dollars is used up\n"),
    ],
)  # fmt: skip
def test_the_words_of_the_contract(
    office: Path, changes: dict[str, str], profile: str, usage: str, said: str
) -> None:
    text = (office / "access.toml").read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    write_tree(office, {"access.toml": text})

    arguments = ["--profile", profile, "--date", "2026-08-22"]
    arguments += ["--usage", usage] if usage else []
    done = provisioner("access", "resolve", *arguments, cwd=office)

    assert (done.returncode, done.stderr) == (1, said)


def test_explain_shows_every_step_and_what_it_took(office: Path) -> None:
    done = provisioner("access", "resolve", "--profile", "own-login", "--explain", cwd=office)

    lines = done.stdout.splitlines()
    numbered = [line for line in lines if line[:2].strip().isdigit()]
    assert [line.split(":")[0].split()[1] for line in numbered] == [
        "model", "system-policy", "organization-policy", "project-policy", "profile", "offered",
        "pinned-model", "entitlement", "metered-key", "local-capacity", "cloud-capacity",
        "capacity", "gateway", "shared-quota", "caps", "preference",
    ]  # fmt: skip
    taken = [line.split()[1].rstrip(":") for line in lines if line.startswith("   - ")]
    assert sorted(taken) == ["byok", "local", "metered", "shared"]
    assert "auth mode       host-session" in lines


@pytest.mark.parametrize("profile", ["coding", "review", "offline", "own-login"])
def test_a_resolved_profile_can_be_rendered_and_applied(office: Path, profile: str) -> None:
    spec = office / "out" / "provisioner.toml"
    spec.parent.mkdir()

    made = provisioner("access", "resolve", "--profile", profile, "-o", spec, cwd=office)
    again = provisioner("access", "resolve", "--profile", profile, "-o", spec, cwd=office)
    rendered = provisioner("render", spec, "-o", "template", "--verify", cwd=office)
    checked = provisioner("validate", "template", cwd=office)
    applied = provisioner("codex", "apply", spec, "--codex-home", office / "home", cwd=office)

    assert (made.returncode, again.returncode) == (0, 0), made.stderr + again.stderr
    assert rendered.returncode == 0, rendered.stderr
    assert checked.returncode == 0, checked.stdout
    assert applied.returncode == 0, applied.stderr
    config = tomllib.loads((office / "home/config.toml").read_text())
    assert config["model"] == tomllib.loads(spec.read_text())["codex"]["model"]


def test_a_spec_that_differs_is_left_alone_without_force(office: Path) -> None:
    spec = write_tree(office, {"provisioner.toml": 'flow = "byok"\n'}) / "provisioner.toml"

    kept = provisioner("access", "resolve", "--profile", "review", "-o", spec, cwd=office)
    text = spec.read_text()
    forced = provisioner(
        "access", "resolve", "--profile", "review", "-o", spec, "--force", cwd=office
    )

    assert (kept.returncode, text) == (2, 'flow = "byok"\n')
    assert forced.returncode == 0
    assert tomllib.loads(spec.read_text()) == {
        "flow": "centralized",
        "gateway": {"kind": "coder", "url": "https://coder.example.com"},
        "template": {"name": "kubernetes"},
        "codex": {
            "model": "gpt-5.6-sol",
            "model_reasoning_effort": "high",
            "model_context_window": 400000,
        },
        "target": {"codex": "0.169.0"},
    }


@pytest.mark.parametrize(
    ("pool", "template"),
    [("docker", {"name": "docker"}), ("modal", None), ("local", None)],
)
def test_a_pool_without_a_template_is_told(
    tmp_path: Path, pool: str, template: dict[str, str] | None
) -> None:
    write_tree(tmp_path, {"access.toml": f'[[pool]]\nname = "p"\nprovider = "{pool}"\n'})
    words = f"here is no template for {pool} pools, and the spec names none: "

    done = provisioner(
        "access", "resolve", "--model-id", "gpt-5.5", "--mode", "byok", "-o", "spec.toml",
        cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "spec.toml").read_text()
    assert tomllib.loads(text).get("template") == template
    assert (f"\n# T{words}" in text) is (template is None)
    assert (f"note: t{words}" in done.stderr) is (template is None)


def test_own_keys_at_a_server_without_a_gateway_are_its_bearer(tmp_path: Path) -> None:
    text = '[gateways.byok]\nkind = "openai-compatible"\nurl = "https://api.example.com/v1"\n'
    write_tree(tmp_path, {"access.toml": text})

    done = provisioner(
        "access", "resolve", "--model-id", "gpt-5.5", "-o", "provisioner.toml", cwd=tmp_path
    )

    assert done.returncode == 0, done.stderr
    spec = tomllib.loads((tmp_path / "provisioner.toml").read_text())
    assert (spec["flow"], spec["gateway"]) == (
        "centralized",
        {
            "kind": "openai-compatible",
            "url": "https://api.example.com/v1",
            "token_env": "OPENAI_API_KEY",
        },
    )


def test_a_local_model_server_has_to_be_local(tmp_path: Path) -> None:
    text = '[gateways.local]\nkind = "openai-compatible"\nurl = "https://llm.example.com/v1"\n'
    write_tree(tmp_path, {"access.toml": text})

    done = provisioner(
        "access", "resolve", "--model-id", "gpt-oss-20b", "--mode", "local", "--explain",
        cwd=tmp_path,
    )  # fmt: skip

    said = '- local: GATEWAY_CANNOT_SERVE: "https://llm.example.com/v1" is not on this machine'
    assert said in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["access", "resolve"], "say which profile, or which model"),
        (["access", "resolve", "--access", "none.toml", "--model-id", "x"], "cannot read none.toml: there is no such file; --access"),
        (["access", "resolve", "--usage", "none.toml", "--model-id", "x"], "cannot read none.toml: No such file or directory\n"),
        (["catalog", "list", "--access", "none.toml"], "cannot read none.toml: there is no such file; --access"),
        (["catalog", "create", "--access", "none.toml", "--model-id", "x"], "cannot read none.toml: there is no such file; --access"),
        (["profile", "list", "--access", "nope/access.toml"], "cannot read nope/access.toml: there is no such file; --access"),
        (["access", "resolve", "--model-id", "gpt-5.5", "--codex", "newest"], '--codex: "newest" is not a version'),
        (["access", "resolve", "--model-id", "gpt-5.5", "--codex", "0.12.0"], '--codex: "0.12.0" is no version from'),
        (["access", "resolve", "--profile", "x"], 'no profile "x" fits; there are none'),
        (["catalog", "show", "x"], 'model not in catalog: "x"'),
        (["catalog", "create", "--model-id", "x", "--input-cents", "1"], "a price needs both"),
        (["profile", "show", "x"], 'no profile "x" fits'),
    ],
)  # fmt: skip
def test_no_verdict_says_why_and_exits_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = provisioner(*arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert read_tree(tmp_path) == {}


def test_a_wrong_file_is_shown_at_its_line(tmp_path: Path) -> None:
    write_tree(tmp_path, {"access.toml": '[[pool]]\nname = "a"\nprovider = "lokal"\n'})

    done = provisioner("access", "resolve", "--model-id", "gpt-5.5", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("access.toml:3:12: error PRV012 ")


def test_a_model_is_added_once_and_never_changed(tmp_path: Path) -> None:
    note = "# ours\n"
    write_tree(tmp_path, {"catalog.toml": note})
    create = ["catalog", "create", "--model-id", "own", "--effort", "low", "--auth-mode", "local"]
    create += ["--input-cents", "7.5", "--output-cents", "60", "--context-window", "4096"]

    added = provisioner(*create, cwd=tmp_path)
    text = (tmp_path / "catalog.toml").read_text()
    again = provisioner(*create, cwd=tmp_path)
    taken = provisioner("catalog", "create", "--model-id", "gpt-5.5", cwd=tmp_path)
    shown = provisioner("catalog", "show", "codex/own", "--format", "json", cwd=tmp_path)

    assert added.returncode == 0, added.stderr
    assert "immutable" in added.stdout
    assert text.startswith(note)
    for refused in (again, taken):
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "immutable" in refused.stderr
    assert (tmp_path / "catalog.toml").read_text() == text
    data = json.loads(shown.stdout)
    assert (data["pricing"]["inputPerMTokenCents"], data["authModes"]) == (7.5, ["local"])


def test_a_built_in_model_is_replaced_on_demand(tmp_path: Path) -> None:
    done = provisioner(
        "catalog", "create", "--model-id", "gpt-5.5", "--replace-built-in",
        "--input-cents", "100", "--output-cents", "800", cwd=tmp_path,
    )  # fmt: skip
    shown = provisioner("catalog", "show", "gpt-5.5", "--format", "json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    data = json.loads(shown.stdout)
    assert (data["builtIn"], data["pricing"]["outputPerMTokenCents"]) == (False, 800)


def test_models_added_at_once_are_all_there(tmp_path: Path) -> None:
    def add(number: int) -> int:
        arguments = ("catalog", "create", "--model-id", f"own-{number}")
        return provisioner(*arguments, cwd=tmp_path).returncode

    with ThreadPoolExecutor(4) as several:
        codes = list(several.map(add, range(4)))

    models = tomllib.loads((tmp_path / "catalog.toml").read_text())["model"]
    assert codes == [0, 0, 0, 0]
    assert sorted(model["model_id"] for model in models) == [f"own-{n}" for n in range(4)]


def test_nothing_is_added_to_a_file_that_is_wrong(tmp_path: Path) -> None:
    write_tree(tmp_path, {"profiles.toml": "profile = []\n", "catalog.toml": "surprise = 1\n"})

    profile = provisioner("profile", "create", "--name", "a", cwd=tmp_path)
    model = provisioner("catalog", "create", "--model-id", "a", cwd=tmp_path)

    assert (profile.returncode, model.returncode) == (1, 1)
    assert read_tree(tmp_path) == {
        "profiles.toml": "profile = []\n",
        "catalog.toml": "surprise = 1\n",
    }


def test_a_profile_is_added_listed_and_shown_complete(tmp_path: Path) -> None:
    base = provisioner(
        "profile", "create", "--name", "base", "--model-id", "gpt-5.5", "--effort", "high",
        "--auth-mode", "metered", "--auth-mode", "byok", cwd=tmp_path,
    )  # fmt: skip
    own = provisioner(
        "profile", "create", "--name", "own", "--based-on", "base", "--scope", "project",
        "--project-id", "web", "--service-tier", "fast", "--context-window", "9000", cwd=tmp_path,
    )  # fmt: skip
    twice = provisioner("profile", "create", "--name", "base", cwd=tmp_path)
    shown = provisioner(
        "profile", "show", "own", "--project", "web", "--format", "json", cwd=tmp_path
    )

    assert (base.returncode, own.returncode, twice.returncode) == (0, 0, 1)
    assert provisioner("profile", "list", cwd=tmp_path).stdout.splitlines() == [
        "base (system-default): gpt-5.5, metered, byok",
        "own (project web): no model of its own, any, based on base",
    ]
    assert json.loads(shown.stdout) == {
        "name": "own",
        "scope": "project",
        "scopeKey": "web",
        "basedOn": "base",
        "provider": None,
        "modelId": "gpt-5.5",
        "authModes": ["metered", "byok"],
        "effort": "high",
        "providerConfig": {"openai": {"contextWindow": 9000, "serviceTier": "fast"}},
        "madeFrom": ["own (project web)", "base (system-default)"],
    }


def test_lists_have_what_can_be_used_and_all_on_demand(office: Path) -> None:
    some = provisioner("catalog", "list", cwd=office).stdout.splitlines()
    every = provisioner("catalog", "list", "--all", cwd=office).stdout.splitlines()
    data = json.loads(provisioner("catalog", "list", "--format", "json", cwd=office).stdout)

    assert some[0].split() == ["id", "context", "window", "input", "output", "efforts"]
    assert len(data) == len(some) - 1 < len(every) - 1
    assert [line.split() for line in some if line.startswith("codex/gpt-5.5-eu")] == [
        ["codex/gpt-5.5-eu", "272000", "150", "1200", "low", "medium", "high"]
    ]


def test_the_schemas_are_printed(tmp_path: Path) -> None:
    for name in ("access", "catalog", "profile", "usage"):
        done = provisioner("schema", name, cwd=tmp_path)
        assert json.loads(done.stdout)["additionalProperties"] is False
