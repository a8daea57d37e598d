"""Offsets have lines and columns in code points, whatever the bytes are."""

from __future__ import annotations

import pytest

from provisioner.finding import FILE_START, Position, Span
from provisioner.syntax.source import ByteOffsets, SourceText, decode_source


@pytest.mark.parametrize(
    ("text", "offset", "position"),
    [
        ("", 0, (1, 1)),
        ("ab\ncd", 1, (1, 2)),
        ("ab\ncd", 2, (1, 3)),
        ("ab\ncd", 3, (2, 1)),
        ("ab\ncd", 5, (2, 3)),
        ("ab\n", 3, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (1, 3)),
        ("\tx", 1, (1, 2)),
        ("😀é\n😀x", 4, (2, 2)),
        ("a\u2028b", 2, (1, 3)),
    ],
)
def test_positions(text: str, offset: int, position: tuple[int, int]) -> None:
    assert SourceText("f", text).position(offset) == Position(*position)


def test_a_byte_order_mark_has_no_column() -> None:
    source, problem = decode_source(b"\xef\xbb\xbfa = 1", "f")

    assert problem is None
    assert source.text == "a = 1"
    assert source.span(0, 1) == Span.of(1, 1, 1, 2)


def test_lines_come_without_their_breaks() -> None:
    source = SourceText("f", "a\r\nb\n\nc")

    assert [source.line(number) for number in (1, 2, 3, 4)] == ["a", "b", "", "c"]


@pytest.mark.parametrize("text", ["", "plain", "é", "a😀b", "ñ\n漢字\U0010ffff"])
def test_byte_offsets_become_code_points(text: str) -> None:
    offsets = ByteOffsets(text.encode())

    found = [offsets(len(text[:count].encode())) for count in range(len(text) + 1)]
    assert found == list(range(len(text) + 1))


@pytest.mark.parametrize(
    ("data", "message", "span"),
    [
        (b"a = 1\nb = \xff", "byte 0xff is not UTF-8", Span.of(2, 5, 2, 6)),
        (b"\xef\xbb\xbf\xc3", "byte 0xc3 is not UTF-8", Span.of(1, 1, 1, 2)),
        ("é\0".encode(), "a NUL character cannot stand in a text file", Span.of(1, 2, 1, 3)),
        (b"a\xed\xa0\x80", "byte 0xed is not UTF-8", Span.of(1, 2, 1, 3)),
    ],
)
def test_what_is_not_text_is_a_problem_at_its_place(data: bytes, message: str, span: Span) -> None:
    _, problem = decode_source(data, "f")

    assert problem is not None
    assert (problem.message, problem.span) == (message, span)
    assert problem.help


def test_an_empty_file_is_text() -> None:
    source, problem = decode_source(b"", "f")

    assert problem is None
    assert source.span(0, 0) == FILE_START
