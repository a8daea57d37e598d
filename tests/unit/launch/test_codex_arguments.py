"""What a user asks of Codex, from the arguments alone."""

from __future__ import annotations

import pytest

from provisioner.launch.codex_arguments import asks_the_model, with_profile


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("", True),
        ("fix-it", True),
        ("exec hi", True),
        ("-m gpt-5.5 exec hi", True),
        ("resume --last", True),
        ("-- login", True),
        ("-c model=login", True),
        ("login --device-auth", False),
        ("-c a=b login status", False),
        ("--config a=b logout", False),
        ("doctor --json", False),
        ("mcp list", False),
        ("exec --help", False),
        ("--version", False),
    ],
)
def test_only_what_reaches_the_model_needs_credentials(line: str, *, asks: bool) -> None:
    assert asks_the_model(line.split()) is asks


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "-p x"),
        ("fix-it", "-p x fix-it"),
        ("exec hi", "exec -p x hi"),
        ("-c a=b exec - ", "-c a=b exec -p x -"),
        ("login", "login"),
        ("-- exec", "-p x -- exec"),
    ],
)
def test_a_profile_stands_where_every_version_reads_it(line: str, expected: str) -> None:
    assert with_profile(line.split(), "x") == expected.split()


def test_without_a_profile_nothing_changes() -> None:
    assert with_profile(["exec", "hi"], "") == ["exec", "hi"]
