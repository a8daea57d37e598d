"""A file with thousands of mistakes of one sort is judged in seconds, whatever the sort."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.validate.nearest import nearest, with_new_patience
from provisioner.validate.run import validate
from tests.support.tree import write_tree

COUNT = 6000
CODEX = """\
module "codex" {{
  source           = "registry.coder.com/coder-labs/codex/coder"
  version          = "~> 5.4"
  agent_id         = "x"
  base_config_toml = <<-EOT
{}EOT
}}
"""


def many(line: str, count: int = COUNT) -> str:
    return "".join(line.replace("@", str(number)) for number in range(count))


# Each of these took a minute and more while its time grew with the square of the number.
FILES = {
    "references": ("locals {\n" + many("  name@ = local.nome@x\n") + "}\n", COUNT),
    "comments": ("locals {\n" + many("  a@ = 1 # provisioner: ignore[PRV101] x\n") + "}\n", COUNT),
    "names in a comment": (f"# provisioner: ignore[{many('PRV9@, ')}]\nlocals {{}}\n", COUNT),
    "members": (CODEX.format("notify = [" + many('"a", ', 40_000) + "]\n"), 0),
    "shell": ("locals {\n" + many('  a@ = "${HOME:-x}"\n') + "}\n", COUNT),
    "aliases": (
        many(
            'provider "coder" {\n  alias = "a@"\n}\n'
            'data "coder_workspace" "w@" {\n  provider = coder.b@\n}\n',
            2000,
        ),
        2000,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_all_of_them_are_found(name: str, tmp_path: Path) -> None:
    text, count = FILES[name]
    write_tree(tmp_path, {"main.tf": text})

    found = validate([tmp_path], ignore=["PRV315", "PRV402", "PRV410", "PRV411"]).findings

    codes = [item.code for item in found if item.code not in {"PRV005", "PRV504"}]
    assert len(codes) == count
    assert len(set(codes)) == min(count, 1)


def test_a_name_gets_the_same_answer_however_often_it_is_asked_for() -> None:
    known = [f"name{number}" for number in range(100)]
    with_new_patience()
    first = nearest("nome1", known)
    others = [nearest(f"nome{number}x", known) for number in range(1000)]

    assert first == nearest("nome1", known) == "name1"
    assert others[0] is not None
    assert others[-1] is None
    with_new_patience()
    assert nearest("nome999x", known) is not None
