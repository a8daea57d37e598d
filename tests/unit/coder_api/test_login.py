"""Which deployment is meant, and which token goes there: never one of another deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.coder_api.login import coder_config_folder, find_login
from provisioner.errors import InputError
from tests.support.tree import write_tree

URL = "https://coder.example.com"


@pytest.fixture
def cli(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose `coder` CLI is logged in."""
    write_tree(tmp_path / "cli", {"url": f"{URL}/\n", "session": "from-the-cli\n"})
    return {"CODER_CONFIG_DIR": str(tmp_path / "cli")}


def test_the_cli_says_both(cli: dict[str, str]) -> None:
    login = find_login(None, cli)

    assert (login.url, login.token.reveal()) == (URL, "from-the-cli")
    assert login.token_from.endswith("session")
    assert "from-the-cli" not in repr(login)


def test_the_environment_wins_and_an_option_over_it(cli: dict[str, str]) -> None:
    given = {**cli, "CODER_URL": "https://two.example", "CODER_SESSION_TOKEN": " own \n"}

    assert find_login(None, given).url == "https://two.example"
    assert (
        find_login("https://three.example:8443/coder/", given).url
        == "https://three.example:8443/coder"
    )
    assert find_login(None, given).token.reveal() == "own"


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://CODER.example.com", "from-the-cli"),
        ("https://coder.example.com:443", "from-the-cli"),
        ("http://coder.example.com", ""),
        ("https://coder.example.com:8443", ""),
        ("https://coder.example.com.evil.example", ""),
        ("https://coder.example.com/other", ""),
    ],
)
def test_the_clis_token_goes_to_the_clis_deployment_only(
    cli: dict[str, str], url: str, token: str
) -> None:
    assert find_login(url, cli).token.reveal() == token


@pytest.mark.parametrize(
    "url",
    [
        "coder.example.com",
        "ftp://coder.example.com",
        "https://",
        "https://ada:pw@coder.example.com",
        "https://coder.example.com?x=1",
        "https://coder.example.com:none",
        "https://[::1",
    ],
)
def test_what_is_no_deployment_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        find_login(url, {"CODER_CONFIG_DIR": "/nonexistent"})


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:s3cret@coder.example.com:99999",
        "https://ada:s3/cret@coder.example.com",
        "ftp://ada:s3cret@coder.example.com",
        "https://ada:s3cret@coder.example.com",
        "https://coder.example.com:99999?token=s3cret",
        "coder.example.com#s3cret",
    ],
)
def test_a_password_in_the_url_is_not_shown_and_the_place_is(url: str) -> None:
    with pytest.raises(InputError) as caught:
        find_login(None, {"CODER_URL": url, "CODER_CONFIG_DIR": "/nonexistent"})

    assert str(caught.value).startswith("what CODER_URL holds ")
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_url_of_the_cli_is_quoted_with_its_file(cli: dict[str, str]) -> None:
    file = write_tree(Path(cli["CODER_CONFIG_DIR"]), {"url": "garbage"}) / "url"
    with pytest.raises(InputError) as caught:
        find_login(None, cli)

    assert str(caught.value).startswith(f'what {file} holds, "garbage", is not the URL of')


def test_without_any_url_it_says_how_to_give_one() -> None:
    with pytest.raises(InputError, match="give --url or CODER_URL, or run `coder login`"):
        find_login(None, {"CODER_CONFIG_DIR": "/nonexistent"})


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "schlüssel"])
def test_what_is_no_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(InputError) as caught:
        find_login(URL, {"CODER_SESSION_TOKEN": token, "CODER_CONFIG_DIR": "/nonexistent"})

    assert str(caught.value) == "what CODER_SESSION_TOKEN holds is no session token"


def test_the_folder_of_the_cli_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform, environment, folder in (
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.config/coderv2"),
        ("linux", {"HOME": "/home/ada", "XDG_CONFIG_HOME": "/x"}, "/x/coderv2"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Application Support/coderv2"),
        ("linux", {"CODER_CONFIG_DIR": "/own"}, "/own"),
    ):
        monkeypatch.setattr("sys.platform", platform)
        assert coder_config_folder(environment) == Path(folder)


@pytest.mark.parametrize(
    ("url", "is_private"),
    [
        ("https://coder.example", True),
        ("http://127.0.0.1:3000", True),
        ("http://[::1]:3000", True),
        ("http://coder.example", False),
        ("http://127.0.0.1.example", False),
    ],
)
def test_a_token_without_tls_is_noticed(url: str, is_private: bool) -> None:  # noqa: FBT001
    assert find_login(url, {"CODER_CONFIG_DIR": "/nonexistent"}).is_private is is_private
