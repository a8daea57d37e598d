"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from provisioner.knowledge.hosts import is_this_machine


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "localhost.", "coder.localhost", "127.0.0.1", "127.8.0.1",
        "::1", "[::1]", "::ffff:127.0.0.1", "host.docker.internal",
    ],
)  # fmt: skip
def test_what_stays_on_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "localhost.example.com", "notlocalhost", "10.0.0.1", "0.0.0.0", "::", "192.168.1.1",
        "127.0.0.1.example.com", "::ffff:10.0.0.1", "docker.internal", "2130706433",
    ],
)  # fmt: skip
def test_what_is_another_machine(host: str) -> None:
    assert not is_this_machine(host)
