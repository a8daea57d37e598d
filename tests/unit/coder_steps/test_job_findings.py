"""What Terraform says in Coder's log is found again, with real words of Terraform's."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.coder_api.archive import Entry
from provisioner.coder_api.models import LogLine
from provisioner.coder_steps.job_findings import PushedFiles, failed_job_findings
from provisioner.finding import Finding, Span
from provisioner.redact import Secret, SecretMask
from tests.support.coder_jobs import diagnostic_lines
from tests.support.terraform import run
from tests.support.tree import write_tree

WRONG = """
resource "terraform_data" "a" {
  input = local.none
}

resource "terraform_data" "b" {
    no_such = 1
}
"""


def logged(texts: list[tuple[str, str]]) -> list[LogLine]:
    return [LogLine(id=n, output=text, log_level=level) for n, (level, text) in enumerate(texts)]


def found(texts: list[tuple[str, str]], **files: str) -> tuple[Finding, ...]:
    entries = {name.replace("_", "."): Entry(text.encode()) for name, text in files.items()}
    return failed_job_findings(logged(texts), "exit status 1", PushedFiles(entries, "t")).findings


@pytest.mark.needs_terraform
def test_real_diagnostics_come_back_with_their_lines(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": WRONG})
    said = run(tmp_path, "validate", "-json").stdout
    lines = [(level, text) for level, _, text in diagnostic_lines(said)]
    seen = [(item.message, item.path, item.span) for item in found(lines, main_tf=WRONG)]

    assert seen == [
        ("Terraform: Reference to undeclared local value", "t/main.tf", Span.of(3, 3, 3, 21)),
        ("Terraform: Unsupported argument", "t/main.tf", Span.of(7, 5, 7, 16)),
    ]


@pytest.mark.needs_terraform
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'module "m" {\n  source = "./none"\n}\n',
            {
                ("Unreadable module directory", "t", 1),
                ("Unreadable module directory", "t/main.tf", 1),
            },
        ),
        (
            'variable "v" {\n  type = \n}\n',
            {
                ("Invalid expression", "t/main.tf", 2),
                ("Invalid type specification", "t/main.tf", 2),
            },
        ),
    ],
)
def test_what_terraform_init_really_prints_comes_back_too(
    tmp_path: Path, text: str, wanted: set[tuple[str, str, int]]
) -> None:
    write_tree(tmp_path, {"main.tf": text})
    done = run(tmp_path, "init", "-no-color", "-input=false")
    findings = found([("error", said) for said in done.stderr.splitlines()], main_tf=text)

    assert {
        (item.message.removeprefix("Terraform: "), item.path, item.span.start.line)
        for item in findings
    } == wanted
    assert all(item.help for item in findings)


def test_values_of_the_expression_and_warnings_are_no_details() -> None:
    texts = [
        ("info", "Terraform 1.14"),
        ("warn", "Warning: Deprecated"),
        ("warn", "old"),
        ("error", "Error: Invalid index"),
        ("error", "on modules/x/main.tf line 900, in locals:"),
        ("error", "  900:   a = var.x[0]"),
        ("error", "    ├────────────────"),
        ("error", "    │ var.x is empty list of string"),
        ("error", ""),
        ("error", "The given key does not"),
        ("error", "identify an element."),
        ("error", "Error: Second"),
    ]
    first, second = found(texts)

    assert (second.path, second.span.start.line) == ("t/modules/x/main.tf", 900)
    assert second.help == "The given key does not identify an element."
    assert (first.message, first.path, first.help) == ("Terraform: Second", "t", "")


def test_boxes_are_taken_off() -> None:
    texts = [
        "╷",
        "│ Error: Missing name",
        "│ ",
        "│   on main.tf line 1:",
        "│    1: x {",
        "│ ",
        "│ Say it.",
        "╵",
    ]
    (finding,) = found([("error", text) for text in texts], main_tf="x {\n}\n")

    assert (finding.message, finding.help) == ("Terraform: Missing name", "Say it.")
    assert finding.span == Span.of(1, 1, 1, 4)


def test_a_job_without_a_diagnostic_is_its_own_finding() -> None:
    (finding,) = found([("error", "no space left")])

    assert (finding.code, finding.path) == ("PRV603", "t")
    assert finding.message == "Coder: the job failed: exit status 1"


def test_no_secret_is_shown() -> None:
    secret = Secret("h1dden-value-of-a-variable")
    lines = logged(
        [("error", f"Error: bad {secret.reveal()}"), ("error", f"see {secret.reveal()[3:]}")]
    )
    (finding,) = failed_job_findings(lines, "", PushedFiles({}, "t", SecretMask([secret]))).findings

    assert secret.reveal()[3:] not in finding.message + finding.help
