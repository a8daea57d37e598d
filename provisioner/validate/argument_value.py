"""A known value of an argument of the Coder provider → what is wrong with it, and what to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from provisioner.knowledge.coder_limits import Limits, timezones
from provisioner.validate.go_values import is_url, is_uuid
from provisioner.validate.nearest import did_you_mean

__all__ = ["ValueProblem", "value_problem"]


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """What is wrong, to follow the argument's name, and what to do."""

    message: str
    help: str


# Where a pattern alone says too little.
_IN_WORDS = {
    "^[a-z0-9](-?[a-z0-9])*$": "lower-case letters, digits and single hyphens between them",
    "^[a-zA-Z_][a-zA-Z0-9_]*$": "letters, digits and underscores, with no digit first",
    "^(/|~/)": "a path that starts with / or ~/",
}
_FORMS: dict[str, tuple[Callable[[str], bool], str, str]] = {
    "url": (is_url, "a URL", "give it a URL, or a path of the Coder server such as /icon/code.svg"),
    "uuid": (is_uuid, "a UUID", "refer to an id, such as coder_app.main.id"),
    "absolute_path": (lambda text: text.startswith("/"), "an absolute path", "start it with /"),
    "timezone": (
        lambda text: text in timezones() | {"", "Local"},
        "a time zone",
        "use a name of the IANA time zone database, such as Europe/Berlin",
    ),
}


def value_problem(known: object, limits: Limits) -> ValueProblem | None:
    """Judge a value that is known; numbers may be written as text, as Terraform takes them."""
    if isinstance(known, bool) or not isinstance(known, str | int | float):
        return None
    text = str(known)
    return (
        _one_of(text, limits)
        or _text(text, limits)
        or _length(text, limits)
        or _range(known, limits)
    )


def _one_of(text: str, limits: Limits) -> ValueProblem | None:
    if not limits.one_of or text in limits.one_of or (text == limits.default == ""):
        return None
    near = did_you_mean(text, limits.one_of)
    allowed = ", ".join(f'"{item}"' for item in limits.one_of)
    return ValueProblem(
        f'cannot be "{text}"', f"{near} It can be {allowed}" if near else f"use one of {allowed}"
    )


def _text(text: str, limits: Limits) -> ValueProblem | None:
    if limits.not_empty and not text:
        return ValueProblem("is empty", "give it a value")
    if limits.pattern and not re.search(limits.pattern.removesuffix("$"), text):
        return ValueProblem("does not have the form it must have", _words(limits))
    if limits.pattern.endswith("$") and not re.fullmatch(limits.pattern[:-1], text):
        return ValueProblem("does not have the form it must have", _words(limits))
    if limits.form:
        accepts, noun, advice = _FORMS[limits.form]
        if not accepts(text):
            near = did_you_mean(text, timezones()) if limits.form == "timezone" else ""
            return ValueProblem(f"is not {noun}", near or advice)
    return None


def _words(limits: Limits) -> str:
    return f"use {_IN_WORDS.get(limits.pattern, limits.pattern)}"


def _length(text: str, limits: Limits) -> ValueProblem | None:
    size = len(text.encode())
    if limits.length is None or size <= limits.length[1]:
        return None
    most = limits.length[1]
    return ValueProblem(f"has {size} bytes, {most} are allowed", "make it shorter")


def _range(known: object, limits: Limits) -> ValueProblem | None:
    if limits.least is None:
        return None
    try:
        number = float(str(known))
    except ValueError:
        return None
    least, most = limits.least, limits.most
    if (limits.or_zero and number == 0) or (number >= least and (most is None or number <= most)):
        return None
    words = f"{least} or more" if most is None else f"{least} to {most}"
    return ValueProblem(
        f"is {str(known).strip()}", f"use {'0 or ' if limits.or_zero else ''}{words}"
    )
