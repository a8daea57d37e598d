"""What Coder publishes of its API judges the requests of every test at a Coder of its own."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.support.coder_description import DESCRIPTION
from tests.support.coder_published import PUBLISHED

ID = str(uuid.uuid4())
JSON = "application/json"
NEW = {"name": "v", "provisioner": "terraform", "storage_method": "file", "file_id": ID}


def wrong(
    operation: str,
    body: object = None,
    *,
    content_type: str = JSON,
    query: dict[str, str] | None = None,
    **parameters: str,
) -> list[str]:
    data = json.dumps(body).encode() if body is not None else b""
    return PUBLISHED.wrong_request(
        DESCRIPTION.operations[operation],
        parameters,
        query or {},
        content_type if data else "",
        data,
    )


def test_every_operation_that_is_served_is_published_or_newer() -> None:
    missing = {
        item.path
        for item in DESCRIPTION.operations.values()
        if item.method not in PUBLISHED.document["paths"].get(item.path, {})
    }

    assert missing == {"/ai/providers"}


def test_what_is_published_is_right() -> None:
    assert wrong("create_template_version", NEW, organization=ID) == []
    assert wrong("template_versions", query={"after_id": ID, "limit": "2"}, template=ID) == []
    assert wrong("organization", organization="default") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**NEW, "colour": "red"}, "'colour' was unexpected"),
        ({key: value for key, value in NEW.items() if key != "provisioner"}, "is a required"),
        ({**NEW, "provisioner": "pulumi"}, "is not one of ['terraform', 'echo']"),
        ({**NEW, "file_id": "7"}, "is not a 'uuid'"),
        ({**NEW, "tags": {"a": 1}}, "1 is not of type 'string'"),
        ({**NEW, "user_variable_values": [{"name": "a", "secret": "b"}]}, "'secret' was unexp"),
    ],
)
def test_a_body_that_is_not_as_published_is_found(body: object, words: str) -> None:
    (why,) = wrong("create_template_version", body, organization=ID)

    assert words in why


def test_paths_queries_and_types_that_are_not_as_published_are_found() -> None:
    assert "is not a 'uuid'" in wrong("template", template="t")[0]
    assert wrong("template", query={"x": "1"}, template=ID) == ["query x: not published"]
    found = wrong("create_template_version", NEW, content_type="text/plain", organization=ID)
    assert found == ["content type text/plain: not published"]


def test_answers_of_a_test_that_are_not_as_published_are_found() -> None:
    operation = DESCRIPTION.operations["template"]

    assert PUBLISHED.wrong_answer(operation, 200, {"id": ID, "icon": None}) == []
    assert "'colour' was unexp" in PUBLISHED.wrong_answer(operation, 200, {"colour": "red"})[0]
    assert PUBLISHED.wrong_answer(operation, 202, {}) == ["status 202: not published"]
    assert "is not of type" in PUBLISHED.wrong_answer(operation, 404, {"message": 7})[0]
