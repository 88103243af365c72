"""Every write to a real server is carried out, refused whole, or said to be unknown; the directory agrees."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from servers.client import load
from servers.fixtures import FreshBase
from servers.pdu import Op, Way
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import Code, Drop, Duplicate, Fault, LoseAnswer, Reorder, Reset, Rule, Truncate, Wire

from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.answers import Result
from syncagent.connectors.ldap.changes import Fate
from syncagent.connectors.ldap.requests import (
    ASSERTION,
    TREE_DELETE,
    Add,
    Control,
    Delete,
    Edit,
    Modify,
    Rename,
    Write,
    read_after,
    unchanged,
)
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.errors import Conflict, Rejected, SyncError, Unavailable, Unknown
from syncagent.sample.accounts import Entry
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

KINDS = pytest.mark.parametrize("kind", ["slapd", "samba"])


@pytest.fixture
def place(kind: str, request: pytest.FixtureRequest) -> Slapd | Samba:
    found: Slapd | Samba = request.getfixturevalue(kind)
    return found


def server(place: Slapd | Samba, url: str = "") -> Server:
    return Server((url or place.ldaps_url,), place.ca, receive_timeout=1, total_timeout=20)


def admin(place: Slapd | Samba) -> Simple:
    return Simple(place.admin, Secret(place.password))


def room(base: str, name: str, told: str = "old") -> Add:
    ou = [name.encode()]
    return Add(f"OU={name},{base}", {"objectClass": [b"organizationalUnit"], "ou": ou, "description": [told.encode()]})


def swap(dn: str, before: str, after: str, *controls: Control, attribute: str = "description") -> Modify:
    """Compare-and-swap: delete the old value, add the new one."""
    changes = [(Edit.DELETE, attribute, [before.encode()]), (Edit.ADD, attribute, [after.encode()])]
    return Modify(dn, changes, controls)


def told(session: Session, dn: str) -> str | None:
    """The description of an entry, None if it is not there."""
    found = session.find(dn, ("description",))
    return found.attributes["description"][0].decode() if found else None


def ends(session: Session, *writes: Write) -> list[type[SyncError] | None]:
    """How writes end, as our errors."""
    answers = session.write(writes)
    errors = [codes.error(answer, write.dn) for answer, write in zip(answers, writes, strict=True)]
    return [type(error) if error else None for error in errors]


@KINDS
def test_entries_come_change_move_and_go(place: Slapd | Samba, fresh_base: FreshBase) -> None:
    """Add, modify, rename, move, delete: each does what it says and nothing else."""
    base = fresh_base(place)
    with open_session(server(place), admin(place)) as session:
        assert ends(session, room(base, "Phòng Hòa"), room(base, "b")) == [None, None]
        assert ends(session, swap(f"OU=Phòng Hòa,{base}", "old", "Sở Nội vụ")) == [None]
        assert ends(session, Rename(f"OU=Phòng Hòa,{base}", "OU=c")) == [None]
        assert ends(session, Rename(f"OU=c,{base}", "OU=d", f"OU=b,{base}")) == [None]
        assert told(session, f"OU=d,OU=b,{base}") == "Sở Nội vụ"
        assert ends(session, Delete(f"OU=b,{base}")) == [Rejected]
        assert ends(session, Delete(f"OU=d,OU=b,{base}")) == [None]
        assert told(session, f"OU=d,OU=b,{base}") is None
        assert told(session, f"OU=b,{base}") == "old"


@KINDS
def test_a_stale_value_refuses_the_whole_change(place: Slapd | Samba, fresh_base: FreshBase) -> None:
    """One value is not what the plan saw: a conflict, and nothing of the modify is written."""
    base = fresh_base(place)
    dn = f"OU=a,{base}"
    with open_session(server(place), admin(place)) as session:
        session.write([room(base, "a")])
        changes = [
            (Edit.DELETE, "description", [b"old"]), (Edit.ADD, "description", [b"new"]),
            (Edit.DELETE, "street", [b"x"]), (Edit.ADD, "street", [b"y"]),
        ]  # fmt: skip

        assert ends(session, Modify(dn, changes)) == [Conflict]
        assert ends(session, swap(dn, "older", "new")) == [Conflict]
        assert ends(session, Modify(dn, [(Edit.ADD, "description", [b"old"])])) == [Conflict]
        assert told(session, dn) == "old"


@KINDS
def test_what_cannot_be_done_is_said(place: Slapd | Samba, fresh_base: FreshBase) -> None:
    """A name that exists, an entry or a parent that is gone, a value that is not allowed."""
    base = fresh_base(place)
    with open_session(server(place), admin(place)) as session:
        session.write([room(base, "a")])
        wrong = Add(f"OU=w,{base}", {"objectClass": [b"organizationalUnit"], "ou": [b"w"], "seeAlso": [b"no name"]})

        assert ends(session, room(base, "A")) == [Conflict]
        assert ends(session, swap(f"OU=none,{base}", "old", "new")) == [Conflict]
        assert ends(session, Delete(f"OU=none,{base}")) == [Conflict]
        assert ends(session, room(f"OU=none,{base}", "x")) == [Conflict]
        assert ends(session, Rename(f"OU=a,{base}", "OU=a", f"OU=none,{base}")) == [Conflict]
        assert ends(session, wrong) == [Rejected]
        assert told(session, f"OU=a,{base}") == "old"


@KINDS
def test_many_writes_at_once_all_happen(place: Slapd | Samba, fresh_base: FreshBase) -> None:
    """Far more than a window: every entry is there, with the value of its own request."""
    base = fresh_base(place)
    with open_session(server(place), admin(place)) as session:
        rooms = [room(base, f"r{number}", f"{number} " + "x" * 500) for number in range(350)]

        assert set(ends(session, *rooms)) == {None}
        found = {
            entry.dn.lower(): entry.attributes for entry in session.read(base, "(description=*)", ("description",))
        }
        assert found == {
            one.dn.lower(): {"description": tuple(one.attributes["description"])} for one in rooms
        }  # fmt: skip


def test_an_assertion_guards_an_entry_on_openldap(slapd: Slapd, fresh_base: FreshBase) -> None:
    """RFC 4528: only if the entry is still the one that was read; RFC 4527: what it is afterwards."""
    base = fresh_base(slapd)
    dn = f"OU=a,{base}"
    with open_session(server(slapd), admin(slapd)) as session:
        session.write([room(base, "a")])
        entry = session.find(dn, ("entryCSN",))
        assert entry
        seen = unchanged("entryCSN", entry.attributes["entryCSN"][0])

        (answer,) = session.write([swap(dn, "old", "new", seen, read_after("entryCSN"))])

        assert isinstance(answer, Result)
        after = answer.after()
        assert after
        assert after == session.find(dn, ("entryCSN",))
        assert ends(session, swap(dn, "new", "newer", seen)) == [Conflict]
        assert ends(session, Delete(dn, (seen,))) == [Conflict]
        assert ends(session, Delete(dn, (unchanged("entryCSN", after.attributes["entryCSN"][0]),))) == [None]


def test_active_directory_refuses_an_assertion_that_it_would_ignore(samba: Samba, fresh_base: FreshBase) -> None:
    """Our assertions are critical: a server that knows none refuses the write."""
    base = fresh_base(samba)
    with open_session(server(samba), admin(samba)) as session:
        session.write([room(base, "a")])

        assert not session.supports(ASSERTION)
        assert ends(session, swap(f"OU=a,{base}", "old", "new", unchanged("description", "other"))) == [Rejected]
        assert told(session, f"OU=a,{base}") == "old"


def test_a_tree_goes_on_request(samba: Samba, fresh_base: FreshBase) -> None:
    """A person with device entries below: without the control refused, with it gone."""
    base = fresh_base(samba)
    with open_session(server(samba), admin(samba)) as session:
        session.write([room(base, "a")])
        session.write([room(f"OU=a,{base}", "b")])

        assert ends(session, Delete(f"OU=a,{base}")) == [Rejected]
        assert ends(session, Delete(f"OU=a,{base}", (Control(TREE_DELETE, critical=True),))) == [None]
        assert told(session, f"OU=a,{base}") is None


def test_what_the_domain_says_of_a_password_is_understood(samba: Samba, fresh_base: FreshBase) -> None:
    """A password that is too weak is named as such, and is not repeated."""
    base = fresh_base(samba)
    weak = '"abc"'.encode("utf-16-le")
    add = Add(f"CN=a,{base}", {"objectClass": [b"user"], "sAMAccountName": [b"weak-a"], "unicodePwd": [weak]})
    with open_session(server(samba), admin(samba)) as session:
        (answer,) = session.write([add])

        error = codes.error(answer, add.dn)
        assert type(error) is Rejected
        assert "policy" in error.says.en
        assert "abc" not in error.says.en


FAULTS: tuple[Fault, ...] = (Drop(), LoseAnswer(), Reset(), Truncate(3), Duplicate(), Reorder(), Code(51))


@KINDS
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("nth", [1, 3])
def test_no_fault_makes_an_end_that_is_not_true(
    place: Slapd | Samba, way: Way, fault: Fault, nth: int, authority: Authority, fresh_base: FreshBase
) -> None:
    """Whatever befalls one of three writes or its answer: done is done, not tried is not done, the rest is unknown."""
    base = fresh_base(place)
    names = ("a", "b", "c")
    load(
        place,
        [
            Entry(f"OU={n},{base}", {"objectClass": ("organizationalUnit",), "ou": (n,), "description": ("old",)})
            for n in names
        ],
    )
    dns = [f"OU={name},{base}" for name in names]
    writes: Sequence[Write] = [swap(dn, "old", "new") for dn in dns]
    with (
        own_address() as address,
        Wire(address, place.ldaps_url, place.ca, authority.issue(address)) as wire,
        open_session(server(place, wire.ldap_url), admin(place)) as session,
    ):
        wire.script(Rule(fault, way, Op.MODIFY if way is Way.REQUEST else Op.MODIFIED, nth))
        answers = session.write(writes)

    with open_session(server(place), admin(place)) as session:
        for dn, answer in zip(dns, answers, strict=True):
            now = told(session, dn)
            match answer:
                case Fate.NOT_TRIED:
                    assert now == "old"
                case Result(code=0):
                    assert now == "new"
                case Fate.UNKNOWN:
                    assert now in {"old", "new"}
                case Result(code=16):  # the request came twice
                    assert fault == Duplicate()
                case _:
                    assert fault == Code(51)


@KINDS
def test_on_a_session_that_ended_nothing_is_tried(
    place: Slapd | Samba, authority: Authority, fresh_base: FreshBase
) -> None:
    """The answer of the first write is lost with the connection: unknown; the next write is not tried."""
    base = fresh_base(place)
    with (
        own_address() as address,
        Wire(address, place.ldaps_url, place.ca, authority.issue(address)) as wire,
        open_session(server(place, wire.ldap_url), admin(place)) as session,
    ):
        wire.script(Rule(LoseAnswer(), Way.REQUEST, Op.ADD))

        assert ends(session, room(base, "a")) == [Unknown]
        assert ends(session, room(base, "b")) == [Unavailable]

    with open_session(server(place), admin(place)) as session:
        assert told(session, f"OU=a,{base}") == "old"
        assert told(session, f"OU=b,{base}") is None
