"""Files that functions read have to be there, and templates are given what they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.validate.run import validate
from tests.support.tree import write_tree

HOOK = """\
#!/bin/sh
echo "${name}" "$${HOME}"
%{ for port in ports ~}
echo ${port}
%{ endfor ~}
"""
FILES = {
    "hook.sh.tftpl": HOOK,
    "shell.sh": "echo ${HOME:-x}\n",
    "open.tftpl": "a\n%{ if x }\n",
    "name with space.txt": "x",
}


def refused(folder: Path, expression: str) -> list[tuple[int, str]]:
    text = f'variable "given" {{\n  type = string\n}}\n\nlocals {{\n  x = {expression}\n}}\n'
    write_tree(folder, {**FILES, "main.tf": text})
    found = validate([folder], select=["PRV321"]).findings
    return [(item.span.start.line, item.message.partition(" is made of: ")[2]) for item in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('file("gone.sh")', 'there is no file "gone.sh"'),
        ('filesha256("${path.module}/gone.sh")', 'there is no file "gone.sh"'),
        ('upper(file("${path.module}/sub/gone.sh"))', 'there is no file "sub/gone.sh"'),
        (
            'templatefile("hook.sh.tftpl", { name = var.given })',
            'line 3 of "hook.sh.tftpl" wants "ports", which the template is not given',
        ),
        (
            'templatefile("${path.module}/hook.sh.tftpl", merge({ ports = [] }, {}))',
            'line 2 of "hook.sh.tftpl" wants "name", which the template is not given',
        ),
        ('templatefile("hook.sh.tftpl", "x")', "a template is given a map"),
        (
            'templatefile("shell.sh", {})',
            'line 1 of "shell.sh" is no template: "${HOME:-x}" is no expression of Terraform',
        ),
        (
            'templatefile("open.tftpl", { x = true })',
            'line 3 of "open.tftpl" is no template: unexpected end of template',
        ),
    ],
)
def test_what_terraform_refuses(expression: str, expected: str, tmp_path: Path) -> None:
    assert refused(tmp_path, expression) == [(6, expected)]


@pytest.mark.parametrize(
    "expression",
    [
        'templatefile("${path.module}/hook.sh.tftpl", { name = var.given, ports = [1], more = 1 })',
        'templatefile("hook.sh.tftpl", jsondecode(var.given))',
        'file("name with space.txt")',
        'file("shell.sh")',
        'file("${path.root}/gone.sh")',
        'file("${path.module}/${var.given}")',
        'file("/etc/gone.sh")',
        'fileexists("gone.sh") ? file("gone.sh") : ""',
        'try(file("gone.sh"), "")',
    ],
)
def test_what_is_there_or_not_known_is_left_alone(expression: str, tmp_path: Path) -> None:
    assert refused(tmp_path, expression) == []


def test_a_finding_goes_when_the_file_comes(tmp_path: Path) -> None:
    assert refused(tmp_path, 'file("late.sh")') == [(6, 'there is no file "late.sh"')]

    (tmp_path / "late.sh").write_text("x")

    assert validate([tmp_path], select=["PRV321"]).findings == ()
