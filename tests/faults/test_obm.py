"""Whatever is lost on the way to OBM: each operation has its right outcome, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from obm import CASES, FIRST, LOCKED, SECOND, Case, ObmDesk, directory_of, mailboxes_of, obm_desk
from servers.obm import Obm
from servers.obm_http import Fate

from syncagent.connectors.obm.compare import Side
from syncagent.connectors.obm.operations import Kind
from syncagent.connectors.obm.site import open_site
from syncagent.connectors.obm.user import LOCK
from syncagent.errors import Conflict, Doubtful, Misconfigured, Rejected, SyncError, Unavailable, Unknown

pytestmark = pytest.mark.server

NOTHING_WRITTEN = (Unavailable, Misconfigured, Rejected, Doubtful, Conflict)
SETS_ONLY_PASSWORDS = {Kind.RESET_PASSWORD}
"""What reading cannot see: done again after a lost answer, which does no harm."""

COMMITTED = {
    Fate.DROPPED_BEFORE: "unknown", Fate.DROPPED_AFTER: "done", Fate.SILENT_BEFORE: "unknown",
    Fate.SILENT_AFTER: "done", Fate.UNAUTHORIZED: "Misconfigured", Fate.BROKEN: "unknown", Fate.GATEWAY: "done",
    Fate.TRUNCATED: "done", Fate.CUT: "done", Fate.REDIRECTED: "Misconfigured",
}  # fmt: skip
"""What becomes of an operation whose commit meets this."""

STAGES = {
    "read": ("GET", r"/users/[^/]+$", 0),
    "begin": ("POST", r"/batches$", 0),
    "add": ("*", r"/batches/\d+/users", 0),
    "check": ("GET", r"/batches/\d+$", 0),
    "commit": ("PUT", r"/batches/\d+$", 0),
    "poll": ("GET", r"/batches/\d+$", 1),
    "read back": ("GET", r"/users/[^/]+$", 1),
    "clean up": ("DELETE", r"/batches/\d+$", 0),
}
"""The requests of an operation, in their order: method, path, how many such come before."""

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.value)
fates = pytest.mark.parametrize("fate", Fate, ids=lambda fate: fate.name.lower())


@pytest.fixture
def desk(obm: Obm) -> Iterator[ObmDesk]:
    with obm_desk(obm) as found:
        yield found


def spoil(desk: ObmDesk, stage: str, fate: Fate, times: int = 1) -> None:
    """Let the requests of a stage meet a fate."""
    method, path, after = STAGES[stage]
    for one in ("POST", "PUT", "PATCH", "DELETE") if method == "*" else (method,):
        desk.obm.fails(fate, one, path, times, after)


def attempted(desk: ObmDesk, case: Case, ext_id: str) -> str:
    """Carry out a case, and return how it ended: `done`, `unknown`, or the error that says nothing happened."""
    try:
        desk.do(case.kind, ext_id, case.attributes(desk), case.password)
    except Unknown:
        return "unknown"
    except NOTHING_WRITTEN as error:
        return type(error).__name__
    return "done"


def settled(desk: ObmDesk, case: Case, ext_id: str, how: str) -> None:
    """Check the law when all is well again: what is said is so, the unknown is found out, nothing is done twice."""
    desk.obm.well()
    written, attributes = len(desk.written()), case.attributes(desk)
    assert written == {"done": 1, "unknown": written}.get(how, 0)
    assert written <= 1
    if how == "unknown":
        found = desk.end(case.kind, ext_id, attributes)
        if case.kind not in {*SETS_ONLY_PASSWORDS, Kind.LOCK}:
            assert found is (Side.AFTER if written else Side.BEFORE)
        how = "done" if found is Side.AFTER else how
    if how != "done":
        desk.do(case.kind, ext_id, attributes, case.password)
        again = case.kind in {*SETS_ONLY_PASSWORDS, Kind.LOCK}
        assert len(desk.written()) == 1 + (again and written)
    assert desk.end(case.kind, ext_id, attributes) is (Side.AFTER if attributes else Side.BEFORE)


@each
@fates
def test_a_lost_commit(desk: ObmDesk, case: Case, fate: Fate) -> None:
    """The one request that matters: done if it arrived, unknown if nothing tells, and it is never sent again."""
    ext_id, _ = case.begin(desk)
    desk.forget()
    spoil(desk, "commit", fate)

    how = attempted(desk, case, ext_id)

    assert how == COMMITTED[fate]
    commits = [
        path for method, path in desk.obm.asked if method == "PUT" and path.rpartition("/")[0].endswith("batches")
    ]
    assert len(commits) == len(set(commits))
    settled(desk, case, ext_id, how)


@pytest.mark.long
@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "commit"])
@fates
def test_a_fault_at_any_request(desk: ObmDesk, stage: str, fate: Fate) -> None:
    """Before the commit nothing has happened and it is said so; after it, reading is tried again or it is unknown."""
    case = Case(Kind.SET_LIMITS)
    ext_id, _ = case.begin(desk)
    desk.forget()
    spoil(desk, stage, fate)

    settled(desk, case, ext_id, attempted(desk, case, ext_id))


@pytest.mark.long
@each
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("times", [1, 3])
@fates
def test_every_operation_at_every_request(desk: ObmDesk, case: Case, stage: str, times: int, fate: Fate) -> None:
    """Every operation × every request × every fault, once and for as long as it is asked again."""
    ext_id, _ = case.begin(desk)
    desk.forget()
    spoil(desk, stage, fate, times)

    settled(desk, case, ext_id, attempted(desk, case, ext_id))


# ── the queue ──


@each
def test_a_batch_behind_another_is_waited_for(desk: ObmDesk, case: Case) -> None:
    """IDLE means waiting; it is looked at, not sent again."""
    ext_id, _ = case.begin(desk)
    desk.forget()
    desk.obm.busy_for(0.7)

    how = attempted(desk, case, ext_id)

    assert how == "done"
    settled(desk, case, ext_id, how)


@pytest.mark.parametrize("lost", [False, True])
def test_a_batch_that_waits_too_long_is_unknown_until_it_has_run(obm: Obm, lost: bool) -> None:  # noqa: FBT001 - a column
    """As long as the queue stands still nothing can be told, and telling is refused; afterwards it is done, once."""
    case = Case(Kind.READDRESS)
    with obm_desk(obm, patience=0.5) as desk:
        ext_id, attributes = case.begin(desk)
        desk.forget()
        if lost:
            spoil(desk, "commit", Fate.DROPPED_AFTER)
        with desk.obm.busy():
            how = attempted(desk, case, ext_id)
            with pytest.raises(Unknown):
                desk.end(case.kind, ext_id, attributes)

        assert how == "unknown"
        settled(desk, case, ext_id, how)


@each
def test_a_restart_of_the_server_forgets_what_waited(obm: Obm, case: Case) -> None:
    """The commit was answered and the queue is gone: unknown, read as not happened, done again, once."""
    with obm_desk(obm, patience=0.3) as desk:
        ext_id, _ = case.begin(desk)
        desk.forget()
        with desk.obm.busy():
            how = attempted(desk, case, ext_id)
            desk.obm.crash()

        assert (how, desk.written()) == ("unknown", [])
        settled(desk, case, ext_id, how)


# ── half of it ──


@each
def test_a_worker_that_dies_before_the_operation(desk: ObmDesk, case: Case) -> None:
    """The batch ends in error and its operation is idle: refused, nothing has happened."""
    ext_id, _ = case.begin(desk)
    desk.forget()
    desk.obm.worker.dies_after = 0

    how = attempted(desk, case, ext_id)

    desk.obm.worker.dies_after = None
    assert how == "Rejected"
    settled(desk, case, ext_id, how)


def test_a_create_that_ldap_has_and_the_database_has_not(desk: ObmDesk) -> None:
    """Cyrus is down: the error says what it is, and the next attempt names the entry that is left."""
    ext_id, attributes = desk.ext_id("an"), desk.created("an")
    desk.obm.worker.cyrus_works = False

    with pytest.raises(Rejected, match="Cyrus"):
        desk.do(Kind.CREATE, ext_id, attributes, FIRST)

    desk.obm.worker.cyrus_works = True
    assert desk.end(Kind.CREATE, ext_id, attributes) is Side.BEFORE
    with pytest.raises(Conflict, match="have an administrator of OBM delete it") as caught:
        desk.do(Kind.CREATE, ext_id, attributes, FIRST)
    assert caught.value.where.startswith("uid=an,")


def test_a_lock_whose_second_half_is_lost(desk: ObmDesk) -> None:
    """The password is changed, the directory is gone: unknown, read as not happened, done again."""
    ext_id = desk.make()
    change = {LOCK: ((), LOCKED)}
    desk.obm.when("PUT", "", desk.site.directory.close)

    with pytest.raises(Unknown):
        desk.do(Kind.LOCK, ext_id, change, "x" * 20)

    with reopened(desk):
        assert desk.end(Kind.LOCK, ext_id, change) is Side.BEFORE
        desk.do(Kind.LOCK, ext_id, change, "y" * 20)
        assert desk.end(Kind.LOCK, ext_id, change) is Side.AFTER


def test_a_directory_that_does_not_follow(desk: ObmDesk) -> None:
    """The API says done and LDAP says otherwise: that is not done."""
    ext_id = desk.make()
    attributes = Case(Kind.ARCHIVE).attributes(desk)
    desk.obm.worker.ldap_follows = False

    with pytest.raises(Rejected, match="half done"):
        desk.do(Kind.ARCHIVE, ext_id, attributes)

    assert desk.end(Kind.ARCHIVE, ext_id, attributes) is Side.NEITHER


def test_an_edit_at_the_same_moment(desk: ObmDesk) -> None:
    """Somebody writes between our operation and our reading back: a conflict, and their value stays."""
    ext_id = desk.make()
    spoiled = iter((1,))

    def edit() -> None:
        for _ in spoiled:
            desk.obm.when("GET", ext_id, lambda: desk.domain.users[ext_id].columns.update(mail_quota=9))

    desk.obm.when("PUT", "", edit)

    with pytest.raises(Conflict, match="at the same time"):
        desk.do(Kind.SET_LIMITS, ext_id, Case(Kind.SET_LIMITS).attributes(desk))

    assert desk.fields(ext_id)["mail_quota"] == ("9",)


def test_what_is_kept_otherwise_than_sent_is_not_committed(desk: ObmDesk) -> None:
    """The batch is looked at before it is committed: what a proxy or OBM has changed in it is not carried out."""
    ext_id = desk.make()

    def spoil_it() -> None:
        batch = max(desk.obm.database.batches.values(), key=lambda one: one.id)
        batch.operations[0].body = '{"mail_quota": "1"}'

    desk.obm.when("GET", "", lambda: desk.obm.when("GET", "", spoil_it))

    with pytest.raises(Rejected, match="not committed"):
        desk.do(Kind.SET_LIMITS, ext_id, Case(Kind.SET_LIMITS).attributes(desk))

    assert desk.fields(ext_id)["mail_quota"] == ("500",)


def test_a_batch_that_cannot_be_deleted_is_told(desk: ObmDesk) -> None:
    """It holds the password: a person must know."""
    ext_id = desk.make()
    desk.obm.fails(Fate.BROKEN, "DELETE", r"/batches/\d+$", 9)

    done = desk.do(Kind.RESET_PASSWORD, ext_id, {}, SECOND)

    assert ["passwords too" in note.en for note in done.notes] == [True]


@contextmanager
def reopened(desk: ObmDesk) -> Iterator[None]:
    """Open sessions anew, as the next run does."""
    with open_site(desk.settings, *directory_of(desk.obm), mailboxes_of(desk.obm)) as desk.site:
        yield


def test_reads_are_tried_again_and_end(desk: ObmDesk) -> None:
    """A question may be asked again; if no answer comes it is unavailable, not unknown."""
    ext_id = desk.make()
    desk.obm.fails(Fate.CUT, "GET", "/users/", 2)
    assert desk.site.user(ext_id)
    desk.obm.fails(Fate.GATEWAY, "GET", "/users/", 3)

    with pytest.raises(SyncError) as caught:
        desk.site.user(ext_id)

    assert type(caught.value) is Unavailable
