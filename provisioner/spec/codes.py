"""The findings that reading a spec can make, with the words that explain them."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.finding import Finding, Severity, Span

__all__ = [
    "IMPOSSIBLE_COMBINATION",
    "INVALID_VALUE",
    "MISSING_KEY",
    "SPEC_CODES",
    "UNKNOWN_KEY",
    "UNREADABLE",
    "SpecCode",
]


@dataclass(frozen=True, slots=True)
class SpecCode:
    """A stable code for one way in which a spec is wrong."""

    code: str
    name: str
    summary: str

    def finding(self, message: str, path: str, span: Span, help_text: str = "") -> Finding:
        """Make a finding of this kind; every one of them is an error."""
        return Finding(self.code, self.name, Severity.ERROR, message, path, span, help_text)


UNREADABLE = SpecCode("PRV010", "unreadable-spec", "the spec is not valid TOML")
UNKNOWN_KEY = SpecCode("PRV011", "unknown-spec-key", "the spec has a key that means nothing")
INVALID_VALUE = SpecCode("PRV012", "invalid-spec-value", "a value has the wrong type or form")
MISSING_KEY = SpecCode("PRV013", "missing-spec-key", "a required key is absent")
IMPOSSIBLE_COMBINATION = SpecCode(
    "PRV014", "impossible-combination", "two values, each valid alone, cannot work together"
)
SPEC_CODES = (UNREADABLE, UNKNOWN_KEY, INVALID_VALUE, MISSING_KEY, IMPOSSIBLE_COMBINATION)
