"""What a run has made on a deployment so far, for whoever it leaves alone with it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LeftVersion", "LeftWorkspace"]


@dataclass(slots=True)
class LeftVersion:
    """What a push has made; filled in as it goes on."""

    template: str
    version: str = ""
    version_id: str = ""
    """Empty while the deployment has not answered."""
    state: str = ""
    """Of its job."""
    is_own: bool = False
    """Whether this run started the job, and not one that it only follows."""
    is_active: bool = False

    is_first: bool = False
    """Whether the template is not there yet, so that the next push cannot find the version."""

    @property
    def lines(self) -> list[str]:
        """Say what is there, and how to go on."""
        if not self.version:
            return ["nothing was made on the deployment"]
        name = f'version "{self.version}" of template "{self.template}"'
        if not self.version_id:
            return [f"{name} may be there, not active", self._next("goes on")]
        name = f'version "{self.version}" ({self.version_id}) of template "{self.template}"'
        if self.is_active:
            return [f"{name} is active", "the same command sets what is missing"]
        if self.state == "succeeded":
            return [f"{name} is ready, and not active", self._next("makes it active")]
        if self.state in {"canceled", "failed"}:
            return [f"{name} is {self.state}, and not active", "the same command makes a new one"]
        return [
            f"{name} is still being made ({self.state or 'unknown'}), and not active",
            self._next("follows it"),
        ]

    def _next(self, what: str) -> str:
        if self.is_first:
            return "the template is not made yet, so the same command starts over with a new one"
        return f"the same command {what}"


@dataclass(slots=True)
class LeftWorkspace:
    """What a build of a workspace has made; filled in as it goes on."""

    workspace: str
    transition: str
    is_asked: bool = False
    build: int = 0
    """Number of the build; 0 while the deployment has not answered."""
    build_id: str = ""
    state: str = ""
    is_own: bool = False
    """Whether this run started the build, and not one that it only follows."""
    is_new: bool = False

    @property
    def lines(self) -> list[str]:
        """Say what is there, and how to go on."""
        status = f"provisioner coder status {self.workspace}"
        if not self.is_asked:
            return ["nothing was made on the deployment"]
        if not self.build:
            return [
                f'workspace "{self.workspace}" may have been asked to {self.transition}',
                f"to see: {status}",
            ]
        again = f"provisioner coder {self.transition} {self.workspace}"
        done = [
            (
                f'build {self.build} ({self.transition}) of workspace "{self.workspace}" is '
                f"{self.state or 'unknown'}"
            )
        ]
        if self.state == "succeeded":
            return [*done, f"to see: {status}"]
        if self.is_new:
            return [*done, f"to go on: {again}", f"to remove it: coder delete {self.workspace}"]
        return [*done, f"to go on: {again}"]
