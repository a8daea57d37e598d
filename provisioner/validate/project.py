"""Options of a run and the settings of its project → what to judge, and what of it to report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Finding, Severity
from provisioner.syntax.source import SyntaxProblem
from provisioner.validate.baseline import (
    Accepted,
    Baseline,
    accept,
    accepted_keys,
    baseline_text,
    parse_baseline,
    renewed,
)
from provisioner.validate.files import Disk, path_from
from provisioner.validate.glob import fits
from provisioner.validate.request import Request
from provisioner.validate.settings_file import SettingsFile

__all__ = ["Options", "Project", "Report"]


class Options(Struct, frozen=True):
    """What the command line asks for; what is empty or None is left to the settings."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    codex_version: str | None = None
    fail_on: str | None = None
    baseline: Path | None = None


class Report(Struct, frozen=True):
    """What is to be reported, and how many findings the baseline knows, or knows in vain."""

    result: CheckResult
    accepted: int = 0
    stale: int = 0

    @property
    def note(self) -> str:
        """What is to be said about the baseline; nothing without one."""
        parts = []
        if self.accepted:
            parts.append(f"{_findings(self.accepted)} left out: the baseline accepts them")
        if self.stale:
            parts.append(
                f"the baseline accepts {_findings(self.stale)} that nobody makes any more; "
                "--write-baseline takes them out"
            )
        return "\n".join(parts)


class Project(Struct, frozen=True, dict=True):
    """The options of a run over the settings of a file; an option replaces its key."""

    options: Options
    file: SettingsFile

    @property
    def request(self) -> Request:
        """What every unit is judged by."""
        values = self.file.values
        return Request(
            self.options.codex_version or values.codex_version,
            self.options.select or values.select,
            self.options.ignore or values.ignore,
        )

    @property
    def fail_on(self) -> Severity:
        """The least severity that makes a run fail."""
        return Severity(self.options.fail_on or self.file.values.fail_on or "warning")

    @property
    def baseline(self) -> Path | None:
        """The file with accepted findings."""
        named = self.file.values.baseline
        return self.options.baseline or (self.file.folder / named if named else None)

    def check_selectors(self) -> None:
        """Raise `InputError` for a rule in the settings that is none, with its place."""
        values = self.file.values
        lists: list[tuple[tuple[str, ...], tuple[str, ...]]]
        lists = [(("select",), values.select), (("ignore",), values.ignore)]
        lists += [(("per_file_ignores", glob), of) for glob, of in values.per_file_ignores.items()]
        if not any(selectors for _, selectors in lists):
            return
        from provisioner.validate.rules import RULES  # noqa: PLC0415 - costs start-up time
        from provisioner.validate.select import select_rules  # noqa: PLC0415

        for keys, selectors in lists:
            for index, selector in enumerate(selectors):
                try:
                    select_rules(RULES, [selector], ())
                except InputError as error:
                    raise InputError(f"{self.file.place(*keys, index)}: {error}") from error

    def is_selected(self, code: str, name: str) -> bool:
        """Say whether findings are asked for that Terraform makes, or that are about it."""
        request = self.request
        wanted = not request.select or _fits(code, name, request.select)
        return wanted and not _fits(code, name, request.ignore)

    def is_excluded(self, path: Path) -> bool:
        """Say whether the settings leave a file or folder out."""
        globs = self.file.values.exclude
        return bool(globs) and self._fits_any(path.as_posix(), globs)

    def report(self, result: CheckResult, disk: Disk) -> Report:
        """Leave out what the settings and the baseline say.

        Raises `InputError` for a baseline that is missing or is none.
        """
        result = self._without_ignored(result)
        if self.baseline is None:
            return Report(result)
        accepted = self._read_baseline(disk)
        left, met = accept(result, accepted, self._names(result))
        rest = accepted - met
        was_checked = self._was_checked(result) if rest else None
        stale = sum(count for key, count in rest.items() if was_checked and was_checked(key))
        return Report(left, met.total(), stale)

    def new_baseline(self, result: CheckResult, disk: Disk) -> tuple[str, int]:
        """Return the text of a baseline that accepts all of `result`, and how many it accepts.

        What the old one accepts in files that were not checked stays.
        """
        result = self._without_ignored(result)
        keys = accepted_keys(result.findings, self._names(result), result.sources)
        found = Baseline(key for _, key in keys)
        old = self._read_baseline(disk) if self.baseline and self.baseline.exists() else Baseline()
        new = renewed(old, found, self._was_checked(result))
        return baseline_text(new), new.total()

    def _without_ignored(self, result: CheckResult) -> CheckResult:
        ignores = self.file.values.per_file_ignores
        if not ignores:
            return result
        kept = tuple(item for item in result.findings if not self._ignores(item, ignores))
        return replace(result, findings=kept)

    def _ignores(self, finding: Finding, ignores: Mapping[str, tuple[str, ...]]) -> bool:
        return finding.code not in self._unignorable and any(
            selector == finding.name or finding.code.startswith(selector.upper())
            for glob, selectors in ignores.items()
            if self._fits_any(finding.path, (glob,))
            for selector in selectors
        )

    @cached_property
    def _unignorable(self) -> frozenset[str]:
        from provisioner.validate.rules import RULES  # noqa: PLC0415 - costs start-up time

        return frozenset(rule.code for rule in RULES if not rule.can_be_ignored)

    def _fits_any(self, path: str, globs: tuple[str, ...]) -> bool:
        relative = _relative(path, self.file.folder)
        return not relative.startswith("../") and any(fits(glob, relative) for glob in globs)

    def _read_baseline(self, disk: Disk) -> Baseline:
        path = self.baseline or Path()
        data = disk.read(path)
        if isinstance(data, SyntaxProblem):
            raise InputError(
                f'the baseline "{path}" cannot be read: {data.message}; --write-baseline makes one'
            )
        return parse_baseline(data, path.as_posix())

    def _names(self, result: CheckResult) -> dict[str, str]:
        """Return the files by the names that the baseline has for them."""
        folder = (self.baseline or Path()).parent
        return {path: _relative(path, folder) for path in result.files}

    def _was_checked(self, result: CheckResult) -> _WasChecked:
        from provisioner.validate.rules import RULES  # noqa: PLC0415 - costs start-up time
        from provisioner.validate.select import select_rules  # noqa: PLC0415

        rules = select_rules(RULES, self.request.select, self.request.ignore)
        codes = frozenset(rule.code for rule in rules)
        names = frozenset(self._names(result).values())
        return _WasChecked(names, codes, self.baseline or Path())


class _WasChecked(Struct, frozen=True):
    """Says of an accepted finding whether this run looked for it."""

    names: frozenset[str]
    codes: frozenset[str]
    baseline: Path

    def __call__(self, key: Accepted) -> bool:
        """Tell; a file that is gone has nothing to find."""
        is_there = key.path in self.names or not (self.baseline.parent / key.path).exists()
        return is_there and key.rule in self.codes


def _relative(path: str, folder: Path) -> str:
    """Return `path` from the folder, with slashes."""
    return path_from(folder, Path(path)).as_posix()


def _findings(number: int) -> str:
    return f"{number} finding{'' if number == 1 else 's'}"


def _fits(code: str, name: str, selectors: tuple[str, ...]) -> bool:
    return any(code.startswith(text.upper()) or text == name for text in selectors)
