"""The rules on the Coder provider, over its whole schema: each argument, right, wrong and odd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.finding import Finding
from provisioner.knowledge.coder_limits import limits_of
from provisioner.knowledge.coder_provider import BlockSchema, coder_block, coder_block_types
from provisioner.validate.rules import RULES
from provisioner.validate.workspace import Workspace

OURS = tuple(rule for rule in RULES if "PRV330" <= rule.code <= "PRV369")
SAMPLES = {"string": '"1"', "number": "1", "bool": "true", "map(string)": "{ a = 1 }"}
ODD_VALUES = [
    "null", "true", "-1", "1e400", "0.5", '""', '"x"', '"true"', '"\\u0000"', '"${var.a}"', "[]", '["a"]',
    "[[]]", "{}", '{ "a" = [] }', '{ (var.a) = "b" }', "var.a", "var.a[0]", "coder_agent.a", "coder_agent.a.id",
    'coder_agent.a["b"].id', "coder_agent.a[*].id", "data.coder_parameter.a", 'jsonencode(["a"])', "each.value",
    "(1)", "<<EOT\nx\nEOT", '"0 0 0 0 0"', '"(?"', "local.loop", "local.list",
]  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One block of the schema, as text around its arguments."""

    path: str
    schema: BlockSchema

    def text(self, arguments: str) -> str:
        kind, name, *nested = self.path.split(".")
        head = "".join(f"{block} {{\n" for block in nested)
        tail = "\n}" * (len(nested) + 1)
        return f'{kind} "{name}" "a" {{\n{head}{arguments}{tail}\n'


def places() -> Iterator[Place]:
    def inside(path: str, schema: BlockSchema) -> Iterator[Place]:
        yield Place(path, schema)
        for name, inner in schema.blocks.items():
            yield from inside(f"{path}.{name}", inner)

    for kind, name in coder_block_types():
        schema = coder_block(kind, name)
        assert schema is not None
        yield from inside(f"{kind}.{name}", schema)


PLACES = sorted(places(), key=lambda place: place.path)
ARGUMENTS = [(place, name) for place in PLACES for name in place.schema.attributes]


def found(text: str) -> list[Finding]:
    workspace = Workspace.read({"main.tf": text.encode()})
    return [finding for rule in OURS for finding in rule.check(workspace)]


def codes_at(text: str, name: str) -> set[str]:
    """Return the codes of the findings on the line of one argument."""
    assert Workspace.read({"main.tf": text.encode()}).is_whole
    number = next(i for i, line in enumerate(text.splitlines(), 1) if line.startswith(f"{name} ="))
    return {finding.code for finding in found(text) if finding.span.start.line == number}


@pytest.mark.parametrize(
    ("place", "name"), ARGUMENTS, ids=[f"{place.path}.{name}" for place, name in ARGUMENTS]
)
def test_each_argument_is_known_and_its_limits_hold(place: Place, name: str) -> None:
    schema, limits = place.schema.attributes[name], limits_of(f"{place.path}.{name}")
    text = place.text(f"{name} = {SAMPLES.get(schema.type, 'null')}")

    assert "PRV330" not in codes_at(text, name)
    assert ("PRV331" in codes_at(text, name)) == schema.is_read_only
    assert "PRV330" in codes_at(place.text(f"{name}x = 1"), f"{name}x")
    if not schema.is_read_only:
        assert "PRV333" in codes_at(place.text(f"{name} = [{{}}]"), name)
    if limits.one_of:
        right = [codes_at(place.text(f'{name} = "{item}"'), name) for item in limits.one_of]
        assert not any("PRV335" in codes for codes in right)
        assert "PRV335" in codes_at(place.text(f'{name} = "nonsense"'), name)
    if limits.most is not None:
        assert "PRV335" in codes_at(place.text(f"{name} = {limits.most + 1}"), name)
    if limits.length:
        assert "PRV335" in codes_at(place.text(f'{name} = "{"x" * (limits.length[1] + 1)}"'), name)
        assert "PRV335" not in codes_at(place.text(f'{name} = "{"x" * limits.length[1]}"'), name)
    if limits.cron:
        assert "PRV338" in codes_at(place.text(f'{name} = "every night"'), name)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_a_block_beyond_the_limit_is_found(place: Place) -> None:
    for name, schema in place.schema.blocks.items():
        text = place.text("\n".join([f"{name} {{\n}}"] * (schema.most + 1 if schema.most else 9)))
        assert ("PRV334" in {finding.code for finding in found(text)}) == bool(schema.most)


@settings(max_examples=60)
@given(st.data())
def test_any_values_get_a_verdict(data: st.DataObject) -> None:
    blocks = ['variable "a" {\n}\n', "locals {\n  loop = local.loop\n  list = [1]\n}\n"]
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(PLACES))
        names = data.draw(
            st.lists(st.sampled_from([*place.schema.attributes, "count", "for_each"]), unique=True)
        )
        values = [data.draw(st.sampled_from(ODD_VALUES)) for _ in names]
        lines = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
        lines += [f"dynamic {name} {{\ncontent {{\n}}\n}}" for name in place.schema.blocks]
        blocks.append(place.text("\n".join(lines)).replace('"a" {', f'"a{len(blocks) % 3}" {{', 1))
    text = "".join(blocks)

    for finding in found(text):
        assert finding.span.end.line <= text.count("\n") + 1
        assert finding.message
        assert finding.help
