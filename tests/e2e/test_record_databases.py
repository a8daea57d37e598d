"""SQLite and PostgreSQL behind the same queries: records, threads, tokens, outages, migrations."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update

from provisioner.errors import InputError, OutputError
from provisioner.gateway.record import schema
from provisioner.gateway.record.accounts import ensure_account
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import (
    SILENT_AFTER,
    GatewayIdentity,
    end_interrupted,
    say_alive,
)
from provisioner.gateway.record.migrate import _migrate
from provisioner.gateway.record.model import (
    InterceptionEnd,
    InterceptionRecord,
    InterceptionStart,
    ModelThought,
    Outcome,
    PromptUsage,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.opened import open_database, open_for_reading
from provisioner.gateway.record.retention import delete_before
from provisioner.gateway.record.store import all_interceptions, interceptions_where
from provisioner.gateway.record.threads import link_late
from provisioner.gateway.record.tokens import create_token, find_token, token_hash
from provisioner.gateway.record.write import write_records
from tests.support.interception_records import interception_start
from tests.support.postgres_server import PASSWORD, PostgresServer

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def start(name: str, second: float = 0, **changes: object) -> InterceptionStart:
    return interception_start(name, NOW + timedelta(seconds=second), **changes)


def end(name: str, *calls: str) -> InterceptionEnd:
    tools = tuple(ToolUsage("msg", "exec", call, '{"a":1}', NOW) for call in calls)
    return InterceptionEnd(name, NOW, Outcome.COMPLETED, 200, "", tools=tools)


def held(database: Database) -> dict[str, InterceptionRecord]:
    return {record.id: record for record in database.read(interceptions_where)}


def threads(database: Database) -> dict[str, tuple[str | None, str | None, str]]:
    return {
        name: (record.thread_parent_id, record.thread_root_id, record.session_id)
        for name, record in held(database).items()
    }


def test_what_is_written_is_read_back(database: Database) -> None:
    bad = "\0 \ud800 \N{GRINNING FACE}"
    written = InterceptionEnd(
        id="a",
        ended_at=NOW + timedelta(microseconds=1),
        outcome=Outcome.FAILED,
        status=None,
        error="upstream broke off",
        token_usage=(TokenUsage("m", 1, 2, 3, 4, 2**53, NOW, cache_write=5),),
        prompts=(PromptUsage("m", bad, NOW),),
        tools=(ToolUsage("m", "exec", "c", "[1]", NOW, "http://mcp", True, "no such tool"),),
        thoughts=(ModelThought("hm", "commentary", NOW),),
        provider="azure",
        model="gpt-6-sol",
    )

    write_records(database, "g", [start("a", client_session_id=bad), written])

    (record,) = database.read(interceptions_where)
    clean = "\N{REPLACEMENT CHARACTER} ? \N{GRINNING FACE}"
    assert msgspec.structs.asdict(record) == {
        **msgspec.structs.asdict(start("a")),
        **msgspec.structs.asdict(written),
        "client_session_id": clean,
        "session_id": clean,
        "prompts": (PromptUsage("m", clean, NOW),),
        "thread_parent_id": None,
        "thread_root_id": None,
    }


def test_an_id_of_any_length_is_stored_and_told_apart(database: Database) -> None:
    long = [name + "\N{GRINNING FACE}" * 9000 for name in "ab"]
    calls = {"client_session_id": long[0], "correlating_tool_call_id": long[1]}
    records = [start("1", client_session_id=long[0]), end("1", *long), start("2", 1, **calls)]
    write_records(database, "g", [*records, start("3", 2, client_session_id=long[0] + "x")])

    found = held(database)
    assert found["1"].session_id == found["2"].session_id != found["3"].session_id
    assert found["2"].thread_parent_id == "1"
    assert all(len(record.session_id) <= 256 for record in found.values())


def test_a_batch_that_comes_twice_is_stored_once(database: Database) -> None:
    batch = [start("a"), end("a", "c1"), start("b")]
    write_records(database, "g", batch)
    before = held(database)

    write_records(database, "g", batch)
    write_records(database, "g", [end("b", "c2")])

    assert held(database)["a"] == before["a"]
    assert [tool.tool_call_id for tool in held(database)["b"].tools] == ["c2"]


@pytest.mark.parametrize(
    "batches",
    [
        [["1", "1.", "2", "2.", "3", "3."]],
        [["1"], ["1."], ["2"], ["2."], ["3"], ["3."]],
        # Through several gateways a start may be stored before the end that it follows.
        [["1", "2", "3"], ["1."], ["2."], ["3."]],
        [["1", "2", "3"], ["2."], ["1."], ["3."]],
    ],
)
def test_tool_outputs_go_on_with_the_thread_in_any_order(
    database: Database, batches: list[list[str]]
) -> None:
    records = {
        "1": start("1"),
        "1.": end("1", "call-1"),
        "2": start("2", 1, correlating_tool_call_id="call-1"),
        "2.": end("2", "call-2"),
        "3": start("3", 2, correlating_tool_call_id="call-2"),
        "3.": end("3"),
    }
    for batch in batches:
        write_records(database, "g", [records[name] for name in batch])

    assert threads(database) == {
        "1": (None, None, "1"),
        "2": ("1", "1", "1"),
        "3": ("2", "1", "1"),
    }


def test_nobody_steps_into_the_thread_of_another_user_or_session(database: Database) -> None:
    mine = {"client_session_id": "s"}
    records = [
        start("1", **mine),
        end("1", "call"),
        start("2", 1, correlating_tool_call_id="call", initiator="eve", initiator_id="id of eve"),
        start("3", 2, correlating_tool_call_id="call", client_session_id="other"),
        start("4", 3, client_session_id="s"),
        end("4", "call"),
        start("5", 4, correlating_tool_call_id="call", **mine),
    ]
    write_records(database, "g", records)

    assert threads(database) == {
        "1": (None, None, "s"),
        "2": (None, None, "2"),
        "3": (None, None, "other"),
        "4": (None, None, "s"),
        "5": ("4", "4", "s"),
    }


def test_what_two_gateways_wrote_at_once_is_joined_later(database: Database) -> None:
    write_records(database, "g", [start("1"), start("2", 1, correlating_tool_call_id="call")])
    row = {"interception_id": "1", "msg_id": "", "tool": "t", "tool_call_id": "call"}
    unseen = insert(schema.tool_usage).values(**row, args_json="{}", created_at=0)
    database.write(lambda c: c.execute(unseen) and None)

    assert database.write_plain(lambda c: link_late(c, NOW)) == 1
    assert threads(database)["2"] == ("1", "1", "1")


def test_what_a_dead_gateway_left_running_is_ended(database: Database) -> None:
    identity = GatewayIdentity.of_this_process()
    elsewhere = [GatewayIdentity(name, "elsewhere", 1) for name in ("silent", "fresh")]
    ended = GatewayIdentity("ended", identity.host, 2**22 + 1)
    for name, known in (("mine", identity), ("ended", ended), *((e.id, e) for e in elsewhere)):
        database.write_plain(lambda c, known=known: say_alive(c, known))
        write_records(database, known.id, [start(f"of {name}")])
    write_records(database, "unknown", [start("of unknown"), start("done"), end("done")])
    past = datetime.now(UTC) - SILENT_AFTER * 2
    silent = update(schema.gateway).where(schema.gateway.c.id == "silent")
    database.write(lambda c: c.execute(silent.values(seen_at=int(past.timestamp() * 1e6))) and None)

    assert database.write_plain(lambda c: end_interrupted(c, identity)) == 3
    outcomes = {name: record.outcome for name, record in held(database).items()}
    assert outcomes == {
        "of mine": Outcome.RUNNING,
        "of fresh": Outcome.RUNNING,
        "of silent": Outcome.INTERRUPTED,
        "of ended": Outcome.INTERRUPTED,
        "of unknown": Outcome.INTERRUPTED,
        "done": Outcome.COMPLETED,
    }
    assert held(database)["of silent"].error == "the gateway was killed"
    assert database.write_plain(lambda c: end_interrupted(c, identity)) == 0

    # It was away only.
    write_records(database, "silent", [end("of silent", "call")])
    assert held(database)["of silent"].outcome is Outcome.COMPLETED
    assert len(held(database)["of silent"].tools) == 1


def test_old_interceptions_go_with_all_that_is_theirs(database: Database) -> None:
    old = [start(f"old {n}", n) for n in range(700)]
    write_records(database, "g", [*old, *(end(entry.id, "c") for entry in old)])
    write_records(database, "g", [start("running", 1), start("new", 1000), end("new", "c")])
    oldest = NOW + timedelta(seconds=1000)

    deleted = [database.write_plain(lambda c: delete_before(c, oldest)) for _ in range(3)]

    assert deleted == [500, 200, 0]
    assert set(held(database)) == {"running", "new"}
    left = database.read(lambda c: c.execute(select(schema.tool_usage.c.interception_id)).all())
    assert [row.interception_id for row in left] == ["new"]


def test_any_number_is_read_a_page_at_a_time(database: Database) -> None:
    # Pages end in the middle of a moment.
    write_records(database, "g", [start(f"{n:04}", n // 700) for n in range(1203)])

    names = [record.id for record in all_interceptions(database)]

    assert names == sorted(names, key=lambda name: (int(name) // 700, name), reverse=True)
    assert len(names) == 1203
    assert len(list(all_interceptions(database, schema.interception.c.id < "0003"))) == 3


def test_many_write_at_once(tmp_path: Path, address: str | None) -> None:
    databases = [open_database(tmp_path, address) for _ in range(4)]
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                name = f"{number}-{turn}"
                write_records(databases[number], "g", [start(name), end(name, f"call-{name}")])
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert failures == []
    records = held(databases[0])
    assert len(records) == 80
    assert {len(record.tools) for record in records.values()} == {1}
    for made in databases:
        made.close()


def test_two_that_start_at_once_make_one_set_of_tables(tmp_path: Path, address: str | None) -> None:
    made: list[Database] = []

    def open_it() -> None:
        made.append(open_database(tmp_path, address))

    workers = [threading.Thread(target=open_it) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert len(made) == 4
    for opened in made:
        opened.close()


def test_a_database_of_the_first_release_is_brought_up_to_date(
    tmp_path: Path, address: str | None
) -> None:
    database = open_database(tmp_path, address)

    def back_to_the_first(c: Connection) -> None:
        schema.metadata.drop_all(c)
        c.execute(text("DROP TABLE alembic_version"))
        _migrate(c, "0001")
        c.execute(text("DROP TABLE alembic_version"))
        hashed = token_hash("prv_old")
        c.execute(
            text(
                "INSERT INTO token VALUES ('t', 'local', :hash, 5, :no), ('u', 'x', 'h', 7, :yes)"
            ),
            {"hash": hashed, "no": False, "yes": True},
        )
        for name, user in (("a", "local"), ("b", "gone")):
            c.execute(
                text(
                    "INSERT INTO interception (id, initiator, provider, provider_type, model, "
                    "started_at, client, user_agent, client_session_id, credential_kind, "
                    "credential_hint, outcome, error) "
                    "VALUES (:id, :user, '', '', '', 1, '', '', :session, '', '', 'running', '')"
                ),
                {"id": name, "user": user, "session": "s" if name == "b" else None},
            )

    database.write(back_to_the_first)
    database.close()
    with pytest.raises(InputError, match="start the gateway of this release once"):
        open_for_reading(tmp_path, address)

    database = open_database(tmp_path, address)
    found = database.write_plain(lambda c: find_token(c, token_hash("prv_old")))
    assert found is not None
    assert (found.actor.user, found.actor.admin) == ("local", True)
    assert database.write_plain(lambda c: find_token(c, "h")) is None
    records = held(database)
    assert {name: record.session_id for name, record in records.items()} == {"a": "a", "b": "s"}
    assert records["a"].initiator_id == found.actor.id
    assert (
        database.write_plain(lambda c: end_interrupted(c, GatewayIdentity.of_this_process())) == 2
    )
    differences = database.read(
        lambda c: compare_metadata(MigrationContext.configure(c), schema.metadata)
    )
    assert differences == []
    database.close()


def test_a_newer_database_is_left_alone(tmp_path: Path, address: str | None) -> None:
    database = open_database(tmp_path, address)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    database.write(lambda c: c.execute(newer) and None)
    database.close()

    with pytest.raises(OutputError, match="belongs to a newer release"):
        open_database(tmp_path, address)


def test_a_token_works_in_both(database: Database) -> None:
    secret, info = database.write_plain(lambda c: create_token(c, ensure_account(c, "ada")))

    found = database.write_plain(lambda c: find_token(c, token_hash(secret.reveal())))

    assert found is not None
    assert found.id == info.id


@pytest.mark.needs_postgres
def test_a_server_that_restarts_is_used_again(postgres: PostgresServer, tmp_path: Path) -> None:
    database = open_database(tmp_path, postgres.new_database())
    write_records(database, "g", [start("a")])
    postgres.stop()
    try:
        with pytest.raises(DatabaseAwayError) as away:
            write_records(database, "g", [start("b")])
        with pytest.raises(DatabaseAwayError):
            database.read(interceptions_where)
    finally:
        postgres.start()

    assert PASSWORD not in str(away.value)
    assert set(held(database)) == {"a"}
    write_records(database, "g", [start("b")])
    assert set(held(database)) == {"a", "b"}
    database.close()


@pytest.mark.needs_postgres
@pytest.mark.parametrize(
    ("wrong", "right"), [("x@127", "@127"), ("/no_such_database", "/"), (":1/", ":")]
)
def test_an_address_that_does_not_work_is_one_clear_error(
    postgres: PostgresServer, tmp_path: Path, wrong: str, right: str
) -> None:
    address = postgres.new_database()
    if right == "/":
        address = address.rsplit("/", 1)[0] + wrong
    elif right == ":":
        address = address.replace(f":{postgres.port}/", wrong)
    else:
        address = address.replace(right, wrong)

    with pytest.raises(OutputError) as error:
        open_database(tmp_path, address)

    assert str(error.value).startswith('cannot use "postgresql://gateway:***@127.0.0.1:')
    assert PASSWORD not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "address", ["mysql://u@h/d", "postgresql", "host=x", "postgresql://u:p@h:x/d"]
)
def test_an_address_that_is_none_is_not_quoted(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError) as error:
        open_database(tmp_path, address)

    assert str(error.value) == "the database address must look like postgresql://user@host/name"
