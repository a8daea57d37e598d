"""Terraform folders that need no provider, and folders that differ from them in one place."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.syntax.hcl_model import (
    Attribute,
    Block,
    Call,
    Expression,
    ListValue,
    Literal,
    Piece,
    Text,
    Traversal,
)
from provisioner.validate.workspace import Workspace

__all__ = ["Mutant", "bases", "mutants"]

_MAIN = """
terraform {
  required_version = ">= 1.5, < 9"
}

variable "name" {
  type        = string
  default     = "home"
  description = "A name."

  validation {
    condition     = length(var.name) > 0
    error_message = "The name is empty."
  }
}

variable "sizes" {
  type    = map(number)
  default = { small = 1, large = 2 }
}

variable "shape" {
  type = object({
    ports = list(number)
    label = optional(string, "none")
  })
  default = { ports = [80, 443] }
}

locals {
  first  = element(var.shape.ports, 0)
  prefix = "${var.name}-${local.first}"
  upper  = { for key, size in var.sizes : upper(key) => size + 1 }
  lines  = [for size in values(var.sizes) : format("%s:%d", local.prefix, size)]
  text   = <<-EOT
    name = ${var.name}
    %{ for line in local.lines ~}
    line = ${line}
    %{ endfor ~}
  EOT
  chosen = var.name == "home" ? local.upper["SMALL"] : 0
  fixed  = { port = 8080, hosts = ["a", "b"] }
  host   = local.fixed.hosts[1]
  total  = 1 + 2 * local.fixed.port
}

resource "terraform_data" "numbered" {
  count = 2
  input = "${local.prefix}-${count.index}"
}

resource "terraform_data" "named" {
  for_each         = var.sizes
  input            = "${each.key}=${each.value}"
  triggers_replace = [terraform_data.numbered[0].id]
}

resource "terraform_data" "single" {
  input      = join(",", terraform_data.numbered[*].output)
  depends_on = [terraform_data.named]

  provisioner "local-exec" {
    command = "echo ${self.id}"
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = local.total > 0
      error_message = "Nothing is left."
    }
  }
}

output "text" {
  value = trimspace(local.text)
}

output "chosen" {
  value     = [local.chosen, local.host, path.module, terraform.workspace]
  sensitive = false
}

output "ids" {
  value      = { for key, item in terraform_data.named : key => item.id }
  depends_on = [terraform_data.single]
}
"""

_CALLER = """
variable "label" {
  default = "x"
}

module "volume" {
  source = "./modules/volume"
  name   = var.label
  sizes  = [1, 2]
}

module "several" {
  source   = "./modules/volume"
  for_each = toset(["a", "b"])
  name     = each.key
}

locals {
  ids = concat([module.volume.id], [for item in module.several : item.id])
}

output "ids" {
  value = join(",", local.ids)
}

output "path" {
  value = "${module.volume.path}/${module.several["a"].path}"
}
"""

_VOLUME = """
variable "name" {
  type = string
}

variable "sizes" {
  type    = list(number)
  default = []
}

resource "terraform_data" "this" {
  input = { name = var.name, sizes = var.sizes }
}

output "id" {
  value = terraform_data.this.id
}

output "path" {
  value = "/${lower(var.name)}"
}
"""

# Their types, which are not followed, say more than whether there is a value.
_TYPED = {("sizes",), ("shape",), ("first",)}

_MANIFEST = {
    "Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "several", "Source": "./modules/volume", "Dir": "modules/volume"},
        {"Key": "volume", "Source": "./modules/volume", "Dir": "modules/volume"},
    ]
}


@dataclass(frozen=True)
class Mutant:
    """The files of a folder, and what was done to them."""

    change: str
    files: Mapping[str, str]


def bases() -> tuple[dict[str, str], ...]:
    """Return the folders that Terraform is content with; `terraform init` is done in them."""
    return (
        {"main.tf": _MAIN},
        {
            "main.tf": _CALLER,
            "modules/volume/main.tf": _VOLUME,
            ".terraform/modules/modules.json": json.dumps(_MANIFEST),
        },
    )


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    """Yield `count` different folders, always the same for one `seed`."""
    chance = random.Random(seed)
    found = [
        (files, path, start, end, text)
        for files in bases()
        for path, source in files.items()
        if path.endswith(".tf")
        for start, end, text in _edits(path, source)
    ]
    for files, path, start, end, text in chance.sample(found, min(count, len(found))):
        source = files[path]
        changed = source[:start] + text + source[end:]
        change = f"{path}:{source.count(chr(10), 0, start) + 1} {source[start:end]!r} -> {text!r}"
        yield Mutant(change, {**files, path: changed})


def _edits(path: str, source: str) -> Iterator[tuple[int, int, str]]:
    workspace = Workspace.read({path: source.encode()})
    for top in workspace.top_blocks:
        for block in top.descend():
            yield from _block_edits(block, source)
            for attribute in block.attributes.values():
                yield from _attribute_edits(attribute)
                for part, is_argument in _parts(attribute.expression):
                    yield from _expression_edits(part, source, is_argument=is_argument)


def _written(piece: Piece, source: str) -> str:
    return source[piece.start : piece.end]


def _block_edits(block: Block, source: str) -> Iterator[tuple[int, int, str]]:
    text = _written(block, source)
    yield block.start, block.end, f"{text}\n\n{text}"
    yield block.start, block.end, ""
    yield block.start, block.start + len(block.type), f"{block.type}s"
    yield block.end - 1, block.end, "  unheard_of {}\n}"
    for label in block.labels:
        yield label.start, label.end, ""
        if block.type != "provisioner":
            yield label.start, label.end, '"1 x"'
        # Another module or type of resource would need another `terraform init`.
        if label is block.labels[-1] and block.type not in {"module", "provisioner"}:
            yield label.start, label.end, f'"{label.value}_x"'


def _attribute_edits(attribute: Attribute) -> Iterator[tuple[int, int, str]]:
    yield attribute.start, attribute.end, ""
    yield attribute.start, attribute.name_end, f"{attribute.name}x"


def _parts(expression: Expression) -> Iterator[tuple[Expression, bool]]:
    """Yield every part, and whether a function takes it."""
    waiting = [(expression, False)]
    while waiting:
        part, is_argument = waiting.pop()
        yield part, is_argument
        waiting += [(child, is_argument or isinstance(part, Call)) for child in part.children]


def _expression_edits(
    part: Expression, source: str, *, is_argument: bool
) -> Iterator[tuple[int, int, str]]:
    text = _written(part, source)
    match part:
        case Traversal():
            if part.root != "self" and part.steps[:1] != ("shape",):
                yield part.start, part.end, f"{text}x"
            # What type an attribute of a resource has is for its provider to say.
            if part.root not in {"terraform_data", "self"} and part.steps[:1] not in _TYPED:
                yield part.start, part.end, f"{text}[0]"
                yield part.start, part.end, f"{text}.more"
            yield part.start, part.end, text.replace("[0]", "").replace("[*]", "")
            yield part.start, part.end, part.root
            for root in (
                ()
                if is_argument
                else ("each.key", "count.index", "self.id", "local.text", "path.folder")
            ):
                yield part.start, part.end, root
        case Call(name=name):
            yield part.start, part.start + len(name), f"{name}z"
            if name not in {"concat", "format", "join"}:
                yield part.end - 1, part.end, ", 1)"
            yield part.start, part.end, f"{name}()"
        # The types that functions want are not compared.
        case _ if is_argument:
            return
        case Text() if text.startswith('"'):
            yield part.start, part.end, "[]"
            yield part.start, part.end, "null"
        case Literal() | ListValue():
            yield part.start, part.end, '"word"'
            yield part.start, part.end, "{}"
