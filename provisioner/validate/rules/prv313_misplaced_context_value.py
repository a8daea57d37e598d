"""PRV313."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.mention import Mention
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["misplaced_context_value"]

_ATTRIBUTES = {
    "count": {"index"},
    "each": {"key", "value"},
    "path": {"cwd", "module", "root"},
    "terraform": {"applying", "env", "workspace"},
}
_REPEATED = {"count": "count", "each": "for_each"}
_WITH_INSTANCES = frozenset({"data", "ephemeral", "import", "module", "resource"})
_WITH_SELF = ("connection", "postcondition", "provisioner")


@rule("PRV313", "misplaced-context-value", Severity.ERROR)
def misplaced_context_value(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """`each`, `count`, `self`, `path` or `terraform` where it has no meaning.

    What it does:
        Looks for `each.…` in a block without `for_each`, `count.index` in one without `count`,
        `self` outside of provisioners, connections and postconditions, for attributes that these
        and `path` and `terraform` do not have, and for blocks with both `count` and `for_each`.

    Why:
        `terraform plan`, and so every workspace build, ends with an error about the context.

    Use instead:
        The argument that gives it a meaning, or the address of the resource in place of `self`.
    """
    for mention in workspace.mentions:
        message, advice = _problem(mention)
        if message:
            yield this.finding(mention.name.path, mention.name.span, message, help=advice)
    for block in workspace.top_blocks:
        both = [block.attributes.get(name) for name in ("count", "for_each")]
        count, for_each = both
        if block.type in _WITH_INSTANCES and count and for_each:
            yield this.finding(
                for_each.path,
                max(count, for_each, key=lambda item: item.start).name_span,
                "count and for_each cannot stand in one block",
                help="remove one of the two",
            )


def _problem(mention: Mention) -> tuple[str, str]:
    name, root = mention.name, mention.name.root
    if root == "self":
        if mention.is_inside(*_WITH_SELF):
            return "", ""
        return "self has no meaning here", "name the resource"
    if root not in _ATTRIBUTES:
        return "", ""
    step = name.steps[0] if name.steps else None
    if step not in _ATTRIBUTES[root]:
        known = " and ".join(f"{root}.{item}" for item in sorted(_ATTRIBUTES[root] - {"env"}))
        what = f"{root}.{step}" if isinstance(step, str) else f"{root} alone"
        return f"{what} is no value", f"there is {known}"
    repeated = _REPEATED.get(root)
    top = mention.top
    if repeated and (
        top.type not in _WITH_INSTANCES
        or repeated not in top.attributes
        or (len(mention.blocks) == 1 and mention.attribute.name == repeated)
    ):
        where = "a block" if top.type in _WITH_INSTANCES else "a resource, data source or module"
        return f"{root}.{step} has no meaning here", f"it needs {where} with {repeated}"
    return "", ""
