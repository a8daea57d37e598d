"""The tables of what gateways on one database share while they run.

Times are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    String,
    Table,
    Text,
)

from provisioner.gateway.record.schema_metadata import metadata

__all__ = [
    "budget_account",
    "budget_reservation",
    "circuit",
    "gateway",
    "key_pause",
    "lease",
    "rate_count",
    "router_ban",
]

gateway = Table(
    "gateway",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

# One subject of one budget in one window; money in millionths of a US dollar.
budget_account = Table(
    "budget_account",
    metadata,
    Column("budget", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("window_start", BigInteger, primary_key=True, autoincrement=False),
    Column("spent", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
)

# What a running interception may still cost, as JSON, for each part of the policy that asked. Rows
# go when their interceptions end: they are few, and looking at all now and then takes no index.
budget_reservation = Table(
    "budget_reservation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("part", Text, primary_key=True),
    Column("holds", Text, nullable=False),
    Column("gateway_id", String(36), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What a gateway holds of something that there is only so much of; nothing once it has lapsed.
lease = Table(
    "lease",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("gateway_id", String(36), primary_key=True),
    Column("held", BigInteger, nullable=False),
    Column("lapses_at", BigInteger, nullable=False),
)

# Requests by the hash of what they are counted for, in each second since 1970.
rate_count = Table(
    "rate_count",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("second", BigInteger, primary_key=True, autoincrement=False),
    Column("requests", Integer, nullable=False),
)

# Only those that are not simply closed, or were not lately; the names are hashed.
circuit = Table(
    "circuit",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("counted_since", BigInteger, nullable=False),
    Column("open_until", BigInteger),
    Column("trials", Integer, nullable=False),
    Column("successes", Integer, nullable=False),
    Column("tried_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False, index=True),
)

# A provider's keys that cool down, by hash.
key_pause = Table(
    "key_pause",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("limited", Boolean, nullable=False),
    Column("changed_at", BigInteger, nullable=False, index=True),
)

# A router's credential and model by hash: failures as JSON, and how long it is banned.
router_ban = Table(
    "router_ban",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("failures", Text, nullable=False),
    Column("until", BigInteger),
    Column("changed_at", BigInteger, nullable=False, index=True),
)
