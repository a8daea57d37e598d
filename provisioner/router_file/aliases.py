"""Aliases that lead nowhere, or are written in a way that the router does not read.

The router looks an alias up once: one that leads to another alias leads to no model.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.router_file.file import RouterAlias, RouterFile
from provisioner.router_file.problem import ProblemKind, RouterProblem
from provisioner.router_file.values import variable_in

__all__ = ["alias_problems"]


def alias_problems(file: RouterFile) -> Iterator[RouterProblem]:
    """Yield what is wrong with the aliases."""
    yield from _spelling(file)
    models = {table.text("name") or table.text("model") for table in file.models}
    targets = {alias.name: alias.target for alias in file.aliases}
    for alias in file.aliases:
        if variable_in(alias.target) is not None:
            continue
        if alias.target == alias.name:
            message = f'the alias "{alias.name}" leads to itself, and the router ignores it'
            yield _lost(alias, message, "remove it", ())
        elif alias.target in targets and alias.target not in models:
            end = _end(targets, alias.name)
            message = f'the alias "{alias.name}" leads to the alias "{alias.target}"'
            advice = "name the model itself: the router looks an alias up once"
            if end is None:
                message += ", and both go round in a circle"
            yield _lost(alias, message, advice, ())
        elif models and alias.target not in models:
            message = f'the alias "{alias.name}" leads to "{alias.target}", which is no model here'
            yield _lost(alias, message, "add it to `models`", tuple(sorted(models)))


def _end(targets: dict[str, str], name: str) -> str | None:
    """Return what the aliases lead to in the end, None for a circle."""
    seen = set[str]()
    while name in targets:
        if name in seen:
            return None
        seen.add(name)
        name = targets[name]
    return name


def _spelling(file: RouterFile) -> Iterator[RouterProblem]:
    node = file.root.node("model_aliases")
    if node is None or node.is_null:
        return
    span = file.root.entries["model_aliases"][0].span
    kind = ProblemKind.ALIAS_LIST
    message = "the router does not read `model_aliases`, though its page about Codex has it"
    written = ", ".join(f"{one.name}: {one.target}" for one in file.aliases if one.is_listed)
    advice = f"write the map `model_alias: {{{written}}}` instead"
    yield RouterProblem(kind, message, span, advice, page_has_it=True)
    for item in node.items:
        alias, _, target = item.text.partition("/")
        if not (alias and target):
            message = f'"{item.text}" is not of the form alias/target'
            yield RouterProblem(ProblemKind.WRONG_VALUE, message, item.span)


def _lost(alias: RouterAlias, message: str, advice: str, nearby: tuple[str, ...]) -> RouterProblem:
    return RouterProblem(ProblemKind.ALIAS, message, alias.span, advice, nearby=nearby)
