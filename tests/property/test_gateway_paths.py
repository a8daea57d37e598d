"""Any path in; what goes on to an upstream with the central key is a listed path of its API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.gateway_server import RunningGateway, running_gateway, send
from tests.support.twin import Twin, answering, twin

NAMES = ("openai", "aibridge", "v1")
API = ("api", "v2", "aibridge")
LISTED = re.compile(r"/v1/(?:models|conversations)(?:/.*)?|/v1/responses/.*")
# What looks like a front in a place where none can be is what paths are cut at wrongly.
SEGMENTS = st.sampled_from([*(f"{name}/v1" for name in NAMES), "models", "files", "..", ""])
FRONTS = st.sampled_from([("", *front, name) for name in NAMES for front in ((), API)])


def escaped(text: str, places: set[int]) -> str:
    """Return `text` with an escape for each character at one of `places`."""
    return "".join(
        f"%{ord(character):02x}" if place in places else character
        for place, character in enumerate(text)
    )


PATHS = st.builds(
    escaped,
    st.builds(
        lambda front, listed, rest: "/".join([*front, "v1", listed, *rest]),
        FRONTS,
        st.sampled_from(["models", "conversations", "responses", "files"]),
        st.lists(SEGMENTS, max_size=3),
    ),
    st.sets(st.integers(1, 20), max_size=2),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, Twin]]:
    folder = tmp_path_factory.mktemp("paths")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with twin(answering(answer)) as service:
        table = '[[provider]]\nname = "{}"\ntype = "openai"\nupstream = "openai"\nbase_url = "{}"\n'
        text = "".join(table.format(name, f"{service.url}/v1") for name in NAMES)
        (folder / "gateway.toml").write_text(text)
        with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
            yield gateway, service


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=PATHS)
def test_what_goes_upstream_is_what_was_allowed(
    served: tuple[RunningGateway, Twin], path: str
) -> None:
    gateway, service = served
    service.requests.clear()
    head = f"DELETE {path} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"

    reply = send(gateway, head.encode())

    if reply.status != 200:
        assert service.requests == []
        return
    (request,) = service.requests
    asked = unquote(request.line.split(" ")[1])
    assert LISTED.fullmatch(asked), request.line
    assert not {".", ".."} & set(asked.split("/"))
    assert re.fullmatch(
        rf"(/api/v2/aibridge)?/({'|'.join(NAMES)}){re.escape(asked)}", unquote(path)
    )
