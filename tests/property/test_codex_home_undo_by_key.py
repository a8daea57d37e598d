"""Apply, edits by others, undo: their edits are kept, and our keys are as they were before."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.managed_block import MANAGED_END, MANAGED_START
from provisioner.codex_home.model import RefusedError
from provisioner.codex_home.toml_values import leaves
from provisioner.codex_home.undo import undo
from provisioner.errors import InputError
from tests.property.test_codex_home_undo import configs, data_of, is_toml
from tests.unit.codex_home.homes import CONFIG, FILES

ABOVE = ["edited_root = 1", "# edited above", "edited.dotted = 'x'", ""]
BELOW = [
    '[projects."/edited"]\ntrust_level = "trusted"',
    "[edited_table]\nx = 1",
    f"{MANAGED_START}\n[edited_block]\ny = 1\n{MANAGED_END}",
    "[[edited_list]]\nx = 1\n[[edited_list]]\nx = 2",
    "# edited below",
    "",
]


def full(data: dict[str, Any]) -> dict[Any, str]:
    """The values by path, comparable even when not a number; a table may be there or be empty."""
    return {path: repr(value) for path, value in leaves(data) if value != {}}


@settings(max_examples=100, deadline=None)
@given(
    configs(),
    st.lists(st.sampled_from(ABOVE), unique=True),
    st.lists(st.sampled_from(BELOW), unique=True),
    st.booleans(),
)
def test_edits_are_kept_and_our_keys_are_as_before(
    content: bytes,
    above: list[str],
    below: list[str],
    again: bool,  # noqa: FBT001
) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        config = home / "config.toml"
        config.write_bytes(content)
        try:
            apply_files(home, FILES, force=True)
        except (RefusedError, InputError):
            event("refused")
            return
        original, applied = data_of(content), config.read_bytes().decode().removeprefix("\ufeff")
        edited = "\n".join([*above, applied, *below, ""])
        assume(is_toml(edited) and edited != applied)
        edits = full(tomllib.loads(edited)).keys() - full(tomllib.loads(applied)).keys()
        config.write_bytes(edited.encode())
        if again:
            apply_files(home, {"config.toml": CONFIG.replace("gpt-5.5", "o3")}, force=True)

        undone = undo(home)

        assert (undone.by_key, undone.kept) == (("config.toml",), ())
        expected = full(original) | {path: full(tomllib.loads(edited))[path] for path in edits}
        found = config.read_bytes()
        assert full(data_of(found)) == expected
        assert all(line in found.decode() for text in (*above, *below) for line in text.split("\n"))
        assert not (home / ".provisioner").exists()
