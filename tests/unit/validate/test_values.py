"""How sure it is that an argument gets a value."""

from __future__ import annotations

import pytest

from provisioner.finding import Confidence
from provisioner.validate.values import given
from provisioner.validate.workspace import Workspace

DECLARED = """
variable "required" {}
variable "empty" {
  default = ""
}
variable "null" {
  default = null
}
variable "full" {
  default = "x"
}
variable "computed" {
  default = upper("x")
}
locals {
  text  = "x"
  empty = ""
  empty_variable = var.empty
  other = local.text
  first = local.second
  second = local.first
  value = %s
}
"""


@pytest.mark.parametrize(
    ("expression", "confidence"),
    [
        ('"x"', Confidence.HIGH),
        ('""', None),
        ("null", None),
        ('"x${var.empty}"', Confidence.HIGH),
        ('"${var.empty}${var.empty}"', None),
        ('"${var.empty}"', None),
        ('"${var.required}"', Confidence.MEDIUM),
        ("var.required", Confidence.MEDIUM),
        ("var.full", Confidence.MEDIUM),
        ("var.empty", None),
        ("var.null", None),
        ("var.computed", None),
        ("var.undeclared", Confidence.MEDIUM),
        ("local.text", Confidence.HIGH),
        ("local.empty", None),
        ("local.empty_variable", None),
        ("local.other", None),
        ("local.first", None),
        ("data.coder_secret.key.value", Confidence.MEDIUM),
        ('var.required == "" ? null : var.required', None),
        ('coalesce(var.required, "")', None),
    ],
)
def test_given(expression: str, confidence: Confidence | None) -> None:
    workspace = Workspace.read({"main.tf": (DECLARED % expression).encode()})
    declared = workspace.declared

    assert given(declared.locals["value"], declared) is confidence


def test_nothing_is_not_given() -> None:
    assert given(None, Workspace.read({}).declared) is None
