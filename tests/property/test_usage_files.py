"""What a ledger says is what its usage file is read as, to the last fraction of a cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from provisioner.access.auth_mode import AuthMode
from provisioner.access.pool import PoolProvider
from provisioner.access.read import read_usage
from provisioner.access.usage import Spending
from provisioner.access.usage_text import usage_text

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=20)
MICRO = st.integers(0, 10**14)
ROWS = st.builds(
    lambda day, mode, pool, micro, name: Spending(
        day, mode, pool, Decimal(micro) / 1_000_000, name
    ),
    st.dates(),
    st.sampled_from(AuthMode),
    st.sampled_from(PoolProvider),
    MICRO,
    NAMES,
)


@given(st.lists(ROWS, max_size=4))
def test_a_ledger_is_read_as_it_was_written(ledger: list[Spending]) -> None:
    assert list(read_usage(usage_text(ledger), "usage.toml")) == ledger
