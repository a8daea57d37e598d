"""How far the evaluator goes, and how sure it is; `terraform console` judges the values."""

from __future__ import annotations

import pytest

from provisioner.finding import Confidence
from provisioner.validate.evaluate import UNKNOWN, Evaluator, Unknown, Value
from provisioner.validate.workspace import Workspace


def evaluated(text: str, name: str = "x") -> Value:
    workspace = Workspace.read({"main.tf": text.encode()})
    assert workspace.is_whole
    return workspace.evaluator.value(workspace.declared.locals[name])


def test_a_default_makes_the_value_less_sure_even_through_locals() -> None:
    text = """
    variable "port" { default = 8080 }
    locals {
      x = "http://${local.host}"
      host = "localhost:${var.port}"
      y = "sure"
    }
    """

    assert evaluated(text) == Value("http://localhost:8080", Confidence.MEDIUM)
    assert evaluated(text, "y") == Value("sure", Confidence.HIGH)


@pytest.mark.parametrize(
    "body",
    [
        "x = local.y\n y = local.x",
        "x = docker_volume.a.id",
        "x = [1][5]",
        "x = var.given_from_outside",
        "x = anything_else(1)",
        "x = [for a in range(1000) : [for b in range(1000) : 1]]",
        "x = " + "+".join(["1"] * 100),
    ],
)
def test_what_cannot_be_known_is_unknown(body: str) -> None:
    text = f'variable "given_from_outside" {{}}\nlocals {{\n{body}\n}}\n'

    assert evaluated(text).known is UNKNOWN


def test_text_that_doubles_in_every_step_stays_small() -> None:
    lines = [f'a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"' for n in range(1, 60)]
    text = "locals {\n" + "\n".join(['a0 = "x"', *lines, "x = local.a59"]) + "\n}\n"

    assert isinstance(evaluated(text).known, Unknown)


def test_a_long_chain_of_locals_ends_without_an_error() -> None:
    lines = [f"a{n} = local.a{n + 1}" for n in range(2000)]
    text = "locals {\n" + "\n".join([*lines, "a2000 = 1", "x = local.a0"]) + "\n}\n"

    assert evaluated(text).known is UNKNOWN


def test_refused_is_what_fails_whatever_variables_hold() -> None:
    text = """
    variable "name" {
      type    = string
      default = "x"
    }
    variable "other" { default = "x" }
    locals {
      a = var.name.length
      b = var.other + 1
      c = local.a
    }
    """
    workspace = Workspace.read({"main.tf": text.encode()})
    evaluator = Evaluator(workspace.declared)
    refused = {
        name for name, item in workspace.declared.locals.items() if evaluator.is_refused(item)
    }

    assert refused == {"a"}
