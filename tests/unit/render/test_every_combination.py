"""Each template renders for every gateway kind and flow, with each module that can serve it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from provisioner.assets import template_names
from provisioner.flows import FLOWS
from provisioner.gateway_kinds import GATEWAY_KINDS
from provisioner.plan.resolve import resolve
from provisioner.render.template import render
from provisioner.render.verify import verify
from provisioner.render.write import write_folder
from provisioner.spec.load import check_spec
from provisioner.validate.run import validate

MODULES = {
    "4": 'target.codex_module = "~> 4.3"\n',
    "5": 'target.codex_module = "~> 5.0"\n',
    "bundled": 'module = { source = "bundled", install = "npm" }\n',
}
OTHERS = ("auto-ai-router", "langwatch", "openai-compatible")
SERVED = {
    ("coder", "byok", "5"),
    ("coder", "byok", "bundled"),
    ("coder", "chatgpt", "5"),
    ("coder", "chatgpt", "bundled"),
    *product(("coder", *OTHERS), ["centralized"], MODULES),
}


def spec_text(template: str, kind: str, flow: str, module: str) -> str:
    url = "" if kind == "coder" else ', url = "https://gateway.example.com/v1"'
    return (
        f'flow = "{flow}"\n'
        f'template.name = "{template}"\n'
        f'gateway = {{ kind = "{kind}"{url} }}\n{MODULES[module]}'
    )


@pytest.mark.parametrize("template", template_names())
def test_what_can_be_served_renders_and_is_clean(template: str, tmp_path: Path) -> None:
    served = set()
    for kind, flow, module in product(GATEWAY_KINDS, FLOWS, MODULES):
        names = (kind.name, flow.name, module)
        spec, findings = check_spec(spec_text(template, *names), "spec.toml")
        assert (spec is None) == bool(findings), names
        if spec is not None:
            plan = resolve(spec)
            files = render(plan)
            verify(plan, files)
            write_folder(tmp_path / "-".join(names), files)
            served.add(names)

    result = validate([tmp_path])
    assert served == SERVED
    assert result.findings == ()
    assert sum(name.endswith("/codex.tf") for name in result.files) == len(SERVED)
