"""A template asks for a release of Coder's Terraform provider that has all that is in it."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.assets import template_names
from provisioner.knowledge.coder_limits import limits_of
from provisioner.knowledge.version import Constraint, Version
from provisioner.render.template import render
from provisioner.syntax.hcl_values import hcl_values
from tests.support.specs import plan_for

SOURCES = {"registry": {}, "bundled": {"source": "bundled", "install": "npm"}}


def newest_thing(file: dict[str, Any]) -> Version:
    """Return the release that the youngest block or argument in a file came with."""
    paths = [
        path
        for kind in ("resource", "data")
        for type_name, blocks in file.get(kind, {}).items()
        for block in blocks.values()
        for path in (f"{kind}.{type_name}", *(f"{kind}.{type_name}.{name}" for name in block))
    ]
    return max((found for path in paths if (found := limits_of(path).since)), default=Version((2,)))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("template", template_names())
def test_no_release_that_is_too_old_is_allowed(template: str, source: str) -> None:
    tables = {"name": template, "require_secret": True, "ai_task": True}
    files = render(plan_for("byok", template=tables, module=SOURCES[source]))
    hcl = {name: hcl_values(text.decode()) for name, text in files.items() if name.endswith(".tf")}
    required = [
        file["terraform"]["required_providers"]["coder"]["version"]
        for file in hcl.values()
        if "terraform" in file
    ]
    least = max(found for text in required if (found := Constraint.parse(text).least))

    assert "coder_secret" in hcl["codex.tf"]["data"]
    assert least >= max(map(newest_thing, hcl.values()))
