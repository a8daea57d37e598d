"""modules/codex under the real Terraform, and the script it makes of its parts."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.terraform.check import terraform_findings, terraform_ready
from tests.support.codex_module import MODULE, planned, script_with, terraform

pytestmark = pytest.mark.needs_terraform

RUN = re.compile(r'^run "(\w+)"', re.MULTILINE)


def test_it_is_formatted_and_valid() -> None:
    with terraform_ready(MODULE) as environment:
        unformatted = terraform(MODULE, environment, "fmt", "-check", "-recursive")

        assert (unformatted.returncode, unformatted.stdout) == (0, "")
        assert terraform_findings(MODULE, environment) == []


def test_terraform_test_passes() -> None:
    files = sorted((MODULE / "tests").glob("*.tftest.hcl"))
    runs = [name for path in files for name in RUN.findall(path.read_text())]
    with terraform_ready(MODULE) as environment:
        done = terraform(MODULE, environment, "test", "-no-color")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Success! {len(runs)} passed, 0 failed." in done.stdout
    assert len(set(runs)) == len(runs)


def test_every_refusal_says_what_to_do_in_whole_sentences() -> None:
    text = "".join(path.read_text() for path in MODULE.glob("*.tf"))
    messages = re.findall(r'error_message = "(.*)"$', text, re.MULTILINE)

    assert len(messages) == text.count("validation {") + text.count("precondition {")
    assert [message for message in messages if not message.endswith(".")] == []


def test_the_script_passes_shellcheck(tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    script.write_text(script_with(), encoding="utf-8")
    done = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def settings_of(script: str) -> dict[str, str]:
    """Return the settings in the first lines of a script, as they stand there."""
    return dict(re.findall(r"^WANTED_(\w+)='([^']*)'$", script, re.MULTILINE))


def decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


# Terraform itself brings text into normal form C; no combining marks, nothing to combine.
texts = st.text(st.sampled_from("ab'\"\\$`{}%!~#\n\t é😀"), max_size=30) | st.sampled_from(
    ["${jsonencode(1)}", "%{ for a in b }", "EOT", "<<-EOT\n", "'; exit 9 #", "$(exit 9)", "\r\n", "-n"]
)  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(
    base=texts,
    profiles=st.dictionaries(st.from_regex(r"[A-Za-z0-9_-]+", fullmatch=True), texts, max_size=3),
    given_script=texts,
    value=texts,
)
def test_any_text_reaches_the_script_as_it_is(
    base: str, profiles: dict[str, str], given_script: str, value: str
) -> None:
    changes = planned(
        base_config_toml=base,
        profiles=profiles,
        post_install_script=given_script,
        environment={"A": value},
    )

    made = settings_of(changes["coder_script.codex"]["after"]["script"])
    pairs = [line.split(" ") for line in made["PROFILES"].split("\n") if line]
    assert decoded(made["BASE_CONFIG"]) == base
    assert {decoded(name): decoded(text) for name, text in pairs} == profiles
    assert decoded(made["POST_INSTALL"]) == given_script
    assert changes['coder_env.codex["A"]']["after"]["value"] == value
    assert changes['coder_env.codex["A"]']["after_sensitive"]["value"] is True
