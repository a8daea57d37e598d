"""One expression → its value, made of the values of its parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from provisioner.syntax.hcl_model import (
    Access,
    Call,
    Conditional,
    Content,
    Expression,
    For,
    ListValue,
    Literal,
    ObjectValue,
    Operation,
    Postfix,
    TemplateFor,
    TemplateIf,
    Text,
    Traversal,
)
from provisioner.validate.access import accessed, iterated
from provisioner.validate.functions import call
from provisioner.validate.known import (
    UNKNOWN,
    UNKNOWN_TEXT,
    Failed,
    Unknown,
    bounded,
    parsed_number,
    text,
    to_bool,
    to_text,
)
from provisioner.validate.operators import binary, chosen, paired, unary

__all__ = ["NOTHING", "Terms"]

_MAX_DEPTH = 80
"""Expressions and locals that may stand in one another; Python's own stack is finite."""

_KINDS = {
    "count.index": "number",
    "each.key": "string",
    "path": "string",
    "terraform.workspace": "string",
}
_MAX_STEPS = 50_000  # Of one value; `for` in `for` could go on for ever.

NOTHING: Final[Mapping[str, object]] = {}


class Terms(ABC):
    """Evaluates expressions; where `local.x` and `var.x` come from is for others to say."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.unknowns = 0
        self.steps = 0
        self._depth = 0

    @abstractmethod
    def named(self, root: str, name: str) -> object:
        """Return the value of `local.name` or `var.name`; raises `Failed`."""

    @abstractmethod
    def check_call(self, call: Call, arguments: list[object]) -> None:
        """Raise `Failed` for a call that Terraform refuses for the sake of a file."""

    def evaluated(self, expression: Expression, scope: Mapping[str, object]) -> object:
        """Return the value where the names of `scope` are known too; raises `Failed`."""
        self.steps += 1
        if self._depth >= _MAX_DEPTH or self.steps > _MAX_STEPS:
            self.unknowns += 1
            return UNKNOWN
        self._depth += 1
        try:
            found = self._by_kind(expression, scope)
        finally:
            self._depth -= 1
        self.unknowns += isinstance(found, Unknown)
        return found

    def _by_kind(self, expression: Expression, scope: Mapping[str, object]) -> object:  # noqa: PLR0911 - one for each sort
        match expression:
            case Text():
                return self._text(expression, scope)
            case Literal():
                return _literal(expression)
            case Traversal():
                return self._referred(expression, scope)
            case ListValue(elements=elements):
                return bounded([self.evaluated(element, scope) for element in elements])
            case ObjectValue():
                return self._object(expression, scope)
            case Access(base=base, postfixes=ways):
                return self._accessed(self.evaluated(base, scope), ways, scope)
        return self._computed(expression, scope)

    def _computed(self, expression: Expression, scope: Mapping[str, object]) -> object:
        match expression:
            case Operation(operator=sign, operands=(operand,)):
                return unary(sign, self.evaluated(operand, scope))
            case Operation(operator=sign, operands=(left, right)):
                return self._binary(sign, left, right, scope)
            case Conditional():
                return self._conditional(expression, scope)
            case Call():
                return self._call(expression, scope)
            case For():
                return self._for(expression, scope)
        return UNKNOWN

    def _text(self, expression: Text, scope: Mapping[str, object]) -> object:
        if not expression.parts:
            return bounded(text(expression.decoded.text))
        if expression.wrapped is not None:
            return self.evaluated(expression.wrapped, scope)
        return self._content(expression.content, scope)

    def _content(self, content: Content, scope: Mapping[str, object]) -> object:
        """Return the text of a template."""
        written, is_known = list[str](), True
        for part in content:
            value = part if isinstance(part, str) else self._part(part, scope)
            if value is None:
                raise Failed
            shown = to_text(value)
            is_known = is_known and isinstance(shown, str)
            written.append(shown if isinstance(shown, str) else "")
        return bounded(text("".join(written))) if is_known else UNKNOWN_TEXT

    def _part(self, part: Expression, scope: Mapping[str, object]) -> object:
        match part:
            case TemplateIf():
                test = self.evaluated(part.condition, scope)
                if isinstance(test, Unknown):
                    self.unknowns += 1
                    return UNKNOWN
                return self._content(part.then if _decided(test) else part.otherwise, scope)
            case TemplateFor():
                scopes = self._scopes(part.collection, part.names, scope)
                if scopes is None:
                    return UNKNOWN
                pieces = [self._content(part.body, inner) for inner in scopes]
                known = [piece for piece in pieces if isinstance(piece, str)]
                return bounded("".join(known)) if len(known) == len(pieces) else UNKNOWN
        return self.evaluated(part, scope)

    def _object(self, expression: ObjectValue, scope: Mapping[str, object]) -> object:
        found = dict[str, object]()
        is_known = True
        for item in expression.items:
            key = to_text(self.evaluated(item.key, scope))
            value = self.evaluated(item.value, scope)
            is_known = is_known and isinstance(key, str)
            found[str(key)] = value
        return bounded(found) if is_known else UNKNOWN

    def _binary(
        self, sign: str, left: Expression, right: Expression, scope: Mapping[str, object]
    ) -> object:
        first = self.evaluated(left, scope)
        try:
            second = self.evaluated(right, scope)
        except Failed:
            # Since Terraform 1.12 the right side of a decided `&&` or `||` is not looked at.
            if sign not in {"&&", "||"}:
                raise
            second = UNKNOWN
            self.unknowns += 1
            return UNKNOWN
        return binary(sign, first, second)

    def _conditional(self, expression: Conditional, scope: Mapping[str, object]) -> object:
        test = self.evaluated(expression.condition, scope)
        then = self._branch(expression.then, scope)
        otherwise = self._branch(expression.otherwise, scope)
        if isinstance(test, Unknown):
            if not isinstance(then, Failed) and not isinstance(otherwise, Failed):
                chosen(then, otherwise)  # What no type fits is refused whichever is taken.
            is_same = type(then) is type(otherwise) and then == otherwise
            return then if is_same and not isinstance(then, list | dict | Failed) else UNKNOWN
        taken, other = (then, otherwise) if _decided(test) else (otherwise, then)
        left = expression.otherwise if _decided(test) else expression.then
        if isinstance(taken, Failed):
            raise taken
        if isinstance(other, Failed):
            return UNKNOWN  # It may have a type still, which the other branch then has to take.
        # Only a null that is written out has no type, which the other branch must take.
        is_open = other is None and not isinstance(left, Literal)
        return chosen(taken, UNKNOWN if is_open else other)

    def _branch(self, expression: Expression, scope: Mapping[str, object]) -> object:
        try:
            return self.evaluated(expression, scope)
        except Failed as failure:
            return failure

    def _for(self, expression: For, scope: Mapping[str, object]) -> object:
        scopes = self._scopes(expression.collection, expression.names, scope)
        if scopes is None:
            return UNKNOWN
        values, keys = list[object](), list[str]()
        # Terraform looks at the expressions even where there is no round.
        self.unknowns += not scopes
        for inner in scopes:
            if expression.condition is not None:
                test = self.evaluated(expression.condition, inner)
                if isinstance(test, Unknown):
                    return UNKNOWN
                if not _decided(test):
                    continue
            values.append(self.evaluated(expression.value, inner))
            if expression.key is not None:
                key = to_text(self.evaluated(expression.key, inner))
                if key is None:
                    raise Failed
                if not isinstance(key, str):
                    return UNKNOWN
                keys.append(key)
        if expression.key is None:
            return bounded(values)
        return bounded(paired(keys, values, groups=expression.groups))

    def _scopes(
        self, collection: Expression, names: tuple[str, ...], scope: Mapping[str, object]
    ) -> list[dict[str, object]] | None:
        """Return the names that are known in each round of a `for`, None when not known."""
        pairs = iterated(self.evaluated(collection, scope))
        if pairs is None:
            self.unknowns += 1
            return None
        return [{**scope, **dict(zip(names, pair[-len(names) :], strict=True))} for pair in pairs]

    def _call(self, expression: Call, scope: Mapping[str, object]) -> object:
        if expression.name in {"try", "can"} and not expression.is_expanded:
            return self._attempt(expression, scope)
        arguments = [self.evaluated(argument, scope) for argument in expression.arguments]
        if expression.is_expanded:
            match arguments:
                case [*first, list() as last]:
                    arguments = [*first, *last]
                case _:
                    return UNKNOWN
        self.check_call(expression, arguments)
        return bounded(call(expression.name, arguments))

    def _attempt(self, expression: Call, scope: Mapping[str, object]) -> object:
        for argument in expression.arguments:
            before = self.unknowns
            try:
                value = self.evaluated(argument, scope)
            except Failed:
                if self.unknowns > before:
                    return UNKNOWN
                continue
            if self.unknowns > before:
                return UNKNOWN
            return True if expression.name == "can" else value
        if expression.name == "can":
            return False
        raise Failed

    def _referred(self, expression: Traversal, scope: Mapping[str, object]) -> object:
        ways = expression.postfixes
        if expression.root in scope:
            return self._accessed(scope[expression.root], ways, scope)
        match expression.root, expression.steps:
            case (("local" | "var" as root), (str() as name, *_)):
                return self._accessed(self.named(root, name), ways[1:], scope)
            case (("each" | "count" | "terraform" | "path" as root), (str() as name, *_)):
                known = _KINDS.get(root if root == "path" else f"{root}.{name}", "")
                return self._accessed(Unknown(known), ways[1:], scope)
        return UNKNOWN

    def _accessed(
        self, value: object, ways: tuple[Postfix, ...], scope: Mapping[str, object]
    ) -> object:
        return accessed(value, ways, lambda key: self.evaluated(key, scope))


def _literal(expression: Literal) -> object:
    if isinstance(expression.value, bool) or expression.value is None:
        return expression.value
    return parsed_number(expression.source.text[expression.start : expression.end])


def _decided(test: object) -> bool:
    decision = to_bool(test)
    if decision is None:
        raise Failed
    return decision is True
