"""Options, markers and a clean environment for every test."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_TOOLS = {
    "needs_browser": "chromium",
    "needs_codex": "npm",
    "needs_npm": "npm",
    "needs_postgres": "initdb",
    "needs_terraform": "terraform",
}
# A browser comes with no package manager that a developer's machine has for sure.
_OPTIONAL = frozenset({"needs_browser"})
_KEPT = ("HOME", "LANG", "PATH", "PATHEXT", "TMPDIR", "VIRTUAL_ENV")
_KEPT_PREFIXES = ("COVERAGE", "HYPOTHESIS", "NODE_", "NPM_", "PYTEST", "PYTHON", "SSL_", "npm_")


def pytest_configure() -> None:
    # Shells have what runs in the background ignore Ctrl-C, and all that it starts as well.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-tools", action="store_true", help="a missing tool is a failure")
    parser.addoption("--update-goldens", action="store_true", help="rewrite tests/golden")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, tool in _TOOLS.items():
        if item.get_closest_marker(marker) and shutil.which(tool) is None:
            reason = f"{tool} is not on PATH"
            if item.config.getoption("--require-tools") and marker not in _OPTIONAL:
                pytest.fail(f"{reason}, and --require-tools was given", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential, proxy or setting of the developer's machine may decide a test."""
    for name in os.environ:
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            monkeypatch.delenv(name)
    scripts = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join([scripts, os.environ["PATH"]]))
