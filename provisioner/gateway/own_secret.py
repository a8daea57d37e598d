"""A secret of the gateway's own: taken from the environment, or made once in the state folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from msgspec import Struct

from provisioner.errors import InputError, OutputError
from provisioner.private_folder import make_private_folder
from provisioner.redact import Secret

__all__ = ["OwnSecret"]

_SHORTEST = 32


class OwnSecret(Struct, frozen=True):
    """Where one is: in the environment variable `variable`, else in `file` of the state folder.

    `use` is what needs it, as messages say it: "virtual keys".
    """

    variable: str
    file: str
    use: str

    def load(self, state: Path, address: str | None) -> Secret:
        """Return it; the one of `state` is made when it is first needed.

        Gateways on one database at `address` must have the same, so there it has to be given.
        Raises `InputError` and `OutputError`.
        """
        given = os.environ.get(self.variable, "").strip()
        if given:
            if len(given) < _SHORTEST:
                raise InputError(f"{self.variable} must have at least {_SHORTEST} characters")
            return Secret(given)
        if address:
            raise InputError(
                f"{self.use} on a PostgreSQL database need {self.variable}: "
                "set it to one long random text for all gateways on that database"
            )
        path = state / self.file
        try:
            if not path.exists():
                _make(path)
            value = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            raise OutputError(f'cannot use "{path}": {error}') from error
        if len(value) < _SHORTEST:
            raise InputError(
                f'"{path}" is too short; put back what was in it, all keys depend on it'
            )
        return Secret(value)


def _make(path: Path) -> None:
    """Write a new secret; of several processes that do it at once, the first one's stays."""
    make_private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_SHORTEST))
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
