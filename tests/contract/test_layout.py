"""Sizes, import directions and public names: the house rules that a reader relies on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import ROOT

PACKAGE = ROOT / "provisioner"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FOUNDATION = {"errors", "finding", "redact", "assets", "cache", "private_folder", "settings"}
MAY_IMPORT = {
    "errors": {"finding"},
    "cache": set(),
    "finding": set(),
    "redact": set(),
    "settings": set(),
    "private_folder": set(),
    "assets": {"errors"},
    "knowledge": FOUNDATION,
    "syntax": FOUNDATION | {"knowledge"},
    "spec": FOUNDATION | {"knowledge", "syntax", "flows", "gateway_kinds"},
    "access": FOUNDATION | {"knowledge", "syntax", "spec", "flows", "gateway_kinds"},
    "flows": FOUNDATION | {"knowledge"},
    "gateway_kinds": FOUNDATION | {"knowledge"},
    "plan": FOUNDATION | {"knowledge", "spec", "flows", "gateway_kinds"},
    "render": FOUNDATION | {"knowledge", "syntax", "flows", "plan"},
    "codex_home": {"errors", "finding", "redact", "knowledge", "render", "plan"},
    "router_file": FOUNDATION | {"knowledge", "syntax"},
    "validate": FOUNDATION | {"knowledge", "syntax", "router_file"},
    "report": {"errors", "finding", "redact"},
    "terraform": FOUNDATION | {"knowledge", "syntax", "validate"},
    "gateway": {
        "errors",
        "finding",
        "redact",
        "knowledge",
        "private_folder",
        "access",
        "syntax",
        "router_file",
    },
    "launch": FOUNDATION | {"knowledge", "flows", "plan", "render"},
    "coder_api": FOUNDATION | {"knowledge", "doctor"},
    "coder_steps": FOUNDATION | {"knowledge", "spec", "plan", "validate", "doctor", "coder_api"},
    "doctor": FOUNDATION | {"knowledge", "plan", "render", "launch"},
    "prove": FOUNDATION
    | {"knowledge", "spec", "flows", "gateway_kinds", "plan", "render", "launch", "gateway"},
}
# Whoever may touch files, processes, the environment or the network.
MAY_REACH_OUT = {
    "assets.py",
    "cache",
    "cli",
    "coder_api",
    "codex_home",
    "knowledge/data.py",
    "doctor",
    "gateway",
    "launch",
    "prove",
    "render/template.py",
    "render/template_source.py",
    "render/write.py",
    "spec/load.py",
    "terraform",
    "validate/files.py",
    "validate/check_home.py",
    "validate/run.py",
    "validate/workspace.py",
}
OPENS_FILES = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "urlopen"}
REACHES_OUT = {"os", "shutil", "socket", "subprocess", "tempfile", "urllib.request"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_small(path: Path) -> None:
    limit = 300 if path in SOURCES else 500
    too_long = [f.name for f in functions(path) if (f.end_lineno or 0) - f.lineno + 1 > 60]
    too_wide = [
        f.name
        for f in functions(path)
        if path in SOURCES and len(f.args.posonlyargs + f.args.args) > 6
    ]

    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit
    assert too_long == []
    assert too_wide == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_rooms_import_only_what_stands_before_them(path: Path) -> None:
    own = room(path)
    if own in {"cli", "__init__", "__main__"}:
        return
    parts = [name.split(".") for name in imports(path) if name.startswith("provisioner.")]
    rooms = {
        part[1]
        for part in parts
        if (PACKAGE / part[1]).exists() or (PACKAGE / f"{part[1]}.py").exists()
    }

    assert rooms - {own} <= MAY_IMPORT[own]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_only_some_rooms_reach_out(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    if room(path) in MAY_REACH_OUT or name in MAY_REACH_OUT:
        return

    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    prefixes = tuple(f"{module}." for module in REACHES_OUT)
    assert [name for name in imports(path) if f"{name}.".startswith(prefixes)] == []
    assert calls & OPENS_FILES == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_public_names_are_listed_and_sorted(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    listed = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]
    public = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
    ]
    if not public:
        return

    assert len(listed) == 1, "no __all__"
    constants = [name for name in listed[0] if name.isupper()]
    others = [name for name in listed[0] if not name.isupper()]
    assert sorted(constants) == constants
    assert set(public) - set(others) <= {"config", "serve", "create", "list_"}


def test_structs_are_copied_and_taken_apart_as_structs() -> None:
    """What `dataclasses` has for that fails on a struct, and the type checker does not see it."""
    ours = {"asdict", "astuple", "fields", "replace"}
    found = [
        path
        for path in (PACKAGE / "gateway").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if ours & {alias.name for alias in node.names}
    ]

    assert found == []


def test_every_room_is_known_to_the_import_rules() -> None:
    rooms = {room(path) for path in SOURCES} - {"cli", "__init__", "__main__"}

    assert rooms == set(MAY_IMPORT)


def test_every_module_says_what_it_is() -> None:
    silent = [path.name for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]

    assert silent == []
