"""`provisioner validate` beside `terraform validate`, and beside a parser that only parses."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from provisioner.knowledge.other_providers import provider_schemas
from provisioner.terraform.check import terraform_ready
from provisioner.terraform.serve import serving

__all__ = ["aws_template", "many_templates", "terraform_environment", "with_cache"]

COPIES = 4


@contextlib.contextmanager
def terraform_environment(template: Path) -> Iterator[dict[str, str]]:
    """Give Terraform what it needs to judge the template without a network.

    This is its best case: no provider has to be started.
    """
    with terraform_ready(template) as environment:
        yield environment


@contextlib.contextmanager
def aws_template(plugins: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Give a template with Amazon's own provider, from the folder `plugins`, after its `init`.

    Terraform starts that one itself, as it does every provider of a user.
    """
    with tempfile.TemporaryDirectory() as place:
        template = shutil.copytree(Path(__file__).parent / "aws", Path(place, "aws"))
        others = {name: item for name, item in provider_schemas().items() if "aws" not in name}
        with terraform_environment(template) as environment, serving(others) as served:
            subprocess.run(
                ["terraform", "init", f"-plugin-dir={plugins}"],
                cwd=template,
                check=True,
                capture_output=True,
                env={**environment, **served},
            )
            installed = Path(environment["TF_DATA_DIR"], "providers")
            shutil.copytree(installed, template / ".terraform" / "providers", symlinks=True)
        with terraform_environment(template) as environment:
            yield template, environment


@contextlib.contextmanager
def many_templates(templates: Sequence[Path]) -> Iterator[Path]:
    """Give a folder with each of the templates several times, no two files with one content."""
    with tempfile.TemporaryDirectory() as place:
        for number in range(COPIES):
            for template in templates:
                copy = Path(place, f"{template.parent.name}-{number}")
                shutil.copytree(template, copy)
                for file in copy.glob("*.tf"):
                    text = file.read_text(encoding="utf-8")
                    file.write_text(f"# Number {number}.\n{text}", encoding="utf-8")
        yield Path(place)


@contextlib.contextmanager
def with_cache() -> Iterator[Mapping[str, str]]:
    """Give an environment whose cache is empty."""
    place = tempfile.mkdtemp()
    try:
        yield {**os.environ, "XDG_CACHE_HOME": place}
    finally:
        shutil.rmtree(place)
