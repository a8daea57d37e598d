"""Many specs rendered and validated in one run: a rate, the memory, and whether time is linear."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Run", "render_and_validate"]

_FLOWS = ("centralized", "byok", "chatgpt")
_SOURCES = ("", '[module]\nsource = "bundled"\ninstall = "npm"\n')
_TEMPLATES = ("docker", "kubernetes", "aws-linux", "gcp-linux", "azure-linux", "scratch")
# The child says itself how much memory it and its workers had: no other number is theirs alone.
_CHILD = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(json.dumps([done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


@dataclass(frozen=True)
class Run:
    """Seconds to render and to validate, and the most megabytes of a process."""

    render: float
    validate: float
    megabytes: float


def render_and_validate(count: int) -> Run:
    """Render `count` specs of every template, flow and module source, and validate the result."""
    place = Path(tempfile.mkdtemp())
    try:
        specs = list(_specs(place / "specs", count))
        out = place / "out"
        first, memory = _run("render", *specs, "-o", out)
        second, more = _run("validate", out, "--no-cache", "--format", "concise")
        return Run(first, second, max(memory, more) / 1024)
    finally:
        shutil.rmtree(place)


def _specs(folder: Path, count: int) -> Iterator[Path]:
    folder.mkdir()
    for number in range(count):
        path = folder / f"s{number}.toml"
        template = _TEMPLATES[number % len(_TEMPLATES)]
        flow = _FLOWS[number // len(_TEMPLATES) % len(_FLOWS)]
        source = _SOURCES[number // len(_TEMPLATES) // len(_FLOWS) % len(_SOURCES)]
        path.write_text(
            f'flow = "{flow}"\n[template]\nname = "{template}"\ndescription = "No. {number}"\n'
            f'[codex]\nmodel = "gpt-5.5"\n{source}',
            encoding="utf-8",
        )
        yield path


def _run(*arguments: str | Path) -> tuple[float, int]:
    command = [sys.executable, "-c", _CHILD, sys.executable, "-m", "provisioner"]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, *map(str, arguments)], check=True, capture_output=True, env=os.environ
    )
    seconds = time.perf_counter() - start
    code, kilobytes = json.loads(done.stdout)
    if code:
        raise RuntimeError(f"provisioner {arguments[0]} ended with {code}")
    return seconds, kilobytes
