"""Who comes in and what they leave behind: token order, and secrets that stay secret."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from provisioner.gateway.dialects.coder import CoderDialect, CoderSettings
from provisioner.gateway.dialects.headers import forwarded
from provisioner.gateway.interception import Ending, end
from provisioner.gateway.provider_types import PROVIDER_TYPES
from provisioner.gateway.responses_api import ResponseReader, request_facts
from provisioner.gateway.wire import WireError
from tests.support.gateway_server import RunningGateway, post, running_gateway

GOVERNANCE = "X-Coder-AI-Governance-Token"
WORDS = st.sampled_from(["", " ", "tok", "a b", " tok2 ", "\t"])
AUTHORIZATIONS = st.one_of(
    WORDS,
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["Bearer", "bearer", "BEARER", "Basic", "Bearer:", " Bearer"]),
        st.sampled_from(["", " ", "  ", "\t"]),
        st.sampled_from(["", "k1", "k2 ", "k3 k4", "=="]),
    ),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={GOVERNANCE: WORDS, "Authorization": AUTHORIZATIONS, "X-Api-Key": WORDS},
)
# The start makes sure that a match is the secret and not a common word.
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=60).map(
    "~qz~{}".format
)


def expected_token(headers: dict[str, str]) -> str:
    """Say which token counts, by the words of the contract rather than by its code."""
    bearer = re.fullmatch(r"\s*bearer\s+(\S+)\s*", headers.get("Authorization", ""), re.IGNORECASE)
    candidates = (
        headers.get(GOVERNANCE, "").strip(),
        bearer[1] if bearer else "",
        headers.get("X-Api-Key", "").strip(),
    )
    return next((candidate for candidate in candidates if candidate), "")


@given(HEADERS)
def test_the_token_is_taken_in_the_documented_order(headers: dict[str, str]) -> None:
    dialect = CoderDialect(CoderSettings(allow_byok=True))
    expected = expected_token(headers)

    if expected:
        assert dialect.token(CIMultiDict(headers)).reveal() == expected
    else:
        with pytest.raises(WireError, match="HTTP 400"):
            dialect.token(CIMultiDict(headers))


@given(headers=HEADERS, allow_byok=st.booleans())
def test_byok_is_the_governance_header_and_nothing_else(
    *, headers: dict[str, str], allow_byok: bool
) -> None:
    dialect = CoderDialect(CoderSettings(allow_byok=allow_byok))
    sent = CIMultiDict(headers)
    brought = bool(headers.get(GOVERNANCE, "").strip())

    if brought and not allow_byok:
        with pytest.raises(WireError):
            dialect.guard(sent)
    else:
        dialect.guard(sent)
    for provider in PROVIDER_TYPES.values():
        own = dialect.personal_credential(sent, provider.credential_headers)
        assert (own is not None) <= brought
    assert forwarded(sent) == {}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("state")) as running:
        yield running


class _Everything(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.exc_info} {record.__dict__}")


def held_on_disk(state: Path) -> bytes:
    return b"".join(path.read_bytes() for path in state.iterdir())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(secret=SECRETS, other=SECRETS, stream=st.booleans())
def test_secrets_stay_out_of_answers_records_and_logs(
    *, gateway: RunningGateway, secret: str, other: str, stream: bool
) -> None:
    listener = _Everything()
    root = logging.getLogger()
    root.addHandler(listener)
    before = root.level
    root.setLevel(logging.DEBUG)
    question = {"model": "m", "input": "hello", "stream": stream}
    byok = {GOVERNANCE: gateway.token, "Authorization": f"Bearer {secret}", "X-Api-Key": other}
    try:
        answers = [
            post(gateway, question, headers=byok),
            post(gateway, question, path="/chatgpt/v1/responses", headers=byok),
            post(gateway, b"{", headers=byok),
            post(gateway, question, headers={"Authorization": f"Bearer {secret}"}),
            post(gateway, question, headers={GOVERNANCE: other, "X-Api-Key": secret}),
        ]
    finally:
        root.setLevel(before)
        root.removeHandler(listener)

    assert [answer.status for answer in answers] == [200, 404, 500, 403, 403]
    told = b"".join(answer.body + bytes(answer.headers) for answer in answers)
    logged = "\n".join(listener.lines)
    kept = held_on_disk(gateway.state)
    for value in (secret, other, gateway.token):
        assert value.encode() not in told
        assert value.encode() not in kept
        assert value not in logged


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "id",
                    "item",
                    "response",
                    "usage",
                    "output",
                    "status",
                    "error",
                    "code",
                    "summary",
                    "content",
                    "text",
                    "name",
                    "call_id",
                    "arguments",
                    "input",
                    "role",
                    "phase",
                    "input_tokens_details",
                    "cached_tokens",
                ]
            ),
            inner | st.sampled_from(["response.completed", "function_call", "reasoning", "user"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)
KINDS = st.sampled_from(["response.completed", "response.output_item.done", "response.failed"])


@given(JSON, JSON, KINDS)
def test_reading_never_fails_whatever_is_sent(asked: Any, answered: Any, kind: str) -> None:
    facts = request_facts(asked if isinstance(asked, dict) else {"input": asked})
    reader = ResponseReader()
    event = {"type": kind, "response": answered, "item": answered}
    reader.feed(f"data: {json.dumps(event)}\n\n".encode())
    whole = ResponseReader()
    whole.read(json.dumps(answered).encode())

    for one in (reader, whole):
        end("i1", datetime.now(UTC), Ending(), facts.prompt, one.facts())
