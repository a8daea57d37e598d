"""`python -m tests.fuzz [examples]`: atheris where it is installed, hypothesis otherwise.

Failing inputs are kept in `.hypothesis` or, by atheris, in the current folder.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from hypothesis import HealthCheck, given, settings

DEFAULT_EXAMPLES = 20_000


def main(examples: int) -> None:
    """Run that many examples; an exception is a find."""
    if find_spec("atheris") is None:
        print(f"hypothesis, {examples} examples (atheris is not installed)")  # noqa: T201
        _fuzzed(examples)()
        print("nothing found")  # noqa: T201
        return
    import atheris  # noqa: PLC0415 - optional

    with atheris.instrument_imports(include=["provisioner"]):
        fuzzed = _fuzzed(examples)
    atheris.Setup([sys.argv[0], f"-runs={examples}"], fuzzed.hypothesis.fuzz_one_input)
    atheris.Fuzz()


def _fuzzed(examples: int) -> Any:
    from tests.fuzz.inputs import check, files  # noqa: PLC0415 - atheris watches what it imports

    limits = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    return limits(given(files)(check))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_EXAMPLES)
