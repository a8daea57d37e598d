"""What Coder publishes of its API, as far as it is called, to judge requests and answers by."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.coder_description import Operation
from tests.support.command import ROOT

__all__ = ["PUBLISHED", "Published"]

_FILE = ROOT / "tests/contract/schemas/coder-published.json"
_CONVERT = {"integer": int, "boolean": {"true": True, "false": False}.__getitem__}

# Newer than the description; the fields are those of docs/reference/api/aiproviders.md.
_NEWER = {"/ai/providers"}
# Described as an id, and found by its name and by `default` too: so does Coder's own client.
_NAMES_TOO = {("/organizations/{organization}", "organization")}
# Described as 200, and 201 in the handlers.
_CREATED = {
    "/organizations/{organization}/templates",
    "/users/{user}/workspaces",
    "/workspaces/{workspace}/builds",
}
# Described as a list, and one in the handler.
_ONE = {"/templates/{template}/versions/{templateversionname}"}
# Described in small letters, and written as Go's fields are: codersdk.Preset has no JSON names.
_CAPITALS = {"/templateversions/{templateversion}/presets"}


class Published:
    """What the published description does not allow, beside where it is known to be wrong."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
        requests = _closed(self.document["definitions"], keeps_required=True)
        answers = _closed(self.document["definitions"], keeps_required=False)
        self._registry: Registry[Any] = Registry().with_resources(
            [
                ("urn:request", Resource({"definitions": requests}, DRAFT202012)),
                ("urn:answer", Resource({"definitions": answers}, DRAFT202012)),
            ]
        )

    def wrong_request(
        self,
        operation: Operation,
        parameters: Mapping[str, str],
        query: Mapping[str, str],
        content_type: str,
        body: bytes,
    ) -> list[str]:
        """Return what is wrong with a request; nothing for an operation that is newer."""
        if operation.path in _NEWER:
            return []
        found = self.document["paths"].get(operation.path, {}).get(operation.method)
        if found is None:
            return [f"{operation.method} {operation.path}: not published"]
        known = {(item["in"], item["name"]): item for item in found["parameters"]}
        wrong = [
            f"path {name}: {why}"
            for name, text in parameters.items()
            if (operation.path, name) not in _NAMES_TOO
            for why in self._errors("request", _schema(known["path", name]), text)
        ]
        for name, text in query.items():
            if ("query", name) not in known:
                wrong.append(f"query {name}: not published")
                continue
            schema = _schema(known["query", name])
            value = _CONVERT.get(schema["type"], str)(text)
            wrong += [f"query {name}: {why}" for why in self._errors("request", schema, value)]
        return [*wrong, *self._wrong_body(found, known, content_type, body)]

    def _wrong_body(
        self,
        found: Mapping[str, Any],
        known: Mapping[tuple[str, str], Any],
        content_type: str,
        body: bytes,
    ) -> Iterator[str]:
        if content_type and content_type not in found.get("consumes", ()):
            yield f"content type {content_type}: not published"
        elif body and not content_type:
            yield "a body of no type"
        elif ("body", "request") in known:
            schema = known["body", "request"]["schema"]
            for why in self._errors("request", schema, json.loads(body)):
                yield f"body: {why}"

    def wrong_answer(self, operation: Operation, status: int, body: object) -> list[str]:
        """Return what is wrong with an answer of the test's own Coder."""
        if operation.path in _NEWER:
            return []
        if status >= 400:
            schema = {"$ref": "#/definitions/codersdk.Response"}
            return self._errors("answer", schema, body)
        answers = self.document["paths"][operation.path][operation.method]["responses"]
        known = "200" if status == 201 and operation.path in _CREATED else str(status)
        if known not in answers:
            return [f"status {status}: not published"]
        schema = answers[known].get("schema", {})
        if operation.path in _ONE:
            schema = schema["items"]
        if operation.path in _CAPITALS:
            body = _in_small_letters(body)
        return self._errors("answer", schema, _without_nulls(body))

    def _errors(self, kind: str, schema: object, value: object) -> list[str]:
        text = json.dumps(schema).replace('"#/', f'"urn:{kind}#/')
        validator = Draft202012Validator(
            json.loads(text), registry=self._registry, format_checker=FormatChecker(["uuid"])
        )
        return [f"{error.json_path} {error.message}" for error in validator.iter_errors(value)]


def _schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parameter.items() if key in {"type", "format", "enum"}}


def _closed(definitions: Mapping[str, Any], *, keeps_required: bool) -> dict[str, Any]:
    """Allow no other fields; answers of a test leave out what nothing reads."""
    closed = copy.deepcopy(dict(definitions))
    for definition in closed.values():
        if "properties" in definition:
            definition["additionalProperties"] = False
        if not keeps_required:
            definition.pop("required", None)
    return closed


def _without_nulls(value: object) -> object:
    """Go writes null for an empty list, which no description says."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _in_small_letters(value: object) -> object:
    if isinstance(value, dict):
        return {key.lower(): _in_small_letters(item) for key, item in value.items()}
    return [_in_small_letters(item) for item in value] if isinstance(value, list) else value


PUBLISHED = Published()
