"""Expressions → the values they have before Terraform runs, as far as constants go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from provisioner.finding import Confidence
from provisioner.syntax.hcl_model import (
    Expression,
    ListValue,
    Literal,
    ObjectValue,
    Text,
    Traversal,
)
from provisioner.validate.declared import Declared

__all__ = ["UNKNOWN", "Evaluator", "Unknown", "Value"]


class Unknown:
    """The value of an expression that only Terraform can know."""

    def __repr__(self) -> str:
        """Say it in a word."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression has as its value, and how sure that is.

    `known` is a str, int, float, bool, None, list or dict, or `UNKNOWN`; the members of a list or
    dict can be `UNKNOWN` too. The confidence is MEDIUM where the default of a variable had a part
    in it, which a value given from outside replaces.
    """

    known: object
    confidence: Confidence = Confidence.HIGH

    @property
    def text(self) -> str | None:
        """The string, or None for anything else."""
        return self.known if isinstance(self.known, str) else None


@dataclass(slots=True)
class Evaluator:
    """Evaluates the expressions of one folder; a value that leads to itself is `UNKNOWN`."""

    declared: Declared
    _open: set[str] = field(default_factory=set)

    def value(self, expression: Expression | None) -> Value:
        """Return the value of `expression`; no expression is null."""
        match expression:
            case None:
                return Value(None)
            case Literal():
                return Value(expression.value)
            case Text():
                return Value(UNKNOWN if expression.value is None else expression.value)
            case ListValue():
                return _gathered([self.value(element) for element in expression.elements])
            case ObjectValue():
                return self._object(expression)
        return self._referred(expression)

    def text(self, expression: Expression | None) -> str | None:
        """Return the string that `expression` has as its value, None for anything else."""
        return self.value(expression).text

    def _referred(self, expression: Expression) -> Value:
        match expression:
            case Traversal(root="local", steps=(str() as name,)):
                return self._named(f"local.{name}", self.declared.locals.get(name))
            case Traversal(root="var", steps=(str() as name,)):
                return self._variable(name)
        return Value(UNKNOWN)

    def _object(self, expression: ObjectValue) -> Value:
        keys = [self.value(item.key) for item in expression.items]
        if any(key.text is None for key in keys):
            return Value(UNKNOWN)
        values = _gathered([self.value(item.value) for item in expression.items])
        assert isinstance(values.known, list)  # noqa: S101 - gathered from a list
        names = [key.text for key in keys]
        return Value(dict(zip(names, values.known, strict=True)), values.confidence)

    def _variable(self, name: str) -> Value:
        variable = self.declared.variables.get(name)
        default = variable.value("default") if variable else None
        if default is None:
            return Value(UNKNOWN)
        return Value(self._named(f"var.{name}", default).known, Confidence.MEDIUM)

    def _named(self, name: str, expression: Expression | None) -> Value:
        if expression is None or name in self._open:
            return Value(UNKNOWN)
        self._open.add(name)
        try:
            return self.value(expression)
        finally:
            self._open.remove(name)


def _gathered(values: list[Value]) -> Value:
    unsure = any(value.confidence is not Confidence.HIGH for value in values)
    confidence = Confidence.MEDIUM if unsure else Confidence.HIGH
    return Value([value.known for value in values], confidence)
