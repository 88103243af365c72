"""The state: made at once or migrated step by step, it has one form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from servers.postgresql import PostgreSql
from sqlalchemy import Engine, create_engine, insert, inspect, select, text
from sqlalchemy.pool import NullPool

from syncagent.core.answer import Answer
from syncagent.core.examination import Health
from syncagent.core.outcome import Outcome, Result
from syncagent.core.request import Request, RequestKind
from syncagent.core.where import Where
from syncagent.errors import LeaseHeld, Misconfigured, Refused, Unavailable
from syncagent.store import audit, journal, ledger, requests, tables
from syncagent.store.store import Store, lineage_of, open_store
from syncagent.store.tables import meta, metadata
from syncagent.trust.chain import GENESIS, link
from syncagent.trust.signing import PublicKey


@dataclass(frozen=True)
class Place:
    """A database with nothing in it; `url` opens it as the state, `engine` without the state's help."""

    url: str
    folder: Path

    def opened(self, lineage: str = "L1") -> Store:
        return open_store(self.url, self.folder, lineage)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        bare = self.url.replace("sqlite:///", f"sqlite:///{self.folder}/")
        engine = create_engine(bare, poolclass=NullPool)
        yield engine
        engine.dispose()

    def columns(self) -> dict[str, list[tuple[str, str, bool]]]:
        with self.engine() as engine:
            tables = inspect(engine)
            return {
                table: [(one["name"], str(one["type"]), bool(one["nullable"])) for one in tables.get_columns(table)]
                for table in sorted(tables.get_table_names())
            }

    def upgrade(self, to: str) -> None:
        """Make a state as the migrations up to a version leave it."""
        config = Config()
        config.set_main_option("script_location", "syncagent.store:migrations")
        with self.engine() as engine, engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes new databases of each kind."""
    numbers = count()

    def make() -> Place:
        if request.param == "sqlite":
            return Place(f"sqlite:///{next(numbers)}.db", tmp_path)
        server: PostgreSql = request.getfixturevalue("postgresql")
        return Place(server.url(server.fresh()), tmp_path)

    return make


@pytest.fixture
def store(places: Callable[[], Place]) -> Iterator[Store]:
    found = places().opened()
    yield found
    found.close()


def test_a_new_state_is_what_the_migrations_lead_to(places: Callable[[], Place]) -> None:
    """A state made today and one upgraded from the first version are the same, column by column, index by index."""
    new, old = places(), places()
    store = new.opened()
    old.upgrade("head")

    for place in (new, old):
        with place.engine() as engine, engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert new.columns() == old.columns()
    with store.reading() as connection:
        assert lineage_of(connection) == "L1"
    store.close()


def test_a_state_of_the_first_version_is_brought_up_and_keeps_what_it_knows(places: Callable[[], Place]) -> None:
    """Opening an older state is enough: it remembers who it is, and requests can be recorded in it."""
    place = places()
    place.upgrade("0001")
    with place.engine() as engine, engine.begin() as connection:
        connection.execute(insert(meta).values(name="lineage", value="L1"))

    store = place.opened("L2")

    with store.reading() as connection:
        assert lineage_of(connection) == "L1"
        assert requests.recorded(connection) == ()
        assert requests.sent(connection) == {}
    store.close()


def test_requests_and_answers_come_back_as_they_were_recorded(store: Store) -> None:
    """Every column, days that are there and days that are not; nothing to record changes nothing."""
    day, at = date(2026, 3, 9), datetime(2026, 3, 10, tzinfo=UTC)
    bare = Request("YC-1", day, RequestKind.LOCK, "P1", Where("a.csv", 2))
    full = Request(
        "YC-2", day, RequestKind.AGREE_ADDRESS, "P2", Where("a.csv", 3), "công văn", "skhcn", "a@b.vn", "x@b.vn",
        "trùng", "9/CV", date(2026, 3, 6), date(2026, 5, 4),
    )  # fmt: skip
    answer = Answer("YC-2", day, "Văn thư", "thư", "45/SKHCN")

    with store.writing() as connection:
        requests.record(connection, [], "A", at)
        requests.record(connection, [full, bare], "A", at)
        requests.send(connection, [answer], at)

    with store.reading() as connection:
        assert [one.content for one in requests.recorded(connection)] == [bare.content, full.content]
        assert [str(one.where) for one in requests.recorded(connection)] == ["request YC-1", "request YC-2"]
        assert requests.sent(connection) == {"YC-2": answer}
        assert requests.carried_out(connection, "YC-1", PublicKey(b"k" * 32)) is None


# ── one writer, one agent that applies ──


def test_writers_wait_for_each_other(store: Store) -> None:
    """Two writers at a time see each other's work: the chain of the audit log has no fork and no gap."""
    at = datetime(2026, 3, 10, tzinfo=UTC)

    def write(number: int) -> None:
        for _ in range(10):
            with store.writing() as connection:
                audit.append(connection, "test", {"by": number}, at)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    with store.reading() as connection:
        rows = connection.execute(select(tables.audit).order_by(tables.audit.c.seq)).all()
    assert [row.seq for row in rows] == list(range(1, 41))
    previous = [GENESIS, *(row.hash for row in rows)]
    assert all(
        row.hash == link(before, row.seq, row.at, row.kind, row.body)
        for before, row in zip(previous, rows, strict=False)
    )


def test_reading_sees_one_state(store: Store) -> None:
    """What is written meanwhile is not seen half way through; what was rolled back never."""
    with store.reading() as reading:
        before = reading.execute(select(meta.c.name)).scalars().all()
        if store.shared:  # SQLite lets nobody commit meanwhile
            with store.writing() as connection:
                connection.execute(insert(meta).values(name="more", value=""))
        assert reading.execute(select(meta.c.name)).scalars().all() == before
    with suppress(ZeroDivisionError), store.writing() as connection:
        connection.execute(insert(meta).values(name="never", value=""))
        raise ZeroDivisionError
    with store.reading() as connection:
        assert "never" not in connection.execute(select(meta.c.name)).scalars().all()


def test_only_one_applies_and_each_counts_the_epoch_up(store: Store) -> None:
    """F27: the second is refused with exit code 7; the next one bears a higher number."""
    assert not store.is_applied()
    with store.lease() as first:
        first.confirm()
        assert store.is_applied()
        with pytest.raises(LeaseHeld) as refused, store.lease():
            pass
    with store.lease() as second:
        assert second.stands()
        assert not first.stands()
    assert not store.is_applied()

    assert refused.value.exit_code == 7
    assert (first.epoch, second.epoch) == (1, 2)


def test_who_was_overtaken_intends_nothing_and_concludes_only_what_was_done(store: Store) -> None:
    """F27: the epoch in the journal keeps out an agent that slept through its own end; facts are kept whoever leads."""
    at = datetime(2026, 3, 10, tzinfo=UTC)
    row = {"serial": 1, "digest": "d", "created_at": at.isoformat(), "as_of": "2026-03-10", "actions": 3, "record": b""}
    with store.writing() as connection:
        connection.execute(insert(tables.plans).values(plan_id="p1", **row))
    with store.lease() as old, store.writing() as connection:
        journal.intend(connection, "p1", ["a1", "a2", "a3"], at, old)
    done, lost = Outcome("a1", Result.DONE), Outcome("a2", Result.CONFLICT)

    with store.lease() as new:
        with pytest.raises(LeaseHeld), store.writing() as connection:
            journal.intend(connection, "p1", ["a1", "a4"], at, old)
        with store.writing() as connection:
            late = journal.acceptable(connection, "p1", [done, lost], old)
            others = journal.others(connection, "p1", new.epoch)
            journal.intend(connection, "p1", ["a1", "a2"], at, new)
            taken = journal.others(connection, "p1", new.epoch)
            journal.conclude(connection, "p1", late, at, old.epoch)
            again = journal.acceptable(connection, "p1", [done, lost], old)
            mine = journal.acceptable(connection, "p1", [done, lost], new)

    assert late == [done]
    assert again == []
    assert mine == [lost]
    assert set(others) == {"a1", "a2", "a3"}
    assert set(taken) == {"a3"}
    with store.reading() as connection:
        assert journal.unresolved(connection, "p1") == {"a2", "a3"}
        assert journal.interrupted(connection) == ("p1",)


def test_a_sound_state_has_no_fault_and_a_text_too_long_is_refused(store: Store) -> None:
    """What `doctor` says of a sound state; PostgreSQL holds texts to their length, and says so before writing."""
    assert [one for one in store.examine() if one.health is Health.FAULT] == []
    long = [("main", "g" * 2000, "P1", "")]
    if store.shared:
        with pytest.raises(Refused), store.writing() as connection:
            ledger.learn_accounts(connection, long)
    with store.writing() as connection:
        ledger.learn_accounts(connection, [("main", "g1", "P1", "")])
        ledger.learn_accounts(connection, [])


# ── PostgreSQL alone ──


@pytest.mark.server
def test_a_session_that_was_ended_holds_nothing(postgresql: PostgreSql, tmp_path: Path) -> None:
    """F27: the one whose session was ended does not know it, but finds out; the other one counts."""
    database = postgresql.fresh()
    mine, other = (open_store(postgresql.url(database), tmp_path, "L1") for _ in range(2))
    with mine.lease() as lease:
        assert lease.stands()
        postgresql.end_sessions(database)

        with pytest.raises(LeaseHeld):
            lease.confirm()
        with other.lease() as next_one:
            assert not lease.stands()
            assert next_one.stands()
    mine.close()
    other.close()


@pytest.mark.server
def test_a_server_that_goes_away_is_an_error_that_says_so_and_comes_back(
    postgresql: PostgreSql, tmp_path: Path
) -> None:
    """A lost database is exit code 6, with nothing kept of the transaction; afterwards the same store works again."""
    database = postgresql.fresh()
    store = open_store(postgresql.url(database), tmp_path, "L1")

    def cut_off() -> None:
        with store.writing() as connection:
            connection.execute(insert(meta).values(name="x", value="y"))
            postgresql.end_sessions(database)
            connection.execute(insert(meta).values(name="y", value="y"))

    with pytest.raises(Unavailable) as lost:
        cut_off()

    assert lost.value.exit_code == 6
    with store.writing() as connection:
        assert connection.execute(select(meta.c.name)).scalars().all() == ["lineage"]
    store.close()
    with pytest.raises(Unavailable):
        open_store("postgresql+psycopg://syncagent@/nothing?host=/nowhere", tmp_path, "L1")


@pytest.mark.server
def test_over_the_network_with_a_password_and_a_proved_server(postgresql: PostgreSql, tmp_path: Path) -> None:
    """The password comes from beside the address; the server's certificate is checked."""
    database, server = postgresql.fresh(), postgresql
    tls = f"sslmode=verify-full&sslrootcert={server.ca}"
    url = f"postgresql+psycopg://{server.user}@{server.address}:{server.port}/{database}?{tls}"

    store = open_store(url, tmp_path, "L1", server.password)
    with store.reading() as connection:
        encrypted = connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar_one()
        durable = connection.execute(text("SHOW synchronous_commit")).scalar_one()
    store.close()

    assert encrypted is True
    assert durable == "on"
    with pytest.raises(Unavailable) as refused:
        open_store(url, tmp_path, "L1", "wrong-" + server.password)
    assert server.password not in str(refused.value)


@pytest.mark.server
def test_a_database_in_another_encoding_is_refused(postgresql: PostgreSql, tmp_path: Path) -> None:
    """Names in Vietnamese must be kept as they are."""
    database = postgresql.fresh("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")

    with pytest.raises(Misconfigured) as refused:
        open_store(postgresql.url(database), tmp_path, "L1")

    assert "SQL_ASCII" in refused.value.says.en


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+psycopg://a:hunter2@db/state", "state_password"),
        ("postgresql+psycopg://a@db/state?password=hunter2", "state_password"),
        ("postgresql+psycopg://a@db", "no database"),
        ("postgresql+psycopg://a@db/state?sslmode=require", "verify-full"),
        ("postgresql+psycopg://a@db/state?options=-c%20fsync=off", "options"),
        ("postgresql+psycopg://a@db:port/state", "cannot be understood"),
        ("postgresql://a@db/state", "sqlite:///"),
        ("mysql://db/state", "mysql"),
    ],
)
def test_an_address_that_is_wrong_or_unsafe_is_refused(url: str, says: str, tmp_path: Path) -> None:
    """Nothing is connected, and a password that stands there is not repeated."""
    with pytest.raises(Misconfigured) as refused:
        open_store(url, tmp_path, "L1")

    assert says in refused.value.says.en
    assert "hunter2" not in str(refused.value)
