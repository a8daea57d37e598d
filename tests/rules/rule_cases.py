"""The cases of the rule fixtures: a folder of an archive → what the validator finds in it.

A case with a file `check` is a Codex home: that file, in TOML, says with which `codex_version`,
`profile` and `[environment]` Codex starts, and which mode auth.json has. With `home = false` it
only says the version. The section `mutation` is no file of a case: see mutations.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from provisioner.finding import CheckResult, Finding
from provisioner.validate.check_home import check_codex_home
from provisioner.validate.files import is_template_file
from provisioner.validate.run import validate
from tests.support import txtar
from tests.support.tree import write_tree

__all__ = ["FIXTURES", "RuleCase", "line_of", "rule_cases"]

FIXTURES = {path.stem: path for path in sorted(Path(__file__).parent.glob("PRV*.txtar"))}

# Cases are snippets of folders: what these rules miss in them is only looked for in their own.
_ABOUT_WHOLE_FOLDERS = frozenset({"PRV315", "PRV319", "PRV402", "PRV410", "PRV411"})


@dataclass(frozen=True)
class RuleCase:
    """One folder of one fixture; `expected` are the lines of its findings."""

    code: str
    folder: str
    files: Mapping[str, str]
    expected: tuple[str, ...]
    check: Mapping[str, Any] | None
    ignored: frozenset[str] = frozenset()
    """Rules that are not asked."""

    @classmethod
    def of(
        cls, code: str, folder: str, files: Mapping[str, str], ignored: frozenset[str] = frozenset()
    ) -> RuleCase:
        """Make a case of `files`, with `findings` and `check` among them."""
        rest = dict(files)
        expected = tuple(rest.pop("findings", "").splitlines())
        check = rest.pop("check", None)
        parsed = None if check is None else tomllib.loads(check)
        return cls(code, folder, rest, expected, parsed, ignored)

    @property
    def is_home(self) -> bool:
        return self.check is not None and bool(self.check.get("home", True))

    def write(self, folder: Path) -> Path:
        """Write the files, auth.json with its mode."""
        folder.mkdir(parents=True, exist_ok=True)
        write_tree(folder, self.files)
        if (folder / "auth.json").exists():
            mode = self.check.get("auth_mode", 0o600) if self.check else 0o600
            (folder / "auth.json").chmod(mode)
        return folder

    def result(self, overlay: Mapping[str, bytes] = MappingProxyType({})) -> CheckResult:
        """Check the current folder, with the contents of `overlay` in place of those there."""
        check = self.check or {}
        ignore = sorted(self.ignored)
        version = check.get("codex_version")
        if self.is_home:
            return check_codex_home(
                Path(),
                codex_version=version,
                profile=check.get("profile"),
                environment=check.get("environment", {}),
                ignore=ignore,
            )
        paths = [Path(name) for name in self.files if name.endswith((".toml", ".yaml"))]
        if any(is_template_file(Path(name).name) for name in self.files):
            paths.append(Path())
        return validate(paths, codex_version=version, ignore=ignore, overlay=overlay)


def rule_cases() -> Iterator[RuleCase]:
    """Yield every case of every fixture."""
    for code, path in FIXTURES.items():
        archive = txtar.parse(path.read_text(encoding="utf-8"))
        folders = (name.partition("/")[0] for name in archive.files if "/" in name)
        for folder in dict.fromkeys(folders):
            ignored = _ABOUT_WHOLE_FOLDERS - {code}
            yield RuleCase.of(code, folder, archive.folder(folder), ignored)


def line_of(finding: Finding) -> str:
    """Write a finding as fixtures name it."""
    start, end = finding.span.start, finding.span.end
    span = f"{start.line}:{start.column}-{end.line}:{end.column}"
    return f"{finding.path}:{span} {finding.severity} {finding.code}"
