"""Killed at any point, the home is old or new; two at once do not mix."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.codex_home import lock
from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.model import RefusedError
from provisioner.codex_home.store import Store
from provisioner.codex_home.undo import undo
from provisioner.errors import OutputError
from tests.support.command import ROOT
from tests.unit.codex_home.homes import CONFIG, FILES, tree
from tests.unit.codex_home.killed_homes import SITUATIONS


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_home_survives_a_kill_at_every_call(situation: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.codex_home.killed_homes", situation],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40


def interrupted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a home whose apply wrote the journal and nothing else."""
    with monkeypatch.context() as patch:
        patch.setattr(
            Store,
            "finish",
            lambda self: (_ for _ in ()).throw(KeyboardInterrupt) if self.is_interrupted else (),
        )
        with pytest.raises(KeyboardInterrupt):
            apply_files(home, FILES)


def test_a_dry_run_does_not_complete_an_interrupted_apply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(tmp_path, monkeypatch)
    before = tree(tmp_path)

    with pytest.raises(RefusedError, match="was interrupted; run either to complete it first"):
        apply_files(tmp_path, FILES, dry_run=True)
    assert tree(tmp_path) == before


def test_what_was_edited_after_an_interruption_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("# old\n")
    interrupted(tmp_path, monkeypatch)
    config.write_text("# edited\n")

    undone = undo(tmp_path)

    assert undone.completed == ("router.config.toml",)
    assert (undone.by_key, undone.removed) == (("config.toml",), ("router.config.toml",))
    assert config.read_text() == "# edited\n"
    assert not (tmp_path / "router.config.toml").exists()
    assert apply_files(tmp_path, FILES).files == ("config.toml", "router.config.toml")
    assert config.read_text() == "# edited\n" + CONFIG


def test_a_second_one_waits_for_the_lock_and_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.codex_home.lock._PATIENCE", 0.05)
    with (
        lock.locked(tmp_path),
        pytest.raises(OutputError, match="another apply or undo is at work"),
    ):
        apply_files(tmp_path, FILES)


def test_many_at_once_leave_the_home_of_one_of_them(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("# mine\n")
    before = tree(tmp_path)
    program = (
        "import sys, json; from pathlib import Path;"
        "from provisioner.codex_home.apply import apply_files;"
        "apply_files(Path(sys.argv[1]), json.loads(sys.argv[2]))"
    )
    setups = [{**FILES, "config.toml": CONFIG.replace("gpt-5.5", f"model-{n}")} for n in range(6)]
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), json.dumps(setup)])
        for setup in setups
    ]

    assert [process.wait() for process in running] == [0] * len(setups)
    found = (tmp_path / "config.toml").read_text()
    assert found in ["# mine\n" + setup["config.toml"] for setup in setups]
    undo(tmp_path)
    assert tree(tmp_path) == before


def test_a_lock_that_its_last_holder_removed_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, removed = lock._take, list[Path]()

    def take_late(descriptor: int, deadline: float) -> bool:
        if not removed:
            removed.append(tmp_path / lock.FOLDER)
            lock.discard_folder(tmp_path)
        return take(descriptor, deadline)

    monkeypatch.setattr(lock, "_take", take_late)
    with lock.locked(tmp_path):
        assert (tmp_path / lock.FOLDER / lock.LOCK).exists()
    assert removed
