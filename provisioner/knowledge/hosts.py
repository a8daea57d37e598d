"""Which hosts are this machine: plain http to them crosses no network."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["is_this_machine", "sends_in_clear"]

# Docker's name for the machine that a container runs on; the traffic stays on its bridge.
_HOST_OF_CONTAINERS = "host.docker.internal"


def is_this_machine(host: str) -> bool:
    """Say whether what is sent to `host`, a name or an address, stays on this machine.

    Loopback addresses (127.0.0.0/8, ::1, and both as IPv4-mapped IPv6), with or without brackets;
    `localhost` and every name below it, which RFC 6761 keeps for loopback; and
    `host.docker.internal`. A private address such as 10.0.0.1 is another machine.
    """
    name = host.lower().removesuffix(".")
    if name in {"localhost", _HOST_OF_CONTAINERS} or name.endswith(".localhost"):
        return True
    if ":" not in name and not name[-1:].isdigit():
        return False
    from ipaddress import IPv6Address, ip_address  # noqa: PLC0415 - costs start-up time

    try:
        address = ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def sends_in_clear(url: str) -> bool:
    """Say whether what is sent to `url` crosses a network without TLS."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_this_machine(parts.hostname or "")
