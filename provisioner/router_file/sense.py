"""What is wrong with a file whose keys and types are right: what is missing, double or undefined.

Messages about what the router refuses begin with the router's own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from provisioner.knowledge.auto_ai_router import ENVIRONMENT, CredentialType, credential_types
from provisioner.router_file.aliases import alias_problems
from provisioner.router_file.file import RouterFile, RouterTable
from provisioner.router_file.problem import ProblemKind, RouterProblem
from provisioner.router_file.values import parsed_switch, variable_in

__all__ = ["sense_problems"]

_GOOGLE = ("api_key", "credentials_file", "credentials_json")


def sense_problems(file: RouterFile) -> Iterator[RouterProblem]:
    """Yield what is wrong beyond keys and types."""
    server = file.table("server")
    if not server.text("master_key"):
        advice = f"add `master_key: {ENVIRONMENT}NAME` to `server`"
        yield _missing("master_key is required", server, advice)
    is_elsewhere = parsed_switch(file.table("litellm_db").text("enabled")) is True
    if not file.credentials and not is_elsewhere:
        yield _missing("no credentials configured", file.root, "list at least one in `credentials`")
    for credential in file.credentials:
        yield from _credential(credential)
    yield from _models(file)
    yield from alias_problems(file)
    yield from _doubles(file)
    yield from _literal_keys(file)
    if file.credentials and all(_is_fallback(one) for one in file.credentials):
        message = "every credential is a fallback: none is asked first"
        span = file.credentials[0].value_span("is_fallback")
        advice = "take `is_fallback` away from those that shall serve"
        yield RouterProblem(ProblemKind.ONLY_FALLBACK, message, span, advice)


def _credential(table: RouterTable) -> Iterator[RouterProblem]:
    label, kinds = table.label, credential_types()
    if not table.text("name"):
        yield _missing(f"{label}: name is required", table, "give it a name that models can say")
    name = table.text("type")
    if variable_in(name) is not None:
        return
    kind = kinds.get(name)
    if kind is None:
        *first, last = (f"'{one}'" for one, item in kinds.items() if item.listed)
        message = f"{label}: invalid type: {name} (must be {', '.join(first)}, or {last})"
        span = table.value_span("type")
        yield RouterProblem(ProblemKind.WRONG_VALUE, message, span, nearby=tuple(kinds))
        return
    suffix = f" for {name} type" if kind.named else ""
    for key in kind.needs:
        if not table.text(key):
            yield _needed(table, key, suffix, kind)
    if name == "vertex-ai" and not any(table.text(key) for key in _GOOGLE):
        message = f"{label}: api_key, credentials_file, or credentials_json is required{suffix}"
        yield _missing(message, table, "name one of them")
    url = table.text("base_url")
    if url and variable_in(url) is None and not _is_url(url):
        message = f"{label}: base_url must be an http or https URL with a host"
        span = table.value_span("base_url")
        yield RouterProblem(ProblemKind.WRONG_VALUE, message, span, "write it in full")


def _needed(table: RouterTable, key: str, suffix: str, kind: CredentialType) -> RouterProblem:
    is_of_page = key == "base_url" and bool(kind.page_url)
    if is_of_page:
        advice = f"add `base_url: {kind.page_url}`, which the router's page leaves out"
    elif key == "api_key":
        advice = f"add `api_key: {ENVIRONMENT}NAME` with the variable that holds it"
    else:
        advice = f"add `{key}`"
    problem = _missing(f"{table.label}: {key} is required{suffix}", table, advice)
    return RouterProblem(
        problem.kind, problem.message, problem.span, problem.help, page_has_it=is_of_page
    )


def _models(file: RouterFile) -> Iterator[RouterProblem]:
    names = {table.text("name") for table in file.credentials}
    if any(variable_in(name) is not None for name in names):
        return
    for table in file.models:
        if not (table.text("name") or table.text("model")):
            yield _missing(f"{table.label}: name is required", table, "add the name clients use")
        name = table.text("credential")
        if name and variable_in(name) is None and name not in names:
            message = f'{table.label}: there is no credential "{name}"'
            span = table.value_span("credential")
            nearby = tuple(sorted(names))
            kind = ProblemKind.UNDEFINED_CREDENTIAL
            yield RouterProblem(kind, message, span, _one_of(nearby), nearby=nearby)


def _doubles(file: RouterFile) -> Iterator[RouterProblem]:
    seen: dict[tuple[str, str, str], RouterTable] = {}
    keyed = [(("credential", table.text("name"), ""), table) for table in file.credentials]
    for table in file.models:
        name = table.text("name") or table.text("model")
        keyed.append((("model", name, table.text("credential")), table))
    for key, table in keyed:
        if not key[1]:
            continue
        first = seen.setdefault(key, table)
        if first is not table:
            line = first.span.start.line
            of = f' of credential "{key[2]}"' if key[2] else ""
            message = f'there is already a {key[0]} "{key[1]}"{of} in line {line}'
            yield RouterProblem(ProblemKind.DUPLICATE, message, table.span, "rename or remove one")
    codes: set[str] = set()
    for rule in file.error_code_rules:
        code = rule.text("code")
        if code in codes:
            message = f"fail2ban: duplicate error_code_rules for code {code}"
            span = rule.value_span("code")
            yield RouterProblem(ProblemKind.DUPLICATE, message, span, "keep one rule for a status")
        codes.add(code)


def _literal_keys(file: RouterFile) -> Iterator[RouterProblem]:
    for table in (*file.tables, *file.credentials):
        for name, key in table.keys.items():
            text = table.text(name) if key.secret else ""
            if text and variable_in(text) is None:
                yield RouterProblem(
                    ProblemKind.LITERAL_KEY,
                    f"{table.label}: {name} is written into the file",
                    table.value_span(name),
                    f'put it into an environment variable and write "{ENVIRONMENT}NAME" here',
                    secret=True,
                )


def _is_fallback(table: RouterTable) -> bool:
    return parsed_switch(table.text("is_fallback")) is True


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _one_of(names: tuple[str, ...]) -> str:
    return f"there are: {', '.join(names)}" if names else "there are no credentials"


def _missing(message: str, table: RouterTable, advice: str) -> RouterProblem:
    return RouterProblem(ProblemKind.MISSING, message, table.span, advice)
