"""A request body read within bounds, and decoded for reading; what is forwarded stays as sent."""

from __future__ import annotations

import gzip
import io
import zlib

import zstandard
from aiohttp import web

__all__ = ["BODY_LIMIT", "BodyTooLargeError", "UnreadableBodyError", "decoded", "read_body"]

BODY_LIMIT = 32 * 1024 * 1024
"""Most bytes a request body may have, before and after decompression, unless told otherwise."""


class BodyTooLargeError(Exception):
    """The body has more bytes than it may have."""


class UnreadableBodyError(Exception):
    """The body is broken, or encoded in a way the gateway does not read."""


async def read_body(request: web.BaseRequest, limit: int = BODY_LIMIT) -> bytes:
    """Return the body of `request` as sent; raise as soon as it is known to be too large."""
    if (request.content_length or 0) > limit:
        raise BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise BodyTooLargeError
            chunks.append(chunk)
    except web.RequestPayloadError as error:
        raise UnreadableBodyError from error
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def decoded(body: bytes, encoding: str, limit: int = BODY_LIMIT) -> bytes:
    """Return `body` without its content encoding: `gzip`, `zstd`, or none."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    reader = _reader(body, encoding)
    try:
        plain = reader.read(limit + 1)
    except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
        raise UnreadableBodyError from error
    if len(plain) > limit:
        raise BodyTooLargeError
    return plain


def _reader(body: bytes, encoding: str) -> gzip.GzipFile | zstandard.ZstdDecompressionReader:
    source = io.BytesIO(body)
    if encoding in ("gzip", "x-gzip"):
        return gzip.GzipFile(fileobj=source)
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
    raise UnreadableBodyError
