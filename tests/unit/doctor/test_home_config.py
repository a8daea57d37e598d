"""The config of a user's own Codex home: is it the spec's, and can Codex read it?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.doctor.codex_checks import config_loads
from tests.support.fake_codex import fake_codex, report_of
from tests.unit.doctor.patients import own_config, patient_for, patient_with, plan_at

URL = "https://coder.example.com"
PATH = "/api/v2/aibridge/openai/v1"
PLAN = plan_at(URL, "byok")
# Tells what its home holds, in place of reading it.
_LISTS = """
from pathlib import Path
home = Path(os.environ["CODEX_HOME"])
held = {str(f.relative_to(home)): f.read_text() for f in home.rglob("*") if f.is_file()}
Path(__file__).with_name("held.json").write_text(json.dumps(held))
"""


def lister(folder: Path) -> Path:
    """Return a stand-in for Codex that writes down the files of its home."""
    codex = fake_codex(folder)
    script = folder / "codex.py"
    reports, _, rest = script.read_text().partition("if sys.argv")
    script.write_text(f"{reports}{_LISTS}if sys.argv{rest}")
    return codex


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("bogus=[", "cannot be read: Invalid value (at end of document)"),
        (
            own_config(plan_at("https://other.example.com", "byok")),
            f"requests go to https://other.example.com{PATH}, and the spec's gateway is {URL}{PATH}",
        ),
        ('model_provider = "nope"\n', 'it selects the provider "nope", without a base_url'),
        ('model_provider = "openai"\n', 'it selects the provider "openai", without a base_url'),
        (own_config(PLAN).replace("OPENAI_API_KEY", "MY_KEY", 1), "env_key in model_providers."),
        ("model_providers = 3\n", "model_providers is no table of tables"),
        ("[model_providers.x]\nhttp_headers = 3\n", "http_headers in model_providers.x is not"),
        ("model = 3\n", "model is no string"),
        ("profiles = 3\n", "profiles is no table of tables"),
    ],
)
def test_a_home_that_does_not_do_what_the_spec_says_fails(
    tmp_path: Path, config: str, words: str
) -> None:
    patient_ = patient_with(tmp_path, PLAN, config)

    check = config_loads(patient_)

    assert check.status.value == "failed"
    assert check.seen.startswith(f"{tmp_path}/own/config.toml")
    assert words in check.seen
    assert f"provisioner codex apply --codex-home {tmp_path}/own --force" in check.fix
    assert patient_.facts.base_url == f"{URL}{PATH}"


def test_a_password_in_another_gateways_url_is_not_shown(tmp_path: Path) -> None:
    config = own_config(PLAN).replace("https://", "https://user:secret-word@", 1)

    check = config_loads(patient_with(tmp_path, PLAN, config))

    assert check.status.value == "failed"
    assert "secret-word" not in check.seen + check.fix


def test_codex_reads_a_copy_of_the_home_without_the_login(tmp_path: Path) -> None:
    config = own_config(PLAN, root='model_instructions_file = "texts/i.md"')
    own = tmp_path / "own"
    (own / "texts").mkdir(parents=True)
    files = {"texts/i.md": "Be brief.", "auth.json": "{}", "history.jsonl": "{}"}
    for name, text in files.items():
        (own / name).write_text(text)
    (own / "fast.config.toml").write_text('model = "m"\nnotify = ["auth.json"]\n')
    patient_ = patient_with(tmp_path, PLAN, config, codex=lister(tmp_path / "bin"))

    check = config_loads(patient_)

    held = json.loads((tmp_path / "bin" / "held.json").read_text())
    assert check.status.value == "ok"
    assert check.seen == (
        f"Codex 0.169.0 reads {own}/config.toml with --strict-config, profiles fast"
    )
    assert sorted(held) == ["config.toml", "fast.config.toml", "texts/i.md"]
    assert held["config.toml"] == config
    assert patient_.facts.models == ("m",)


def test_a_home_that_selects_no_provider_gets_the_settings_as_a_launch_gives_them(
    tmp_path: Path,
) -> None:
    patient_ = patient_with(tmp_path, PLAN, "model_reasoning_effort = 'high'\n")

    check = config_loads(patient_)

    arguments = report_of(tmp_path / "bin" / "codex")["arguments"]
    assert check.status.value == "ok"
    assert f'model_provider="{PLAN.codex.provider.id}"' in arguments
    assert patient_.facts.base_url == f"{URL}{PATH}"


def test_the_home_that_a_launch_makes_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text('model_provider = "nope"\n')

    assert config_loads(patient_for(tmp_path, PLAN)).status.value == "ok"


@pytest.mark.parametrize(("chosen", "status"), [(True, "failed"), (False, "warning")])
def test_a_home_of_another_provider_that_nobody_chose_is_a_warning(
    tmp_path: Path, status: str, *, chosen: bool
) -> None:
    config = own_config(PLAN).replace(PLAN.codex.provider.id, "mine").replace(URL, "https://other")

    check = config_loads(patient_with(tmp_path, PLAN, config, home_is_chosen=chosen))

    assert check.status.value == status
    assert (
        f"requests go to https://other{PATH}, and the spec's gateway is {URL}{PATH}" in check.seen
    )


def test_a_home_for_another_deployment_is_a_failure_though_nobody_chose_it(tmp_path: Path) -> None:
    config = own_config(PLAN).replace(URL, "https://other")

    check = config_loads(patient_with(tmp_path, PLAN, config, home_is_chosen=False))

    assert check.status.value == "failed"
