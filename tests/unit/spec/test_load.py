"""A wrong spec gives one finding for each mistake, at the mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import FindingsError, InputError
from provisioner.spec.load import check_spec, load, parse_spec


def findings(text: str) -> list[tuple[str, str, str, str]]:
    """Each finding as span, code, message, help."""
    _, found = check_spec(text, "spec.toml")
    return [
        (
            f"{f.span.start.line}:{f.span.start.column}-{f.span.end.line}:{f.span.end.column}",
            f.code,
            f.message,
            f.help,
        )
        for f in found
    ]


def test_every_mistake_is_reported_in_one_run() -> None:
    text = (
        'flow = "chatgtp"\n'
        "surprise = 1\n"
        "[codex]\n"
        'modle = "x"\n'
        "model = 3\n"
        '[target]\ncodex = "newest"\n'
    )

    assert findings(text) == [
        ("1:8-1:17", "PRV012", "\"flow\": \"chatgtp\" is not one of 'centralized', 'byok' or 'chatgpt'",
         'did you mean "chatgpt"?'),
        ("2:1-2:9", "PRV011", 'unknown key "surprise"',
         "valid keys here: flow, credential, gateway, template, module, codex, parameters, profiles, presets, mcp, target, validate"),
        ("4:1-4:6", "PRV011", 'unknown key "modle"', 'did you mean "model"?'),
        ("5:9-5:10", "PRV012", '"codex.model": expected a string, got an integer',
         "model; without it Codex uses its own default"),
        ("7:9-7:17", "PRV012", '"target.codex": "newest" is not a version',
         "Codex version, such as `0.169.0`"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where", "code", "words"),
    [
        ('flow = "byok', "1:13-1:13", "PRV010", ""),
        ("", "1:1-1:1", "PRV013", 'required key "flow" is missing'),
        ('flow = "byok"\ncodex = 1', "2:9-2:10", "PRV012", "expected a table, got an integer"),
        ('flow = "byok"\nparameters.model = "a"', "2:20-2:23", "PRV012", "expected a list of strings"),
        ('flow = "byok"\nparameters.model = ["a", 1]', "2:26-2:27", "PRV012", "expected a string"),
        ('flow = "byok"\ncodex.workdir = "~/x"', "2:17-2:22", "PRV012", "must be an absolute path"),
        ('flow = "byok"\ncodex.model = "a\\nb"', "2:15-2:21", "PRV012", "must be one line"),
        ('flow = "byok"\ngateway.url = "ftp://a"', "2:15-2:24", "PRV012", "must be an http or https"),
        ('flow = "byok"\ntemplate.name = "dokcer"', "2:17-2:25", "PRV012", "not a template source"),
        ('flow = "byok"\ntarget.codex = "0.12.0"', "2:16-2:24", "PRV014", "older than 0.122.0"),
        ('flow = "chatgpt"\ntarget.codex_module = "~> 4.0"', "2:23-2:31", "PRV014", "cannot serve the flow"),
        ('flow = "byok"\ntarget.codex_module = "5.2.9"', "2:23-2:30", "PRV014", "no release"),
        ('flow = "byok"\ntarget.codex_module = "5.3.0"', "2:23-2:30", "PRV014", "cannot install Codex"),
        ('flow = "byok"\ngateway.kind = "langwatch"', "1:8-1:14", "PRV014", "cannot serve the flow"),
        ('flow = "byok"\ngateway.token_env = "X"', "2:21-2:24", "PRV014", "no token_env to choose"),
        ('flow = "centralized"\ngateway.stream_idle_timeout_ms = 1', "2:34-2:35", "PRV014", "without a timeout"),
        ('flow = "byok"\n[profiles."a.b"]', "2:11-2:16", "PRV012", "has letters, digits, hyphens"),
        ('flow = "byok"\nprofiles.a.model_context_window = 0', "2:35-2:36", "PRV012", "greater than 0"),
        ('flow = "byok"\nprofiles.a.web_search = "off"', "2:25-2:30", "PRV012", "is not one of"),
        ('flow = "byok"\ntarget.codex = "0.133.0"\nprofiles.a.service_tier = "auto"', "3:27-3:33", "PRV014", "refuses"),
        ('flow = "byok"\ntarget.codex = "0.169"', "2:16-2:23", "PRV012", "three parts"),
        ('flow = "byok"\ntarget.codex = " 0.169.0"', "2:16-2:26", "PRV012", "is not a version"),
        ('flow = "byok"\ncodex.workdir = "/a/../b"', "2:17-2:26", "PRV012", "must not contain `..`"),
        ("flow = 'byok'\nparameters.model = ['a\"b']", "2:21-2:26", "PRV012", "quotes or backslashes"),
        ('flow = "byok"\ngateway.url = "http://a.example.com"', "2:15-2:37", "PRV014", "without TLS"),
        ('flow = "byok"\ngateway.url = "https://a:b@x.example.com"', "2:15-2:42", "PRV012", "without user"),
        ('flow = "byok"\ntarget.codex_module = ">= 5"', "2:23-2:29", "PRV014", "unseen"),
        ('flow = "byok"\ntarget.coder = "2.20"', "2:16-2:22", "PRV014", "has no AI gateway"),
        ('flow = "byok"\ncodex.model = "a"\nparameters.model = ["b"]', "2:15-2:18", "PRV014", "not among"),
        ('flow = "byok"\nparameters.model = ["b", "b"]', "2:20-2:30", "PRV014", "twice"),
        ('flow = "byok"\ntarget.codex = "0.134.0"\ncodex.model_reasoning_effort = "ultra"',
         "3:32-3:39", "PRV014", "Codex 0.134.0 refuses"),
    ],
)  # fmt: skip
def test_one_mistake_gives_one_finding(text: str, where: str, code: str, words: str) -> None:
    ((span, found_code, message, _),) = findings(text)

    assert (span, found_code) == (where, code)
    assert words in message


def test_a_spec_with_findings_is_refused_with_them_and_its_text() -> None:
    with pytest.raises(FindingsError, match="1 finding") as raised:
        parse_spec("flow = 1\n", "spec.toml")

    assert raised.value.exit_code == 1
    assert raised.value.result.sources == {"spec.toml": "flow = 1\n"}


def test_defaults_fill_what_the_spec_leaves_out() -> None:
    spec = parse_spec('flow = "byok"', "spec.toml")

    assert (spec.gateway.kind, spec.template.name, spec.target.codex_module) == (
        "coder",
        "docker",
        "~> 5.0",
    )


def test_a_trailing_slash_of_the_url_is_dropped() -> None:
    spec = parse_spec('flow = "byok"\ngateway.url = "https://coder.example.com/"', "spec.toml")

    assert spec.gateway.url == "https://coder.example.com"


def test_an_unreadable_file_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'flow = "\xe9"')

    with pytest.raises(InputError, match=r"is not UTF-8 text \(byte 8\)"):
        load(tmp_path / "latin.toml")
    with pytest.raises(InputError, match="`provisioner init` writes one"):
        load(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="cannot read"):
        load(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "bom.toml").write_bytes(b'\xef\xbb\xbfflow = "byok"\n')

    assert load(tmp_path / "bom.toml").flow == "byok"


def test_a_mistake_in_a_profile_is_compared_with_the_keys_of_profiles() -> None:
    text = 'flow = "byok"\n[profiles.a]\nmodle = "x"\n'

    assert findings(text) == [("3:1-3:6", "PRV011", 'unknown key "modle"', 'did you mean "model"?')]


@pytest.mark.parametrize("written", ["/home/coder/p/", "/home//coder/./p", "/home/coder/p"])
def test_the_workdir_is_brought_into_the_form_codex_compares(written: str) -> None:
    spec = parse_spec(f'flow = "byok"\ncodex.workdir = "{written}"', "spec.toml")

    assert spec.codex.workdir == "/home/coder/p"


@pytest.mark.parametrize("url", ["http://127.0.0.1:4001", "http://localhost", "http://[::1]:80"])
def test_a_gateway_on_this_machine_needs_no_tls(url: str) -> None:
    assert parse_spec(f'flow = "byok"\ngateway.url = "{url}"', "spec.toml").gateway.url == url
