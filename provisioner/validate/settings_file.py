"""The settings file that a run belongs to.

It is the first one found from the folder of the first path upwards, and the only one that counts:
a `provisioner.toml` with a table `[validate]`, or a `pyproject.toml` with a table
`[tool.provisioner.validate]`. The search ends at the folder that holds the repository.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import tomli
from msgspec import Struct

from provisioner.errors import InputError
from provisioner.settings import ValidateSettings
from provisioner.syntax.source import SyntaxProblem
from provisioner.validate.files import Disk, path_from

if TYPE_CHECKING:
    from provisioner.syntax.toml_document import TomlDocument

__all__ = ["SettingsFile", "find_settings", "read_settings"]

_TABLES = {
    "provisioner.toml": ("validate",),
    "pyproject.toml": ("tool", "provisioner", "validate"),
}
_REPOSITORIES = (".git", ".hg", ".jj", ".svn")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_WANTED = {
    "Expected `array`": 'write a list, such as ["PRV101"]',
    "Expected `object`": "write a table",
    "Expected `str": "write a text in quotes",
    "Invalid enum value": 'write one of "error", "warning", "note"',
}
_AT = re.compile(r" \(at line (\d+), column (\d+)\)")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[\.\.\.\]")


class SettingsFile(Struct, frozen=True):
    """The settings of one file; those of no file are the defaults."""

    values: ValidateSettings = ValidateSettings()
    path: Path | None = None
    text: str = ""

    @property
    def folder(self) -> Path:
        """The folder that globs and the path of the baseline count from."""
        return self.path.parent if self.path else Path()

    def place(self, *keys: str | int) -> str:
        """Say where a value stands, as `file:line:column`."""
        start = self._document.value_span(*self._table, *keys).start
        return f"{self.path}:{start.line}:{start.column}"

    def place_of_key(self, key: str) -> str:
        """Say where a key of the table stands, as `file:line:column`."""
        start = self._document.key_span(*self._table, key).start
        return f"{self.path}:{start.line}:{start.column}"

    @property
    def _table(self) -> tuple[str, ...]:
        return _table(self.path or Path())

    @property
    def _document(self) -> TomlDocument:
        from provisioner.syntax.toml_document import TomlDocument  # noqa: PLC0415 - for errors only

        return TomlDocument.parse(self.text, str(self.path))


def find_settings(path: Path, disk: Disk) -> SettingsFile:
    """Return the settings that `path` belongs to, the defaults where there are none.

    Raises `InputError` for a settings file that is wrong.
    """
    start = path if path.is_dir() else path.parent
    whole = start.resolve()
    for folder in (whole, *whole.parents):
        for name in _TABLES:
            # Named in the way in which the user named the checked folder.
            shown = folder if start.is_absolute() else path_from(Path(), folder)
            found = _read(shown / name, disk)
            if found:
                return found
        if any(disk.exists(folder / name) for name in _REPOSITORIES):
            break
    return SettingsFile()


def read_settings(path: Path, disk: Disk) -> SettingsFile:
    """Return the settings in one file; raise `InputError` when it has none or is wrong."""
    found = _read(path, disk)
    if found is None:
        raise InputError(f'"{path}" has no table [{".".join(_table(path))}], or cannot be read')
    return found


def _table(path: Path) -> tuple[str, ...]:
    return _TABLES.get(path.name, _TABLES["provisioner.toml"])


def _read(path: Path, disk: Disk) -> SettingsFile | None:
    data = disk.read(path)
    if isinstance(data, SyntaxProblem) or b"validate" not in data:
        return None
    try:
        text = data.decode()
        content: Any = tomli.loads(text)
    except ValueError as error:
        raise InputError(_unreadable(path, data, str(error))) from error
    for key in _table(path):
        content = content.get(key) if isinstance(content, dict) else None
    if content is None:
        return None
    file = SettingsFile(path=path, text=text)
    try:
        values = msgspec.convert(content, ValidateSettings)
    except msgspec.ValidationError as error:
        raise InputError(_problem(file, content, str(error))) from error
    return SettingsFile(values, path, text)


def _problem(file: SettingsFile, content: object, message: str) -> str:
    from provisioner.validate.nearest import did_you_mean  # noqa: PLC0415 - costs start-up time

    unknown = _UNKNOWN.match(message)
    if unknown:
        known = ValidateSettings.__struct_fields__
        advice = did_you_mean(unknown[1], known) or f"valid keys here: {', '.join(known)}"
        return f'{file.place_of_key(unknown[1])}: unknown key "{unknown[1]}"; {advice}'
    what, _, where = message.partition(" - at `$")
    keys = _keys(where.removesuffix("`"), content)
    dotted = ".".join(map(str, keys)) or ".".join(_table(file.path or Path()))
    words = next((words for start, words in _WANTED.items() if what.startswith(start)), what)
    return f'{file.place(*keys)}: "{dotted}": {words}'


def _keys(where: str, content: object) -> tuple[str | int, ...]:
    """Read a path such as `.per_file_ignores[...][0]`; the key it leaves open is looked for."""
    keys: list[str | int] = []
    for match in _STEP.finditer(where):
        name, number = match.groups()
        if name is None and number is None:
            entries = content.items() if isinstance(content, dict) else ()
            wrong = next((key for key, value in entries if not _is_texts(value)), None)
            if wrong is None:
                break
            name = wrong
        key = name if number is None else int(number)
        keys.append(key)
        try:
            content = content[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return tuple(keys)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _unreadable(path: Path, data: bytes, message: str) -> str:
    found = _AT.search(message)
    end = data.count(b"\n") + 1
    place = f"{found[1]}:{found[2]}" if found else f"{end}:1"
    return f"{path}:{place}: this is not TOML: {_AT.sub('', message)}"
