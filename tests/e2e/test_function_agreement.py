"""Calls of functions that Terraform refuses are refused here, in the same lines, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.finding import Severity
from provisioner.validate.run import validate
from tests.support.terraform import run
from tests.support.tree import write_tree

pytestmark = pytest.mark.needs_terraform

REFUSED = [
    'alltrue(["x"])', 'base64decode("%%%")', "chunklist([1], -1)", 'cidrhost("10.0.0.0/30", 10)',
    'cidrhost("10.0.0.0", 1)', 'cidrnetmask("fd00::")', 'cidrsubnet("10.0.0.0/8", 99, 1)',
    'cidrsubnet("10.0.0.0/8", 2, 4)', 'cidrsubnets("10.0.0.0/30", 1, 3)', 'coalesce("", null)',
    "coalescelist([], [])", "concat([1], 2)", 'csvdecode("a,b\\n1")', 'csvdecode("a,a\\n1,2")',
    "element([], 0)", "element(5, 0)", "flatten(5)", 'format("%d", "x")', 'format("%q", [])',
    'format("%y", 1)', 'formatdate("YYYYY", "2020-01-01T00:00:00Z")', 'formatdate("YYYY", "today")',
    'indent(-1, "a")', 'index(["a"], "b")', 'join(",", "a")', 'jsondecode("{")', "keys([1])",
    "length(5)", "length(null)", 'log("a", 2)', 'lookup({ a = 1 }, "b")', 'lookup([1], "b")',
    "matchkeys([1], [2, 3], [1])", "merge([], {})", "one([1, 2])", 'parseint("zz", 10)', "parseint(1, 7)",
    'parseint("1", 99)', 'pow("a", 2)', "range(1, 2, 0)", 'regex("(a)(?P<b>c)", "ac")',
    'regex("(", "a")', 'regex("b", "a")', 'regexall("(", "a")', 'replace("a", "/(/", "b")',
    "reverse(5)", "slice([1, 2], 3, 1)", 'split(",", [])', "sum([])", 'sum(["a"])',
    'timeadd("2020-01-01T00:00:00Z", "1 hour")', 'timeadd("now", "1h")', 'timecmp("a", "b")',
    "tomap([1])", 'trimprefix("a", null)', "true ? 1 : [1]", 'upper(["a"])', "values(5)",
    'zipmap(["a"], [1, 2])', 'transpose("x")', 'setunion("a")', "sha1({})",
]  # fmt: skip
TAKEN = [
    'alltrue(["true"])', 'base64decode("YQ==")', "chunklist([1], 0)", 'cidrhost("10.0.0.0/30", -1)',
    'cidrhost("fd00::/64", 5)', 'cidrnetmask("10.0.0.0/8")', 'cidrsubnet("10.0.0.0/8", 2, 3)',
    'cidrsubnets("10.0.0.0/30", 1, 2)', 'coalesce("", 0)', "coalescelist([], [1])",
    'csvdecode("a,b\\r\\n1,2\\n")', "flatten([5, [6]])", 'format("%d %q %t", "5", "x", "true")',
    'formatdate("YYYY-MM-DD\'T\'hh:mm:ssZZZZZ EEEE aa", "2020-01-01T00:00:00+02:00")',
    "index([1], 1)",  'jsondecode("[1]")', "length([null])", 'log("8", 2)',
    'lookup({}, "b", 1)', "merge(null, {})", "one([])", 'parseint("-zz", 36)', 'parseint("zZ", 62)',
    'regex("(a)(?:c)", "ac")', 'regexall("b", "a")',
    'sum(["1"])', 'timeadd("2020-01-01T00:00:00.5Z", "-1.5h3m")', 'setunion(["a"], toset([1]))',
    'timecmp("2020-01-01T00:00:00Z", "2020-01-01T00:00:00-01:00")', "true ? null : [1]",
    'try(lookup({}, "x"), 1)', 'can(regex("(", "x"))', "false ? element([], 0) : 1",
]  # fmt: skip


FILES = {
    "hook.tftpl": 'echo "${name}" $${HOME}\n%{ for p in ports ~}\n${p}\n%{ endfor ~}\n',
    "shell.sh": "echo ${HOME:-x}",
    "open.tftpl": "%{ if x }",
    "same.tftpl": '${join("", [for x in xs : x])} %%{ if } ${~ name ~} 100% $5 ${upper(name)}',
}
REFUSED_READS = [
    'file("gone")', 'filesha256("${path.module}/gone")', 'templatefile("gone", {})',
    'templatefile("hook.tftpl", { name = 1 })', 'templatefile("hook.tftpl", 5)',
    'templatefile("hook.tftpl", merge({ ports = [] }, {}))', 'templatefile("shell.sh", {})',
    'templatefile("open.tftpl", { x = true })', 'templatefile("same.tftpl", { name = "x" })',
]  # fmt: skip
TAKEN_READS = [
    'file("shell.sh")', 'templatefile("${path.module}/hook.tftpl", { name = 1, ports = [] })',
    'templatefile("same.tftpl", { name = "x", xs = [1] }) == "" ? 1 : 2', 'try(file("gone"), "")',
    'fileexists("gone") ? file("gone") : ""', 'filebase64("shell.sh")',
]  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "taken"), [(REFUSED, TAKEN), (REFUSED_READS, TAKEN_READS)], ids=["values", "files"]
)
def test_the_same_calls_are_refused(refused: list[str], taken: list[str], tmp_path: Path) -> None:
    calls = [*refused, *taken]
    lines = "\n".join(f"  a{number} = {call}" for number, call in enumerate(calls))
    write_tree(tmp_path, {**FILES, "main.tf": f"locals {{\n{lines}\n}}\n"})
    report = json.loads(run(tmp_path, "validate", "-json").stdout)
    said = {item["range"]["start"]["line"] - 2 for item in report["diagnostics"]}

    ours = {
        item.span.start.line - 2
        for item in validate([tmp_path]).findings
        if item.severity is Severity.ERROR
    }

    assert [calls[place] for place in sorted(ours)] == [calls[place] for place in sorted(said)]
    assert [calls[place] for place in sorted(ours)] == refused
