"""Plan → the files of a template folder: verbatim files copied, `.j2` files rendered."""

from __future__ import annotations

import contextlib
import json
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import jinja2

from provisioner import __version__
from provisioner.assets import module_source, shared_templates
from provisioner.errors import InputError
from provisioner.knowledge.coder import coder_gateway
from provisioner.plan.model import EnvSource, Plan
from provisioner.render.codex_tf import codex_blocks, stores_session_token
from provisioner.render.template_source import (
    SETTINGS,
    TemplateSource,
    chosen_agents,
    read_source,
)
from provisioner.syntax.hcl_values import hcl_values

__all__ = ["executable_names", "render"]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|])")
_RENDERED = ".j2"
_CODEX = "codex.tf"
_KEPT_HIDDEN = ".terraform.lock.hcl"
_NOT_PUSHED = re.compile(r".*\.tfstate(?:\..*)?|__pycache__|\..*")
"""State holds secrets, and hidden files belong to tools."""


def render(plan: Plan) -> dict[str, bytes]:
    """Return the files of the template folder by name, with `/` in the names of nested ones.

    Raises `InputError` for a template of the user's own that cannot be used.
    """
    source = read_source(plan.template)
    agents = chosen_agents(plan.template, source)
    _refuse_taken_presets(plan, source)
    environment = _environment(source.folder)
    context = _context(plan, source, agents)
    files = _own_files(source, environment, context)
    if (source.folder / _CODEX).exists():
        raise InputError(
            f"{source.folder / _CODEX} stands in the place of what the spec decides; give it "
            f"another name, or make it {_CODEX}{_RENDERED}"
        )
    if _CODEX not in files:
        text = environment.get_template(f"shared/{_CODEX}{_RENDERED}").render(context)
        files[_CODEX] = text.encode("utf-8")
    if plan.module.is_bundled:
        for name, path in _files_of(module_source("codex")):
            if not name.startswith("tests/"):
                files[f"modules/codex/{name}"] = path.read_bytes()
    return files


def executable_names(plan: Plan) -> frozenset[str]:
    """Return which of the rendered files are programs, as they are in the folder of the template.

    Raises `InputError` for a template of the user's own that cannot be used.
    """
    found = _files_of(read_source(plan.template).folder)
    return frozenset(
        name.removesuffix(_RENDERED) for name, path in found if path.stat().st_mode & stat.S_IXUSR
    )


def _own_files(
    source: TemplateSource, environment: jinja2.Environment, context: Mapping[str, object]
) -> dict[str, bytes]:
    """Copy and render what stands in the folder of the template."""
    files = dict[str, bytes]()
    for name, path in _files_of(source.folder):
        if name.endswith(_RENDERED):
            if name.removesuffix(_RENDERED) in files:
                raise InputError(f"{path} and {name.removesuffix(_RENDERED)} are both there")
            try:
                text = environment.get_template(name).render(context)
            except Exception as error:
                raise InputError(f"cannot render {path}: {error}") from error
            files[name.removesuffix(_RENDERED)] = text.encode("utf-8")
        elif name != SETTINGS:
            files[name] = path.read_bytes()
    return files


def _refuse_taken_presets(plan: Plan, source: TemplateSource) -> None:
    """Coder takes no two presets of one name; those that differ in case alone look the same."""
    taken = set[str]()
    for path in source.folder.glob("*.tf") if plan.template.presets else ():
        with contextlib.suppress(ValueError):  # What Terraform cannot read is for `validate`.
            data = hcl_values(path.read_text(encoding="utf-8")).get("data", {})
            presets = data.get("coder_workspace_preset", {}).values()
            taken.update(str(preset.get("name")).lower() for preset in presets)
    for preset in plan.template.presets:
        if preset.name.lower() in taken:
            raise InputError(
                f'template "{plan.template.name}" has a preset "{preset.name}" of its own; '
                "give the one in the spec another name"
            )


def _files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder in the order of their names.

    Hidden ones, Terraform's state and links to somewhere else are left out.
    """
    inside = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.name != _KEPT_HIDDEN and any(map(_NOT_PUSHED.fullmatch, name.parts)):
            continue
        if path.is_file() and path.resolve().is_relative_to(inside):
            yield name.as_posix(), path


@cache
def _environment(folder: Path) -> jinja2.Environment:
    """A template's own files come first; `shared/NAME` is what all have."""
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.FileSystemLoader(folder),
                jinja2.PrefixLoader({"shared": jinja2.FileSystemLoader(shared_templates())}),
            ]
        ),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - HCL and Markdown; every value goes through its quoting
    )


def _context(plan: Plan, source: TemplateSource, agents: Sequence[str]) -> dict[str, object]:
    return {
        "plan": plan,
        "own_key": next((item for item in plan.env if item.name == plan.personal_env), None),
        "source": source,
        "version": __version__,
        "yaml": _yaml,
        "markdown": _markdown,
        "coder_needed": str(coder_gateway().oldest_with_gateway),
        "secrets_needed": str(coder_gateway().user_secrets_since) if _asks_the_user(plan) else "",
        "stores_session_token": stores_session_token(plan),
        "blocks": codex_blocks(plan, agents),
    }


def _asks_the_user(plan: Plan) -> bool:
    return any(variable.source is EnvSource.USER for variable in plan.env)


def _yaml(text: str) -> str:
    """JSON strings are YAML strings; keep other scripts readable."""
    return json.dumps(text, ensure_ascii=False)


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
