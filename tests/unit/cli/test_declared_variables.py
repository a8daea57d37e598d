"""What a template declares is read as Terraform reads it, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.cli.declared_variables import declared_variables
from tests.support.tree import write_tree


def test_the_root_of_a_folder_declares(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "main.tf": 'variable "a" {}\nvariable b {\n  sensitive = false\n}\nlocals {}\n',
            "more.tf": 'variable "c" {\n  sensitive = true\n}\n',
            "a_override.tf": 'variable "a" {\n  sensitive = "true"\n}\n',
            "x.tf.json": '{"variable": {"d": {"sensitive": true}, "e": [{}]}}',
            "y.tf.json": '{"variable": [{"f": {}}], "locals": {}}',
            "modules/m/main.tf": 'variable "inside" {}\n',
            "notes.txt": 'variable "text" {}\n',
        },
    )

    assert declared_variables(tmp_path) == {
        "a": True,
        "b": False,
        "c": True,
        "d": True,
        "e": False,
        "f": False,
    }


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": 'variable "a" {\n'},
        {"main.tf": "variable {{\n"},
        {"main.tf.json": "{"},
    ],
)
def test_of_what_cannot_be_parsed_nothing_is_known(tmp_path: Path, files: dict[str, str]) -> None:
    write_tree(tmp_path, {**files, "other.tf": 'variable "b" {}\n'})

    assert declared_variables(tmp_path) is None
