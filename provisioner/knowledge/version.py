"""Versions and version constraints, in the syntax and with the meaning Terraform gives them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache

from msgspec import Struct

__all__ = ["Constraint", "Version", "newest"]

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\Z", re.ASCII)
_CLAUSE = re.compile(r"\s*(~>|>=|<=|!=|=|>|<)?\s*(\S+)\s*\Z")


class Version(Struct, frozen=True, dict=True):
    """A semantic version; missing parts are zero when compared."""

    parts: tuple[int, ...]
    prerelease: str = ""

    @staticmethod
    def parse(text: str) -> Version:
        """Read `1`, `1.2`, `1.2.3`, `v1.2.3` or `1.2.3-beta.1`.

        Raises `ValueError` for anything else.
        """
        return _parsed(text)

    @property
    def next_patch(self) -> Version:
        """The smallest release above this one with the same number of parts, at least three."""
        parts = self.parts + (0,) * (3 - len(self.parts))
        return Version((*parts[:-1], parts[-1] + 1)) if not self.prerelease else Version(parts)

    @cached_property
    def _key(self) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
        parts = self.parts + (0,) * (3 - len(self.parts))
        # Semantic versioning: a release sorts after its prereleases, numbers before words.
        tail = tuple(
            (not part.isdigit(), int(part) if part.isdigit() else 0, part)
            for part in self.prerelease.split(".")
        )
        return parts, not self.prerelease, tail

    def __eq__(self, other: object) -> bool:
        """Treat `1.2` and `1.2.0` as the same version."""
        return isinstance(other, Version) and self._key == other._key

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self._key)

    def __lt__(self, other: Version) -> bool:
        """Order by semantic versioning."""
        return self._key < other._key

    def __le__(self, other: Version) -> bool:
        """Order by semantic versioning."""
        return self._key <= other._key

    def __gt__(self, other: Version) -> bool:
        """Order by semantic versioning."""
        return self._key > other._key

    def __ge__(self, other: Version) -> bool:
        """Order by semantic versioning."""
        return self._key >= other._key

    def __str__(self) -> str:
        """Write the version as it was read, without a leading `v`."""
        text = ".".join(str(part) for part in self.parts)
        return f"{text}-{self.prerelease}" if self.prerelease else text


@lru_cache(1024)
def _parsed(text: str) -> Version:
    match = _VERSION.match(text)
    if match is None:
        raise ValueError(f'"{text}" is not a version')
    return Version(tuple(int(part) for part in match[1].split(".")), match[2] or "")


class Constraint(Struct, frozen=True):
    """A list of clauses such as `~> 5.0, != 5.1.0`, all of which must hold."""

    text: str
    clauses: tuple[tuple[str, Version], ...]

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """Read a Terraform version constraint.

        Raises `ValueError` with the clause that cannot be read.
        """
        clauses = []
        for clause in text.split(","):
            match = _CLAUSE.match(clause)
            if match is None:
                raise ValueError(f'"{text}" is not a version constraint')
            clauses.append((match[1] or "=", Version.parse(match[2])))
        return cls(text.strip(), tuple(clauses))

    def allows(self, version: Version) -> bool:
        """Say whether `version` satisfies every clause."""
        return all(_holds(sign, bound, version) for sign, bound in self.clauses)

    @property
    def can_be_met(self) -> bool:
        """Whether there can be a version that satisfies every clause."""
        if any(bound.prerelease for _, bound in self.clauses):
            return True  # Which of them count depends on what was released.
        return self.example is not None

    @property
    def example(self) -> Version | None:
        """A version that satisfies every clause, if there can be one."""
        bounds = [bound for _, bound in self.clauses]
        # A version next to some bound satisfies all clauses, if any version does.
        near = [bound.next_patch for bound in bounds] + bounds
        return next((item for item in (*near, Version((0, 0, 0))) if self.allows(item)), None)

    @property
    def has_upper_bound(self) -> bool:
        """Whether a future major version cannot satisfy it."""
        return any(
            sign in {"=", "<", "<="} or (sign == "~>" and len(bound.parts) > 1)
            for sign, bound in self.clauses
        )

    @property
    def least(self) -> Version | None:
        """The highest version that a clause names as a lower bound, if any does."""
        bounds = [bound for sign, bound in self.clauses if sign in {"=", "~>", ">", ">="}]
        return max(bounds, default=None)


_COMPARISONS: dict[str, Callable[[Version, Version], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def _holds(sign: str, bound: Version, version: Version) -> bool:
    if version.prerelease and version != bound:
        return False  # Terraform selects a prerelease only by an exact constraint.
    if sign in _COMPARISONS:
        return _COMPARISONS[sign](version, bound)
    kept = bound.parts[:-1]  # `~> 5` keeps nothing: to Terraform it means `>= 5`.
    return version >= bound and version.parts[: len(kept)] == kept


def newest(versions: Iterable[Version], constraint: Constraint) -> Version | None:
    """Return the version that `terraform init` would select from `versions`, if any."""
    return max((version for version in versions if constraint.allows(version)), default=None)
