"""`python -m tests.fuzz [examples]`: atheris where it is installed, hypothesis otherwise.

Failing inputs are kept in `.hypothesis` or, by atheris, in the current folder.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

from hypothesis import HealthCheck, given, settings

from tests.fuzz.inputs import check, files

DEFAULT_EXAMPLES = 20_000


def main(examples: int) -> None:
    """Run that many examples; an exception is a find."""
    limits = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    fuzzed = limits(given(files)(check))
    if find_spec("atheris") is None:
        print(f"hypothesis, {examples} examples (atheris is not installed)")  # noqa: T201
        fuzzed()
        print("nothing found")  # noqa: T201
        return
    import atheris  # noqa: PLC0415 - optional

    with atheris.instrument_imports(include=["provisioner"]):
        import provisioner.validate.run  # noqa: F401, PLC0415

    atheris.Setup([sys.argv[0], f"-runs={examples}"], fuzzed.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_EXAMPLES)
