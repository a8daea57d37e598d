"""What an earlier apply wrote may be changed by a later one, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.model import RefusedError
from provisioner.codex_home.undo import undo
from tests.unit.codex_home.homes import CONFIG, FILES, tree

OTHER = CONFIG.replace("gpt-5.5", "o3").replace('env_key = "CODER_API_TOKEN"\n', "")


def config_of(home: Path, text: str | None = None) -> str:
    """Write the config if there is a text, and return what is there."""
    path = home / "config.toml"
    if text is not None:
        path.write_text(text)
    return path.read_text()


def test_our_own_values_are_changed_without_asking(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n[tui]\nx = 1\n")
    before = tree(tmp_path)
    apply_files(tmp_path, {"config.toml": CONFIG})

    applied = apply_files(tmp_path, {"config.toml": OTHER})

    assert [(change.kind, change.key) for change in applied.changes] == [
        ("replaced", "model"),
        ("removed", "model_providers.ai_gateway.env_key"),
    ]
    assert 'model = "o3"' in config_of(tmp_path)
    undo(tmp_path)
    assert tree(tmp_path) == before


def test_what_was_edited_since_is_a_conflict(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n")
    apply_files(tmp_path, {"config.toml": CONFIG})
    config_of(tmp_path, config_of(tmp_path).replace("gpt-5.5", "edited"))

    for setup in (CONFIG, OTHER):
        with pytest.raises(RefusedError, match=r':2:1: model is "edited", and would become'):
            apply_files(tmp_path, {"config.toml": setup})


def test_a_key_that_was_added_to_our_provider_is_a_conflict_unless_harmless(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n")
    apply_files(tmp_path, {"config.toml": CONFIG})
    config_of(tmp_path, config_of(tmp_path) + "request_max_retries = 1\n")
    assert apply_files(tmp_path, {"config.toml": CONFIG}).files == ()
    config_of(tmp_path, config_of(tmp_path) + "query_params = { a = 'b' }\n")

    with pytest.raises(RefusedError, match=r"query_params is \{ a = .{5} \}, and would"):
        apply_files(tmp_path, {"config.toml": CONFIG})


def test_a_key_of_ours_that_was_removed_comes_again(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n")
    apply_files(tmp_path, {"config.toml": CONFIG})
    there = config_of(tmp_path)
    config_of(tmp_path, there.replace('wire_api = "responses"\n', ""))

    applied = apply_files(tmp_path, {"config.toml": CONFIG})

    assert [(change.kind, change.key) for change in applied.changes] == [
        ("added", "model_providers.ai_gateway.wire_api")
    ]


def test_what_is_no_longer_wanted_goes_and_what_it_replaced_comes_back(tmp_path: Path) -> None:
    config_of(
        tmp_path,
        "model = 'mine' # why\n[tui]\n"
        "[model_providers.ai_gateway]\nname = 'Mine'\nhttp_headers = { a = 'b' }\n",
    )
    (tmp_path / "router.config.toml").write_text("# router\n")
    before = tree(tmp_path)
    apply_files(tmp_path, FILES, force=True)

    applied = apply_files(tmp_path, {"config.toml": 'web_search = "disabled"\n'})

    assert applied.files == ("config.toml", "router.config.toml")
    assert config_of(tmp_path) == (
        "model = 'mine' # why\nweb_search = \"disabled\"\n[tui]\n"
        "[model_providers.ai_gateway]\nname = 'Mine'\nhttp_headers = { a = 'b' }\n\n"
    )
    assert (tmp_path / "router.config.toml").read_text() == "# router\n"
    undo(tmp_path)
    assert tree(tmp_path) == before


def test_a_table_that_is_no_longer_wanted_goes_with_its_header(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n[tui]\n")
    apply_files(tmp_path, {"config.toml": CONFIG})

    apply_files(tmp_path, {"config.toml": CONFIG.replace("model_providers.ai_gateway", "x.y")})

    assert "model_providers" not in config_of(tmp_path)


def test_what_was_edited_and_is_no_longer_wanted_stays(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n")
    apply_files(tmp_path, {"config.toml": 'model = "new"\nweb_search = "live"\n'})
    config_of(tmp_path, config_of(tmp_path).replace("live", "cached"))

    apply_files(tmp_path, {"config.toml": 'personality = "none"\n'})

    assert config_of(tmp_path) == '# mine\nweb_search = "cached"\npersonality = "none"\n'


def test_a_file_that_is_all_ours_is_written_as_rendered(tmp_path: Path) -> None:
    apply_files(tmp_path, FILES)

    applied = apply_files(tmp_path, {"config.toml": OTHER})

    assert config_of(tmp_path) == OTHER
    assert applied.files == ("config.toml", "router.config.toml")
    assert not (tmp_path / "router.config.toml").exists()
    undo(tmp_path)
    assert tree(tmp_path) == {}


def test_an_edit_between_two_applies_is_not_lost_by_undo(tmp_path: Path) -> None:
    config_of(tmp_path, "# mine\n")
    apply_files(tmp_path, {"config.toml": CONFIG})
    config_of(tmp_path, config_of(tmp_path) + "# edited\n")
    apply_files(tmp_path, {"config.toml": OTHER})

    undo(tmp_path)

    assert config_of(tmp_path).split() == ["#", "mine", "#", "edited"]
