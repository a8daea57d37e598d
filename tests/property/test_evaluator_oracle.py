"""What the evaluator knows is what `terraform console` says, for expressions made by a grammar."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provisioner.validate.evaluate import Evaluator
from provisioner.validate.functions_values import encoded
from provisioner.validate.known import has_unknown
from provisioner.validate.workspace import Workspace
from tests.support.terraform import console

pytestmark = pytest.mark.needs_terraform

PREAMBLE = """
variable "text" {
  default = 5
  type    = string
}

variable "flags" {
  default = ["true", false]
  type    = list(bool)
}

variable "shape" {
  default = { name = "n", extra = 1 }
  type = object({
    name  = string
    size  = optional(number, 3)
    other = optional(string)
  })
}

variable "names" {
  default = ["b", "a", "b"]
  type    = set(string)
}

locals {
  n = 7
  s = "a,b"
  l = ["x", "y", "z"]
  m = { k = "v", j = "w" }
  o = [{ id = "one", n = 1 }, { id = "two", n = 2 }]
  e = []
}
"""

TEXTS = st.sampled_from(
    [
        '"a"',
        '"b c"',
        '"1"',
        '"true"',
        '"A-b_c"',
        '"x,y,z"',
        '" pad "',
        '"é\\n"',
        '""',
        '"a<b"',
        "local.s",
        "var.text",
        "local.m.k",
        "local.o[1].id",
        "var.shape.name",
        '"${local.n}"',
        '"/[a-z]/"',
        '"/(/"',
        '"(a)(?P<b>c)"',
        '"10.0.0.0/30"',
        '"fd00::/64"',
        '"2020-01-01T00:00:00Z"',
        '"1h5m"',
        "\"hh:mm 'o clock'\"",
        '"a,b\\n1,2\\n"',
    ]
)
NUMBERS = st.sampled_from(
    ["0", "1", "2", "10", "2.5", "1.10", "1.5e3", "local.n", "var.shape.size", "local.o[0].n", "-3"]
)
BOOLS = st.sampled_from(["true", "false", "var.flags[0]", "var.flags[1]", '"true"'])
LISTS = st.sampled_from(
    [
        "local.l",
        "local.e",
        "local.o[*].id",
        "var.flags",
        "var.names",
        '["1", 2]',
        "[]",
        "[[1], [2, 3]]",
        '["b", "a", "b"]',
        '["", "a", null]',
        "local.o",
        "[1, 2]",
        "local.o.*.n",
        'toset(["q"])',
    ]
)
MAPS = st.sampled_from(
    ["local.m", "{}", '{ a = 1, "b" = "2" }', "var.shape", "{ (local.s) = true }"]
)
WRONG = st.sampled_from(
    ["null", "local.l[5]", "local.m.zz", "var.shape.other", '[1, "a"]', "local.e[0]"]
)

SIGNATURES = {
    "abs": "n", "alltrue": "l", "anytrue": "l", "base64decode": "s", "base64encode": "s",
    "can": "x", "ceil": "n", "chomp": "s", "chunklist": "ln", "cidrhost": "sn", "cidrnetmask": "s",
    "cidrsubnet": "snn", "cidrsubnets": "snn", "coalesce": "ssx", "coalescelist": "ll", "compact": "l",
    "concat": "ll", "contains": "ls", "csvdecode": "s", "distinct": "l", "element": "ln", "endswith": "ss",
    "flatten": "l", "floor": "n", "format": "fsn", "formatdate": "ss", "formatlist": "fll", "indent": "ns", "index": "ls",
    "join": "sl", "jsondecode": "j", "jsonencode": "x", "keys": "m", "length": "x", "lookup": "mss",
    "lower": "s", "matchkeys": "lll", "max": "nn", "merge": "mm", "min": "nn", "nonsensitive": "x", "one": "l",
    "parseint": "sn", "range": "nn", "regex": "ss", "regexall": "ss", "replace": "sss", "reverse": "l", "setunion": "ll", "signum": "n",
    "slice": "lnn", "sort": "l", "split": "ss", "startswith": "ss", "strcontains": "ss",
    "strrev": "s", "substr": "snn", "sum": "l", "timeadd": "ss", "timecmp": "ss", "title": "s", "tobool": "x", "tolist": "x",
    "tomap": "x", "tonumber": "x", "toset": "x", "tostring": "x", "trim": "ss", "trimprefix": "ss",
    "trimspace": "s", "trimsuffix": "ss", "try": "xx", "upper": "s", "urlencode": "s",
    "values": "m", "zipmap": "ll",
}  # fmt: skip
FORMATS = st.sampled_from(
    ['"%s-%d"', '"%v/%v"', '"%5s|%03d"', '"%%%s"', '"%-4s.%d"', '"%s"', '"%q %d"', '"%t"', '"%y"']
)
JSON = st.sampled_from(
    [r'"{\"a\":[1,2.5,null]}"', '"[true]"', '"x"', r'"\"q\""', "jsonencode(local.o)"]
)


def calls(parts: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    def call(name: str) -> st.SearchStrategy[str]:
        fitting = [parts[kind] for kind in SIGNATURES[name]]
        arguments = st.one_of(*[st.tuples(*fitting)] * 3, st.tuples(*[parts["x"]] * len(fitting)))
        return arguments.map(lambda found: f"{name}({', '.join(found)})")

    return st.sampled_from(sorted(SIGNATURES)).flatmap(call)


def parts_of(inner: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[str]]:
    """Put expressions together; most parts have the type that is wanted there."""
    return {
        "s": st.one_of(TEXTS, TEXTS, inner),
        "n": st.one_of(NUMBERS, NUMBERS, inner),
        "l": st.one_of(LISTS, LISTS, inner),
        "m": st.one_of(MAPS, MAPS, inner),
        "x": st.one_of(inner, TEXTS, NUMBERS, LISTS, MAPS, WRONG),
        "b": st.one_of(BOOLS, BOOLS, inner),
        "f": FORMATS,
        "j": JSON,
    }


def shaped(
    templates: list[str], parts: dict[str, st.SearchStrategy[str]]
) -> st.SearchStrategy[str]:
    def fill(template: str) -> st.SearchStrategy[str]:
        pieces = re.split("@(.)", template)
        found = [parts[piece] if odd % 2 else st.just(piece) for odd, piece in enumerate(pieces)]
        return st.tuples(*found).map("".join)

    return st.sampled_from(templates).flatmap(fill)


def compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = parts_of(inner)
    return st.one_of(calls(parts), calls(parts), shaped(SHAPES, parts))


SHAPES = [
    "(@n + @n)", "(@n - @n * @n)", "(@n / @n)", "(@n % @n)", "(-@n)", "(!@b)",
    "@n - @n - @n", "@n + @n * @n == @n", "@b || @b && @b", "@n < @n", "(@n >= @n)", "!@b == @b",
    "(@x == @x)", "(@s != @s)", "(@s == null)", "(@b && @b)", "(@b || @b)",
    "(@b ? @x : @x)", "(@b ? @s : @s)", "(@b ? @l : @l)", "(@b ? @m : @m)", "@b ? @n : @b ? @s : @n",
    "[@x, @x]", "{ a = @x, (@s) = @x }", "@l[@n]", "@m[@s]", "@l[*]", "(@x)[*].id", "@x[0]",
    "[for v in @l : v]", "[for i, v in @l : i if v != @s]", "[for v in @l : upper(v)]",
    "{ for k, v in @m : upper(k) => v }", "{ for v in @l : v => @x... }", "{ for v in @l : v => 1 }",
    '"a${@s}b${@n}"', '"${@x}"', '"p${@x}"', '"x%{ if @b }y${@s}%{ else }n%{ endif }z"',
    '"x %{~ if @b ~} y %{~ else } n %{ endif ~} z"', '"%{ for v in @l }<${v}>%{ endfor }"',
]  # fmt: skip
# A heredoc cannot stand inside another expression on one line.
HEREDOCS = [
    "<<EOT\n  a ${@s}\n   %{ if @b ~}\n   b\n  %{ endif ~}\nEOT",
    "<<-EOT\n    a\n      ${@s}\n    %{ for k, v in @l ~}\n    - ${k}=${v}\n    %{ endfor ~}\n    end\n    EOT",
    "<<-EOT\n    %{ for v in @l }\n    ${v}\n    %{ endfor }\n    EOT",
]  # fmt: skip

LEAVES = st.one_of(TEXTS, NUMBERS, BOOLS, LISTS, MAPS, WRONG)
INNER = st.recursive(LEAVES, compounds, max_leaves=12)
EXPRESSIONS = st.one_of(*[compounds(INNER)] * 5, shaped(HEREDOCS, parts_of(LEAVES)))


def known_values(expressions: list[str]) -> list[tuple[str | None, bool, bool]]:
    """Return what is known as JSON, whether it is refused, and whether a part is not known."""
    lines = "\n".join(f"  e{number} = {item}" for number, item in enumerate(expressions))
    workspace = Workspace.read({"main.tf": f"{PREAMBLE}\nlocals {{\n{lines}\n}}\n".encode()})
    assert workspace.is_whole
    values = []
    for number in range(len(expressions)):
        expression = workspace.declared.locals[f"e{number}"]
        evaluator = Evaluator(workspace.declared)
        known = evaluator.value(expression).known
        unsure = evaluator.unknowns > 0
        shown = None if has_unknown(known) else encoded(known)
        values.append((shown, evaluator.is_refused(expression), unsure))
    return values


def disagreements(expressions: list[str]) -> list[tuple[str, str | None, str | None]]:
    """Return expression, what Terraform says and what is known, where they differ.

    Where a part is not known, Terraform may refuse what would have that value otherwise; and a
    null that is chosen has no type here, but has one for Terraform.
    """
    with TemporaryDirectory() as folder:
        expected = console(Path(folder), PREAMBLE, expressions)
    assume(expected is not None)
    assert expected is not None
    found = []
    for expression, said, (known, is_refused, unsure) in zip(
        expressions, expected, known_values(expressions), strict=True
    ):
        if is_refused and said is not None:
            found.append((expression, said, "refused"))
        elif known is not None and known != said and (said or not (unsure or "null" in known)):
            found.append((expression, said, known))
    return found


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(EXPRESSIONS, min_size=60, max_size=120))
def test_what_is_known_is_what_terraform_says(expressions: list[str]) -> None:
    assert disagreements(expressions) == []
