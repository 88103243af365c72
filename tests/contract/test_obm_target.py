"""OBM as a target: what is decided is carried out operation by operation, and what was cut off is found by reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import world
from obm import FIRST, SECOND, ObmDesk, directory_of, logs_in, mailboxes_of, obm_desk
from servers.client import ldap
from servers.obm import Obm
from servers.obm_http import Fate
from servers.obm_tree import IMAP_HOST, user_dn

from syncagent.connectors.obm.server import Generation
from syncagent.connectors.obm.target import ObmTarget, Places
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.decide import decide
from syncagent.core.examination import Health
from syncagent.core.ledger import Ledger
from syncagent.core.outcome import Outcome, Result
from syncagent.core.person import PersonRow
from syncagent.core.policy import Target
from syncagent.core.rehearse import remembered
from syncagent.core.request import Request
from syncagent.errors import Unavailable
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

TODAY = world.TODAY
LATER = date(2026, 6, 11)
COMMIT = r"/batches/\d+$"
LOGIN = "thanhnn.skhcn"
ROW = world.row(effective_date=date(2026, 1, 5))
MOVED = world.row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION)
LOCK = world.request("lock", "P1", TODAY, document_number="5/CV", document_date=TODAY, from_unit="skhcn")
UNLOCK = world.request("unlock", "P1", TODAY + timedelta(days=1), "R2", document_number="6/CV", from_unit="skhcn")


@dataclass
class Agency:
    """One person of one agency, the agent's memory, and a target on a domain of its own."""

    desk: ObmDesk
    target: ObmTarget
    ledger: Ledger = field(default_factory=Ledger)
    number: int = 0

    def plan(self, *people: PersonRow, requests: tuple[Request, ...] = (), today: date = TODAY) -> list[Action]:
        """Return what is to be done."""
        directory = self.target.directory
        policy = world.policy(targets={"main": Target("main", directory, self.target.base, live=False)})
        roster = world.admitted(people, requests=requests, ledger=self.ledger, today=today)
        return list(decide(roster, [self.target.read()], self.ledger, policy, today).actions)

    def do(self, actions: list[Action], password: str = FIRST) -> list[Outcome]:
        """Carry out actions."""
        self.number += 1
        return self.target.carry_out(actions, f"plan {self.number}", {one.id: Secret(password) for one in actions})

    def settle(self, actions: list[Action], today: date = TODAY) -> None:
        """Remember that actions are done."""
        self.ledger = remembered(self.ledger, actions, today)

    def done(self, *people: PersonRow, requests: tuple[Request, ...] = (), today: date = TODAY) -> list[Action]:
        """Plan and carry out; the next plan is empty (law 1)."""
        actions = self.plan(*people, requests=requests, today=today)
        assert [one.result for one in self.do(actions)] == [Result.DONE] * len(actions)
        self.settle(actions, today)
        assert self.plan(*people, requests=requests, today=today) == []
        return actions

    def entry(self, login: str = LOGIN) -> bool:
        """Whether LDAP has an entry of this login."""
        dn = user_dn(login, self.desk.domain.name)
        return self.desk.site.directory.find(dn, ("uid",)) is not None


@pytest.fixture
def agency(obm: Obm) -> Iterator[Agency]:
    with obm_desk(obm) as desk:
        found = world.obm()
        assert found.provisioning
        service = replace(found.provisioning, new={"profile": "user", "mail_server": IMAP_HOST})
        places = Places(desk.settings, *directory_of(obm), mailboxes_of(obm))
        directory = replace(found, provisioning=service)
        yield Agency(desk, ObmTarget("main", places, directory, world.ZONE, "12/QĐ-SKHCN"))


CASES = {
    "create": 1,
    "readdress": 2,
    "lock": 2,
    "unlock": 2,
    "disable": 2,
    "restore": 3,
    "delete": 1,
}
"""What is done, and of how many operations it consists."""

POINTS = [f"{kind} {number}" for kind, count in CASES.items() for number in range(1, count + 1)]
QUICK = {"create 1", "lock 2", "restore 2", "delete 1"}


def begun(agency: Agency, kind: str) -> list[Action]:
    """Return the plan of one action of a kind, all before it done."""
    left = world.leaver()
    if kind != "create":
        agency.done(ROW)
    if kind == "unlock":
        agency.done(ROW, requests=(LOCK,))
    if kind in {"restore", "delete"}:
        agency.done(ROW, left)
    agency.desk.forget()
    plans = {
        "create": lambda: agency.plan(ROW),
        "readdress": lambda: agency.plan(ROW, MOVED),
        "lock": lambda: agency.plan(ROW, requests=(LOCK,)),
        "unlock": lambda: agency.plan(ROW, requests=(LOCK, UNLOCK), today=TODAY + timedelta(days=1)),
        "disable": lambda: agency.plan(ROW, left),
        "restore": lambda: agency.plan(
            ROW, left, world.row(event="recruited", effective_date=LATER, document=world.DECISION), today=LATER
        ),
        "delete": lambda: agency.plan(ROW, left, today=LATER),
    }
    actions = plans[kind]()
    assert [one.kind for one in actions] == [kind]
    return actions


@pytest.mark.parametrize("kind", CASES)
def test_an_action_is_a_row_of_operations(agency: Agency, kind: str) -> None:
    """Each operation once; afterwards the reading shows all that was asked, and resolving says that it is done."""
    [action] = begun(agency, kind)

    [outcome] = agency.do([action], SECOND)
    found = agency.target.resolve(action, f"plan {agency.number}")

    assert outcome.result is Result.DONE
    assert len(agency.desk.written()) == CASES[kind]
    assert outcome.password_set is action.sets_password
    assert isinstance(found, Outcome)
    assert (found.result, found.guid) == (Result.DONE, outcome.guid)
    shown = {account.guid: account.attributes for account in agency.target.read().accounts}
    if kind == "delete":
        assert outcome.guid not in shown
    else:
        after = {name: values for name, (_, values) in action.changes[0].attributes.items()}
        assert {name: shown[outcome.guid].get(name, ()) for name in after} == after


@pytest.mark.parametrize("fate", [Fate.DROPPED_BEFORE, Fate.DROPPED_AFTER])
@pytest.mark.parametrize("at", [pytest.param(at, marks=() if at in QUICK else pytest.mark.long) for at in POINTS])
def test_what_was_cut_off_goes_on_forward(agency: Agency, at: str, fate: Fate) -> None:
    """Design §4.13: the answer to a commit, and to what would clear it up, is lost: unknown, settled by reading.

    What is left is carried out; in the end every operation has happened once, whatever was lost. A new password cannot
    be seen and is set once more, another one, where nothing after it shows that it was.
    """
    kind, _, number = at.partition(" ")
    [action] = begun(agency, kind)
    agency.desk.obm.fails(fate, "PUT", COMMIT, 1, after=int(number) - 1)
    agency.desk.obm.fails(fate, "PUT", COMMIT)

    [lost] = agency.do([action], SECOND)
    agency.desk.obm.well()
    left = agency.target.resolve(action, f"plan {agency.number}")
    if isinstance(left, Action):
        [ended] = agency.target.carry_out([left], f"plan {agency.number}", {action.id: Secret(SECOND)})
    else:
        ended = left

    assert lost.result is Result.UNKNOWN
    assert ended.result is Result.DONE
    again = len(agency.desk.written()) - CASES[kind]
    assert again == 0 or (again == 1 and kind in {"restore", "lock"})
    after = agency.target.resolve(action, f"plan {agency.number}")
    assert isinstance(after, Outcome)
    assert after.result is Result.DONE


def test_a_lock_hides_the_password(agency: Agency) -> None:
    """Obm.md §4: no password opens the account, mail still arrives; a letter opens it with the new password."""
    agency.done(ROW)
    user = next(user for user in agency.desk.domain.users.values() if user.login == LOGIN)
    ext_id, before = user.columns["id"], user.columns["password"]

    agency.done(ROW, requests=(LOCK,))
    locked = dict(agency.desk.domain.users[ext_id].columns)
    entry = agency.entry()
    agency.done(ROW, requests=(LOCK, UNLOCK), today=TODAY + timedelta(days=1))

    assert before == FIRST
    assert (len(locked["password"]), locked["password"] == FIRST) == (20, False)
    assert (locked["archived"], entry) == (False, True)
    assert agency.desk.domain.users[ext_id].columns["password"] == FIRST


def test_whoever_is_locked_from_the_first_day_gets_no_password(agency: Agency) -> None:
    """A password that was hidden by a lock right away is handed to nobody."""
    made = agency.plan(ROW)[0]
    fields = {**made.changes[0].attributes, "pwdAccountLockedTime": ((), ("000001010000Z",))}

    [outcome] = agency.do([replace(made, changes=(replace(made.changes[0], attributes=fields),))])

    assert (outcome.result, outcome.password_set) == (Result.DONE, False)
    assert agency.desk.written() == ["POST", "PATCH"]


def test_a_lock_is_not_opened_without_a_password(agency: Agency) -> None:
    """The old password is gone: an opening that brings none is refused, and nothing is written."""
    agency.done(ROW)
    [locked] = agency.done(ROW, requests=(LOCK,))
    back = {"pwdAccountLockedTime": (("000001010000Z",), ())}
    ref = next(one.ref for one in agency.target.read().accounts if one.login == LOGIN)
    agency.desk.forget()

    [outcome] = agency.do([replace(locked, account=ref, changes=(replace(locked.changes[0], attributes=back),))])

    assert outcome.result is Result.FAILED
    assert "password" in outcome.says.en
    assert agency.desk.written() == []


def test_what_was_begun_and_not_ended_is_said(agency: Agency) -> None:
    """OBM stops answering between two operations: the first stands, and the outcome names its attributes (law 12)."""
    [action] = begun(agency, "disable")
    agency.desk.obm.fails(Fate.BROKEN, "POST", r"/batches$", 1, after=1)

    [outcome] = agency.do([action])
    again = agency.plan(ROW, world.leaver())

    assert outcome.result is Result.FAILED
    assert [sorted(change.attributes) for change in outcome.written] == [["archived"]]
    assert [one.kind for one in again] == [ActionKind.DISABLE]
    assert agency.do(again)[0].result is Result.DONE


def test_nothing_is_destroyed_without_a_decision(agency: Agency) -> None:
    """Design §4.6: neither a copy nor the document that says there is none."""
    [action] = begun(agency, "delete")
    agency.target.decision = ""

    [outcome] = agency.do([action])

    assert outcome.result is Result.FAILED
    assert "decision" in outcome.says.en
    assert agency.desk.written() == []


def test_what_needs_another_waits_and_a_stop_is_heeded(agency: Agency) -> None:
    """What needs an action that failed is not tried; once somebody wants a stop, nothing is begun."""
    [action] = agency.plan(ROW)
    agency.desk.obm.worker.cyrus_works = False
    asked = [action, replace(action, id="second", needs=(action.id,))]

    failed, waits = agency.do(asked)
    nothing = agency.target.carry_out(asked, "plan 9", stop=lambda: True)

    assert (failed.result, waits.result) == (Result.FAILED, Result.NOT_TRIED)
    assert nothing == []


def test_a_site_that_does_not_answer_is_not_resolved(agency: Agency) -> None:
    """Nobody can tell: no outcome is made up."""
    [action] = agency.plan(ROW)
    agency.desk.obm.fails(Fate.DROPPED_AFTER, "PUT", COMMIT)
    with agency.desk.obm.busy(), pytest.raises(Unavailable):
        agency.target.resolve(action, "plan 1")


def test_a_foreign_edit_in_between_is_for_a_person(agency: Agency) -> None:
    """Neither before nor after: nothing more is written."""
    [action] = begun(agency, "disable")
    agency.desk.obm.fails(Fate.DROPPED_AFTER, "PUT", COMMIT, 1, after=1)
    agency.desk.obm.fails(Fate.DROPPED_AFTER, "PUT", COMMIT)
    agency.do([action])
    agency.desk.obm.well()
    user = next(user for user in agency.desk.domain.users.values() if user.login == LOGIN)
    user.columns["description"] = "sửa tay"

    found = agency.target.resolve(action, f"plan {agency.number}")

    assert isinstance(found, Outcome)
    assert found.result is Result.NEEDS_HUMAN
    assert "description" in found.says.en


def test_only_what_obm_knows_is_asked_of_it(agency: Agency) -> None:
    """A container or a right is none of OBM's."""
    agency.done(ROW)
    [action] = agency.plan(ROW, world.leaver())
    strange = Change(Operation.ENSURE_CONTAINER, f"ou=x,{agency.target.base}", {})

    [outcome] = agency.do([replace(action, changes=(strange,))])

    assert outcome.result is Result.FAILED


# ── reading ──


def test_names_that_anybody_holds_are_not_issued(agency: Agency) -> None:
    """Obm.md §1.3: a mailbox of nobody would be handed over with its mail; groups and shares hold addresses."""
    desk, domain = agency.desk, agency.desk.domain
    desk.make("cuong")
    del domain.users[desk.ext_id("cuong")]
    ldap(
        desk.obm.slapd, "ldapmodify",
        ldif=f"dn: cn=users,ou=groups,{user_dn('x', domain.name).partition(',ou=users,')[2]}\nchangetype: modify\n"
        f"add: mail\nmail: chung@{domain.name}\n",
    )  # fmt: skip

    found = agency.target.read()

    assert set(found.logins) == {"cuong"}
    assert found.addresses.keys() == {f"chung@{domain.name}", f"cuong@{domain.name}"}


def test_evidence_that_is_not_there_proves_nothing(agency: Agency) -> None:
    """An entry that was made anew shows no last bind: that is no evidence, and not that nobody ever used it.

    An address that is stored short stands for one of each domain; what people wrote before the stamp stays apart.
    """
    desk = agency.desk
    desk.make("an", nomad_enabled=True, nomad_mail="an@xa.gov.vn", mail_quota="0", description="Ghi chú")
    desk.make("binh", mails=["binh"], description="Ghi chú | syncagent/1 hỏng")
    assert logs_in(desk, FIRST)

    found = {account.login: account for account in agency.target.read().accounts}
    an, binh = found["an"], found["binh"]

    assert (an.last_use.accuracy_days if an.last_use else None, binh.last_use) == (1, None)
    assert (an.forwards_to, an.quota_mb, binh.forwards_to, binh.quota_mb) == (("an@xa.gov.vn",), None, (), 500)
    assert an.created == binh.created == datetime.now(world.ZONE).date()
    assert (an.stamp_damaged, binh.stamp_damaged) == (False, True)
    assert binh.attributes["description"] == ("Ghi chú", "syncagent/1 hỏng")
    assert (binh.address, binh.aliases) == (desk.address("binh"), (f"binh@alias.{desk.domain.name}",))
    assert found[Obm.agent].protected


def test_an_account_that_is_adopted_keeps_what_people_wrote(agency: Agency) -> None:
    """The stamp comes behind what stands in the description; a short address that means the same stays as it is."""
    desk = agency.desk
    ext_id = desk.make("an", mails=["an"], description="Phòng 12", direction="P1")
    actions = agency.plan(ROW)

    outcomes = agency.do(actions)

    columns = desk.domain.users[ext_id].columns
    assert [(one.kind, ended.result) for one, ended in zip(actions, outcomes, strict=True)] == [
        (ActionKind.ADOPT, Result.DONE)
    ]
    assert columns["description"].startswith("Phòng 12 | syncagent/1 kind=personal key=P1")
    assert (columns["mails"], columns["login"]) == (["an"], "an")
    assert columns["password"] == FIRST


def test_doctor_says_what_is_wrong(agency: Agency) -> None:
    """Each of the three systems, what they do not agree about, and what evidence there is."""
    agency.target.decision = ""
    desk = agency.desk
    desk.obm.echo = "sha256"
    desk.make("an")
    desk.make("cuong")
    del desk.domain.users[desk.ext_id("cuong")]

    found = list(agency.target.examine(datetime.now(UTC)))

    doubts = {one.what.en: one.says.en for one in found if one.health is Health.DOUBT}
    assert "password-hash" in doubts["New addresses"]
    assert "archive.decision" in doubts["Destroying mail"]
    agreement = [one.says.en for one in found if one.what.en == "Agreement"]
    assert [said.partition(" (")[0] for said in agreement] == [
        "1 users without an LDAP entry",
        "1 LDAP entries of no user",
        "1 IMAP mailboxes of no user",
    ]
    assert Health.FAULT not in {one.health for one in found}
    assert agency.target.patience == desk.settings.patience


def test_doctor_knows_an_old_site(agency: Agency) -> None:
    """Before 3.1.3 nobody comes back from the archive by the API; all is well otherwise."""
    desk = agency.desk
    desk.make("an")
    desk.obm.of_generation((3, 0))
    old = replace(desk.settings, url=desk.obm.url, generation=Generation.BEFORE_3_1_3)
    agency.target.places = agency.target.places._replace(provisioning=old)

    found = {one.what.en: one for one in agency.target.examine(datetime.now(UTC))}

    assert "interface" in found["Provisioning API"].says.en
    assert found["New addresses"].health is Health.GOOD
    assert found["Destroying mail"].health is Health.GOOD
    assert found["IMAP server"].health is Health.GOOD
    assert agency.target.clock() is None
