"""`make bench`: each thing we do beside something that does nearly the same, in one run.

Rounds alternate between the two sides, so that a noisy machine disturbs both; the median counts.
Only the ratios mean anything on another machine. Writes benchmarks/results.md.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.streaming import streaming_rates

HERE = Path(__file__).parent
TEMPLATE = HERE.parent / "tests" / "golden" / "docker-chatgpt" / "expected"
ROUNDS = 7

_HCL2 = "import hcl2,sys\nfor p in sys.argv[1:]: hcl2.loads(open(p, encoding='utf-8').read())"


def seconds(command: Sequence[str | Path]) -> float:
    """Return the wall time of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def side_by_side(ours: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Return the medians of both after one round that does not count."""
    ours()
    other()
    pairs = [(ours(), other()) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def row(ours: str, other: str, figures: tuple[float, float], unit: str) -> str:
    """Return one line of the table."""
    mine, theirs = figures
    return f"| {ours} | {other} | {mine:.0f} {unit} | {theirs:.0f} {unit} | {mine / theirs:.2f} |"


def process_row(
    name: str, ours: Sequence[str | Path], other_name: str, other: Sequence[str | Path]
) -> str:
    """Compare two commands: how many times as long ours takes."""
    mine, theirs = side_by_side(lambda: seconds(ours), lambda: seconds(other))
    return row(name, other_name, (mine * 1000, theirs * 1000), "ms")


def process_rows() -> list[str]:
    """Compare whole processes."""
    python = sys.executable
    provisioner = [python, "-m", "provisioner"]
    files = sorted(TEMPLATE.glob("*.tf"))
    rows = [
        process_row(
            "`provisioner --version`",
            [*provisioner, "--version"],
            "Python that imports click",
            [python, "-c", "import click"],
        ),
        process_row(
            "`provisioner validate` on one template",
            [*provisioner, "validate", TEMPLATE],
            "python-hcl2 that only parses it",
            [python, "-c", _HCL2, *files],
        ),
    ]
    if shutil.which("terraform"):
        rows.append(
            process_row(
                "`provisioner validate` on one template",
                [*provisioner, "validate", TEMPLATE],
                "`terraform fmt -check` on it",
                ["terraform", "fmt", "-check", TEMPLATE],
            )
        )
    return rows


def streaming_row() -> str:
    """Compare requests a second: how many times as many the gateway answers."""
    ours = "gateway: streamed answers, 16 clients, tokens and records on"
    return row(ours, "bare aiohttp, same bytes", streaming_rates(ROUNDS), "a second")


def main() -> None:
    """Measure everything and write the page."""
    lines = ["# Side by side", "", "Written by `make bench`. Ratio: ours to the other.", ""]
    lines += ["| ours | other | ours | other | ratio |", "| -- | -- | -: | -: | -: |"]
    lines += [*process_rows(), streaming_row()]
    text = "\n".join(lines) + "\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
