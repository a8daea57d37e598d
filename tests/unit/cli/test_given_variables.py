"""Of the values that are given, secrets and only they are hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.cli.coder_variables import given_variables
from tests.support.tree import write_tree

LONG = "v4lue-of-length"


@pytest.mark.parametrize(
    ("block", "option", "is_secret"),
    [
        ('variable "a" {}', f"a={LONG}", False),
        ('variable "a" {}', "a", True),
        ('variable "a" {\n  sensitive = true\n}', f"a={LONG}", True),
        ('variable "a" {\n  sensitive = true\n}', "a=true", False),
        ('variable "a_token" {}', f"a_token={LONG}", True),
        ('variable "a" {', f"a={LONG}", True),
    ],
)
def test_secrets_are_told_from_other_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str, option: str, *, is_secret: bool
) -> None:
    monkeypatch.setenv("TF_VAR_a", LONG)
    write_tree(tmp_path, {"main.tf": f"{block}\n"})
    given = given_variables(tmp_path, [option], None)
    (value,) = given.values.values()

    assert given.secrets == ((value,) if is_secret else ())
