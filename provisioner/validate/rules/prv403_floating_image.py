"""PRV403."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Block, Expression
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["floating_image"]

# Resource type → (type of the block inside it, or "" for itself; its attribute).
_IMAGES = {
    "docker_container": ("", "image"),
    "docker_image": ("", "name"),
    "docker_service": ("container_spec", "image"),
}


@rule("PRV403", "floating-image", Severity.WARNING)
def floating_image(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A container image whose next version is taken unseen.

    What it does:
        Reports an image of a Docker container, or of a container in a Kubernetes resource, that has
        no tag, or the tag `latest`, and no digest. An image built by the template is fine.

    Why:
        The next start of an unchanged workspace can get another system, without a shell or tool
        that the agent and Codex need; two workspaces of one template differ.

    Use instead:
        A tag that names a version or a variant, or a digest.
    """
    built = {
        block.names[1] for block in workspace.blocks("resource", "docker_image") if _builds(block)
    }
    for expression in _images(workspace):
        value = workspace.evaluator.value(expression)
        if isinstance(value.known, str) and _floats(value.known) and not built:
            yield this.finding(
                expression.path,
                expression.span,
                f'the image "{value.known}" changes without notice',
                help="add a tag that names a version, or a digest",
                confidence=value.confidence,
            )


def _images(workspace: Workspace) -> Iterator[Expression]:
    for block in workspace.blocks("resource"):
        kind = block.names[0] if block.names else ""
        if kind in _IMAGES:
            inner, name = _IMAGES[kind]
            places = [item for item in block.descend() if item.type == inner] if inner else [block]
            yield from (value for place in places if (value := place.value(name)))
        elif kind.startswith("kubernetes_"):
            containers = (b for b in block.descend() if b.type in {"container", "init_container"})
            yield from (value for item in containers if (value := item.value("image")))


def _builds(block: Block) -> bool:
    return any(inner.type == "build" for inner in block.blocks)


def _floats(image: str) -> bool:
    if not image or "@" in image or image.startswith("sha256:"):
        return False
    _, _, tag = image.rpartition("/")[2].partition(":")
    return tag in {"", "latest"}
