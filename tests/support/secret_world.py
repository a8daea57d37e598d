"""A small machine full of secrets: home, work and temporary folders, environment, Codex home."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.command import ROOT
from tests.support.fake_codex import jwt
from tests.support.process_watch import Watched, watched
from tests.support.secret_search import SecretSearch

__all__ = ["EXCEPTIONS", "Ran", "SecretWorld", "ended", "made_secrets", "secret_world"]

# What may show a secret all the same, and why; there is no other exception.
EXCEPTIONS = {
    "gateway serve": "the first start prints the token it makes, of which it keeps a hash only",
    "gateway token create": "prints the token it makes, of which it keeps a hash only",
    "shell_snapshots": "`launch` becomes Codex, which keeps its environment there with the mode "
    "of the user's umask; the home above it lets nobody else in",
    "folder of a user's file": "a file of the user's is replaced where it is, by one beside it; "
    "the mode is checked there too",
}
_CODEX_OWN = {"shell_snapshots"}
_SECONDS = 120
# In the environment of a descendant: what the program itself made up.
_SECRET_VARIABLE = re.compile(rb"[A-Z_]*(?:KEY|TOKEN|VK)[A-Z_]*\Z")
_LEAST = 20


def made_secrets() -> dict[str, str]:
    """Return new secrets of every kind there is near a Codex, in the shapes that they have."""
    login = {"chatgpt_plan_type": "pro", "chatgpt_account_id": secrets.token_hex(8)}
    token = jwt(
        exp=4_000_000_000, jti=secrets.token_hex(16), **{"https://api.openai.com/auth": login}
    )
    return {
        "OPENAI_API_KEY": f"sk-proj-{secrets.token_hex(20)}",
        "CODEX_API_KEY": f"sk-{secrets.token_hex(20)}",
        "CODER_API_TOKEN": f"A1b{secrets.token_hex(4)[:7]}-{secrets.token_hex(11)}",
        "LANGWATCH_VK": f"vk-lw-{secrets.token_hex(13).upper()}",
        "AI_GATEWAY_API_KEY": f"{secrets.token_hex(8)}+/{secrets.token_hex(8)}==",
        "OPENAI_CODER_AIGATEWAY_SESSION_TOKEN": f"Z9y{secrets.token_hex(4)[:7]}-{secrets.token_hex(11)}",
        "stored key": f"sk-stored-{secrets.token_hex(20)}",
        "stored login": token,
        "refresh token": f"rt-{secrets.token_hex(20)}",
        "bearer in config": secrets.token_hex(20),
        "header in config": secrets.token_hex(20),
        "password in URL": secrets.token_hex(12),
        "key in template": f"sk-proj-{secrets.token_hex(20)}",
        "password in template": secrets.token_hex(16),
        "value in spec": secrets.token_hex(16),
        "value in gateway.toml": secrets.token_hex(16),
    }


@dataclass
class SecretWorld:
    """The folders, and the secrets by a name that failures show in their place."""

    root: Path
    secrets: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def work(self) -> Path:
        return self.root / "work"

    def put(self, path: str, text: str, mode: int = 0o600) -> Path:
        """Write a file of the user's, with `<<name>>` replaced by the secret of that name."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        place.write_text(self.filled(text))
        place.chmod(mode)
        return place

    def filled(self, text: str) -> str:
        return re.sub("<<(.+?)>>", lambda match: self.secrets[match[1]], text)

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[Watched]:
        """Run `provisioner` with `arguments` until the block ends."""
        command = [sys.executable, "-m", "provisioner", *map(self.filled, arguments)]
        with watched(command, self.root, self.work, self.environment) as seen:
            yield seen

    def run(self, *arguments: str) -> Ran:
        """Run `provisioner` with `arguments` to its end."""
        with self.started(*arguments) as seen:
            return ended(seen, *arguments)

    def leaks(self, ran: Ran, printed: Mapping[str, str] | None = None) -> list[str]:
        """Return everywhere that `ran` let a secret out, with the name of each.

        `printed` are secrets that it may say on standard output, and nowhere else. The command
        line that its caller wrote is the caller's.
        """
        known = self.secrets | (printed or {})
        known |= {n: s for n, s in _made_by(ran).items() if s not in known.values()}
        search = SecretSearch(known)
        in_output = SecretSearch({n: s for n, s in known.items() if n not in (printed or {})})
        what = " ".join(ran.arguments)
        found = [f"{what}: stdout shows {name}" for name in in_output.found_in(ran.stdout)]
        found += [f"{what}: stderr shows {name}" for name in search.found_in(ran.stderr)]
        for line in ran.seen.commands - {ran.seen.started_as}:
            names = search.found_in(line)
            found += [f"{what}: a command line shows {name}" for name in names]
        for file in ran.seen.files:
            if names := search.found_in(file.content):
                place = f"{what}: {file.path.relative_to(self.root)} with {', '.join(names)}"
                if file.mode & 0o077 and not (file.is_shut_in and _CODEX_OWN & {*file.path.parts}):
                    found.append(f"{place} has the mode {file.mode:o}")
                if not (file.is_shut_in or file.is_beside_users):
                    found.append(f"{place} is in a folder that others can enter")
        return list(dict.fromkeys(found))


@dataclass
class Ran:
    """One run of the command, and what could be seen of it."""

    arguments: tuple[str, ...]
    seen: Watched
    stdout: str
    stderr: str

    @property
    def code(self) -> int:
        return self.seen.process.returncode


def ended(seen: Watched, *arguments: str) -> Ran:
    """Wait for the end of a program, called `arguments` in failures, and return what it showed."""
    stdout, stderr = seen.process.communicate(timeout=_SECONDS)
    return Ran(arguments, seen, stdout.decode(), stderr.decode())


def secret_world(root: Path) -> SecretWorld:
    """Make the folders, as open as a machine with several users has them, and the Codex home."""
    root.chmod(0o755)
    for name, mode in (("home", 0o755), ("work", 0o755), ("tmp", 0o777), ("xdg", 0o755)):
        (root / name).mkdir()
        (root / name).chmod(mode)
    world = SecretWorld(root, made_secrets())
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    world.environment |= kept | {name: v for name, v in world.secrets.items() if name.isupper()}
    world.environment |= {
        "HOME": str(world.home),
        "TMPDIR": str(root / "tmp"),
        "PYTHONPATH": str(ROOT),
        **{
            f"XDG_{name}_HOME": str(root / "xdg" / name.lower())
            for name in ("CACHE", "CONFIG", "DATA", "STATE")
        },
    }
    world.put("home/.codex/config.toml", _CONFIG)
    world.put("home/.codex/auth.json", world.filled(_AUTH))
    return world


_CONFIG = """\
model = "gpt-5.5"
model_provider = "mine"
# old: experimental_bearer_token = "<<bearer in config>>"
[features]
plugins = false
apps = false
[analytics]
enabled = false
[model_providers.mine]
name = "Mine"
base_url = "https://mine.example.com/v1"
experimental_bearer_token = "<<bearer in config>>"
[model_providers.mine.http_headers]
X-Api-Key = "<<header in config>>"
"""
_AUTH = json.dumps(
    {
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": "<<stored key>>",
        "tokens": {
            "id_token": "<<stored login>>",
            "access_token": "<<stored login>>",
            "refresh_token": "<<refresh token>>",
            "account_id": "account-1",
        },
        "last_refresh": "2026-01-01T00:00:00Z",
    },
    indent=2,
)


def _made_by(ran: Ran) -> dict[str, str]:
    """Return the secrets that `ran` made up and gave to its descendants."""
    made: dict[str, str] = {}
    for environment in ran.seen.environments:
        for entry in environment.split(b"\0"):
            name, _, value = entry.partition(b"=")
            if _SECRET_VARIABLE.match(name) and len(value) >= _LEAST:
                made[f"{name.decode()} of a descendant: {len(made)}"] = value.decode()
    for file in ran.seen.files:
        if file.path.name == "auth.json":
            with contextlib.suppress(ValueError, AttributeError, TypeError):
                login = json.loads(file.content)
                token = login.get("OPENAI_API_KEY") or login["tokens"]["access_token"]
                made[f"login in {file.path.name}: {len(made)}"] = token
    return made
