"""What `coder push` packs of a spec is what `render` writes."""

from __future__ import annotations

from pathlib import Path

from provisioner.cli.coder_source import read_source
from provisioner.coder_api.archive import folder_entries
from tests.support.tree import write_tree


def test_programs_of_a_template_of_ones_own_are_pushed_as_programs(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "spec.toml": 'flow = "centralized"\n[template]\nfolder = "mine"\n',
            "mine/main.tf": "# mine\n",
            "mine/build.sh": "#!/bin/sh\n",
        },
    )
    (tmp_path / "mine" / "build.sh").chmod(0o755)

    source = read_source(tmp_path / "spec.toml", None, None, tmp_path / "place")

    entries = folder_entries(source.folder)
    assert {name: entry.is_executable for name, entry in entries.items()} == {
        "build.sh": True,
        "codex.tf": False,
        "main.tf": False,
    }
