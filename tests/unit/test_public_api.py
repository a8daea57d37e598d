"""The public functions are functions however they are imported, and in whatever order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import provisioner

NAMES = [name for name in provisioner.__all__ if not name.startswith("__")]


def test_every_name_is_a_function_each_time_it_is_asked_for() -> None:
    script = (
        "import provisioner\n"
        f"from provisioner import {', '.join(NAMES)}\n"
        f"for name in {NAMES!r}:\n"
        "    assert callable(getattr(provisioner, name)), name\n"
        "    assert getattr(provisioner, name) is globals()[name]\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(provisioner, "nonsense")


def test_the_steps_follow_from_each_other(tmp_path: Path) -> None:
    (tmp_path / "provisioner.toml").write_text('flow = "byok"\n')

    spec = provisioner.load_spec(tmp_path / "provisioner.toml")
    for name, content in provisioner.render_template(provisioner.resolve_plan(spec)).items():
        (tmp_path / name).write_bytes(content)

    result = provisioner.validate_paths([tmp_path])
    assert provisioner.report_findings(result) == "clean: 3 files checked"
