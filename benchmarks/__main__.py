"""`make bench`: each thing we do beside something that does nearly the same, in one run.

Rounds alternate between the two sides, so that a noisy machine disturbs both; the median counts.
Only the ratios mean anything on another machine. Writes benchmarks/results.md.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.holding import STREAMS, memory_of_streams
from benchmarks.passing import event_delays
from benchmarks.relaying import added_latency, policy_cost, relaying_rates
from benchmarks.rendering import render_and_validate
from benchmarks.starting import seconds_to_first_answer
from benchmarks.streaming import streaming_rates
from benchmarks.validating import (
    aws_template,
    many_templates,
    terraform_environment,
    with_cache,
)

HERE = Path(__file__).parent
TEMPLATES = [
    folder
    for folder in sorted((HERE.parent / "tests" / "golden").glob("*/expected"))
    if not (folder / "modules").exists()
]
TEMPLATE = HERE.parent / "tests" / "golden" / "docker-chatgpt" / "expected"
ROUNDS = 7
SPECS = 1_000
# A folder as `terraform init -plugin-dir` takes it, with hashicorp/aws in it.
PLUGINS = Path(os.environ.get("BENCH_TERRAFORM_PLUGINS", "/usr/share/terraform/plugins"))

_HCL2 = "import hcl2,sys\nfor p in sys.argv[1:]: hcl2.loads(open(p, encoding='utf-8').read())"


@dataclass(frozen=True)
class Process:
    """One side of a comparison."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] | None = None


def seconds(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> float:
    """Return the wall time of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
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
    shown = " | ".join(f"{one:.0f} {unit}" if one >= 10 else f"{one:.2f} {unit}" for one in figures)
    return f"| {ours} | {other} | {shown} | {mine / theirs:.2f} |"


def process_row(ours: Process, other: Process) -> str:
    """Compare two commands: how many times as long ours takes."""
    mine, theirs = side_by_side(
        lambda: seconds(ours.command, ours.environment),
        lambda: seconds(other.command, other.environment),
    )
    return row(ours.name, other.name, (mine * 1000, theirs * 1000), "ms")


def process_rows() -> Iterator[str]:
    """Compare whole processes."""
    python = sys.executable
    provisioner = [python, "-m", "provisioner"]
    yield process_row(
        Process("`provisioner --version`", [*provisioner, "--version"]),
        Process("Python that imports click", [python, "-c", "import click"]),
    )
    validate = [*provisioner, "validate"]
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(with_cache())
        many = stack.enter_context(many_templates(TEMPLATES))
        for name, folder in (("one template", TEMPLATE), ("many templates", many)):
            files = sorted(folder.rglob("*.tf"))
            what = f"`provisioner validate`, {name}, {len(files)} files"
            cold = Process(f"{what}, nothing kept", [*validate, "--no-cache", folder], environment)
            kept = Process(f"{what}, nothing changed", [*validate, folder], environment)
            others = [Process("python-hcl2 that only parses", [python, "-c", _HCL2, *files])]
            if folder == TEMPLATE and shutil.which("terraform"):
                attached = stack.enter_context(terraform_environment(folder))
                command = ["terraform", f"-chdir={folder}", "validate"]
                title = "`terraform validate`, providers attached"
                others.append(Process(title, command, attached))
            for other in others:
                yield process_row(cold, other)
                yield process_row(kept, other)
        if PLUGINS.is_dir() and shutil.which("terraform"):
            folder, attached = stack.enter_context(aws_template(PLUGINS))
            what = "`provisioner validate`, a template with AWS"
            command = ["terraform", f"-chdir={folder}", "validate"]
            other = Process("`terraform validate`, with Amazon's provider", command, attached)
            cold = Process(f"{what}, nothing kept", [*validate, "--no-cache", folder], environment)
            yield process_row(cold, other)
            kept = Process(f"{what}, nothing changed", [*validate, folder], environment)
            yield process_row(kept, other)


def streaming_row() -> str:
    """Compare requests a second: how many times as many the gateway answers."""
    ours = "gateway: streamed answers, 16 clients, tokens and records on"
    return row(ours, "bare aiohttp, same bytes", streaming_rates(ROUNDS), "a second")


def relaying_rows() -> Iterator[str]:
    """Compare requests through a hop: the rate, what it costs, what each of them waits."""
    rates = relaying_rates(ROUNDS)
    ours = "gateway: relayed answers, 16 clients, tokens and records on"
    mine = rates.pop("gateway")
    for name, theirs in rates.items():
        yield row(ours, name, (mine[0], theirs[0]), "a second")
    cost = "gateway: CPU for one of them"
    yield row(cost, "bare aiohttp proxy", (mine[1], rates["bare aiohttp proxy"][1]), "ms")
    judged = "gateway: CPU for one of them, with two budgets"
    yield row(judged, "gateway without a policy", policy_cost(ROUNDS), "ms")
    added = "gateway: added to the median answer, 1 client"
    yield row(added, "bare aiohttp proxy", added_latency(ROUNDS), "ms")
    delay = "gateway: an event on its way, 8 slow streams"
    yield row(delay, "bare aiohttp proxy", event_delays(ROUNDS), "ms")
    memory = f"gateway: memory with {STREAMS:,} open streams"
    yield row(memory, "bare aiohttp proxy", memory_of_streams(), "MB")
    start = "gateway: start to first answer"
    yield row(start, "bare aiohttp proxy", seconds_to_first_answer(ROUNDS), "s")


def rendering_rows() -> Iterator[str]:
    """Compare many specs with a quarter of them, four times: 1.00 is linear."""
    few, many = render_and_validate(SPECS // 4), render_and_validate(SPECS)
    for verb, ours, other in (
        ("rendered", many.render, few.render),
        ("validated, nothing kept", many.validate, few.validate),
    ):
        rates = f"{SPECS:,} specs {verb}, {SPECS / ours:.0f} a second"
        yield row(rates, f"{SPECS // 4:,} specs, four times", (ours, other * 4), "s")
    what = f"{SPECS:,} specs, most memory of a process"
    yield row(what, f"{SPECS // 4:,} specs", (many.megabytes, few.megabytes), "MB")


def left_out() -> list[str]:
    """Say which of our peers were not there and how to have them in the table."""
    ways = {
        "BENCH_PORTKEY": "Portkey: `npm install @portkey-ai/gateway` in any folder, named in it",
        "BENCH_LITELLM": "LiteLLM: `pip install 'litellm[proxy]'` in any venv, its Python in it",
    }
    missing = [f"{name} not set. {how}." for name, how in ways.items() if not os.environ.get(name)]
    return ["", *missing] if missing else []


def main() -> None:
    """Measure everything and write the page."""
    # What is installed has its bytecode; a checkout gets it in the round that does not count.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    lines = ["# Side by side", "", "Written by `make bench`. Ratio: ours to the other."]
    lines += [
        "The gateway runs on uvloop as it is installed, what is bare on asyncio's own loop.",
        "",
    ]
    lines += ["| ours | other | ours | other | ratio |", "| -- | -- | -: | -: | -: |"]
    lines += [*process_rows(), *rendering_rows(), streaming_row(), *relaying_rows()]
    lines += left_out()
    text = "\n".join(lines) + "\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
