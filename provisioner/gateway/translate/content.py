"""Content of the Responses API in, texts and images out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_text
from provisioner.gateway.translate.conversation import Image, Text
from provisioner.gateway.translate.dropped import Dropped

__all__ = ["parts", "texts"]

_DATA_URL = re.compile(r"data:(image/[a-z0-9.+-]+)[^,]*;base64,")
_TEXTS = ("input_text", "output_text", "text", "summary_text")


def parts(content: object, dropped: Dropped) -> Iterator[Text | Image]:
    """Yield the parts of `content`, a text or a list of parts; empty ones count as absent."""
    if isinstance(content, str):
        if content:
            yield Text(content)
        return
    for part in as_mappings(content):
        kind = as_text(part.get("type"))
        if kind in _TEXTS or kind == "refusal":
            text = as_text(part.get("refusal" if kind == "refusal" else "text"))
            if text:
                yield Text(text)
            continue
        image = _image(part) if kind == "input_image" else None
        if image is None:
            dropped.add(f"input.{kind}")
        else:
            yield image


def texts(content: object, dropped: Dropped) -> Iterator[str]:
    """Yield the texts in `content`, for a place where nothing else can stand."""
    for part in parts(content, dropped):
        if isinstance(part, Text):
            yield part.text
        else:
            dropped.add("input.input_image")


def _image(part: Mapping[str, Any]) -> Image | None:
    """Return the image of `part`; None for one that only OpenAI has, by its number."""
    url, detail = as_text(part.get("image_url")), as_text(part.get("detail"))
    match = _DATA_URL.match(url)
    if match:
        return Image(match[1], url[match.end() :], "", detail)
    return Image("", "", url, detail) if url.startswith(("http://", "https://")) else None
