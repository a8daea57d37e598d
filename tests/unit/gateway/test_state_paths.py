"""A state directory may have any name; its database is where it says, for its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.sqlite import DATABASE_NAME
from provisioner.gateway.record.store import read_interceptions


@pytest.mark.parametrize("name", ["plain", "a?b=c", "a%41b", "a#b", "a b", "é", "a&uri=true"])
def test_the_database_is_in_the_directory(tmp_path: Path, name: str) -> None:
    state = tmp_path / name

    open_database(state, None).close()

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert stat.S_IMODE((state / DATABASE_NAME).stat().st_mode) == 0o600
    assert read_interceptions(state) == ()
