"""A home that stays: ours is brought up to date, all else is kept, others cannot read it."""

from __future__ import annotations

import stat
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError, OutputError
from provisioner.launch.persistent_home import (
    _laid_over,
    _scalars_first,
    _without,
    home_folder,
    prepare_home,
)

FIRST = 'model = "a"\nmodel_provider = "gw"\n\n[model_providers.gw]\nname = "Gateway"\n'
SECOND = 'model_provider = "gw"\n\n[model_providers.gw]\nname = "New"\n'
ADDED_BY_CODEX = """
[projects."/work"]
trust_level = "trusted"

[[skills.config]]
enabled = true
"""


def config(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "config.toml").read_text())


def test_ours_is_updated_and_what_codex_added_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare_home(home, {"config.toml": FIRST, "old.config.toml": 'model = "x"\n'})
    with (home / "config.toml").open("a") as file:
        file.write(ADDED_BY_CODEX)
    (home / "auth.json").write_text("login")
    (home / "mine.config.toml").write_text("")

    prepare_home(home, {"config.toml": SECOND, "new.config.toml": 'model = "y"\n'})

    assert config(home) == {
        "model_provider": "gw",
        "model_providers": {"gw": {"name": "New"}},
        "projects": {"/work": {"trust_level": "trusted"}},
        "skills": {"config": [{"enabled": True}]},
    }
    assert not (home / "old.config.toml").exists()
    assert (home / "new.config.toml").read_text() == 'model = "y"\n'
    assert (home / "auth.json").read_text() == "login"
    assert (home / "mine.config.toml").exists()


def test_a_setting_its_user_changed_survives_only_where_the_plan_is_silent(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare_home(home, {"config.toml": FIRST})
    changed = (home / "config.toml").read_text().replace('model = "a"', 'model = "mine"')
    (home / "config.toml").write_text(changed)

    prepare_home(home, {"config.toml": SECOND})
    assert config(home)["model"] == "mine"

    prepare_home(home, {"config.toml": FIRST})
    assert config(home)["model"] == "a"


def test_nothing_is_readable_by_others_and_nothing_is_written_twice(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    prepare_home(home, {"config.toml": FIRST})
    before = {path.name: path.stat().st_ino for path in home.iterdir()}

    prepare_home(home, {"config.toml": FIRST})

    assert {path.name: path.stat().st_ino for path in home.iterdir()} == before
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    modes = {stat.S_IMODE((home / name).stat().st_mode) for name in ("config.toml",)}
    assert modes == {0o600}


def test_many_launches_at_once_leave_one_whole_config(tmp_path: Path) -> None:
    home = tmp_path / "home"
    texts = [f'model = "m{number}"\n' for number in range(8)]
    threads = [
        threading.Thread(target=prepare_home, args=(home, {"config.toml": text})) for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert f"model = {tomlkit.item(config(home)['model']).as_string()}\n" in texts
    assert [path.name for path in home.iterdir() if ".config.toml." in path.name] == []


def test_a_broken_config_is_named_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("model = ")

    with pytest.raises(InputError, match=r"config\.toml cannot be read .* made anew"):
        prepare_home(tmp_path, {"config.toml": FIRST})

    assert (tmp_path / "config.toml").read_text() == "model = "


def test_the_header_says_what_becomes_of_comments(tmp_path: Path) -> None:
    prepare_home(tmp_path, {"config.toml": FIRST})
    with (tmp_path / "config.toml").open("a") as file:
        file.write("# a comment of mine\n[projects.x]\ntrust_level = 'trusted'\n")

    prepare_home(tmp_path, {"config.toml": SECOND})

    text = (tmp_path / "config.toml").read_text()
    assert "# a comment of mine" not in text
    assert text.startswith("# `provisioner launch` keeps")
    assert "# comments are not.\n" in text
    assert config(tmp_path)["projects"] == {"x": {"trust_level": "trusted"}}


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="cannot prepare"):
        prepare_home(tmp_path / "file" / "home", {"config.toml": FIRST})


def test_a_lost_or_odd_record_loses_no_file(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("stays")
    home = tmp_path / "home"
    prepare_home(home, {"config.toml": FIRST})
    for record in ("{", "[]", '{"files": 1}', '{"files": {"../victim": "x"}}'):
        (home / ".provisioner.json").write_text(record)
        prepare_home(home, {"config.toml": SECOND})

    assert (tmp_path / "victim").read_text() == "stays"
    assert config(home)["model_providers"] == {"gw": {"name": "New"}}


def test_homes_differ_by_what_they_are_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    names = {home_folder("a b/c", *identity) for identity in (("x", "y"), ("xy", ""), ("x", "z"))}

    assert len(names) == 3
    assert {path.parent for path in names} == {tmp_path / "provisioner" / "homes"}
    assert all(path.name.startswith("a-b-c-") for path in names)
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert home_folder("a").is_absolute()


_KEYS = st.text("ab-. \"'é\n", min_size=1, max_size=4)
_SCALARS = st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
_TABLES = st.recursive(
    st.dictionaries(_KEYS, _SCALARS, max_size=3),
    lambda below: st.dictionaries(
        _KEYS, below | _SCALARS | st.lists(below, max_size=2) | st.lists(_SCALARS), max_size=4
    ),
    max_leaves=12,
)


@given(_TABLES)
def test_any_table_is_written_so_that_it_reads_the_same(table: dict[str, Any]) -> None:
    assert tomllib.loads(tomlkit.dumps(_scalars_first(table))) == table


@given(_TABLES, _TABLES, _TABLES)
def test_what_is_wanted_always_wins(
    current: dict[str, Any], before: dict[str, Any], wanted: dict[str, Any]
) -> None:
    merged = _laid_over(_without(current, before), wanted)

    assert _laid_over(merged, wanted) == merged
