"""What is sent on means what was judged, however the client wrote it."""

from __future__ import annotations

from urllib.parse import quote, unquote

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.passthrough import as_written
from provisioner.gateway.provider_types import PROVIDER_TYPES

OPENAI = PROVIDER_TYPES["openai"]
words = st.sampled_from(["openai", "v1", "models", "files", "..", "a b", "%", "", "/", "m\u00f6"])


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A decoded path behind a prefix, and the same with any of its characters escaped."""
    behind = "/" + "/".join(draw(st.lists(words, min_size=1, max_size=6)))
    raw = "".join(
        "".join(f"%{byte:02{draw(st.sampled_from('xX'))}}" for byte in character.encode())
        if draw(st.booleans()) or character not in "/openaiv1mdlsf."
        else character
        for character in behind
    )
    return behind, raw


@given(written(), st.sampled_from(["/openai/v1", "/%6fpenai/v1", "/api/v2/aibridge/openai/v1"]))
def test_it_means_the_same(path: tuple[str, str], prefix: str) -> None:
    judged, raw = path

    sent = as_written(prefix + raw, judged)

    assert unquote(sent) == judged
    assert sent.startswith("/")
    if raw.startswith("/"):
        assert sent == raw


@given(written(), st.text(st.sampled_from("/%openaiv1.2f"), max_size=20))
def test_whatever_else_the_path_holds(path: tuple[str, str], noise: str) -> None:
    judged, _ = path

    assert unquote(as_written(noise, judged)) == judged


def test_a_path_that_is_not_there_is_written_anew() -> None:
    assert as_written("/elsewhere", "/models/a b") == quote("/models/a b")
