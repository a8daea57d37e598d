"""The path of the router's config.yaml in, what it says out."""

from __future__ import annotations

import os
from pathlib import Path

from provisioner.errors import InputError
from provisioner.finding import Position
from provisioner.gateway.auto_ai_router_config import AutoAiRouterConfig
from provisioner.router_file.file import RouterFile
from provisioner.router_file.model import RouterConfig
from provisioner.router_file.problem import RouterProblem
from provisioner.router_file.settle import settled
from provisioner.syntax.source import SourceText, decode_source
from provisioner.syntax.yaml_document import YamlDocument

__all__ = ["read_router_file"]


def read_router_file(path: Path, settings: AutoAiRouterConfig) -> RouterConfig:
    """Return what the router's config.yaml says, with variables from the environment.

    Raises `InputError` with file, line and column of each mistake.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f'cannot read "{path}": {error.strerror}') from error
    source, problem = decode_source(data, str(path))
    document = YamlDocument(source, None, problem) if problem else YamlDocument.read(source)
    if document.problem is not None:
        refused = document.problem
        raise InputError(_line(source, refused.span.start, refused.message, refused.help))
    as_page = settings.follow == "pages"
    config, problems = settled(RouterFile(document), os.environ, as_page=as_page)
    if config is None:
        raise InputError("\n".join(_told(source, problems, as_page=as_page)))
    return config


def _told(source: SourceText, problems: tuple[RouterProblem, ...], *, as_page: bool) -> list[str]:
    return [
        _line(source, one.span.start, one.message, one.help)
        for one in problems
        if one.kind.is_refused and not (as_page and one.page_has_it)
    ]


def _line(source: SourceText, at: Position, message: str, advice: str) -> str:
    return f"{source.path}:{at.line}:{at.column}: {message}{f'; {advice}' if advice else ''}"
