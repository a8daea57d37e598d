"""Type constraints of variables: reading them, and converting a value as Terraform does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.syntax.hcl_model import Call, Expression, ListValue, ObjectValue, Text, Traversal
from provisioner.validate.known import (
    UNKNOWN,
    Failed,
    KnownSet,
    Unknown,
    has_unknown,
    kind,
    to_bool,
    to_number,
    to_text,
    unified,
)

__all__ = [
    "AnyType",
    "Attribute",
    "Collection",
    "MalformedType",
    "ObjectType",
    "Primitive",
    "TupleType",
    "Type",
    "converted",
    "known_set",
    "read_type",
    "type_constraint",
]


@dataclass(frozen=True, slots=True)
class AnyType:
    """`any`."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """`string`, `number` or `bool`."""

    name: str


@dataclass(frozen=True, slots=True)
class Collection:
    """`list(…)`, `set(…)` or `map(…)`."""

    name: str
    element: Type


@dataclass(frozen=True, slots=True)
class TupleType:
    """`tuple([…])`."""

    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an object type."""

    type: Type
    is_optional: bool = False
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class ObjectType:
    """`object({…})`."""

    attributes: dict[str, Attribute]


Type = AnyType | Primitive | Collection | TupleType | ObjectType


class MalformedType(ValueError):  # noqa: N818 - it names the type
    """The type that Terraform refuses, and why."""

    def __init__(self, expression: Expression, message: str, advice: str = "") -> None:
        """Blame `expression`."""
        super().__init__(message)
        self.expression = expression
        self.advice = advice


_PRIMITIVES = {"string", "number", "bool"}
_COLLECTIONS = {"list", "set", "map"}
_CONVERSIONS: dict[str, Callable[[object], object]] = {
    "string": to_text,
    "number": to_number,
    "bool": to_bool,
}


def type_constraint(expression: Expression | None) -> Type | None:
    """Return the type that the argument `type` gives, None for one that Terraform refuses."""
    try:
        return AnyType() if expression is None else read_type(expression, is_whole=True)
    except MalformedType:
        return None


def read_type(expression: Expression, *, is_whole: bool = False) -> Type:
    """Read a type; raises `MalformedType`.

    Where it `is_whole`, Terraform still takes a bare `list` or `map` for one of `any`.
    """
    match expression:
        case Traversal(root=name, postfixes=()):
            return _keyword(expression, name, is_whole=is_whole)
        case Call():
            return _constructed(expression)
        case Text(value=str() as name):
            advice = f"write {name} without quotes" if name in _PRIMITIVES else ""
            raise MalformedType(expression, f'"{name}" in quotes is no type', advice)
    raise MalformedType(expression, "this is no type", "types are string, number, bool, list(…), …")


def _keyword(expression: Expression, name: str, *, is_whole: bool) -> Type:
    if name in _PRIMITIVES:
        return Primitive(name)
    if name == "any":
        return AnyType()
    if name in _COLLECTIONS:
        if is_whole and name != "set":
            return Collection(name, AnyType())
        message = f"the type {name} needs an element type"
        raise MalformedType(expression, message, f"write {name}(string), or {name}(any)")
    if name in {"object", "tuple"}:
        advice = "write object({ name = string })" if name == "object" else "write tuple([string])"
        raise MalformedType(expression, f"the type {name} needs an argument", advice)
    raise MalformedType(expression, f'"{name}" is no type', _PRIMITIVE_ADVICE)


_PRIMITIVE_ADVICE = "the simple types are string, number, bool and any"


def _constructed(call: Call) -> Type:
    if call.name in _PRIMITIVES | {"any"}:
        message = f"the type {call.name} takes no argument"
        raise MalformedType(call, message, f"write {call.name} alone")
    if call.name == "optional":
        raise MalformedType(call, "optional(…) stands only around an attribute of object({…})")
    if len(call.arguments) != 1:
        blamed = call.arguments[1] if call.arguments else call
        raise MalformedType(blamed, f"the type {call.name} takes one argument")
    argument = call.arguments[0]
    match call.name, argument:
        case (("list" | "set" | "map"), _):
            return Collection(call.name, read_type(argument))
        case "object", ObjectValue():
            return ObjectType(_attributes(argument))
        case "tuple", ListValue(elements=elements):
            return TupleType(tuple(map(read_type, elements)))
        case (("object" | "tuple"), _):
            brackets = "braces" if call.name == "object" else "brackets"
            raise MalformedType(argument, f"the argument of {call.name}(…) stands in {brackets}")
    raise MalformedType(call, f'"{call.name}" is no type', _PRIMITIVE_ADVICE)


def _attributes(value: ObjectValue) -> dict[str, Attribute]:
    found = dict[str, Attribute]()
    for item in value.items:
        if item.name is None:
            raise MalformedType(item.key, "the name of an attribute must be written out")
        match item.value:
            case Call(name="optional", arguments=(inner,)):
                found[item.name] = Attribute(read_type(inner), is_optional=True)
            case Call(name="optional", arguments=(inner, default)):
                found[item.name] = Attribute(read_type(inner), True, default)
            case Call(name="optional"):
                raise MalformedType(item.value, "optional(…) takes a type and a default")
            case other:
                found[item.name] = Attribute(read_type(other))
    return found


Evaluate = Callable[[Expression], object]


def converted(value: object, constraint: Type, evaluate: Evaluate) -> object:
    """Return the value as Terraform hands it out under `constraint`.

    `evaluate` gives the defaults of optional attributes. Raises `Failed` where Terraform refuses.
    """
    if value is None or isinstance(value, Unknown):
        return value
    match constraint:
        case Primitive(name=name):
            return _CONVERSIONS[name](value)
        case Collection():
            return _collection(value, constraint, evaluate)
        case TupleType(elements=elements):
            if not isinstance(value, list) or isinstance(value, KnownSet):
                raise Failed
            if len(value) != len(elements):
                raise Failed
            pairs = zip(value, elements, strict=True)
            return [converted(item, element, evaluate) for item, element in pairs]
        case ObjectType(attributes=attributes):
            return _object(value, attributes, evaluate)
    return value


def _collection(value: object, constraint: Collection, evaluate: Evaluate) -> object:
    if isinstance(value, dict) != (constraint.name == "map") or not isinstance(value, list | dict):
        raise Failed
    members = list(value.values()) if isinstance(value, dict) else list(value)
    if isinstance(constraint.element, AnyType):
        alike = None if has_unknown(value) else unified(members)
        if alike is None and members:
            return UNKNOWN
        members = alike or []
    else:
        members = [converted(member, constraint.element, evaluate) for member in members]
    if isinstance(value, dict):
        return dict(zip(value, members, strict=True))
    return known_set(members) if constraint.name == "set" else members


def known_set(members: list[object]) -> object:
    """Return a set of primitive values, `UNKNOWN` for any other."""
    kinds = {kind(member) for member in members}
    if len(kinds) > 1 or kinds - {"string", "number", "bool"}:
        return UNKNOWN
    texts = [member for member in members if isinstance(member, str)]
    numbers = [member for member in members if isinstance(member, int | float)]
    return KnownSet(sorted(set(texts)) if texts else sorted(set(numbers)))


def _object(value: object, attributes: dict[str, Attribute], evaluate: Evaluate) -> object:
    if not isinstance(value, dict):
        raise Failed
    found = dict[str, object]()
    for name, attribute in attributes.items():
        given = value.get(name)
        if name not in value and not attribute.is_optional:
            raise Failed
        if given is None and attribute.default is not None:
            given = evaluate(attribute.default)
        found[name] = converted(given, attribute.type, evaluate)
    return found
