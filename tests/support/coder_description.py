"""The OpenAPI description of Coder's API, to judge requests and answers by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.command import ROOT

__all__ = ["DESCRIPTION", "Description", "Operation"]

_FILE = ROOT / "tests/contract/schemas/coder-api.json"
_ADDRESS = "urn:coder-api"
_TYPES = {"integer": int, "boolean": lambda text: {"true": True, "false": False}[text]}


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    needs_login: bool
    pointer: str


class Description:
    """All operations by id, and what is wrong with a request or an answer of one."""

    def __init__(self) -> None:
        self.document = json.loads(_FILE.read_text(encoding="utf-8"))
        resource = Resource(self.document, DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_ADDRESS, resource)
        self.operations = {item.id: item for item in self._operations()}

    def wrong_request(
        self,
        operation: Operation,
        parameters: Mapping[str, str],
        query: Mapping[str, str],
        content_type: str,
        body: bytes,
    ) -> list[str]:
        """Return what the description does not allow."""
        item, path = self._of(operation), self.document["paths"][operation.path]
        wrong = [
            f"path {known['name']}: {why}"
            for known in path.get("parameters", ())
            for why in self._errors(known["schema"], parameters[known["name"]])
        ]
        known_query = {known["name"]: known["schema"] for known in item.get("parameters", ())}
        for name, text in query.items():
            if name not in known_query:
                wrong.append(f"query {name}: not described")
            else:
                convert = _TYPES.get(known_query[name]["type"], str)
                wrong += [
                    f"query {name}: {why}" for why in self._errors(known_query[name], convert(text))
                ]
        if "requestBody" not in item:
            return [*wrong, *(["a body"] if body else [])]
        content = item["requestBody"]["content"]
        if content_type not in content:
            return [*wrong, f"content type {content_type}"]
        if content_type == "application/json":
            wrong += [
                f"body: {why}"
                for why in self._errors(content[content_type]["schema"], json.loads(body))
            ]
        return wrong

    def wrong_answer(self, operation: Operation, status: int, body: object) -> list[str]:
        """Return what the description does not allow; `body` is parsed JSON, None for none."""
        answers = self._of(operation)["responses"]
        answer = answers.get(str(status), answers["default"] if status >= 400 else None)
        if answer is None:
            return [f"status {status}"]
        if "content" not in answer:
            return []
        return self._errors(answer["content"]["application/json"]["schema"], body)

    def _of(self, operation: Operation) -> dict[str, Any]:
        found: dict[str, Any] = self.document["paths"][operation.path][operation.method]
        return found

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in ("get", "post", "patch"):
                if method in item:
                    found = item[method]
                    needs_login = found.get("security", True) != []
                    yield Operation(found["operationId"], method, path, needs_login, path)

    def _errors(self, schema: Mapping[str, Any], value: object) -> list[str]:
        absolute = json.loads(re.sub(r'"#/', f'"{_ADDRESS}#/', json.dumps(schema)))
        validator = Draft202012Validator(
            absolute, registry=self._registry, format_checker=FormatChecker(["uuid"])
        )
        return [f"{error.json_path} {error.message}" for error in validator.iter_errors(value)]


DESCRIPTION = Description()
