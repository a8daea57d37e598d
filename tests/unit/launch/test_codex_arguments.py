"""What a user asks of Codex, from the arguments alone."""

from __future__ import annotations

import pytest

from provisioner.knowledge.version import Version
from provisioner.launch.codex_arguments import asks_the_model, runs_exec, with_profile

NEWEST = Version.parse("0.169.0")
OLDEST = Version.parse("0.122.0")


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
        ("exec -- -V", True),
        ("exec -- --help", True),
        ("-- -h", True),
        ("exec -V -- hi", False),
        ("agents", True),
        ("remote-control start", True),
        ("migrate-rollouts --apply", False),
        ("migrate-nfs-db", False),
        ("cloud-tasks", False),
    ],
)
def test_only_what_reaches_the_model_needs_credentials(line: str, *, asks: bool) -> None:
    assert asks_the_model(line.split(), NEWEST) is asks


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "-p x"),
        ("fix-it", "-p x fix-it"),
        ("exec hi", "exec -p x hi"),
        ("-c a=b exec - ", "-c a=b exec -p x -"),
        ("login", "login"),
        ("fork --last", "fork -p x --last"),
        ("review --uncommitted", "-p x review --uncommitted"),
        ("-- exec", "-p x -- exec"),
    ],
)
def test_a_profile_stands_where_every_version_reads_it(line: str, expected: str) -> None:
    assert with_profile(line.split(), "x", NEWEST) == expected.split()


def test_without_a_profile_nothing_changes() -> None:
    assert with_profile(["exec", "hi"], "", NEWEST) == ["exec", "hi"]


@pytest.mark.parametrize("word", ["doctor", "update", "queue", "migrate-rollouts"])
def test_a_command_of_newer_versions_is_a_prompt_to_older_ones(word: str) -> None:
    assert asks_the_model([word], OLDEST)
    assert not asks_the_model([word], NEWEST)


def test_a_command_that_was_removed_is_a_prompt() -> None:
    assert with_profile(["mcp-server"], "x", NEWEST) == ["-p", "x", "mcp-server"]
    assert not runs_exec(["mcp-server"], NEWEST)
    assert runs_exec(["e", "hi"], NEWEST)
