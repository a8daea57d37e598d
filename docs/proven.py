"""Prove every combination with the real Codex, and write the table into docs/flows.md.

It takes some minutes on a fresh machine, so `make docs` does not do it: `make proven` does.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "flows.md"
VERSIONS = ("0.122.0", "0.134.0", "0.169.0")
TABLE = re.compile(r"(<!-- proven -->\n).*?(<!-- end of proven -->\n)", re.DOTALL)


def proofs() -> list[dict[str, Any]]:
    """Run every proof; raises `CalledProcessError` when one fails."""
    command = [sys.executable, "-m", "provisioner", "prove", "--all", "--format", "json"]
    for version in VERSIONS:
        command += ["--codex", version]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)["proofs"]
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table: a row for each combination, a column for each version."""
    lines = [
        "| gateway kind | flow | credential | profile | "
        + " | ".join(f"Codex {v}" for v in VERSIONS)
        + " |",
        "| -- | -- | -- | -- |" + " -- |" * len(VERSIONS),
    ]
    cells: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for row in rows:
        key = (row["kind"], row["flow"], row["credential"], row["profile"])
        seen = f"proven, recorded as {row['gateway']['credential_kind']}"
        cells.setdefault(key, {})[row["version"]] = seen if row["proven"] else "not proven"
    for (kind, flow, credential, profile), by_version in cells.items():
        selected = f"`-p {profile}`" if profile else ""
        columns = " | ".join(by_version[version] for version in VERSIONS)
        lines.append(f"| `{kind}` | `{flow}` | `{credential}` | {selected} | {columns} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prove and write."""
    rows = proofs()
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        TABLE.sub(lambda match: match[1] + table(rows) + match[2], text), encoding="utf-8"
    )
    sys.stdout.write(f"{len(rows)} proofs written to {PAGE.name}\n")


if __name__ == "__main__":
    main()
