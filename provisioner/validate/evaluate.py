"""Expressions → the values they have before Terraform runs, as far as constants go."""

from __future__ import annotations

from msgspec import Struct

from provisioner.finding import Confidence
from provisioner.syntax.hcl_model import Call, Expression
from provisioner.validate.declared import Declared
from provisioner.validate.known import UNKNOWN, Failed, Unknown
from provisioner.validate.named_files import Fault, NamedFiles
from provisioner.validate.terms import NOTHING, Terms
from provisioner.validate.type_constraint import Primitive, converted, type_constraint

__all__ = ["UNKNOWN", "Evaluator", "Unknown", "Value"]


class Value(Struct, frozen=True):
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


class _Named(Struct, frozen=True):
    """The value of a local or variable, and what was met on the way to it."""

    known: object
    is_refused: bool
    has_default: bool
    unknowns: int


class Evaluator(Terms):
    """Evaluates the expressions of one folder.

    A value that leads to itself, or that Terraform refuses, is `UNKNOWN`.
    """

    def __init__(self, declared: Declared, files: NamedFiles | None = None) -> None:
        """Follow the locals and the defaults of `declared`, with the `files` that are known."""
        super().__init__()
        self._declared = declared
        self._files = files or NamedFiles({})
        self._open = set[str]()
        self._found = dict[tuple[bool, str], _Named]()
        self._values = dict[int, tuple[Value, Expression]]()
        self._is_judging = False
        self._has_default = False

    def value(self, expression: Expression | None) -> Value:
        """Return the value of `expression`; no expression is null."""
        if expression is None:
            return Value(None)
        found, _ = self._values.get(id(expression), (None, None))
        if found is None:
            self._has_default, self.steps = False, 0
            try:
                known = self.evaluated(expression, NOTHING)
            except Failed:
                known = UNKNOWN
            confidence = Confidence.MEDIUM if self._has_default else Confidence.HIGH
            found = Value(known, confidence)
            # The expression is kept too, so that no other one gets its number.
            self._values[id(expression)] = found, expression
        return found

    def text(self, expression: Expression | None) -> str | None:
        """Return the string that `expression` has as its value, None for anything else."""
        return self.value(expression).text

    def is_refused(self, expression: Expression) -> bool:
        """Say whether Terraform surely ends with an error when it evaluates `expression`.

        A local value that is refused itself is taken for one that is not known.
        """
        try:
            self.for_every_value(expression)
        except Failed:
            return not self._has_default
        return False

    def for_every_value(self, expression: Expression) -> object:
        """Return the value that `expression` has whatever the variables are, or `UNKNOWN`.

        Raises `Failed` where Terraform ends with an error.
        """
        self._has_default, self.steps, self._is_judging = False, 0, True
        try:
            return self.evaluated(expression, NOTHING)
        finally:
            self._is_judging = False

    def check_call(self, call: Call, arguments: list[object]) -> None:
        """Raise `Failed` for a call that Terraform refuses for the sake of a file."""
        if self._files.fault(call, arguments) is not None:
            raise Failed

    def file_fault(self, call: Call) -> Fault | None:
        """Say why such a call is refused."""
        return self._files.fault(call, [self.value(item).known for item in call.arguments])

    def named(self, root: str, name: str) -> object:
        """Return the value of `local.name` or `var.name`."""
        address = f"{root}.{name}"
        if address in self._open:
            self.unknowns += 1
            return UNKNOWN
        key = self._is_judging, address
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._look_up(root, name)
        self._has_default = self._has_default or found.has_default
        self.unknowns += found.unknowns
        if found.is_refused and not self._is_judging:
            raise Failed
        return found.known

    def _look_up(self, root: str, name: str) -> _Named:
        before = self._has_default, self.unknowns
        self._has_default, self.unknowns = root == "var", 0
        self._open.add(f"{root}.{name}")
        known: object = UNKNOWN
        is_refused = False
        try:
            known = self._local(name) if root == "local" else self._default(name)
        except Failed:
            is_refused = True
        finally:
            self._open.remove(f"{root}.{name}")
            result = _Named(known, is_refused, self._has_default, self.unknowns)
            self._has_default, self.unknowns = before
        return result

    def _local(self, name: str) -> object:
        expression = self._declared.locals.get(name)
        return UNKNOWN if expression is None else self.evaluated(expression, NOTHING)

    def _default(self, name: str) -> object:
        variable = self._declared.variables.get(name)
        default = variable.value("default") if variable else None
        if variable is None:
            self.unknowns += 1
            return UNKNOWN
        constraint = type_constraint(variable.value("type"))
        if self._is_judging:
            self._has_default = False
            return Unknown(constraint.name if isinstance(constraint, Primitive) else "")
        if constraint is None or default is None:
            self.unknowns += 1
            return UNKNOWN
        value = self.evaluated(default, NOTHING)
        return converted(value, constraint, lambda part: self.evaluated(part, NOTHING))
