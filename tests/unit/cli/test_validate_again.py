"""A run that changes nothing says the same as the first one, and one that does says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.command import ROOT

BAD = 'output "x" {\n  value = var.missing\n}\n'
GOOD = 'output "x" {\n  value = 1\n}\n'
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    folder.mkdir()
    (folder / "main.tf").write_text(BAD, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> Done:
    """Run the command with a cache beside the folder; what it imports goes to standard error."""
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "provisioner", "validate", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder.parent / "cache"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def judged(done: Done) -> bool:
    """Say whether the run looked at the rules at all."""
    return "provisioner.validate.rules" in done.stderr


def parsed_arguments(done: Done) -> bool:
    return "click" in done.stderr


def test_the_same_again_is_not_judged_again(folder: Path) -> None:
    first, second = run(folder, "."), run(folder, ".")

    assert judged(first)
    assert not parsed_arguments(second)
    assert second.stdout == first.stdout
    assert "PRV303" in second.stdout
    assert (first.returncode, second.returncode) == (1, 1)


def test_another_format_needs_no_second_judgement(folder: Path) -> None:
    run(folder, ".")
    second = run(folder, ".", "--format", "json")
    fresh = run(folder, ".", "--format", "json", "--no-cache")

    assert not judged(second)
    assert parsed_arguments(second)
    assert second.stdout == fresh.stdout
    assert (second.returncode, fresh.returncode) == (1, 1)


def _local_module(folder: Path) -> None:
    (folder / "main.tf").write_text('module "x" {\n  source = "../x"\n}\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("prepare", "change", "code"),
    [
        (lambda _: None, lambda f: (f / "main.tf").write_text(GOOD, encoding="utf-8"), 0),
        (lambda _: None, lambda f: (f / "v.tf").write_text('variable "missing" {}\n'), 0),
        (lambda f: (f / "v.tf").write_text('variable "missing" {}\n'), lambda f: (f / "v.tf").unlink(), 1),
        (lambda f: (f / "main.tf").write_text(GOOD), lambda f: ((f / "sub").mkdir(), (f / "sub" / "b.tf").write_text(BAD)), 1),
        (_local_module, lambda f: ((f.parent / "x").mkdir(), (f.parent / "x" / "a.tf").write_text("")), 0),
        (lambda f: (f / "main.tf").write_text(GOOD), lambda f: (f / "x.tfvars").write_bytes(b"\xff"), 1),
    ],
    ids=["content", "new file", "file gone", "new folder", "module", "unreadable"],
)  # fmt: skip
def test_what_changes_the_verdict_is_seen(
    folder: Path, prepare: Callable[[Path], object], change: Callable[[Path], object], code: int
) -> None:
    prepare(folder)
    before = run(folder, ".")
    change(folder)
    after, fresh = run(folder, "."), run(folder, ".", "--no-cache")

    assert before.returncode == 1 - code
    assert after.returncode == fresh.returncode == code
    assert after.stdout == fresh.stdout


def test_what_the_user_asks_for_counts(folder: Path) -> None:
    answers = [
        run(folder, ".", *options).returncode
        for options in ([], ["--ignore", "PRV3"], ["--fail-on", "note"], ["--ignore", "PRV3"], [])
    ]

    assert answers == [1, 0, 1, 0, 1]


def test_colour_is_a_matter_of_each_run(folder: Path) -> None:
    plain, coloured = run(folder, "."), run(folder, ".", FORCE_COLOR="1")

    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in coloured.stdout
    assert run(folder, ".").stdout == plain.stdout


def test_no_cache_leaves_no_results_and_takes_none(folder: Path) -> None:
    run(folder, ".", "--no-cache")
    assert {item.name for item in (folder.parent / "cache" / "provisioner").iterdir()} == {
        "knowledge"
    }

    run(folder, ".")
    assert judged(run(folder, ".", "--no-cache"))


def test_what_looks_like_a_secret_is_in_no_kept_file(folder: Path) -> None:
    secret = "sk-proj-" + "Zq7Xw2Lm9Rt4Vb8N" * 3
    (folder / "main.tf").write_text(f'locals {{\n  a = "{secret}"\n}}\n', encoding="utf-8")
    first, second = run(folder, "."), run(folder, ".")

    kept = [path for path in (folder.parent / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not any(secret.encode() in path.read_bytes() for path in kept)
    assert "PRV101" in first.stdout
    assert second.stdout == first.stdout


def test_runs_at_the_same_time_do_not_disturb_each_other(folder: Path) -> None:
    for number in range(12):
        (folder / f"f{number}").mkdir()
        (folder / f"f{number}" / "main.tf").write_text(BAD, encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run(folder, ".", "--format", "concise"), range(6)))

    assert {item.returncode for item in done} == {1}
    assert len({item.stdout for item in done}) == 1
    assert done[0].stdout.count("PRV303") == 13


def test_several_processes_find_what_one_finds(folder: Path) -> None:
    for number in range(40):
        (folder / f"f{number}").mkdir()
        (folder / f"f{number}" / "main.tf").write_text(BAD if number % 2 else GOOD)
    alone = run(folder, ".", "--no-cache", "-j", "1", "--format", "json")
    together = run(folder, ".", "--no-cache", "-j", "2", "--format", "json")

    assert together.stdout == alone.stdout
    assert (together.returncode, alone.returncode) == (1, 1)
    assert "multiprocessing" in together.stderr
