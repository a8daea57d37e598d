"""The schema of the Coder provider, as its reader hands it out, and what limits it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from provisioner.knowledge.coder_limits import (
    Limits,
    compute_types,
    form_types,
    known_release,
    limited_paths,
    limits_of,
    removed_names,
    restarted_types,
    timezones,
)
from provisioner.knowledge.coder_provider import BlockSchema, coder_block, coder_block_types
from provisioner.knowledge.data import json_data

KINDS = {"resource": "resource_schemas", "data": "data_source_schemas"}
BLOCKS = sorted(coder_block_types())


def flat(path: str, block: dict[str, Any], use: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Name everything that the schema dump says of a block."""
    yield path, (use.get("nesting_mode", ""), use.get("min_items", 0), use.get("max_items", 0))
    for name, item in block.get("attributes", {}).items():
        flags = {key for key in item if item[key] is True}
        yield f"{path}.{name}", (str(item["type"]).count("["), frozenset(flags))
    for name, item in block.get("block_types", {}).items():
        yield from flat(f"{path}.{name}", item["block"], item)


def read(path: str, schema: BlockSchema) -> Iterator[tuple[str, object]]:
    """Name the same of what the reader returns."""
    yield path, (schema.nesting, schema.least, schema.most)
    for name, item in schema.attributes.items():
        names = ("required", "optional", "computed", "sensitive", "deprecated")
        flags = frozenset(key for key in names if getattr(item, key))
        # An object is told by its name alone.
        depth = item.type.count("(") + item.type.count("object")
        yield f"{path}.{name}", (depth, flags)
    for name, inner in schema.blocks.items():
        yield from read(f"{path}.{name}", inner)


def paths(schema: BlockSchema, path: str) -> Iterator[str]:
    yield path
    yield from (f"{path}.{name}" for name in schema.attributes)
    for name, inner in schema.blocks.items():
        yield from paths(inner, f"{path}.{name}")


@pytest.mark.parametrize(("kind", "name"), BLOCKS)
def test_the_reader_leaves_nothing_of_the_schema_out(kind: str, name: str) -> None:
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    dump = provider[KINDS[kind]][name]["block"]
    schema = coder_block(kind, name)

    assert schema is not None
    wanted = dict(flat(name, dump, {}))
    found = dict(read(name, schema))
    assert found.keys() == wanted.keys()
    assert {key: found[key] for key in wanted if found[key] != wanted[key]} == {}


def test_every_block_of_the_provider_is_there() -> None:
    # Counted in the generated documentation of release 2.17.0.
    assert [kind for kind, _ in BLOCKS].count("resource") == 9
    assert [kind for kind, _ in BLOCKS].count("data") == 9
    assert coder_block("data", "coder_agent") is None


def test_every_limit_is_that_of_something_in_the_schema() -> None:
    known = {
        path
        for kind, name in BLOCKS
        if (schema := coder_block(kind, name))
        for path in paths(schema, f"{kind}.{name}")
    }

    assert set(limited_paths()) <= known
    for path in limited_paths():
        limits = limits_of(path)
        siblings = {item.rpartition(".")[2] for item in known if item.startswith(f"{path}.")}
        beside = {
            item.rpartition(".")[2]
            for item in known
            if item.rpartition(".")[0] == path.rpartition(".")[0]
        }
        assert limits != Limits(), path
        assert set(limits.conflicts_with) <= beside, path
        assert set(limits.needs_one_of) <= siblings, path
        assert not limits.unique or limits.unique in siblings, path
        assert limits.since is None or limits.since <= known_release(), path


def test_limits_make_sense() -> None:
    for path in limited_paths():
        limits = limits_of(path)
        assert limits.default in (None, "", *limits.one_of) or not limits.one_of, path
        assert limits.least is None or limits.most is None or limits.least < limits.most, path
        re.compile(limits.pattern)


def test_what_was_removed_is_gone() -> None:
    for path, instead in removed_names().items():
        kind, name, *rest = path.split(".")
        schema = coder_block(kind, name)
        assert instead
        assert schema is None or rest[0] not in schema.attributes, path


def test_every_form_type_of_the_table_is_one_of_the_allowed() -> None:
    allowed = limits_of("data.coder_parameter.form_type").one_of
    types = limits_of("data.coder_parameter.type").one_of
    used = [
        form
        for type_name in types
        for has_options in (True, False)
        for form in form_types(type_name, has_options=has_options)
    ]

    # "error" is for Coder's own use: no type has it.
    assert set(used) == set(allowed) - {"error"}
    assert len(used) == 15


def test_lists_of_names_are_whole() -> None:
    assert restarted_types() < compute_types()
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} <= timezones()
    assert "localtime" not in timezones()
