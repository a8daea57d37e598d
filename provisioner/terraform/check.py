"""A folder → what the user's own `terraform validate` says about it, without a network."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from provisioner.errors import InputError, MissingToolError
from provisioner.finding import FILE_START, Finding, Span
from provisioner.knowledge.other_providers import provider_schemas
from provisioner.redact import hint, mask_by_look
from provisioner.syntax.source import ByteOffsets, SourceText, decode_source
from provisioner.terraform.fitted import fitted_schemas
from provisioner.terraform.folder_tree import folder_tree
from provisioner.terraform.modules import write_modules
from provisioner.terraform.serve import serving
from provisioner.validate.terraform_codes import TERRAFORM_ERROR, TERRAFORM_WARNING

__all__ = ["terraform_findings", "terraform_ready"]

_SECONDS = 120
_NOT_SERVED = ("Unknown provider function", "does not support ephemeral resource")
_PROVIDERS = Path(".terraform", "providers")
_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")


def terraform_findings(
    folder: Path, environment: Mapping[str, str], program: str = "terraform"
) -> list[Finding]:
    """Return the diagnostics of `terraform validate` in `folder` as findings.

    `environment` is that of `terraform_ready`. Raises `InputError` when Terraform gives no answer
    that can be read, and `MissingToolError` when it is not there.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program, the arguments a list
            [program, "validate", "-json", "-no-color"],
            cwd=folder,
            env=dict(environment),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise MissingToolError(f'"{program}" is not on PATH; install Terraform') from error
    except OSError as error:
        raise InputError(f'"{program}" cannot be run: {error.strerror or error}') from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f'"{program} validate" did not end within {_SECONDS} s') from error
    try:
        diagnostics = json.loads(done.stdout)["diagnostics"]
    except (ValueError, KeyError, TypeError) as error:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise InputError(f'"{program} validate" gave no verdict: {said}') from error
    return [_finding(folder, item) for item in diagnostics if not _is_about_our_schemas(item)]


@contextlib.contextmanager
def terraform_ready(folder: Path) -> Iterator[dict[str, str]]:
    """Give the environment in which Terraform finds the providers and modules of `folder`.

    Providers that `terraform init` has put there are used; of the others there are schemas.
    """
    tree = list(folder_tree(folder.resolve()))
    installed = _installed(folder / _PROVIDERS)
    used = [item.workspace for item in tree if item.workspace is not None]
    schemas = fitted_schemas(provider_schemas(), used, installed)
    with (
        tempfile.TemporaryDirectory(prefix="tf-") as place,
        serving(schemas) as served,
    ):
        data = Path(place).resolve() / "data"
        write_modules(tree, data)
        if installed:
            (data / "providers").symlink_to((folder / _PROVIDERS).resolve())
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        yield {
            **kept,
            **served,
            "TF_DATA_DIR": str(data),
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        }


def _installed(folder: Path) -> frozenset[str]:
    """Return the addresses of the providers in a folder HOST/NAMESPACE/TYPE/VERSION."""
    found = folder.glob("*/*/*/*")
    return frozenset(path.parent.relative_to(folder).as_posix() for path in found)


def _is_about_our_schemas(diagnostic: Mapping[str, Any]) -> bool:
    """Say whether Terraform misses what no schema of ours can stand in for."""
    said = f"{diagnostic['summary']} {diagnostic.get('detail', '')}"
    return any(words in said for words in _NOT_SERVED)


def _finding(folder: Path, diagnostic: Mapping[str, Any]) -> Finding:
    place = diagnostic.get("range")
    path = folder / place["filename"] if place else folder
    kind = TERRAFORM_ERROR if diagnostic["severity"] == "error" else TERRAFORM_WARNING
    return Finding(
        code=kind.code,
        name=kind.name,
        severity=kind.severity,
        message=f"Terraform: {diagnostic['summary']}",
        path=path.as_posix(),
        span=_span(path, place) if place else FILE_START,
        # Terraform quotes the values that it refuses.
        help=mask_by_look(" ".join(diagnostic.get("detail", "").split()), hint),
    )


def _span(path: Path, place: Mapping[str, Any]) -> Span:
    """Count code points: Terraform's own columns count what a reader sees as one character."""
    try:
        data = path.read_bytes()
    except OSError:
        return FILE_START
    source: SourceText = decode_source(data, str(path))[0]
    encoded = source.text.encode()
    shift = len(data) - len(encoded)  # A byte order mark, which Terraform counts.
    offsets = ByteOffsets(encoded)
    start, end = (max(place[side]["byte"] - shift, 0) for side in ("start", "end"))
    return source.span(*offsets.range(start, end))
