"""The parameters that a `coder_workspace_preset` sets, with the parameters they are meant for."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from provisioner.syntax.hcl_model import Expression, ObjectItem, ObjectValue
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.coder_parameter import Parameter, parameters
from provisioner.validate.coder_references import target_of
from provisioner.validate.workspace import Workspace

__all__ = ["PresetValue", "preset_values"]


class PresetValue(Struct, frozen=True):
    """One entry of `parameters`; `parameter` is None where the folder has none of the name."""

    preset: CoderBlock
    name: str
    item: ObjectItem
    parameter: Parameter | None


def preset_values(workspace: Workspace) -> Iterator[PresetValue]:
    """Yield the entries whose name is known."""
    known = {item.item.address: item for item in parameters(workspace)}
    by_name = {item.name: item for item in known.values() if item.name is not None}
    for preset in settled_blocks(workspace, "coder_workspace_preset"):
        for entry in _entries(preset):
            target = target_of(entry.key)
            if target and target.attribute == "name" and target.address in known:
                parameter = known[target.address]
                yield PresetValue(preset, parameter.name or target.name, entry, parameter)
                continue
            name = workspace.evaluator.text(entry.key)
            if name is not None:
                yield PresetValue(preset, name, entry, by_name.get(name))


def _entries(preset: CoderBlock) -> tuple[ObjectItem, ...]:
    given: Expression | None = preset.block.value("parameters")
    return given.items if isinstance(given, ObjectValue) else ()
