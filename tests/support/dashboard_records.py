"""Records of sessions for the dashboard, written without a gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from provisioner.gateway.record.accounts import ensure_account
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.model import (
    InterceptionEnd,
    ModelThought,
    Outcome,
    PromptUsage,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.tokens import create_token
from provisioner.gateway.record.write import write_records
from tests.support.interception_records import interception_start

__all__ = ["Recorded", "prepared"]


class Recorded:
    """A database to write interceptions into, each an hour ago and a moment after the last one."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.at = datetime.now(UTC) - timedelta(hours=1)
        self._number = 0

    def user(self, name: str, *, admin: bool = False) -> tuple[str, str]:
        """Return the id of a user, made when missing, and a new token."""
        account = self.database.write_plain(lambda c: ensure_account(c, name, admin=admin))
        secret, _ = self.database.write_plain(lambda c: create_token(c, account))
        return account.id, secret.reveal()

    def add(
        self,
        prompt: str,
        *,
        tokens: tuple[int, int, int] = (100, 50, 20),
        outcome: Outcome = Outcome.COMPLETED,
        status: int | None = 200,
        error: str = "",
        tools: tuple[tuple[str, str], ...] = (),
        thoughts: tuple[str, ...] = (),
        **start: object,
    ) -> str:
        """Record an interception that ended; `tokens` are input, cached input and output."""
        self._number += 1
        self.at += timedelta(seconds=1)
        name = f"00000000-0000-0000-0000-{self._number:012}"
        given, cached, made = tokens
        end = InterceptionEnd(
            id=name,
            ended_at=self.at + timedelta(milliseconds=500),
            outcome=outcome,
            status=status,
            error=error,
            token_usage=(TokenUsage("m", given, made, cached, 0, sum(tokens), self.at),),
            prompts=(PromptUsage("m", prompt, self.at),),
            tools=tuple(
                ToolUsage("m", tool, f"{name} {at}", arguments, self.at)
                for at, (tool, arguments) in enumerate(tools)
            ),
            thoughts=tuple(ModelThought(text, "reasoning_summary", self.at) for text in thoughts),
        )
        begin = interception_start(name, self.at, **start)
        write_records(self.database, "g", [begin, end])
        return name


def prepared(state: Path, address: str | None = None) -> Recorded:
    """Return what writes into the database of the gateway in `state`, or at `address`."""
    return Recorded(open_database(state, address))
