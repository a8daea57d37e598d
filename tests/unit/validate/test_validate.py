"""Which files a run reads, what it leaves out, and what it cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.finding import Finding, Severity
from provisioner.validate.run import validate
from tests.support.tree import write_tree

BAD = "locals {\n  a = var.nope\n}\n"
UNPINNED = 'module "m" {\n  source = "example/m/aws"\n}\n'


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.path}:{finding.span.start.line} {finding.code}" for finding in findings]


def test_every_folder_below_is_a_module_of_its_own(in_folder: Path) -> None:
    write_tree(
        in_folder / "t",
        {
            "main.tf": BAD,
            "variables.tf": 'variable "other" {}\n',
            "modules/b/main.tf": BAD,
            "modules/a/main.tf": BAD,
            "modules/a/variables.tf": 'variable "nope" {}\n',
            ".terraform/modules/x/main.tf": BAD,
            "notes.toml": "broken",
            "main.tf.bak": "broken",
        },
    )

    result = validate([Path("t")])

    assert places(result.findings) == ["t/main.tf:2 PRV303", "t/modules/b/main.tf:2 PRV303"]
    assert result.files == (
        "t/main.tf",
        "t/modules/a/main.tf",
        "t/modules/a/variables.tf",
        "t/modules/b/main.tf",
        "t/variables.tf",
    )
    assert result.sources["t/main.tf"] == BAD


def test_a_single_file_is_judged_with_its_neighbours_but_alone_reported(in_folder: Path) -> None:
    write_tree(in_folder, {"a.tf": BAD, "b.tf": 'variable "nope" {}\n' + UNPINNED})

    result = validate([Path("a.tf")])

    assert result.findings == ()
    assert result.files == ("a.tf",)


def test_paths_are_written_as_they_were_given(in_folder: Path) -> None:
    write_tree(in_folder, {"t/main.tf": BAD, "t/config.toml": "x"})

    assert places(validate([Path("./t")]).findings) == ["t/main.tf:2 PRV303"]
    assert places(validate([Path("t/../t")]).findings) == ["t/../t/main.tf:2 PRV303"]
    assert places(validate([in_folder / "t/config.toml"]).findings) == [
        f"{(in_folder / 't').as_posix()}/config.toml:1 PRV001"
    ]


def test_a_file_given_twice_is_checked_once(in_folder: Path) -> None:
    write_tree(in_folder, {"main.tf": BAD, "config.toml": "x"})

    result = validate([Path("main.tf"), Path(), Path("config.toml"), Path("config.toml")])

    assert places(result.findings) == ["config.toml:1 PRV001", "main.tf:2 PRV303"]
    assert result.files == ("config.toml", "main.tf")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nope", 'there is no file or folder "nope"'),
        ("empty", 'nothing to check: "empty" holds no .tf file'),
        (
            "notes.txt",
            '"notes.txt" is not a folder, a .tf file, a Codex config (.toml) or a configuration of Auto AI Router (.yaml)',
        ),
        (
            "chart.yaml",
            '"chart.yaml" is no configuration of Auto AI Router: it has none of server, credentials, models and fail2ban',
        ),
    ],
)
def test_what_cannot_be_checked_is_an_input_error(path: str, message: str, in_folder: Path) -> None:
    write_tree(
        in_folder,
        {"notes.txt": "", "chart.yaml": "name: chart\n", "empty/readme.md": "", "good/main.tf": ""},
    )

    with pytest.raises(InputError) as raised:
        validate([Path("good"), Path(path)])
    assert str(raised.value) == message


def test_no_path_is_an_input_error() -> None:
    with pytest.raises(InputError, match="no path was given"):
        validate([])


def test_bytes_that_are_no_text_are_a_finding_and_silence_what_needs_the_file(
    in_folder: Path,
) -> None:
    write_tree(in_folder, {"main.tf": BAD})
    (in_folder / "variables.tf").write_bytes(b'variable "nope" {\n} # \xff\n')

    (finding,) = validate([Path()]).findings

    assert finding.message == "this file cannot be read: byte 0xff is not UTF-8"
    assert (finding.path, finding.span.start.line) == ("variables.tf", 2)


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        ((), (), ["PRV303", "PRV401"]),
        (("PRV3",), (), ["PRV303"]),
        (("prv401", "undeclared-reference"), (), ["PRV303", "PRV401"]),
        (("PRV",), ("unpinned-module",), ["PRV303"]),
        ((), ("PRV3", "PRV4"), []),
        (("PRV303",), ("PRV303",), []),
    ],
)
def test_rules_are_selected_by_code_prefix_and_name(
    select: tuple[str, ...], ignore: tuple[str, ...], codes: list[str], in_folder: Path
) -> None:
    write_tree(in_folder, {"main.tf": BAD + UNPINNED})

    result = validate([Path()], select=select, ignore=ignore)

    assert [finding.code for finding in result.findings] == codes


def test_a_file_that_cannot_be_read_is_reported_whatever_is_selected(in_folder: Path) -> None:
    write_tree(in_folder, {"main.tf": "]"})

    assert {item.code for item in validate([Path()], select=["PRV401"]).findings} == {"PRV001"}


@pytest.mark.parametrize(
    ("selector", "advice"),
    [
        ("PRV001X", 'did you mean "PRV001"?'),
        ("unpined-module", 'did you mean "unpinned-module"?'),
        ("zzz", "`provisioner rule` lists them all"),
        ("", "`provisioner rule` lists them all"),
    ],
)
def test_an_unknown_rule_is_an_input_error(selector: str, advice: str, in_folder: Path) -> None:
    write_tree(in_folder, {"main.tf": ""})

    for arguments in ({"select": [selector]}, {"ignore": [selector]}):
        with pytest.raises(InputError) as raised:
            validate([Path()], **arguments)
        assert str(raised.value) == f'no rule is called "{selector}"; {advice}'


@pytest.mark.parametrize(
    ("text", "suppressed"),
    [
        ("locals {\n  a = var.nope # provisioner: ignore[PRV303] a reason\n}\n", True),
        ("locals {\n  a = var.nope // provisioner:ignore[PRV101,undeclared-reference]\n}\n", True),
        ("locals {\n  # provisioner: ignore[PRV303]\n  a = var.nope\n}\n", True),
        ("locals {\r\n  # provisioner: ignore[PRV303]\r\n  a = var.nope\r\n}\r\n", True),
        ("locals {\n  # provisioner: ignore[PRV303]\n\n  a = var.nope\n}\n", False),
        ("locals {\n  b = 1 # provisioner: ignore[PRV303]\n  a = var.nope\n}\n", False),
        ("locals {\n  a = var.nope # provisioner: ignore[PRV30]\n}\n", False),
        ("locals {\n  a = var.nope # provisioner: ignore\n}\n", False),
        ("locals {\n  a = [\n    var.nope,\n  ] # provisioner: ignore[PRV303]\n}\n", False),
    ],
)  # fmt: skip
def test_a_comment_beside_or_above_suppresses(
    text: str,
    suppressed: bool,  # noqa: FBT001
    in_folder: Path,
) -> None:
    (in_folder / "main.tf").write_bytes(text.encode())

    result = validate([Path()], select=["PRV303"])

    assert (len(result.findings), result.suppressed) == ((0, 1) if suppressed else (1, 0))
    assert len(result.hidden) == result.suppressed


def test_a_credential_is_never_shown_whole(in_folder: Path) -> None:
    secret = "sk-test-0123456789abcdefghij"
    files = {
        "main.tf": f'locals {{\n  key = "{secret}"\n}}\n',
        "config.toml": f'experimental_bearer_token = "{secret}"\n',
    }
    write_tree(in_folder, files)

    result = validate([Path(), Path("config.toml")], ignore=["PRV504"])

    assert len(result.findings) == 2
    assert all(finding.secret for finding in result.findings)
    assert all(item.severity is Severity.ERROR for item in result.findings)
    assert secret[6:-6] not in repr(result.findings)
    assert all("sk-t...ghij" in finding.message for finding in result.findings)
