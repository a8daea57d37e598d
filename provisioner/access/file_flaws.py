"""What is wrong with an access, catalog or profile file whose values are each valid alone."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Iterator

from provisioner.access.catalog import Catalog, built_in_entries
from provisioner.access.catalog_tables import CatalogTables
from provisioner.access.policy import ANY
from provisioner.access.profile_tables import ProfileTables
from provisioner.access.tables import AccessTables, UsageTables
from provisioner.finding import Finding
from provisioner.gateway_kinds import gateway_kind
from provisioner.knowledge.hosts import sends_in_clear
from provisioner.redact import secret_looking
from provisioner.spec.codes import IMPOSSIBLE_COMBINATION, MISSING_KEY
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["access_flaws", "catalog_flaws", "profile_flaws", "usage_flaws"]

_ROWS = 'write a model id, a company or "*", or add the model to catalog.toml beside this file'
_KEYS = {"node": "node_id", "project": "project_id", "system-worktype": "worktype"}


def access_flaws(
    tables: AccessTables, document: TomlDocument, path: str, catalog: Catalog
) -> Iterator[Finding]:
    """Yield what an access file says twice, or cannot mean."""
    for where, message, help_text in (*_twice(tables), *_meaningless(tables)):
        span = document.value_span(*where)
        yield IMPOSSIBLE_COMBINATION.finding(message, path, span, help_text)
    for where, message, help_text in _rows_about_nothing(tables, catalog):
        span = document.key_span(*where)
        yield IMPOSSIBLE_COMBINATION.finding(message, path, span, help_text)


_Flaws = Iterator[tuple[tuple[str | int, ...], str, str]]


def _twice(tables: AccessTables) -> _Flaws:
    for index in _repeated([(p.level, p.project, p.workload) for p in tables.policy]):
        message = "there is another policy of this level for the same project and workload"
        yield ("policy", index, "level"), message, "write one policy with both matrices"
    for index in _repeated([pool.name for pool in tables.pool]):
        yield ("pool", index, "name"), "there is another pool of this name", "rename one"
    for index in _repeated([(cap.mode, cap.pool) for cap in tables.cap]):
        message = "there is another cap of this mode in the same pools"
        yield ("cap", index, "mode"), message, "write one cap with both limits"


def _meaningless(tables: AccessTables) -> _Flaws:
    for index, policy in enumerate(tables.policy):
        if policy.project and policy.level != "project":
            message = f'a policy of the level "{policy.level}" is for every project'
            yield ("policy", index, "project"), message, 'use level = "project"'
    for name, gateway in tables.gateways.items():
        if sends_in_clear(gateway.url or ""):
            message = f'"{gateway.url}" would get credentials without TLS'
            help_text = "use https; plain http is for loopback addresses"
            yield ("gateways", name, "url"), message, help_text
        if gateway.token_env and gateway_kind(gateway.kind).is_in_coder:
            message = f"{gateway_kind(gateway.kind).title} has no token_env to choose"
            yield ("gateways", name, "token_env"), message, "remove it"
    for index, name in enumerate(tables.organization.metered_keys):
        if any(secret_looking(f'"{name}"')):
            help_text = "name the provider that it is for, and give the key to the gateway"
            yield ("organization", "metered_keys", index), "this looks like a key", help_text


def _rows_about_nothing(tables: AccessTables, catalog: Catalog) -> _Flaws:
    """Yield the rows that no session could be under: what they forbid would be allowed."""
    known = catalog.names()
    for index, policy in enumerate(tables.policy):
        for row in policy.matrix:
            if row == ANY or row in known:
                continue
            message = f'"{row}" is no model id or company of the catalog: the row limits nothing'
            close = difflib.get_close_matches(row, sorted(known), n=1)
            help_text = f'did you mean "{close[0]}"?' if close else _ROWS
            yield ("policy", index, "matrix", row), message, help_text


def catalog_flaws(tables: CatalogTables, document: TomlDocument, path: str) -> Iterator[Finding]:
    """Yield entries that are there twice, and replacements that lead nowhere."""
    ids = [f"{entry.provider}/{entry.model_id}" for entry in tables.model]
    for index in _repeated(ids):
        message = f'there is another entry for "{ids[index]}"'
        span = document.value_span("model", index, "model_id")
        help_text = "an entry never changes: give the new one a model id of its own"
        yield IMPOSSIBLE_COMBINATION.finding(message, path, span, help_text)
    known = {*ids, *(entry.id for entry in built_in_entries())}
    for index, entry in enumerate(tables.model):
        if entry.replaced_by and entry.replaced_by not in known:
            message = f'"{entry.replaced_by}" is not in the catalog'
            span = document.value_span("model", index, "replaced_by")
            help_text = "write the id, such as codex/gpt-5.5"
            yield IMPOSSIBLE_COMBINATION.finding(message, path, span, help_text)


def profile_flaws(tables: ProfileTables, document: TomlDocument, path: str) -> Iterator[Finding]:
    """Yield profiles that are there twice, and those that do not say what they are for."""
    for index in _repeated([(p.name, p.scope, p.key) for p in tables.profile]):
        message = "there is another profile of this name and scope"
        span = document.value_span("profile", index, "name")
        yield IMPOSSIBLE_COMBINATION.finding(message, path, span, "rename one")
    for index, profile in enumerate(tables.profile):
        needed = _KEYS.get(profile.scope)
        if needed and not profile.key:
            message = f'a profile of the scope "{profile.scope}" has no {needed}'
            span = document.value_span("profile", index, "scope")
            yield MISSING_KEY.finding(message, path, span, f"add {needed}")
        for key in _KEYS.values():
            if key != needed and getattr(profile, key):
                message = f'"{key}" has no meaning in the scope "{profile.scope}"'
                span = document.value_span("profile", index, key)
                yield IMPOSSIBLE_COMBINATION.finding(message, path, span, "remove it")


def usage_flaws(tables: UsageTables, document: TomlDocument, path: str) -> Iterator[Finding]:
    """Yield nothing: rows of a ledger may repeat, and add up."""
    del tables, document, path
    yield from ()


def _repeated(keys: Iterable[Hashable]) -> Iterator[int]:
    """Yield the place of every key that was there before."""
    seen = set[Hashable]()
    for index, key in enumerate(keys):
        if key in seen:
            yield index
        seen.add(key)
