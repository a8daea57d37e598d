"""What auth.json holds is told apart, and no secret of it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.launch.stored_login import LoginKind, stored_login
from tests.support.fake_codex import chatgpt_auth, jwt


def test_a_chatgpt_login_is_read_with_its_end_and_account(tmp_path: Path) -> None:
    chatgpt_auth(tmp_path, jwt(exp=1_900_000_000))

    login = stored_login(tmp_path)

    assert (login.kind, login.account, login.expires) == (
        LoginKind.CHATGPT,
        "account-1",
        1_900_000_000,
    )
    assert login.can_refresh
    assert not login.open_to_others
    assert login.bearer.reveal() not in repr(login)


def test_an_opaque_token_has_no_known_end(tmp_path: Path) -> None:
    chatgpt_auth(tmp_path, "opaque-token", refresh="")

    login = stored_login(tmp_path)

    assert (login.kind, login.expires, login.can_refresh) == (LoginKind.CHATGPT, None, False)


@pytest.mark.parametrize(
    "data",
    [
        {"auth_mode": "apikey", "OPENAI_API_KEY": "sk-stored-1234"},
        {"OPENAI_API_KEY": "sk-stored-1234", "tokens": {"access_token": "t"}},
    ],
)
def test_a_stored_key_is_told_from_a_login(data: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "auth.json"
    path.write_text(json.dumps(data))
    path.chmod(0o644)

    login = stored_login(tmp_path)

    assert (login.kind, login.bearer.reveal()) == (LoginKind.API_KEY, "sk-stored-1234")
    assert login.open_to_others


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"tokens": 1}', '{"tokens": {}}', "\x00\xff"]
)
def test_what_codex_did_not_write_is_unreadable(text: str, tmp_path: Path) -> None:
    (tmp_path / "auth.json").write_text(text)

    assert stored_login(tmp_path).kind is LoginKind.UNREADABLE


@pytest.mark.parametrize("payload", ["", "!", "e30", "bnVsbA", "eyJleHAiOiAieCJ9"])
def test_a_token_with_an_odd_payload_has_no_known_end(payload: str, tmp_path: Path) -> None:
    chatgpt_auth(tmp_path, f"a.{payload}.c")

    assert stored_login(tmp_path).expires is None


def test_without_the_file_there_is_no_login(tmp_path: Path) -> None:
    assert stored_login(tmp_path / "nowhere").kind is LoginKind.NONE
