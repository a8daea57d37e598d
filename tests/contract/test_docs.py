"""Generated pages are what the code says today."""

from __future__ import annotations

import pytest

from docs.generate import DOCS, pages
from docs.proven import VERSIONS
from provisioner.plan.resolve import resolve
from provisioner.prove.matrix import every_combination, jobs


@pytest.mark.parametrize("name", ["cli.md", "knowledge.md", "rules.md", "spec.md"])
def test_the_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_the_table_of_proofs_has_every_combination_on_every_version() -> None:
    text = (DOCS / "flows.md").read_text(encoding="utf-8")
    rows = [
        tuple(cell.strip(" `") for cell in line.strip("|").split("|"))
        for line in text.split("<!-- proven -->")[1]
        .split("<!-- end of proven -->")[0]
        .splitlines()[3:]
        if line
    ]
    todo = {
        (
            job.spec.gateway.kind,
            job.spec.flow,
            resolve(job.spec).credential.name,
            f"-p {job.profile}" if job.profile else "",
        )
        for job in jobs(every_combination((), (), credentials=True), ["0.169.0"], "codex")
    }

    assert {row[:4] for row in rows} == todo, "run `make proven`"
    assert {cell.split(",")[0] for row in rows for cell in row[4:]} == {"proven"}
    assert {len(row) for row in rows} == {4 + len(VERSIONS)}
