"""A file and the environment in, what it means out, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provisioner.knowledge.auto_ai_router import credential_types
from provisioner.redact import Secret
from provisioner.router_file.file import RouterFile, RouterTable
from provisioner.router_file.judge import router_problems
from provisioner.router_file.model import BanRule, RouterConfig, RouterCredential, RouterModel
from provisioner.router_file.problem import ProblemKind, RouterProblem
from provisioner.router_file.values import (
    parsed_ban,
    parsed_duration,
    parsed_integer,
    parsed_switch,
    variable_in,
)

__all__ = ["settled"]

_DEFAULT_CODES = frozenset({429})
_MEBIBYTE = 1024 * 1024
_VERTEX = "aiplatform.googleapis.com/v1"
_TRUE = ("yes", "on", "y")


def settled(
    file: RouterFile, environment: Mapping[str, str], *, as_page: bool = True
) -> tuple[RouterConfig | None, tuple[RouterProblem, ...]]:
    """Return what `file` means, None where it cannot be used, and all that is wrong with it.

    With `as_page` what the router's page shows is taken, though its code refuses or ignores it.
    """
    reader = _Reader(file, environment, as_page)
    problems = (*router_problems(file), *reader.absent())
    if any(one.kind.is_refused and not (as_page and one.page_has_it) for one in problems):
        return None, problems
    config = reader.config()
    return (None if reader.problems else config), (*problems, *reader.problems)


@dataclass(slots=True)
class _Reader:
    file: RouterFile
    environment: Mapping[str, str]
    as_page: bool
    problems: list[RouterProblem] = field(default_factory=list)

    def absent(self) -> Iterator[RouterProblem]:
        """Yield the variables that are named where a value is needed, and are not set."""
        for table in (*self.file.tables, *self.file.credentials):
            for name in table.entries:
                variable = variable_in(table.text(name)) if name in table.keys else None
                if variable is not None and not self.environment.get(variable, "").strip():
                    message = f'{table.label}: {name}: the variable "{variable}" is not set'
                    span = table.value_span(name)
                    advice = "set it before the gateway starts"
                    if table.keys[name].served:
                        yield RouterProblem(ProblemKind.MISSING, message, span, advice)

    def config(self) -> RouterConfig:
        """Return what the file means; adds to `problems`."""
        server, ban = self.file.table("server"), self.file.table("fail2ban")
        default_rpm = self._integer(server, "default_models_rpm") or -1
        top = BanRule(self._integer(ban, "max_attempts"), self._ban(ban))
        return RouterConfig(
            port=self._integer(server, "port"),
            master_key=Secret(self._text(server, "master_key").strip()),
            max_body_bytes=self._integer(server, "max_body_size_mb") * _MEBIBYTE,
            max_provider_retries=self._integer(server, "max_provider_retries"),
            request_seconds=self._duration(server, "request_timeout"),
            credentials=tuple(self._credential(one) for one in self.file.credentials),
            models=tuple(self._model(one, default_rpm) for one in self.file.models),
            aliases=self._aliases(),
            ban=top,
            ban_codes=self._codes(ban),
            ban_rules={
                self._integer(rule, "code"): self._rule(rule, top)
                for rule in self.file.error_code_rules
            },
            has_metrics=self._switch(self.file.table("monitoring"), "prometheus_enabled"),
            has_other_keys=self._switch(self.file.table("litellm_db"), "enabled"),
            notes=tuple(self._notes()),
        )

    def _credential(self, table: RouterTable) -> RouterCredential:
        name = self._text(table, "type")
        kind = credential_types().get(name)
        if kind is None:
            self._refuse(table, "type", f"{table.label}: invalid type: {name}")
        url = (self._text(table, "base_url") or (kind.page_url if kind else "")).rstrip("/")
        project, location = self._text(table, "project_id"), self._text(table, "location")
        if name == "vertex-ai" and not url:
            host = _VERTEX if location == "global" else f"{location}-{_VERTEX}"
            url = f"https://{host}/projects/{project}/locations/{location}/publishers/google"
        return RouterCredential(
            name=self._text(table, "name"),
            type=name,
            upstream=kind.upstream if kind else "",
            base_url=url.removesuffix("/v1"),
            key=Secret(self._text(table, "api_key").strip()),
            rpm=self._integer(table, "rpm"),
            tpm=self._integer(table, "tpm") or -1,
            is_fallback=self._switch(table, "is_fallback"),
            project_id=project,
            location=location,
            proxy_url=self._text(table, "proxy_url"),
        )

    def _model(self, table: RouterTable, default_rpm: int) -> RouterModel:
        name = self._text(table, "name") or self._text(table, "model")
        is_native = self._text(table, "passthrough_responses").lower()
        rpm = self._integer(table, "rpm") if table.has("rpm") else 0
        return RouterModel(
            name=name,
            model=self._text(table, "model") or name,
            credential=self._text(table, "credential"),
            rpm=rpm or default_rpm,
            tpm=self._integer(table, "tpm") or -1,
            is_native=(is_native in _TRUE or parsed_switch(is_native) is True)
            if is_native
            else None,
        )

    def _aliases(self) -> dict[str, str]:
        found = {
            alias.name: self._resolved(alias.target)
            for alias in self.file.aliases
            if self.as_page or not alias.is_listed
        }
        return {name: target for name, target in found.items() if target not in ("", name)}

    def _codes(self, ban: RouterTable) -> frozenset[int]:
        node = ban.node("error_codes")
        codes = frozenset(int(item.text) for item in node.items) if node is not None else None
        return codes or _DEFAULT_CODES

    def _rule(self, table: RouterTable, top: BanRule) -> BanRule:
        attempts = self._integer(table, "max_attempts") if table.has("max_attempts") else 0
        seconds = self._ban(table) if table.has("ban_duration") else top.seconds
        return BanRule(attempts or top.max_attempts, seconds)

    def _notes(self) -> Iterator[str]:
        for table in (self.file.root, *self.file.tables, *self.file.credentials, *self.file.models):
            for name in table.entries:
                key = table.keys.get(name)
                if key is not None and not key.served and table.has(name):
                    line = table.entries[name][0].span.start.line
                    place = "" if table.kind == "root" else f"{table.label}: "
                    yield f"{self.file.path}:{line}: {place}`{name}` has no effect in this gateway"

    def _text(self, table: RouterTable, name: str) -> str:
        return self._resolved(table.text(name))

    def _resolved(self, text: str) -> str:
        variable = variable_in(text)
        return text if variable is None else self.environment.get(variable, "")

    def _integer(self, table: RouterTable, name: str) -> int:
        number = parsed_integer(self._text(table, name))
        if number is None:
            self._refuse(table, name, f"{table.label}: {name} must be a whole number")
        return number or 0

    def _switch(self, table: RouterTable, name: str) -> bool:
        found = parsed_switch(self._text(table, name))
        if found is None:
            self._refuse(table, name, f"{table.label}: {name} must be true or false")
        return found is True

    def _duration(self, table: RouterTable, name: str) -> float:
        seconds = parsed_duration(self._text(table, name))
        if seconds is None:
            self._refuse(table, name, f"{table.label}: {name} must be a duration")
        return seconds or 0

    def _ban(self, table: RouterTable) -> float:
        seconds = parsed_ban(self._text(table, "ban_duration"))
        if seconds is None:
            self._refuse(table, "ban_duration", f"{table.label}: ban_duration must be a duration")
        return seconds or 0

    def _refuse(self, table: RouterTable, name: str, message: str) -> None:
        span = table.value_span(name)
        self.problems.append(RouterProblem(ProblemKind.WRONG_VALUE, message, span))
