"""Expressions and names → whether a secret is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.knowledge.secret_attributes import secret_attributes
from provisioner.syntax.hcl_model import Call, Expression, Literal, Traversal
from provisioner.validate.workspace import Workspace

__all__ = ["is_named_like_a_secret", "secret_references"]

_WORDS = re.compile(
    r"(?:\A|_)(?:(?:api|access|secret|private|master|virtual|gateway|openai|anthropic)_?key"
    r"|token|secret|password|passwd|passphrase|credentials?|apikey)\Z"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLAIN = re.compile(r"[^a-z0-9]+")


def is_named_like_a_secret(name: str) -> bool:
    """Say whether a name ends in a word for a secret, such as `openai_api_key` or `Gateway token`.

    `max_tokens`, `key_name`, `token_env` and `ssh_public_key` do not.
    """
    plain = _PLAIN.sub("_", _CAMEL.sub("_", name).lower()).strip("_")
    return "public" not in plain and _WORDS.search(plain) is not None


def secret_references(expression: Expression | None, workspace: Workspace) -> Iterator[Traversal]:
    """Yield what `expression` refers to that is sensitive to Terraform, through locals too.

    What a call of `nonsensitive` is given is yielded as well: it is no less a secret. A hash of
    one, its length, or the keys of a map of them, is none.
    """
    yield from _references(expression, workspace, frozenset())


_HIDES = re.compile(
    r"(?:base64)?(?:sha\d+|md5)|filesha\w+|filemd5|bcrypt|keys|length|uuidv5|startswith"
)


def _references(
    expression: Expression | None, workspace: Workspace, seen: frozenset[str]
) -> Iterator[Traversal]:
    match expression:
        case None | Literal():
            return
        case Call(name=name) if _HIDES.fullmatch(name):
            return
        case Traversal(root="local", steps=(str() as name, *_)) if name not in seen:
            behind = workspace.declared.locals.get(name)
            if any(_references(behind, workspace, seen | {name})):
                yield expression
        case Traversal() if _is_secret(expression, workspace):
            yield expression
        case _:
            for part in expression.children:
                yield from _references(part, workspace, seen)


def _is_secret(reference: Traversal, workspace: Workspace) -> bool:
    match reference.root, reference.steps:
        case "var", (str() as name, *_):
            variable = workspace.declared.variables.get(name)
            sensitive = variable.value("sensitive") if variable else None
            return workspace.evaluator.value(sensitive).known is True
        case "data", (str() as kind, str(), *rest):
            return _attribute(rest) in secret_attributes("data", kind)
        case str() as kind, (str(), *rest):
            return _attribute(rest) in secret_attributes("resource", kind)
    return False


def _attribute(steps: list[str | int]) -> str:
    """Return the attribute after the index, where there is one."""
    return next((step for step in steps if isinstance(step, str)), "")
