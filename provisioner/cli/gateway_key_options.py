"""The options that say what a virtual key may do, and the file that can say all of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from provisioner.errors import InputError

__all__ = ["policy_options"]

_OPTIONS = (
    click.option(
        "--policy",
        "policy_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The policy, in TOML or JSON; the other options are put on top.",
    ),
    click.option("--model", "models", multiple=True, help="A model it may have, such as 'gpt-6*'."),
    click.option(
        "--alias", "aliases", multiple=True, metavar="NAME=TARGET", help="A name for a model."
    ),
    click.option("--provider", "providers", multiple=True, help="A provider it may have."),
    click.option(
        "--routing",
        type=click.Choice(["none", "fallback_all", "policy"]),
        help="Who is asked when one cannot answer: nobody, all that can, or the chain.",
    ),
    click.option("--chain", multiple=True, help="The next provider of the chain."),
    click.option("--max-attempts", type=int, help="How many of them are asked."),
    click.option(
        "--cache",
        type=click.Choice(["respect", "force", "disable"]),
        help="What becomes of marks for a provider's prompt cache.",
    ),
    click.option("--rpm", type=int, help="Requests a minute."),
    click.option("--rpd", type=int, help="Requests a day."),
    click.option("--deny-tool", "denied_tools", multiple=True, help="Pattern of tools it may not."),
    click.option("--organization", help="Which organization its spending counts for."),
    click.option("--team", help="Which team its spending counts for."),
    click.option("--project", help="Which project its spending counts for."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by."),
)
# Option → where its value is in a policy.
_PLACES = {
    "models": ("models_allowed",),
    "providers": ("providers_allowed",),
    "routing": ("routing_mode",),
    "chain": ("fallback", "chain"),
    "max_attempts": ("fallback", "max_attempts"),
    "cache": ("cache", "mode"),
    "rpm": ("rate_limits", "rpm"),
    "rpd": ("rate_limits", "rpd"),
    "denied_tools": ("policy_rules", "tools", "deny"),
    "organization": ("scopes", "organization"),
    "team": ("scopes", "team"),
    "project": ("scopes", "project"),
    "tags": ("tags",),
}


def policy_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand over the `policy` that they make, as JSON has it."""

    @wraps(function)
    def with_policy(
        *,
        policy_file: Path | None,
        aliases: tuple[str, ...],
        **others: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - what click handed over
        from provisioner.cli.extra import need_extra

        need_extra("gateway")
        policy = _read(policy_file) if policy_file else {}
        for alias in aliases:
            name, equals, target = alias.partition("=")
            if not (name and equals and target):
                raise click.BadParameter(f'"{alias}" is not NAME=TARGET', param_hint="--alias")
            _put(policy, ("model_aliases", name), target)
        for option, place in _PLACES.items():
            value = others.pop(option)
            if value not in (None, ()):
                _put(policy, place, list(value) if isinstance(value, tuple) else value)
        return function(policy=policy, **others)

    wrapped: Callable[..., Any] = with_policy
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _put(policy: dict[str, Any], place: tuple[str, ...], value: object) -> None:
    for name in place[:-1]:
        inner = policy.setdefault(name, {})
        if not isinstance(inner, dict):
            # Whoever checks the policy says what is wrong with it.
            return
        policy = inner
    policy[place[-1]] = value


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InputError(f'cannot read "{path}": {error.strerror}') from error
    except (ValueError, RecursionError) as error:
        form = "JSON" if path.suffix == ".json" else "TOML"
        raise InputError(f"{path}: not valid {form}: {error}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: it must hold an object")
    from provisioner.gateway.management.virtual_key_body import merged
    from provisioner.gateway.policy.key_policy import KeyPolicy
    from provisioner.gateway.toml_file import checked_model

    # Checked here as well, where the name of the file is known; null takes a setting away.
    checked_model(path, merged({}, document), KeyPolicy)
    return document
