"""What a spec says about module, template, presets and MCP servers: mistakes at their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.spec.load import check_spec, load

BUNDLED = 'flow = "byok"\nmodule.source = "bundled"\n'
RELEASE = BUNDLED + 'module.install = "release"\n'
SUM = 'module.artifact_sha256 = { x86_64-unknown-linux-musl = "' + "a" * 64 + '" }\n'
KEY = "sk-proj-" + "a1B2c3D4" * 5


def findings(text: str) -> list[tuple[str, str]]:
    _, found = check_spec(text, "spec.toml")
    return [
        (
            (
                f"{item.span.start.line}:{item.span.start.column}-"
                f"{item.span.end.line}:{item.span.end.column}"
            ),
            item.message,
        )
        for item in found
    ]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('flow = "byok"\nmodule.install = "npm"', "2:18-2:23", "decides itself"),
        ('flow = "byok"\nmodule.install = "brew"', "2:18-2:24", "is not one of"),
        ('flow = "byok"\nmodule.artifact_url = "https://a.example.com"', "2:23-2:46", 'no "artifact_url"'),
        ('flow = "byok"\nmodule.sync_after = ["a"]', "2:21-2:26", 'no "sync_after"'),
        ('flow = "byok"\n' + SUM, "2:26-2:124", 'no "artifact_sha256"'),
        (BUNDLED + 'target.codex_module = "~> 5.3"\nmodule.install = "npm"', "3:23-3:31", "the module is bundled"),
        (BUNDLED + 'module.install = "release"', "3:18-3:27", "needs the checksum"),
        (BUNDLED + SUM + 'module.install = "npm"', "3:26-3:124", "with module.install"),
        (RELEASE + SUM + 'module.artifact_url = "http://a.example.com/{version}"', "5:23-5:55", "without TLS"),
        (RELEASE + SUM + 'module.artifact_url = "https://a.example.com/{version}/it\'s"', "5:23-5:61", "write them as %20"),
        (BUNDLED + 'module.install = "image"\nmodule.artifact_url = "https://a.example.com"', "4:23-4:46", "nothing is downloaded"),
        (BUNDLED + 'module.artifact_sha256 = { x = "12" }', "3:32-3:36", "64 hexadecimal digits"),
        (BUNDLED + 'module.sync_after = ["a b"]', "3:22-3:27", "letters, digits"),
        (BUNDLED + f'module.pre_install_script = "login {KEY}"\nmodule.install = "npm"', "3:29-3:85", "holds a credential"),
        ('flow = "byok"\nmodule.post_install_script = "  "', "2:30-2:34", "not blank"),
        ('flow = "centralized"\ntemplate.require_secret = true', "2:27-2:31", "no key to store"),
        ('flow = "chatgpt"\ntemplate.require_secret = true', "2:27-2:31", "no key to store"),
        ('flow = "byok"\ncredential = "api_key_login"\ntemplate.require_secret = true', "3:27-3:31", "no variable is read"),
        ('flow = "byok"\ntemplate.require_secret = true\ntarget.coder = "2.33"', "2:27-2:31", "no user secrets"),
        ('flow = "byok"\ntemplate.ai_task = true\ntemplate.launcher = false', "2:20-2:24", "launcher, which is off"),
        ('flow = "byok"\ncredential = "codex_api_key"\ntemplate.ai_task = true', "3:20-3:24", "ignores CODEX_API_KEY"),
        ('flow = "byok"\ntemplate.folder = "x"\ntemplate.name = "docker"', "3:17-3:25", "both say what to render"),
        ('flow = "byok"\npresets.a.model = "m"', "2:19-2:22", "not among the options"),
        ('flow = "byok"\npresets.a.default = true\npresets.b.default = true', "3:21-3:25", '"a" is the default already'),
        ('flow = "byok"\npresets.a.parameters = { codex_model = "m" }', "2:40-2:43", 'the parameter behind "model"'),
        (BUNDLED, "2:17-2:26", "does not know where Codex comes from"),
        (RELEASE + 'module.artifact_sha256 = { x86_64-apple-darwin = "' + "a" * 64 + '" }', "4:50-4:116", "no target of Codex for Linux"),
        (BUNDLED + 'module.install = "npm"\nmodule.sync_after = ["provisioner-codex"]', "4:21-4:42", "cannot wait for the unit"),
        (BUNDLED + 'module.install = "npm"\nmodule.sync_after = ["_unit"]', "4:21-4:30", "cannot wait for the unit"),
        ('flow = "byok"\nprofiles.a.model = "m"\nmodule.post_install_script = "#!/usr/bin/python3"', "3:30-3:50", "one script"),
        ('flow = "byok"\ntemplate.agents = ["main", "main"]', "2:19-2:35", "named twice"),
        ('flow = "byok"\n[mcp.x]\ncommand = "a"\nargs = ["--api-key", "x"]', "4:8-4:26", "looks like a credential"),
        ('flow = "byok"\n[mcp.x]', "2:1-2:8", 'either "command" or "url"'),
        ('flow = "byok"\n[mcp.x]\nurl = "https://a.example.com"\nargs = ["a"]', "4:8-4:13", 'no meaning for an MCP server with "url"'),
        ('flow = "byok"\n[mcp.x]\ncommand = "a"\nbearer_token_env_var = "T"', "4:24-4:27", 'with "command"'),
        ('flow = "byok"\n[mcp.x]\nurl = "http://a.example.com"\nbearer_token_env_var = "T"', "3:7-3:29", "without TLS"),
        ('flow = "byok"\n[mcp.x]\ncommand = "a"\nenv = { API_TOKEN = "x" }', "4:21-4:24", "holds a credential"),
        (f'flow = "byok"\n[mcp.x]\ncommand = "a"\nargs = ["{KEY}"]', "4:8-4:60", "looks like a credential"),
        ('flow = "byok"\n[mcp.x]\nurl = "https://a.example.com"\nhttp_headers = { Authorization = "Bearer x" }', "4:34-4:44", "holds a credential"),
        ('flow = "byok"\n[mcp."a.b"]\ncommand = "a"', "2:6-2:11", "letters, digits"),
    ],
)  # fmt: skip
def test_a_mistake_is_at_its_place(text: str, where: str, words: str) -> None:
    ((span, message),) = findings(text)

    assert span == where
    assert words in message


@pytest.mark.parametrize(
    ("head", "fits"), [('flow = "byok"\n', 131_000), (BUNDLED + 'module.install = "npm"\n', 98_250)]
)
def test_a_script_that_no_agent_can_start_is_told_at_once(head: str, fits: int) -> None:
    def found(size: int) -> list[str]:
        script = "#" * (size - 1)  # A last line end is added.
        return [message for _, message in findings(f'{head}module.pre_install_script = "{script}"')]

    assert found(fits) == []
    (message,) = found(fits + 1)
    assert f"has {fits + 1:,} bytes, and the agent cannot start it" in message


@pytest.mark.parametrize(
    "text",
    [
        RELEASE + SUM + 'module.artifact_url = "http://localhost:8000/{version}/{target}"',
        BUNDLED + 'credential = "codex_api_key"\nmodule.install = "npm"',
        'flow = "centralized"\nmodule.source = "bundled"\nmodule.install = "npm"\ncredential = "api_key_login"',
        'flow = "centralized"\nmodule.source = "bundled"\nmodule.install = "image"\ngateway.stream_idle_timeout_ms = 9',
        'flow = "byok"\nmodule.install = "image"',
        'flow = "byok"\n[mcp.x]\nurl = "http://localhost:9"\nbearer_token_env_var = "T"',
        'flow = "byok"\nparameters.model = ["m"]\npresets.a.model = "m"\npresets.a.default = true',
        (
            'flow = "centralized"\ntemplate.require_secret = true\n'
            'gateway = { kind = "langwatch", url = "https://a.example.com" }'
        ),
    ],
)
def test_what_can_be_carried_out_is_taken(text: str) -> None:
    assert findings(text) == []


def test_a_folder_of_the_users_own_is_found_beside_the_spec(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "main.tf").write_text("", encoding="utf-8")
    path = tmp_path / "spec.toml"
    path.write_text('flow = "byok"\ntemplate.folder = "mine"\n', encoding="utf-8")

    assert load(path).template.folder == str(tmp_path / "mine")


def test_a_folder_without_terraform_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text('flow = "byok"\ntemplate.folder = "nowhere"\n', encoding="utf-8")

    with pytest.raises(InputError, match=r'spec\.toml: template\.folder: ".*nowhere" is no folder'):
        load(path)
