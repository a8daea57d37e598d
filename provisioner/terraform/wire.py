"""Protocol Buffers, as far as Terraform's plugin protocol 6 needs them.

A message is a mapping from field number to value. The messages and their numbers are public:
https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol, version 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Message", "decode", "encode"]

Message = Mapping[int, "int | str | bytes | Message | Sequence[Message]"]

_VARINT = 0
_LENGTH = 2
_FIXED = {1: 8, 5: 4}


def encode(message: Message) -> bytes:
    """Write a message; zero, false and empty values are left out, as the format wants it."""
    return b"".join(part for number, value in message.items() for part in _field(number, value))


def decode(data: bytes) -> dict[int, int | bytes]:
    """Read the fields of one message; of a repeated one, the last counts.

    Raises `ValueError` for what is no message.
    """
    found: dict[int, int | bytes] = {}
    place = 0
    while place < len(data):
        tag, place = _read_varint(data, place)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            found[number], place = _read_varint(data, place)
            continue
        length, place = _read_varint(data, place) if kind == _LENGTH else (_FIXED.get(kind), place)
        if length is None or place + length > len(data):
            raise ValueError(f"field {number} does not end")
        found[number] = data[place : place + length]
        place += length
    return found


def _field(number: int, value: object) -> Iterator[bytes]:
    match value:
        case int():
            if value:
                yield _varint(number << 3 | _VARINT) + _varint(value)
        case str() | bytes():
            data = value.encode() if isinstance(value, str) else value
            if data:
                yield _varint(number << 3 | _LENGTH) + _varint(len(data)) + data
        case Mapping():
            data = encode(value)
            yield _varint(number << 3 | _LENGTH) + _varint(len(data)) + data
        case Sequence():
            for item in value:
                yield from _field(number, item)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number does not end")
