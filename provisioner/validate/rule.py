"""One check: its identity, its documentation and the only way to make its findings."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from provisioner.finding import Confidence, Finding, Fix, RuleDescription, Severity, Span
from provisioner.validate.workspace import Workspace

__all__ = ["SECTIONS", "Check", "Fixes", "Rule", "rule"]

SECTIONS = ("What it does", "Why", "Use instead")
"""The parts of a rule's docstring, in this order, each heading on a line of its own."""

_TOPICS = {
    "0": "files",
    "1": "credentials",
    "2": "gateway",
    "3": "template",
    "4": "versions",
    "5": "codex-config",
    "7": "router",
}
_HEADING = re.compile(r"^(\S[^\n]*):\n", re.MULTILINE)


class Fixes(enum.StrEnum):
    """Whether a rule can mend what it finds, where the place allows it."""

    NONE = "none"
    SAFE = "safe"
    """`--fix` does it."""
    UNSAFE = "unsafe"
    """`--fix --unsafe` does it: what was meant is a guess, or the meaning changes."""


class Rule(Struct, frozen=True):
    """One check; `severity` is that of its worst findings. `docstring` has the `SECTIONS`."""

    code: str
    name: str
    severity: Severity
    docstring: str
    _check: Check
    can_be_ignored: bool = True
    """Whether a comment may hide its findings, and `--select` may leave it out."""
    comes_last: bool = False
    """Whether it judges the suppressions, which are known when all others have run."""
    fixes: Fixes = Fixes.NONE

    def check(self, workspace: Workspace) -> Iterator[Finding]:
        """Yield what this rule finds."""
        return self._check(self, workspace)

    def finding(
        self,
        path: str,
        span: Span,
        message: str,
        *,
        help: str = "",  # noqa: A002 - the field of the finding
        confidence: Confidence = Confidence.HIGH,
        fix: Fix | None = None,
        severity: Severity | None = None,
        secret: bool = False,
    ) -> Finding:
        """Make a finding of this rule; `severity` is for one milder than the rule's own."""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            message=message,
            path=path,
            span=span,
            help=help,
            confidence=confidence,
            fix=fix,
            secret=secret,
        )

    @property
    def summary(self) -> str:
        """The first sentence of the docstring, without its full stop."""
        return inspect.cleandoc(self.docstring).partition("\n")[0].removesuffix(".")

    @property
    def sections(self) -> dict[str, str]:
        """Heading → text of the docstring."""
        _, *parts = _HEADING.split(inspect.cleandoc(self.docstring))
        return {
            heading: inspect.cleandoc(text)
            for heading, text in zip(parts[::2], parts[1::2], strict=True)
        }

    @property
    def description(self) -> RuleDescription:
        """What reporters tell about the rule."""
        return RuleDescription(
            self.code,
            self.name,
            self.severity,
            self.summary,
            self.sections,
            _TOPICS.get(self.code.removeprefix("PRV")[:1], ""),
        )


Check = Callable[[Rule, Workspace], Iterator[Finding]]


def rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    can_be_ignored: bool = True,
    comes_last: bool = False,
    fixes: Fixes = Fixes.NONE,
) -> Callable[[Check], Rule]:
    """Turn a check into a rule."""

    def declare(check: Check) -> Rule:
        return Rule(
            code, name, severity, check.__doc__ or "", check, can_be_ignored, comes_last, fixes
        )

    return declare
