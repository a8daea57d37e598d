"""Generated pages are what the code says today."""

from __future__ import annotations

import pytest

from docs.generate import DOCS, pages


@pytest.mark.parametrize("name", ["cli.md", "rules.md", "spec.md"])
def test_the_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"
