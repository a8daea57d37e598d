"""What can be wrong with a configuration file of the router."""

from __future__ import annotations

import enum

from msgspec import Struct

from provisioner.finding import Span

__all__ = ["ProblemKind", "RouterProblem"]


class ProblemKind(enum.Enum):
    """What sort of mistake it is; the value says whether the router refuses to start with it."""

    MISSING = "refused", "missing"
    """Something without which it does not start."""
    WRONG_VALUE = "refused", "value"
    """A value of another type, or one that there is not."""
    DUPLICATE = "refused", "duplicate"
    """A name that two entries have."""
    UNDEFINED_CREDENTIAL = "refused", "credential"
    """A model of a credential that there is not."""
    UNKNOWN_KEY = "taken", "key"
    """A key that the router does not read."""
    ALIAS = "taken", "alias"
    """An alias that leads nowhere."""
    ALIAS_LIST = "taken", "list"
    """Aliases in the spelling that only the router's page has."""
    LITERAL_KEY = "taken", "literal"
    """A key that stands in the file."""
    ONLY_FALLBACK = "taken", "fallback"
    """No credential that is asked first."""

    @property
    def is_refused(self) -> bool:
        """Whether the file cannot be used."""
        return self.value[0] == "refused"


class RouterProblem(Struct, frozen=True):
    """One mistake; `nearby` are the names that may have been meant at the span.

    With `page_has_it` the router's own page shows the file like this, though the router refuses it.
    """

    kind: ProblemKind
    message: str
    span: Span
    help: str = ""
    nearby: tuple[str, ...] = ()
    secret: bool = False
    page_has_it: bool = False
