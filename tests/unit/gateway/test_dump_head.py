"""Heads in dumped files: no credential, wherever in a value it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.dump_head import message_head, shown_target

SECRET = "s3cr3tvalue0123456789"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Cookie", "sid=SECRET; theme=dark", "sid=...dark"),
        ("Set-Cookie", f"sid={SECRET}; Path=/; HttpOnly", "sid=...Only"),
        ("X-Api-Key", "mykey12345 second", "my...nd"),
        ("X-Goog-Api-Key", SECRET, "s3cr...6789"),
        ("Authorization", f"Bearer {SECRET}", "Bearer s3cr...6789"),
        ("authorization", f"{SECRET} trailing words", "s3cr...ords"),
        ("Proxy-Authorization", "Basic dXNlcjpwYXNzd29yZA==", "Basic dXNl...ZA=="),
        ("WWW-Authenticate", 'Bearer realm="http://x", token="abc"', 'Bear...abc"'),
        ("X-Note", "sent with sk-abcdefgh12345678", "sent with sk...78"),
        ("User-Agent", "codex_cli_rs/0.134.0 (Debian 13)", "codex_cli_rs/0.134.0 (Debian 13)"),
    ],
)
def test_a_credential_is_a_hint(name: str, value: str, shown: str) -> None:
    head = message_head("GET / HTTP/1.1", [(name, value)])

    assert head.decode() == f"GET / HTTP/1.1\r\n{name}: {shown}\r\n\r\n"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/v1/models?key=abcdefghij&page=2", "/v1/models?key=ab...ij&page=2"),
        ("/v1/models?api%5Fkey=abcdefghij", "/v1/models?api%5Fkey=ab...ij"),
        ("/v1/models?q=sk-abcdefgh12345678", "/v1/models?q=sk...78"),
        ("/v1/models?client_version=0.134.0", "/v1/models?client_version=0.134.0"),
        ("/v1/models?", "/v1/models?"),
    ],
)
def test_a_credential_in_a_query_is_a_hint(target: str, shown: str) -> None:
    assert shown_target(target) == shown


@given(
    st.sampled_from(["Cookie", "Set-Cookie", "X-Api-Key", "Authorization", "Api-Key"]),
    st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30),
    st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30),
)
def test_nothing_around_a_credential_brings_it_out(name: str, before: str, after: str) -> None:
    head = message_head("GET / HTTP/1.1", [(name, f"{before}{SECRET}{after}")])

    assert SECRET not in head.decode()
