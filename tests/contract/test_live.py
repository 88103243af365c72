"""What only a server can show: who gets in, whose edit wins, what became of a write whose answer was lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import assert_never

import pytest
from contract.conftest import Desk, live_desk, mapping
from servers.client import ldap
from servers.fixtures import FreshBase
from servers.pdu import Op, Pdu, Way
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import LoseAnswer, Reset, Rule, Wire

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.ldap.server import Simple
from syncagent.connectors.openldap.kind import OpenLdap
from syncagent.core import dn as names
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.outcome import Outcome, Result
from syncagent.core.stamp import State
from syncagent.errors import Doubtful
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

INVALID_CREDENTIALS = 49
NOT_ALLOWED = 50


@dataclass
class Live:
    """A desk over a server, by a wire on which things can happen; `server` itself is reached without it."""

    desk: Desk
    server: Samba | Slapd
    wire: Wire
    root: str

    def name_of(self, found: Account) -> str:
        """Whom somebody calls himself who logs in."""
        return found.address if isinstance(self.server, Samba) else found.dn

    def log_in(self, found: Account, password: str, code: int = 0) -> str:
        return ldap(
            self.server, "ldapsearch", "-LLL", "-b", found.dn, "-s", "base", "(objectClass=*)", "title",
            who=self.name_of(found), password=password, code=code,
        )  # fmt: skip

    def by_hand(self, ldif: str) -> None:
        """An administrator works with another program."""
        ldap(self.server, "ldapmodify", ldif=ldif)

    def meanwhile(self, op: Op, happens: Callable[[], object], nth: int = 1) -> None:
        """Let something happen right before the server gets the nth request of a kind."""
        count = 0

        def fits(_: Pdu) -> bool:
            nonlocal count
            count += 1
            if count == nth:
                happens()
            return False

        self.wire.script(Rule(Reset(), Way.REQUEST, op, fits=fits))

    def afterwards(self, op: Op, happens: Callable[[], object]) -> None:
        """Let something happen once, after the server has confirmed a write and before the account is read again."""
        self.wire.seen.clear()
        waiting = [happens]

        def fits(_: Pdu) -> bool:
            if waiting and any(pdu.op is op and pdu.way is Way.ANSWER for pdu in self.wire.seen):
                waiting.pop()()
            return False

        self.wire.script(Rule(Reset(), Way.REQUEST, Op.SEARCH, fits=fits))


@pytest.fixture(params=["samba", "slapd"])
def live(request: pytest.FixtureRequest, authority: Authority, fresh_base: FreshBase) -> Iterator[Live]:
    """Each server, with the first entries."""
    server: Samba | Slapd = request.getfixturevalue(request.param)
    root = fresh_base(server)
    with own_address() as at, Wire(at, server.ldaps_url, server.ca, authority.issue(at)) as wire:
        match server:
            case Samba():
                kind, who = ActiveDirectory(fresh_base(server)), server.admin
                desk = live_desk(
                    server, mapping("active-directory"), root, kind, Simple(who, Secret(server.password)), wire.ldap_url
                )
            case Slapd():
                who = server.agent
                desk = live_desk(
                    server, mapping("openldap"), root, OpenLdap(), Simple(who, Secret(server.password)), wire.ldap_url
                )
            case _:
                assert_never(server)
        yield Live(desk, server, wire, root)


def _created(live: Live) -> tuple[Account, str]:
    """P1, and the password that was drawn for it, which need not be changed any more."""
    create = live.desk.create()
    assert [one.result for one in live.desk.apply(create)] == [Result.DONE]
    found = live.desk.account()
    attribute, value = ("pwdLastSet", "-1") if isinstance(live.server, Samba) else ("pwdReset", "FALSE")
    live.by_hand(f"dn: {found.dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")
    return live.desk.account(), live.desk.drawn[create.id]


# ── who gets in ──────────────────────────────────────────────────────────────


def test_a_new_account_logs_in_and_must_change_its_password(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    """F29, NB-31: the drawn password lets in to nothing but its change; no account is without one; nobody shows it."""
    caplog.set_level(logging.DEBUG)
    create = live.desk.create()

    outcome = live.desk.apply(create)[0]

    password = live.desk.drawn[create.id]
    found = live.desk.account()
    if isinstance(live.server, Samba):
        assert found.attributes["userAccountControl"] == ("512",)  # without PASSWD_NOTREQD, 0x20
        with pytest.raises(RuntimeError, match="data 773"):
            live.log_in(found, password)
    else:
        live.log_in(found, password, NOT_ALLOWED)
        ldap(live.server, "ldappasswd", "-a", password, "-s", "Cua.minh-2026", who=found.dn, password=password)
        live.log_in(found, "Cua.minh-2026")
    live.log_in(found, "sai" + password, INVALID_CREDENTIALS)
    said = f"{outcome!r}{live.desk.opened()!r}{found!r}{live.desk.shown()!r}{caplog.text}"
    assert password not in said
    assert live.server.password not in repr(live.desk.opened())


def test_a_weak_password_leaves_nothing_behind(live: Live) -> None:
    """If the directory refuses the password, there is no half-made account, and nobody shows the password."""
    create = live.desk.create()
    live.desk.drawn[create.id] = "yeu"

    outcome = live.desk.apply(create)[0]

    assert outcome.result is Result.FAILED
    assert "yeu" not in f"{outcome.says.en}{outcome.says.vi}".replace("yêu", "")
    assert [account.login for account in live.desk.shown().accounts] == ["hoatt"]


@pytest.mark.parametrize("state", [State.LOCKED, State.DISABLED])
def test_whoever_is_locked_out_stays_out_until_let_in(live: Live, state: State) -> None:
    """NB-18, Điều 7: the right password is refused while the mailbox is locked, and accepted when it is no longer."""
    found, password = _created(live)
    before = live.log_in(found, password)

    kind = ActionKind.LOCK if state is State.LOCKED else ActionKind.DISABLE
    live.desk.apply(live.desk.change(kind, found, live.desk.marked(found, state=state)))
    live.log_in(found, password, INVALID_CREDENTIALS)
    found = live.desk.account()
    live.desk.apply(live.desk.change(ActionKind.UNLOCK, found, live.desk.marked(found, state=State.ACTIVE)))

    assert live.log_in(found, password) == before


def test_a_mailbox_issued_locked_lets_nobody_in_before_it_is_opened(live: Live) -> None:
    """NB-15 with NB-18, NB-21: where a newer letter locks, the account is made off, receives, and is opened later."""
    create = live.desk.create(state=State.LOCKED)

    outcome = live.desk.apply(create)[0]

    found, password = live.desk.account(), live.desk.drawn[create.id]
    assert (outcome.result, found.enabled, found.receives, found.must_change) == (Result.DONE, False, True, True)
    live.log_in(found, password, INVALID_CREDENTIALS)
    live.desk.apply(live.desk.change(ActionKind.UNLOCK, found, live.desk.marked(found, state=State.ACTIVE)))
    code = INVALID_CREDENTIALS if isinstance(live.server, Samba) else NOT_ALLOWED  # it must be changed first
    live.log_in(live.desk.account(), password, code)
    assert live.desk.account().enabled


def test_a_new_password_opens_no_lock(live: Live) -> None:
    """OpenLDAP unlocks whoever gets a new password, unless it is told otherwise in the same request; we tell it."""
    found, old = _created(live)
    live.desk.apply(live.desk.change(ActionKind.LOCK, found, live.desk.marked(found, state=State.LOCKED)))
    found = live.desk.account()
    reset = live.desk.change(ActionKind.RESET_PASSWORD, found, live.desk.marked(found), default_password=True)
    reset = replace(reset, changes=tuple(replace(one, sets_password=True) for one in reset.changes))

    outcome = live.desk.apply(reset)[0]

    locked = live.desk.account()
    assert (outcome.result, locked.enabled, locked.must_change) == (Result.DONE, False, True)
    live.log_in(found, live.desk.drawn[reset.id], INVALID_CREDENTIALS)
    live.desk.apply(live.desk.change(ActionKind.UNLOCK, locked, live.desk.marked(locked, state=State.ACTIVE)))
    live.log_in(found, old, INVALID_CREDENTIALS)
    code = INVALID_CREDENTIALS if isinstance(live.server, Samba) else NOT_ALLOWED  # it must be changed first
    live.log_in(found, live.desk.drawn[reset.id], code)


def test_a_second_reset_demands_a_change_again(live: Live) -> None:
    """Whoever must change a password and gets another one must change that one, too."""
    live.desk.apply(live.desk.create(), marker="before")
    found = live.desk.account()
    change = Change(Operation.MODIFY, found.dn, {}, sets_password=True)
    reset = live.desk.action(ActionKind.RESET_PASSWORD, (change,), found.stamp, found.ref, found.address)

    outcome = live.desk.apply(reset)[0]

    assert (outcome.result, live.desk.account().must_change) == (Result.DONE, True)


# ── whose edit wins ──────────────────────────────────────────────────────────


def _update(live: Live) -> tuple[Account, Action]:
    live.desk.apply(live.desk.create("P1"), marker="before")
    found = live.desk.account()
    facts = live.desk.facts("Nguyễn Ngọc Thành") | {"position": "Trưởng phòng"}
    return found, live.desk.change(ActionKind.UPDATE, found, live.desk.marked(found, document="9/QĐ"), facts=facts)


def test_an_edit_between_reading_and_writing_is_never_overwritten(live: Live) -> None:
    """F25, law 10: the server itself refuses the write; the human's value stands and nothing else was written."""
    found, update = _update(live)
    edit = f"dn: {found.dn}\nchangetype: modify\nreplace: title\ntitle: Chanh van phong\n"
    live.meanwhile(Op.MODIFY, lambda: live.by_hand(edit))

    outcome = live.desk.apply(update)[0]

    now = live.desk.account()
    assert outcome.result is Result.CONFLICT
    assert found.dn in outcome.says.en
    assert now.attributes["title"] == ("Chanh van phong",)
    assert now.stamp == found.stamp


def test_an_edit_of_something_else_meanwhile_stands_beside_ours(live: Live) -> None:
    """A log-in or an edit that has nothing to do with the action does not stop it, and is not undone."""
    found, update = _update(live)
    edit = f"dn: {found.dn}\nchangetype: modify\nreplace: telephoneNumber\ntelephoneNumber: 0229\n"
    live.meanwhile(Op.MODIFY, lambda: live.by_hand(edit))

    outcome = live.desk.apply(update)[0]

    there = ldap(live.server, "ldapsearch", "-LLL", "-b", found.dn, "-s", "base", "(objectClass=*)", "telephoneNumber")
    assert outcome.result is Result.DONE
    assert live.desk.account().attributes["title"] == ("Trưởng phòng",)
    assert "telephoneNumber: 0229" in there


def test_another_entry_under_the_old_name_is_not_touched(live: Live) -> None:
    """Between reading and writing the account is renamed and somebody else gets its name: identity decides (law 8)."""
    found, update = _update(live)
    rdn = names.split(found.dn)[0]
    classes = "".join(f"objectClass: {name}\n" for name in live.desk.directory.add_classes)
    other = f"dn: {found.dn}\nchangetype: add\n{classes}cn: x\nsn: x\ntitle: {found.attributes['title'][0]}\n"
    other += "uid: thanhnn\n" if isinstance(live.server, Slapd) else ""
    other = other.replace("cn: x\n", "") if isinstance(live.server, Samba) else other
    away = f"dn: {found.dn}\nchangetype: modrdn\nnewrdn: {rdn} x\ndeleteoldrdn: 1\n\n"
    live.meanwhile(Op.MODIFY, lambda: live.by_hand(away + other))

    outcome = live.desk.apply(update)[0]

    accounts = {account.guid: account for account in live.desk.shown().accounts if account.login != "hoatt"}
    ours = accounts.pop(found.guid)
    assert [account.stamp for account in accounts.values()] == [None]
    assert (outcome.result, ours.stamp) == (Result.DONE, update.stamp)
    assert outcome.dn == ours.dn != found.dn


def test_an_edit_right_after_ours_is_a_conflict_that_names_who_made_it(live: Live) -> None:
    """Law 10: what we wrote was written, the human's later edit stands; said are names, and no value of anybody's."""
    found, update = _update(live)
    rdn = names.split(found.dn)[0]
    edit = f"dn: {found.dn}\nchangetype: modify\nreplace: title\ntitle: Chanh van phong\n\n"
    edit += f"dn: {found.dn}\nchangetype: modrdn\nnewrdn: {rdn} x\ndeleteoldrdn: 1\n"
    live.afterwards(Op.MODIFIED, lambda: live.by_hand(edit))

    outcome = live.desk.apply(update)[0]

    now = live.desk.account()
    who = live.server.admin if isinstance(live.server, Slapd) else "somebody else"
    assert outcome.result is Result.CONFLICT
    assert f"{now.dn}: written and confirmed" in outcome.says.en
    assert f"{who} changed title ({found.dn} → {now.dn})" in outcome.says.en
    assert not any(value in str(outcome.says) for value in ("Chanh van phong", "Trưởng phòng"))
    assert (now.attributes["title"], now.stamp) == (("Chanh van phong",), update.stamp)
    assert outcome.written == update.changes


def test_a_deletion_right_after_our_edit_is_a_conflict(live: Live) -> None:
    """Whoever deletes an account that we have just written to is not answered by making it again."""
    found, update = _update(live)
    live.afterwards(Op.MODIFIED, lambda: ldap(live.server, "ldapdelete", found.dn))

    outcome = live.desk.apply(update)[0]

    assert outcome.result is Result.CONFLICT
    assert "somebody deleted the account right after" in outcome.says.en
    assert found.guid not in {account.guid for account in live.desk.shown().accounts}


def test_an_edit_meanwhile_stops_a_deletion(live: Live) -> None:
    """What a human just marked otherwise is not deleted any more."""
    live.desk.apply(live.desk.create("P1"), marker="before")
    found = live.desk.account()
    stamp = live.desk.directory.stamp
    edit = f"dn: {found.dn}\nchangetype: modify\nreplace: {stamp}\n{stamp}: giu lai\n"
    first = Op.MODIFY if isinstance(live.server, Samba) else Op.DELETE
    live.meanwhile(first, lambda: live.by_hand(edit))

    outcome = live.desk.apply(live.desk.delete(found))[0]

    assert outcome.result is Result.CONFLICT
    assert [one.dn for one in live.desk.shown().accounts if one.guid == found.guid] == [found.dn]


# ── a number in a name ──

NUMBER = "999012345678"  # nobody can have it


def _renamed(live: Live, found: Account) -> str:
    """An administrator writes somebody's personal identification number into the account's name."""
    rdn = f"{names.split(found.dn)[0]} {NUMBER}"
    live.by_hand(f"dn: {found.dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\n")
    return f"{rdn},{names.parent(found.dn)}"


def test_an_account_with_a_number_in_its_name_is_shown_without_and_left_alone(live: Live) -> None:
    """Law 11: the number stands in no snapshot; the account may not be touched before somebody renames it."""
    found, update = _update(live)
    _renamed(live, found)

    shown = live.desk.account()
    outcome = live.desk.apply(update)[0]

    assert shown.protected
    assert "số định danh" in shown.protected.vi
    assert outcome.result is Result.CONFLICT
    assert NUMBER not in f"{live.desk.shown().accounts!r}{outcome!r}"
    assert live.desk.account().stamp == found.stamp


def test_what_is_done_to_it_all_the_same_reaches_the_true_entry(live: Live) -> None:
    """Identity decides, not the name that is shown (law 8): an edit, a new name, a deletion go to the right entry."""
    found, _ = _update(live)
    there = _renamed(live, found)
    shown, desk = live.desk.account(), live.desk
    facts = desk.facts("Nguyễn Ngọc Thành") | {"position": "Trưởng phòng"}
    update = desk.change(ActionKind.UPDATE, shown, desk.marked(shown), facts=facts)

    edited = desk.apply(update)[0]
    titled = ldap(live.server, "ldapsearch", "-LLL", "-b", there, "-s", "base", "(objectClass=*)", "title")
    shown = desk.account()
    name = names.split(found.dn)[0] + " x"
    to = f"{name},{names.parent(found.dn)}"
    moved = desk.apply(desk.change(ActionKind.MOVE, shown, desk.marked(shown), to=to))[0]
    gone = desk.apply(desk.delete(desk.account()))[0]

    assert [one.result for one in (edited, moved, gone)] == [Result.DONE] * 3
    assert "title:: " in titled
    assert moved.dn == to
    assert NUMBER not in f"{edited!r}{moved!r}{gone!r}"
    assert found.guid not in {account.guid for account in desk.shown().accounts}


def test_a_number_written_into_a_name_meanwhile_is_not_kept(live: Live) -> None:
    """Law 11: neither what was done or refused shows it, nor what was overtaken; an edit by identity is done."""
    found, update = _update(live)
    live.meanwhile(Op.MODIFY, lambda: _renamed(live, found))
    renamed = live.desk.apply(update)[0]
    now = live.desk.account()
    change = Change(Operation.MODIFY, now.dn, {"title": (now.attributes["title"], ("Chuyen vien",))})
    again = live.desk.action(ActionKind.UPDATE, (change,), now.stamp, now.ref, now.address)
    edit = "changetype: modify\nreplace: title\ntitle: Chanh van phong\n"
    name = f"{names.split(found.dn)[0]} {NUMBER},{names.parent(found.dn)}"
    live.afterwards(Op.MODIFIED, lambda: live.by_hand(f"dn: {name}\n{edit}"))

    overtaken = live.desk.apply(again)[0]

    by_identity = isinstance(live.server, Samba)
    assert renamed.result is (Result.DONE if by_identity else Result.CONFLICT)
    assert overtaken.result is Result.CONFLICT
    assert "changed title" in overtaken.says.en
    assert NUMBER not in f"{renamed!r}{overtaken!r}"


# ── a lost answer ────────────────────────────────────────────────────────────


def _actions(live: Live, kind: str) -> Action:
    if kind == "create":
        return live.desk.create()
    live.desk.apply(live.desk.create("P1"), marker="before")
    found = live.desk.account()
    if kind == "delete":
        return live.desk.delete(found)
    if kind == "lock":
        return live.desk.change(ActionKind.LOCK, found, live.desk.marked(found, state=State.LOCKED))
    to = f"{names.split(found.dn)[0]},{live.desk.directory.container_rdn}=snv,{live.desk.base}"
    if kind == "readdress":  # a container, an edit and a new name: several writes
        to = to.replace("=snv,", "=stc,")
        stamp = live.desk.marked(found, unit="stc")
        return live.desk.change(ActionKind.READDRESS, found, stamp, to=to, address="thanhnn.stc@ninhbinh.gov.vn")
    change = Change(Operation.RENAME, found.dn, {}, new_dn=to)
    return live.desk.action(ActionKind.MOVE, (change,), found.stamp, found.ref, found.address)


WRITES = frozenset({Op.ADD, Op.MODIFY, Op.RENAME, Op.DELETE})


@pytest.mark.parametrize("fault", [LoseAnswer(), Reset()], ids=["answer-lost", "request-lost"])
@pytest.mark.parametrize("kind", ["create", "lock", "move", "readdress", "delete"])
def test_a_write_without_an_answer_is_found_out_and_taken_up(live: Live, kind: str, fault: LoseAnswer | Reset) -> None:
    """F33: whichever write of an action has no answer, it is unknown until read, and ends as without the crash."""
    action = left = _actions(live, kind)
    outcome = None
    for nth in range(1, 6):
        live.wire.script(Rule(fault, Way.REQUEST, nth=nth, fits=lambda pdu: pdu.op in WRITES))
        outcome = live.desk.apply(left)[0]
        live.wire.script()
        if outcome.result is Result.DONE:  # no write is left to lose
            break
        assert outcome.result is Result.UNKNOWN
        assert "apply" in outcome.says.vi
        found = live.desk.opened().resolve(action, live.desk.marker)
        if isinstance(found, Outcome):
            outcome = found
            break
        left = found  # all of it, or what comes after the write that was lost

    accounts = {account.guid: account for account in live.desk.shown().accounts}
    assert outcome
    assert outcome.result is Result.DONE
    assert (outcome.guid in accounts) is (kind != "delete")
    assert len(accounts) == (1 if kind == "delete" else 2)
    assert live.desk.resolve(action) == outcome._replace(password_set=False)  # that is not to be read


def test_cut_off_and_changed_by_somebody_is_for_a_person(live: Live) -> None:
    """F14: the edit has happened, the new name has not, and somebody undid the edit by half: nobody goes on with it."""
    action = _actions(live, "readdress")
    edit = next(change for change in action.changes if change.operation is Operation.MODIFY)
    live.desk.apply(replace(action, changes=(edit,)))
    cut = live.desk.opened().resolve(action, live.desk.marker)
    found = live.desk.account()
    live.by_hand(f"dn: {found.dn}\nchangetype: modify\nreplace: mail\nmail: khac.stc@ninhbinh.gov.vn\n")

    outcome = live.desk.resolve(action)

    assert isinstance(cut, Action)
    assert [one.operation for one in cut.changes if one.operation is not Operation.ENSURE_CONTAINER] == [
        Operation.RENAME
    ]
    assert outcome
    assert outcome.result is Result.NEEDS_HUMAN
    assert "(mail)" in outcome.says.en


def test_what_was_written_before_a_refusal_is_said(live: Live) -> None:
    """Law 12: the edit was written, the place to move to was taken away: the outcome bears the edit, for the log."""
    action = _actions(live, "readdress")
    edit = next(change for change in action.changes if change.operation is Operation.MODIFY)
    there = names.parent(action.changes[-1].new_dn)
    live.meanwhile(Op.RENAME, lambda: ldap(live.server, "ldapdelete", there))

    outcome = live.desk.apply(action)[0]

    now = live.desk.account()
    assert outcome.result in {Result.CONFLICT, Result.FAILED}
    assert (outcome.guid, outcome.dn) == (now.guid, now.dn)
    assert outcome.written == (edit,)
    assert now.stamp == action.stamp


def test_a_stop_finishes_what_was_begun_and_begins_no_more(live: Live) -> None:
    """Once a stop is wanted, what has been sent is concluded; what was not begun has no outcome and may be taken up."""
    first, second = live.desk.create("P1"), live.desk.create("P2", "Lê Văn Hai", "hailv", needs=("a0001",))
    asked = iter([False, True])

    outcomes = live.desk.apply(first, second, stop=lambda: next(asked))

    assert [(one.action_id, one.result) for one in outcomes] == [(first.id, Result.DONE)]
    assert live.desk.resolve(second) is None


def test_what_was_not_sent_is_not_tried(live: Live) -> None:
    """When the connection breaks, what the server answered is settled or unknown, and the rest was never sent."""
    actions = [live.desk.create(f"P{n}", f"Lê Số {n}", f"sol{n}") for n in range(1, 4)]
    live.wire.script(Rule(Reset(), Way.REQUEST, Op.ADD, nth=1))  # the first new container

    outcomes = live.desk.apply(*actions)
    again = live.desk.apply(*(action for action in actions if live.desk.resolve(action) is None))

    assert {outcome.result for outcome in outcomes} <= {Result.UNKNOWN, Result.NOT_TRIED}
    assert [outcome.result for outcome in again] == [Result.DONE] * 3


# ── a read while others write ────────────────────────────────────────────────


def test_what_changes_while_it_is_read_is_read_again(live: Live) -> None:
    """F4: a snapshot is of one moment: what was added, changed, renamed or deleted meanwhile is as it is in the end."""
    for number in range(4):
        live.desk.apply(live.desk.create(f"P{number}", f"Lê Số {number}", f"sol{number}"), marker="before")
    dns = {account.key: account.dn for account in live.desk.shown().accounts}
    rdn = names.split(dns["P2"])[0]

    def work() -> None:
        live.by_hand(
            f"dn: {dns['P0']}\nchangetype: delete\n\n"
            f"dn: {dns['P1']}\nchangetype: modify\nreplace: title\ntitle: Moi\n\n"
            f"dn: {dns['P2']}\nchangetype: modrdn\nnewrdn: {rdn} moi\ndeleteoldrdn: 1\n\n"
        )

    live.wire.seen.clear()
    live.desk.opened().read()
    searches = [pdu for pdu in live.wire.seen if pdu.way is Way.REQUEST and pdu.op is Op.SEARCH]
    whole = next(n for n, pdu in enumerate(searches, 1) if b"memberOf" in pdu.raw)
    live.meanwhile(Op.SEARCH, work, nth=whole + 1)

    found = live.desk.opened().read()

    shown = {account.key: account for account in found.accounts if account.key}
    assert sorted(shown) == ["P1", "P2", "P3"]
    assert shown["P1"].attributes["title"] == ("Moi",)
    assert names.split(shown["P2"].dn)[0].endswith(" moi")
    assert names.folded(dns["P0"]) not in found.names
    live.wire.script()
    assert replace(found, watermark={}) == live.desk.shown()


def test_a_directory_that_does_not_rest_is_doubtful(live: Live) -> None:
    """F4: while somebody changes the directory again and again, nothing is planned."""
    stranger = live.desk.stranger()
    count = 0

    def restless(_: Pdu) -> bool:
        nonlocal count
        count += 1
        live.by_hand(f"dn: {stranger.dn}\nchangetype: modify\nreplace: title\ntitle: {count}\n")
        return False

    live.wire.script(Rule(Reset(), Way.REQUEST, Op.SEARCH, fits=restless))

    with pytest.raises(Doubtful) as caught:
        live.desk.opened().read()

    assert "again and again" in caught.value.says.en


def test_a_log_in_while_reading_is_no_unrest(live: Live) -> None:
    """Evidence of use moves all day; it is taken over, and the snapshot stands."""
    found, password = _created(live)
    live.wire.script(Rule(Reset(), Way.REQUEST, Op.SEARCH, fits=lambda _: bool(live.log_in(found, password)) and False))

    snapshot = live.desk.opened().read()

    assert found.guid in {account.guid for account in snapshot.accounts}


def test_a_snapshot_says_which_state_of_which_server_it_is(live: Live) -> None:
    """F10: server, database and change numbers before and after, and how many entries there were."""
    found = live.desk.opened().read().watermark

    if isinstance(live.server, Samba):
        assert set(found) == {
            "server",
            "invocation_id",
            "directory",
            "usn_before",
            "usn_after",
            "entries",
            "read",
            "because",
        }
        assert found["server"] == "dc1.ninhbinh.gov.vn"
        assert len(str(found["invocation_id"])) == 36
        assert re.fullmatch(r"S-1-5-21(-\d+){3}", str(found["directory"]))
        assert 0 < int(found["usn_before"]) <= int(found["usn_after"])
    else:
        assert set(found) == {"server", "directory", "csn_before", "csn_after", "entries", "read", "because"}
        assert str(found["csn_before"]).endswith("#000000")
        assert len(str(found["directory"])) == 36
    assert live.desk.opened().directory_id() == found["directory"]
    assert found["entries"] == 6
