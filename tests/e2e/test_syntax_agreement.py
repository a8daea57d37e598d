"""Our verdict about syntax is Terraform's: for every file of the project and for damaged ones."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.source import decode_source
from tests.support import txtar
from tests.support.command import ROOT

pytestmark = pytest.mark.needs_terraform

SEED = 20261121
MUTANTS = 1500
_ENDINGS = (".tf", ".tfvars", ".tftest.hcl")
_FOLDERS = ("examples", "modules", "templates", "tests/golden")
_TOKEN = re.compile(r'<<-?\w+|[$%]\{|\w+|\s+|\\.|"|.', re.DOTALL)
_SPLINTERS = [
    '"', "'", "{", "}", "[", "]", "(", ")", "${", "%{", "}}", "=", ":", ",", "\n", "\r", "\r\n", " ",
    "\\", "\\q", "\\u00e9", "<<EOT\n", "<<-EOT\n", "EOT\n", "#", "//", "/*", "*/", "?", "!", "-", "&",
    "&&", "...", ".", ".*", "[*]", "0x1", "1e", "é", "“", "\u00a0", "\u200b", "\ufeff", "\x07", "~", "`", "$$", "%%",
    "for", "in", "if", "else", "endif", "null", "=>", "==", ";", "|", "\ud800",
]  # fmt: skip


def project_files() -> dict[str, bytes]:
    """Return what Terraform reads in the project, and in the archives of the rules."""
    found = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for folder in _FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.name.endswith(_ENDINGS) and ".terraform" not in path.parts
    }
    for path in sorted((ROOT / "tests" / "rules").glob("*.txtar")):
        archive = txtar.parse(path.read_text(encoding="utf-8"))
        found |= {
            f"{path.name}/{name}": text.encode()
            for name, text in archive.files.items()
            if name.endswith(_ENDINGS)
        }
    return found


def mutants(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield damaged files, always the same ones."""
    chance = random.Random(SEED)
    texts = [data.decode() for data in files.values() if 20 < len(data) < 4000]
    for _ in range(MUTANTS):
        tokens = _TOKEN.findall(chance.choice(texts))
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            _damage(chance, tokens)
        yield "".join(tokens).encode(errors="surrogatepass")


def _damage(chance: random.Random, tokens: list[str]) -> None:
    at = chance.randrange(len(tokens)) if tokens else 0
    match chance.randrange(8):
        case 0:
            del tokens[at : at + chance.randint(1, 3)]
        case 1:
            tokens[at:at] = tokens[at : at + chance.randint(1, 3)]
        case 2 | 3:
            tokens.insert(at, chance.choice(_SPLINTERS))
        case 4 if tokens:
            tokens[at] = chance.choice(_SPLINTERS)
        case 5:
            del tokens[at:]
        case 6:
            quotes = [index for index, token in enumerate(tokens) if token == '"']
            if quotes:
                tokens[chance.choice(quotes)] = chance.choice(["", "'", "”", '\\"'])
        case 7:
            markers = [index for index, token in enumerate(tokens) if token.startswith("<<")]
            if markers:
                index = chance.choice(markers)
                tokens[index] += chance.choice(["X", " ", "-", "\n", ""])


def refused_by_terraform(files: Mapping[str, bytes], folder: Path) -> set[str]:
    """Return the names that one run of `terraform fmt` has an error about."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-list=false", "-no-color", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    return set(re.findall(r"^  on (\S+) line \d+", done.stderr, re.MULTILINE))


def refused_by_us(data: bytes) -> bool:
    source, problem = decode_source(data, "main.tf")
    if problem:
        return True
    return bool(HclDocument.read(source).problems)


def is_text(data: bytes) -> bool:
    """Say whether the bytes are a text.

    In strings and comments, and only there, Terraform takes NUL and UTF-8's surrogates as they are.
    In a file both are always an accident, no value can be shown with them, and we refuse them.
    """
    return decode_source(data, "main.tf")[1] is None


def disagreements(files: Mapping[str, bytes], folder: Path) -> list[tuple[str, bytes]]:
    refused = refused_by_terraform(files, folder)
    assert refused, "the corpus has no broken file, or the output was not understood"
    return [
        ("only Terraform refuses" if name in refused else "only we refuse", data)
        for name, data in files.items()
        if (name in refused) != refused_by_us(data) and is_text(data)
    ]


def test_the_verdict_about_every_file_of_the_project_is_terraforms(tmp_path: Path) -> None:
    files = {
        f"f{number}{''.join(Path(name).suffixes[-2:]) if name.endswith('.hcl') else Path(name).suffix}": data
        for number, (name, data) in enumerate(project_files().items())
    }

    assert len(files) > 100
    assert disagreements(files, tmp_path) == []


def test_the_verdict_about_damaged_files_is_terraforms(tmp_path: Path) -> None:
    files = {f"m{number}.tf": data for number, data in enumerate(mutants(project_files()))}

    assert len(files) == MUTANTS
    assert disagreements(files, tmp_path) == []


def test_what_is_no_text_is_refused_by_us_alone(tmp_path: Path) -> None:
    files = {
        "nul.tf": b'a = "\0"\n',
        "surrogate.tf": b'a = "\xed\xa0\x80"\n',
        "outside.tf": b"a = \0\n",
        "name.tf": b"\xe9 = 1\n",
    }

    assert all(refused_by_us(data) for data in files.values())
    assert refused_by_terraform(files, tmp_path) == {"outside.tf", "name.tf"}
