"""A `coder_parameter` as its rules ask for it: type, options, default and validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.knowledge.coder_limits import form_types
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.evaluate import Evaluator, Unknown
from provisioner.validate.go_regex import go_regex
from provisioner.validate.go_values import is_bool, is_number, string_list
from provisioner.validate.workspace import Workspace

__all__ = ["Parameter", "is_of_type", "parameters", "terraform_text"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; what only Terraform knows is None."""

    item: CoderBlock
    evaluator: Evaluator

    def text(self, block: CoderBlock, name: str) -> str | None:
        """Return an argument as the text that it is for Terraform, None for null or unknown."""
        return terraform_text(self.evaluator.value(block.block.value(name)).known)

    def is_open(self, block: CoderBlock, name: str) -> bool:
        """Say whether only Terraform knows an argument."""
        return isinstance(self.evaluator.value(block.block.value(name)).known, Unknown)

    @property
    def name(self) -> str | None:
        """Its name, as users and presets give it."""
        return self.text(self.item, "name")

    @property
    def type_name(self) -> str | None:
        """`string`, `number`, `bool` or `list(string)`."""
        if self.is_open(self.item, "type"):
            return None
        type_name = self.text(self.item, "type") or "string"
        return type_name if form_types(type_name, has_options=True) else None

    @property
    def form_type(self) -> str | None:
        """The form type, also where it follows from the others."""
        if (
            self.is_open(self.item, "form_type")
            or self.type_name is None
            or self.has_options is None
        ):
            return None
        usual = form_types(self.type_name, has_options=self.has_options)[0]
        return self.text(self.item, "form_type") or usual

    @property
    def options(self) -> tuple[CoderBlock, ...]:
        """The `option` blocks, the bodies of `dynamic` ones included."""
        return self.item.named("option")

    @property
    def has_options(self) -> bool | None:
        """Whether it has options; None where `dynamic` blocks decide."""
        if any(not option.is_dynamic for option in self.options):
            return True
        return None if self.options else False

    @property
    def option_type(self) -> str | None:
        """The type of the options' values: those of a multi-select are the items of the list."""
        return "string" if self.form_type == "multi-select" else self.type_name

    @property
    def option_values(self) -> tuple[str, ...] | None:
        """All values that it can have; None where it has no options or not all are known."""
        values = [self.text(option, "value") for option in self.options]
        known = tuple(value for value in values if value is not None)
        has_all = len(known) == len(values) and not any(item.is_dynamic for item in self.options)
        return known if has_all and known else None

    @property
    def validation(self) -> CoderBlock | None:
        """The `validation` block that surely is there."""
        found = [item for item in self.item.named("validation") if not item.is_dynamic]
        return found[0] if len(found) == 1 else None

    @property
    def default(self) -> Attribute | None:
        """The default, where one is written."""
        return self.item.block.attributes.get("default")

    def refusal(self, value: str) -> str:
        """Say why the provider refuses a value, to follow "it is"; empty if it does not."""
        type_name, allowed = self.type_name, self.option_values
        if type_name is None:
            return ""
        if not is_of_type(value, type_name):
            return f"not of the type {type_name}"
        if allowed is not None and self.form_type is not None:
            is_multiple = self.form_type == "multi-select"
            chosen = string_list(value) if is_multiple else [value]
            if not set(chosen or ()) <= set(allowed):
                return "not made of the options" if is_multiple else "none of the options"
        return self._refused_by_validation(value)

    def _refused_by_validation(self, value: str) -> str:
        validation = self.validation
        if validation is None:
            return ""
        if self.type_name == "number":
            return self._out_of_bounds(validation, value)
        regex = self.text(validation, "regex")
        if self.type_name == "string" and regex and go_regex(regex).matches(value) is False:
            return "not what the regex asks for"
        return ""

    def _out_of_bounds(self, validation: CoderBlock, value: str) -> str:
        try:
            number = int(value)
        except ValueError:
            return "not a whole number, which a validation asks for"
        least, most = self.bounds(validation)
        if least is not None and number < least:
            return f"less than {least:g}"
        return f"more than {most:g}" if most is not None and number > most else ""

    def bounds(self, validation: CoderBlock) -> tuple[float | None, float | None]:
        """Return `min` and `max`, None for what is not given or not known."""
        texts = [self.text(validation, name) for name in ("min", "max")]
        least, most = (float(text) if text and is_number(text) else None for text in texts)
        return least, most


def is_of_type(value: str, type_name: str) -> bool:
    """Say whether the text of a parameter's value or option is of a type."""
    match type_name:
        case "number":
            return is_number(value)
        case "bool":
            return is_bool(value)
        case "list(string)":
            return string_list(value) is not None
    return True


def terraform_text(known: object) -> str | None:
    """Return a known value as the text that Terraform makes of it, None for what is no text."""
    if isinstance(known, bool):
        return str(known).lower()
    if isinstance(known, float) and known.is_integer():
        return str(int(known))
    return str(known) if isinstance(known, str | int | float) else None


def parameters(workspace: Workspace) -> Iterator[Parameter]:
    """Yield the parameters whose whole text is known."""
    for item in settled_blocks(workspace, "coder_parameter"):
        yield Parameter(item, workspace.evaluator)
