"""Terraform's functions that read a text of some form: addresses, times, patterns, numbers, CSV.

Most results are left to Terraform; what counts is whether it refuses the text.
"""

from __future__ import annotations

import re

from provisioner.validate.function import Functions, NotKnown
from provisioner.validate.go_regex import GoRegex, go_regex
from provisioner.validate.known import Failed, number

__all__ = ["PARSED_FUNCTIONS"]

PARSED_FUNCTIONS = Functions()
_declare = PARSED_FUNCTIONS.declare

# Go reads a number with a zero before it, Python does not.
_ODD_ADDRESS = re.compile(r"(?:\A|[.:/])0\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(
    r"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)", re.ASCII
)
# Of the patterns of `formatdate`, whose letters stand together.
_DATE_PART = re.compile(
    r"(?:YY){1,2}|M{1,4}|D{1,2}|E{3,4}|h{1,2}|H{1,2}|AA|aa|m{1,2}|s{1,2}|Z|Z{3,5}"
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASES = range(2, 63)
_IPV4_BITS = 32


@_declare("cidrhost", "text", "whole")
def _cidrhost(prefix: str, host: int) -> str:
    free = _IPV4_BITS - _ipv4_length(prefix)
    # Below zero it counts from the end.
    if not -(2**free) <= host < 2**free:
        raise Failed
    raise NotKnown


@_declare("cidrnetmask", "text")
def _cidrnetmask(prefix: str) -> str:
    _ipv4_length(prefix)
    raise NotKnown


@_declare("cidrsubnet", "text", "whole", "whole")
def _cidrsubnet(prefix: str, bits: int, net: int) -> str:
    if _ipv4_length(prefix) + bits > _IPV4_BITS or (bits >= 0 and net >= 2**bits):
        raise Failed
    raise NotKnown


@_declare("cidrsubnets", "text", "whole*")
def _cidrsubnets(prefix: str, *bits: int) -> list[str]:
    if _ipv4_length(prefix) + max(bits, default=0) > _IPV4_BITS:
        raise Failed
    raise NotKnown


def _ipv4_length(prefix: str) -> int:
    """Return how many bits of an address the prefix decides."""
    from ipaddress import IPv4Interface, ip_interface  # noqa: PLC0415 - costs start-up time

    if _ODD_ADDRESS.search(prefix):
        raise NotKnown
    address, slash, length = prefix.partition("/")
    if not (slash and length.isascii() and length.isdecimal()):
        raise Failed
    try:
        found = ip_interface(f"{address}/{length}")
    except ValueError as error:
        raise Failed from error
    if not isinstance(found, IPv4Interface):
        raise NotKnown
    return found.network.prefixlen


@_declare("timeadd", "text", "text")
def _timeadd(time: str, duration: str) -> str:
    _check_time(time)
    if not _DURATION.fullmatch(duration):
        raise Failed
    raise NotKnown


@_declare("timecmp", "text", "text")
def _timecmp(left: str, right: str) -> int:
    _check_time(left)
    _check_time(right)
    raise NotKnown


@_declare("formatdate", "text", "text")
def _formatdate(pattern: str, time: str) -> str:
    _check_time(time)
    plain = re.sub(r"'(?:[^']|'')*'", " ", pattern)
    parts = (part[0] for part in re.finditer(r"([A-Za-z])\1*", plain))
    if "'" in plain or not all(map(_DATE_PART.fullmatch, parts)):
        raise Failed
    raise NotKnown


def _check_time(text: str) -> None:
    if not _TIME.fullmatch(text):
        raise Failed


@_declare("regex", "text", "text")
def _regex(pattern: str, text: str) -> object:
    if _compiled(pattern).matches(text) is False:
        raise Failed
    raise NotKnown


@_declare("regexall", "text", "text")
def _regexall(pattern: str, _: str) -> object:
    _compiled(pattern)
    raise NotKnown


def _compiled(text: str) -> GoRegex:
    found = go_regex(text)
    if found.problem:
        raise Failed
    if found.pattern and 0 < len(found.pattern.groupindex) < found.pattern.groups:
        raise Failed  # Groups with and without names.
    return found


@_declare("parseint", "known", "whole")
def _parseint(text: object, base: int) -> object:
    if not isinstance(text, str):
        raise Failed  # The one function that makes no text of a number.
    if not base or len(_DIGITS) < base <= _BASES[-1]:
        raise NotKnown
    if base not in _BASES:
        raise Failed
    digits = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if not digits or any(digit not in _DIGITS[:base] for digit in digits.lower()):
        raise Failed
    return number(int(text, base))


@_declare("csvdecode", "text")
def _csvdecode(text: str) -> object:
    rows = [line.removesuffix("\r") for line in text.split("\n")]
    rows = [row for row in rows if row]
    if '"' in text or "\r" in "".join(rows):
        raise NotKnown
    names = rows[0].split(",") if rows else []
    if not names or len(set(names)) < len(names):
        raise Failed
    if any(row.count(",") + 1 != len(names) for row in rows):
        raise Failed
    raise NotKnown
