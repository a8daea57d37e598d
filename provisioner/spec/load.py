"""`provisioner.toml` → Spec, or findings that point at the lines that are wrong."""

from __future__ import annotations

from pathlib import Path

from provisioner.errors import FindingsError, InputError
from provisioner.finding import CheckResult, Finding
from provisioner.spec.combinations import impossible_combinations
from provisioner.spec.models import Spec
from provisioner.spec.read_tables import read_tables

__all__ = ["check_spec", "load", "parse_spec", "read_text"]


def load(path: Path) -> Spec:
    """Read the spec at `path`.

    Raises `InputError` when the file cannot be read, `FindingsError` when it is wrong.
    """
    spec = parse_spec(read_text(path), str(path))
    if spec.template.folder is None:
        return spec
    folder = path.parent / spec.template.folder
    if not any(folder.glob("*.tf")):
        raise InputError(f'{path}: template.folder: "{folder}" is no folder with .tf files')
    template = spec.template.model_copy(update={"folder": str(folder)})
    return spec.model_copy(update={"template": template})


def read_text(path: Path, *, if_missing: str = "`provisioner init` writes one") -> str:
    """Return the text of the file at `path`; `if_missing` is what to do where there is none.

    Raises `InputError` when it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        hint = f"; {if_missing}" if if_missing and isinstance(error, FileNotFoundError) else ""
        raise InputError(f"cannot read {path}: {error.strerror or error}{hint}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from error


def parse_spec(text: str, path: str) -> Spec:
    """Read the spec in `text`; `path` is what findings call it.

    Raises `FindingsError` when it is wrong.
    """
    spec, findings = check_spec(text, path)
    if spec is None:
        raise FindingsError(CheckResult(findings, (path,), sources={path: text}))
    return spec


def check_spec(text: str, path: str) -> tuple[Spec | None, tuple[Finding, ...]]:
    """Return the spec, or None and every finding."""
    return read_tables(Spec, text, path, impossible_combinations)
