"""What a report depends on beside the findings, and where its paths lead."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from provisioner.finding import RuleDescription

__all__ = ["ReportContext"]


@dataclass(frozen=True, slots=True)
class ReportContext:
    """The rules that ran, the folders that paths are relative to, and whether to use colour."""

    rules: tuple[RuleDescription, ...] = ()
    folder: str = ""
    """Absolute path of the folder that the paths of findings start in; unknown when empty."""
    root: str = ""
    """Absolute path of the checkout, which a code host shows."""
    colour: bool = False

    def place(self, path: str) -> str:
        """Return `path` from the root of the checkout, or absolute when it is outside."""
        if not self.folder:
            return path
        whole = posixpath.normpath(posixpath.join(self.folder, path))
        root = (self.root or self.folder).rstrip("/") + "/"
        return whole.removeprefix(root)
