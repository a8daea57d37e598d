"""What a spec may ask of the releases of the registry's Codex module: refusals at their place."""

from __future__ import annotations

import pytest

from provisioner.spec.combinations import possible_credentials
from provisioner.spec.load import check_spec
from provisioner.spec.models import Spec

FOUR = 'target.codex_module = "~> 4.3"\n'
LANGWATCH = 'flow = "centralized"\ngateway.kind = "langwatch"\n' + FOUR


def findings(text: str) -> list[tuple[str, str, str]]:
    _, found = check_spec(text, "spec.toml")
    return [
        (
            (
                f"{item.span.start.line}:{item.span.start.column}-"
                f"{item.span.end.line}:{item.span.end.column}"
            ),
            item.message,
            item.help,
        )
        for item in found
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'flow = "byok"\n' + FOUR,
            (
                "2:23-2:31",
                'the Codex module 4.3.1, which "~> 4.3" selects, cannot serve the flow "byok"',
                (
                    'use "~> 5.0"; releases before 5.0.0 empty OPENAI_API_KEY and auth.json at each '
                    "start"
                ),
            ),
        ),
        (
            'flow = "byok"\ncredential = "codex_api_key"\n' + FOUR,
            (
                "3:23-3:31",
                'the Codex module 4.3.1, which "~> 4.3" selects, cannot serve the flow "byok"',
                (
                    'use "~> 5.0"; releases before 5.0.0 empty OPENAI_API_KEY and auth.json at each '
                    "start"
                ),
            ),
        ),
        (
            'flow = "centralized"\ntarget.codex_module = "~> 4.2.0"',
            (
                "2:23-2:33",
                '"~> 4.2.0" selects release 4.2.0 of the Codex module, which is not known',
                'use "~> 5.0", or "~> 4.3.1"',
            ),
        ),
        (
            LANGWATCH + 'credential = "api_key_login"',
            (
                "4:14-4:29",
                (
                    '"api_key_login" cannot bring the bearer of the flow "centralized" to LangWatch AI '
                    "Gateway"
                ),
                (
                    "use env_key, or leave it out; the Codex module before 5.0.0 empties auth.json at "
                    "each start, and opens Codex's terminal interface, which ignores CODEX_API_KEY"
                ),
            ),
        ),
        (
            LANGWATCH + 'gateway.token_env = "OPENAI_API_KEY"',
            (
                "4:21-4:37",
                "the Codex module 4.3.1 empties OPENAI_API_KEY in every workspace",
                'use another variable, or target.codex_module = "~> 5.0"',
            ),
        ),
        (
            LANGWATCH + '[mcp.Coder]\ncommand = "x"',
            (
                "4:1-4:12",
                'the Codex module 4.3.1 adds an MCP server "Coder" of its own',
                "give this one another name",
            ),
        ),
        (
            LANGWATCH + 'template.agents = ["main", "gpu"]',
            (
                "4:19-4:34",
                (
                    'the Codex module 4.3.1 makes an app "codex" for each agent, which Coder takes '
                    "once in a template"
                ),
                'name one agent, or use "~> 5.0"',
            ),
        ),
    ],
)
def test_what_release_4_cannot_do_is_refused(text: str, expected: tuple[str, str, str]) -> None:
    assert findings(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        'flow = "centralized"\n' + FOUR,
        'flow = "centralized"\ncredential = "env_key"\n' + FOUR,
        LANGWATCH + 'gateway.token_env = "MY_KEY"\n[mcp.coder]\ncommand = "x"',
        LANGWATCH + 'template.agents = ["gpu"]\nmodule.install = "image"',
        'flow = "centralized"\ngateway.token_env = "OPENAI_API_KEY"\ngateway.kind = "langwatch"',
    ],
)
def test_what_release_4_can_do_is_taken(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize(
    ("wanted", "credentials"),
    [
        ("~> 4.3", ("env_key",)),
        ("~> 5.0", ("env_key", "api_key_login", "codex_api_key")),
    ],
)
def test_the_release_decides_how_the_bearer_can_come(
    wanted: str, credentials: tuple[str, ...]
) -> None:
    tables = {"gateway": {"kind": "langwatch"}, "target": {"codex_module": wanted}}

    assert (
        possible_credentials(Spec.model_validate({"flow": "centralized", **tables})) == credentials
    )
