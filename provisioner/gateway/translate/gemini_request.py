"""What is asked in, the body of a generateContent request out. Shape: Google's published API.

It wants roles that alternate and results in the order of their calls. Gemini 3 and later refuse a
call that has lost its signature, and name a word that stands for one that never was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from provisioner.gateway.translate.conversation import (
    Asked,
    Call,
    Choice,
    Image,
    Result,
    Round,
    Text,
)
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.gemini_settings import generation_config, service_tier
from provisioner.gateway.translate.protocol import Limits, Written
from provisioner.gateway.translate.tools import Tool
from provisioner.knowledge.upstream_models import upstream_model

__all__ = ["ON_CALL", "SIGNATURE", "write_gemini", "write_vertex"]

SIGNATURE = "thoughtSignature"
ON_CALL = "on_call"
"""Says of a sealed signature that it came with the call behind it."""

_NO_SIGNATURE = "skip_thought_signature_validator"
_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "one": "ANY"}

_Part = dict[str, Any]


def write_gemini(asked: Asked, limits: Limits) -> Written:
    """Return the request for `asked` to the Gemini API."""
    return _written(asked, limits, "/v1beta/models")


def write_vertex(asked: Asked, limits: Limits) -> Written:
    """Return the request for `asked` to Vertex AI, whose base URL names project and place."""
    return _written(asked, limits, "/models")


def _written(asked: Asked, limits: Limits, models: str) -> Written:
    body: dict[str, Any] = {"contents": _contents(asked)}
    if asked.system:
        body["systemInstruction"] = {"parts": [{"text": text} for text in asked.system]}
    if len(asked.tools):
        declared = [_function(tool, asked.dropped) for tool in asked.tools]
        body["tools"] = [{"functionDeclarations": declared}]
        body["toolConfig"] = {"functionCallingConfig": _choice(asked.wishes.choice)}
        if asked.wishes.parallel is False:
            asked.dropped.add("parallel_tool_calls")
    config = generation_config(asked, limits)
    body |= {"generationConfig": config} if config else {}
    body |= service_tier(asked.wishes.service_tier, asked.dropped)
    if asked.wishes.cache_key is not None:
        # The service finds what it has seen before by itself.
        asked.dropped.add("prompt_cache_key")
    path = f"{models}/{quote(asked.model, safe='')}:streamGenerateContent"
    return Written(path, body, "alt=sse")


def _function(tool: Tool, dropped: Dropped) -> Mapping[str, Any]:
    if tool.strict:
        dropped.add("tools.strict")
    schema = {"parametersJsonSchema": tool.schema} if tool.schema.get("properties") else {}
    return {"name": tool.wire, "description": tool.description or tool.wire, **schema}


def _choice(choice: Choice) -> Mapping[str, Any]:
    named = {"allowedFunctionNames": [choice.name]} if choice.mode == "one" else {}
    return {"mode": _MODES[choice.mode], **named}


def _contents(asked: Asked) -> list[Mapping[str, Any]]:
    signs = upstream_model("gemini", asked.model).signs_calls
    contents: list[Mapping[str, Any]] = []
    for one in asked.rounds:
        said = list(_said(one, signs=signs))
        if said:
            contents.append({"role": "model", "parts": said})
        heard = [_response(result) for result in one.results]
        beside = [part for result in one.results for part in _images(result)]
        parts = [*heard, *_parts([*beside, *one.user], asked.dropped)]
        if said or not contents:
            contents.append({"role": "user", "parts": parts})
        else:
            # All that the model said was a signature of a call that did not come.
            contents[-1] = {"role": "user", "parts": [*contents[-1]["parts"], *parts]}
    return contents


def _said(one: Round, *, signs: bool) -> Iterator[_Part]:
    """Yield the model's parts; a signature stands on the call it came with, or on its own."""
    signature = ""
    bare = signs
    for part in one.model:
        if isinstance(part, Call):
            # Of calls at the same time only the first is signed.
            yield _call(part, signature or (_NO_SIGNATURE if bare else ""))
            signature, bare = "", False
        elif isinstance(part, Text):
            yield {"text": part.text}
        elif part.content.get(ON_CALL):
            signature = str(part.content.get("signature", ""))
        else:
            yield {"text": "", SIGNATURE: str(part.content.get("signature", ""))}


def _call(call: Call, signature: str) -> _Part:
    made = {"functionCall": {"id": call.id, "name": call.name, "args": call.arguments}}
    return {**made, SIGNATURE: signature} if signature else dict(made)


def _response(result: Result) -> _Part:
    text = "\n".join(part.text for part in result.parts if isinstance(part, Text))
    if any(isinstance(part, Image) for part in result.parts):
        text = f"{text}\n(images: behind the results)".strip()
    call = result.call
    return {"functionResponse": {"id": call.id, "name": call.name, "response": {"output": text}}}


def _images(result: Result) -> Iterator[Text | Image]:
    images = [part for part in result.parts if isinstance(part, Image)]
    if images:
        yield Text(f"(images of the tool call {result.call.id})")
        yield from images


def _parts(parts: Sequence[Text | Image], dropped: Dropped) -> Iterator[_Part]:
    for part in parts:
        if isinstance(part, Text):
            yield {"text": part.text}
            continue
        if part.detail:
            dropped.add("input_image.detail")
        if part.data:
            yield {"inlineData": {"mimeType": part.media_type, "data": part.data}}
        else:
            dropped.add("input_image.url")
            yield {"text": f"(an image at {part.url})"}
