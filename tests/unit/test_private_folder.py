"""Every folder that is made is its owner's alone, and those that were there stay as they are."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.gateway.record.opened import open_database
from provisioner.launch.persistent_home import prepare_home
from provisioner.launch.private_home import PrivateHome
from provisioner.private_folder import make_private_folder


@pytest.fixture(autouse=True)
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_dir()
    }


def test_all_that_is_missing_is_made_private(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(0o755)

    make_private_folder(tmp_path / "there" / "a" / "b")
    make_private_folder(tmp_path / "there" / "a" / "b")

    assert modes(tmp_path) == {"there": 0o755, "there/a": 0o700, "there/a/b": 0o700}


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")


def test_homes_and_state_are_private_from_the_first_folder_on(tmp_path: Path) -> None:
    open_database(tmp_path / "state" / "gateway", None).close()
    prepare_home(tmp_path / "xdg" / "homes" / "one", {"config.toml": 'model = "m"\n'})
    PrivateHome(tmp_path / "proof" / "home").write({})

    assert set(modes(tmp_path).values()) == {0o700}
