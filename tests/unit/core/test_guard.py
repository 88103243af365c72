"""Held, protected, alone: what no regulation overrules (law 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import world
from world import TODAY, account, changed, codes, kinds, leaver, only, plan_of, request, restamped, row

from syncagent.core import propose
from syncagent.core.action import Action, ActionKind, Because
from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.finding import Fault, Finding, FindingCode
from syncagent.core.guard import Guard
from syncagent.core.holds import requested_holds
from syncagent.core.ledger import Hold, Ledger, Watch
from syncagent.core.policy import Policy
from syncagent.core.regulation import InternalMove
from syncagent.core.stamp import Alias
from syncagent.core.survey import survey
from syncagent.core.where import Where
from syncagent.mapping.directory import read_directory
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.core.account import Account

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
GONE = [leaver(), SOMEBODY]
ACCOUNTS, LEDGER = world.settled([row(), SOMEBODY], today=date(2026, 2, 16))
MINE = account(ACCOUNTS, "P1")


@pytest.mark.parametrize(
    "name",
    ["P1", "p1", MINE.dn, MINE.dn.upper(), MINE.login, MINE.address.upper(), MINE.guid, "skhcn", "unit:skhcn"],
)
def test_a_hold_binds_by_every_name_of_the_account(name: str) -> None:
    """Law 3: person, DN, login, address, unit; in whatever case it was written."""
    holds = {name.casefold(): Hold(name, "8/TTr-TT", "Thanh tra tỉnh")}

    plan = plan_of(GONE, ACCOUNTS, ledger=replace(LEDGER, holds=holds))

    assert kinds(plan) == []
    assert codes(plan, "P1") == ["held"]


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("name", ["Cu.SKHCN@ninhbinh.gov.vn", "Truoc@ninhbinh.gov.vn", "thanhnn.noibo@ninhbinh.gov.vn"])
def test_a_hold_by_an_address_of_before_binds(name: str, *, recorded: bool) -> None:
    """Law 3, law 7: a former address that still receives, one given up long ago, a principal name: all are theirs."""
    mine = restamped(MINE, aliases=(Alias("cu.skhcn@ninhbinh.gov.vn", TODAY),))
    mine = changed(mine, userPrincipalName="thanhnn.noibo@ninhbinh.gov.vn")
    issued = {**LEDGER.issued, "truoc@ninhbinh.gov.vn": "P1"}
    holds = {name.casefold(): Hold(name.casefold(), "8/TTr-TT", "A")} if recorded else {}
    letters = [] if recorded else [request("hold", name, TODAY, document_number="8/TTr-TT")]
    people = [mine, account(ACCOUNTS, "P0")]

    plan = plan_of(GONE, people, ledger=replace(LEDGER, issued=issued, holds=holds), requests=letters)

    assert (kinds(plan), sorted(codes(plan))) == ([], ["held", "stamp-differs"])


def test_a_hold_by_the_address_of_an_account_nobody_was_matched_to_binds_the_account() -> None:
    """Law 3: the Ledger knows such an address by the identity of its account."""
    issued = {**LEDGER.issued, "truoc@ninhbinh.gov.vn": f"account:{MINE.guid}"}
    holds = {"truoc@ninhbinh.gov.vn": Hold("truoc@ninhbinh.gov.vn", "8/TTr-TT", "A")}

    plan = plan_of(GONE, ACCOUNTS, ledger=replace(LEDGER, issued=issued, holds=holds))

    assert (kinds(plan), codes(plan)) == ([], ["held"])


def test_a_hold_asked_for_in_writing_binds_like_one_recorded_by_hand() -> None:
    """Contract §4: `hold` in requests.csv; the finding cites the letter."""
    asked = request("hold", "P1", TODAY, document_number="8/TTr-TT", from_unit="thanhtra")

    plan = plan_of(GONE, ACCOUNTS, ledger=LEDGER, requests=[asked])

    assert kinds(plan) == []
    [finding] = [f for f in plan.findings if f.code == "held"]
    assert "8/TTr-TT" in finding.message.vi


def test_holds_begin_end_and_are_released_by_the_day() -> None:
    """A hold stands from its receipt to its last day, inclusive, or to its release by a document with a number."""
    asked = [
        request("hold", "P1", date(2026, 3, 1), until=date(2026, 3, 10)),
        request("hold", "P2", date(2026, 3, 1)),
        request("hold", "Toan@Ninhbinh.gov.vn", date(2026, 3, 20)),
        request("release", "p1", date(2026, 3, 4)),
        request("release", "p2", date(2026, 3, 5), document_number="9/TTr"),
        request("lock", "P3", date(2026, 3, 1)),
    ]

    assert set(requested_holds(asked, date(2026, 3, 4))) == {"p1", "p2"}
    assert set(requested_holds(asked, date(2026, 3, 10))) == {"p1"}
    assert set(requested_holds(asked, date(2026, 3, 11))) == set()
    assert set(requested_holds(asked, date(2026, 3, 20))) == {"toan@ninhbinh.gov.vn"}


def _brakes(**names: Any) -> Policy:
    policy = world.policy()
    return replace(policy, brakes=replace(policy.brakes, **names))


def test_an_account_that_configuration_excludes_is_never_in_a_plan() -> None:
    """Law 3: the agent's own account and break-glass accounts stay; the finding spells out the steps by hand."""
    plan = plan_of(GONE, ACCOUNTS, ledger=LEDGER, with_policy=_brakes(never=frozenset({MINE.address})))

    assert kinds(plan) == []
    assert codes(plan, "P1") == ["protected-account"]


def test_an_account_that_configuration_singles_out_is_approved_alone() -> None:
    """Design §5: leaders' accounts need an approval that names them."""
    alone = only(plan_of(GONE, ACCOUNTS, ledger=LEDGER, with_policy=_brakes(alone=frozenset({"p1"}))))
    together = only(plan_of(GONE, ACCOUNTS, ledger=LEDGER))

    assert (alone.alone, together.alone) == (True, False)


def test_what_needs_a_held_action_falls_with_it() -> None:
    """Law 3: a new mailbox that waits for the closing of a held one is not opened either."""
    reissue = world.policy(internal_move=InternalMove.REISSUE)
    moved = [row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION), SOMEBODY]
    free = plan_of(moved, ACCOUNTS, ledger=LEDGER, with_policy=reissue)
    held = replace(LEDGER, holds={MINE.address: Hold(MINE.address, "8/TTr-TT", "A")})

    plan = plan_of(moved, ACCOUNTS, ledger=held, with_policy=reissue)

    assert kinds(free) == ["disable", "create"]
    assert kinds(plan) == []


def test_an_account_with_administrative_rights_is_left_to_people() -> None:
    """Design §5: whoever administers the directory is not closed by a program."""
    admin = changed(MINE, adminCount="1")

    plan = plan_of(GONE, [admin, account(ACCOUNTS, "P0")], ledger=LEDGER)

    assert kinds(plan) == []
    assert codes(plan, "P1") == ["protected-account"]


def test_a_hold_on_an_agency_covers_its_rooms_and_those_who_were_in_it() -> None:
    """Law 3: a unit stands for everybody below it, and for whoever was there when the agent last acted."""
    room = [row(unit="skhcn-vp"), SOMEBODY]
    accounts, ledger = world.settled(room, today=date(2026, 2, 16))
    held = replace(ledger, holds={"skhcn": Hold("skhcn", "8/TTr-TT", "A")})
    gone = [leaver(unit="skhcn-vp"), SOMEBODY]
    gone_elsewhere = [leaver(unit="snv"), SOMEBODY]

    assert kinds(plan_of(gone, accounts, ledger=ledger)) == ["disable"]
    assert kinds(plan_of(gone, accounts, ledger=held)) == []
    assert kinds(plan_of(gone_elsewhere, accounts, ledger=held)) == []


@pytest.mark.parametrize("named", ["p1", MINE.address.upper(), MINE.login, "skhcn"])
def test_a_faulty_request_keeps_everybody_it_may_concern_as_they_are(named: str) -> None:
    """Law 13: it could have been a hold, however its subject was spelt."""
    rows = world.rows(GONE)
    faulty = Fault(FindingCode.QUARANTINED, Text("sai ngày", "no such day"), Where("requests.csv", 2))
    found = replace(rows, faults=((named, faulty),))
    roster = admit(found, LEDGER, world.policy().brakes.roster, timedelta(days=3), TODAY, rows.exported_at)

    plan = decide(roster, [world.snapshot(*ACCOUNTS)], LEDGER, world.policy(), TODAY)

    assert kinds(plan) == []
    assert "quarantined" in {str(finding.code) for finding in plan.findings}


def test_an_identification_number_in_an_attribute_keeps_the_account_out_of_plans() -> None:
    """Law 11: the value before a change would stand in the plan."""
    numbered = changed(MINE, title="Số 037201001234")

    plan = plan_of(GONE, [numbered, account(ACCOUNTS, "P0")], ledger=LEDGER)

    assert kinds(plan) == []
    assert codes(plan, "P1") == ["protected-account"]
    assert "037201001234" not in repr(plan)


def test_a_moment_of_twelve_digits_is_nobodys_number() -> None:
    """Found on a real OpenLDAP, where a lock is 000001010000Z: whoever was closed could never be restored."""
    timed = changed(MINE, whenCreated="202601020304Z")
    accounts = tuple(timed if one is MINE else one for one in ACCOUNTS)

    assert kinds(plan_of(GONE, accounts, ledger=LEDGER)) == ["disable"]


def test_flags_and_moments_of_the_shipped_mappings_are_technical() -> None:
    """What a server writes by itself is never taken for personal data; what people write is looked at."""
    for name, machine, human in (
        ("openldap", {"pwdAccountLockedTime", "entryUUID", "createTimestamp"}, {"description", "employeeNumber", "cn"}),
        ("active-directory", {"objectGUID", "lastLogon", "userAccountControl"}, {"employeeID", "title", "displayName"}),
    ):
        file = f"{name}.yaml"
        technical = read_directory(
            (world.MAPPINGS / "directories" / file).read_text(encoding="utf-8"), file
        ).technical()

        assert machine <= technical
        assert not human & technical


# ── time that is not believed ────────────────────────────────────────────────


def _due(**watched: Any) -> tuple[list[Action], list[Finding]]:
    """What is planned for a leaver, and which clocks are doubted, on the day of the deletion in a live directory."""
    first = plan_of(GONE, ACCOUNTS, ledger=LEDGER)
    closed, ledger = world.applied(first, ACCOUNTS, LEDGER, TODAY)
    [step] = [action for action in first.actions if action.kind is ActionKind.DISABLE]
    assert step.then
    policy = world.policy()
    live = replace(policy, targets={"main": replace(policy.targets["main"], live=True)}, every=timedelta(days=1))
    guid = account(closed, "P1").guid
    seen = {("main", guid): watched.pop("runs", 60)}
    requests = watched.pop("requests", [])
    watch = Watch(seen, live.every, **watched)
    plan = plan_of(
        GONE, closed, ledger=replace(ledger, watch=watch), with_policy=live, today=step.then.on, requests=requests
    )
    actions = [action for action in plan.actions if action.subject == "P1"]
    return actions, [finding for finding in plan.findings if finding.code == "clock-doubt"]


@pytest.mark.parametrize(("runs", "planned"), [(60, ["delete"]), (59, []), (0, [])])
def test_a_deletion_waits_until_enough_runs_saw_the_mailbox_closed(runs: int, planned: list[str]) -> None:
    """F11, law 6: three months of a daily service are sixty runs; elapsed time alone is not believed."""
    actions, doubts = _due(runs=runs)

    assert [action.kind for action in actions] == planned
    assert [f"only {runs} runs" in doubt.message.en for doubt in doubts] == [True] * (not planned)


def test_after_a_jump_of_time_a_deletion_needs_to_be_named() -> None:
    """F11: the clock jumped forward; deletions are suspended until a person names each, everything else goes on."""
    [action], [doubt] = _due(jumped=True)
    [usual], none = _due()

    assert action.alone
    assert doubt.message.vi.count("--only")
    assert (usual.alone, none) == (False, [])


def test_a_written_order_to_delete_waits_for_no_run() -> None:
    """NB-36, Điều 10.1.e: what a person ordered in writing rests on the order, not on a clock."""
    day = date(2026, 3, 11)
    asked = request(
        "emergency_delete", "P1", day, document_number="1/HT", reason="Lộ bí mật nhà nước", from_unit="skhcn"
    )

    [action], none = _due(runs=0, jumped=True, requests=[asked])

    assert (action.kind, action.alone, none) == ("delete", False, [])


def test_a_hold_on_a_unit_binds_who_lay_in_it_though_their_room_has_another_parent_by_now() -> None:
    """Law 3: re-parenting a room does not take its people from under a hold; where the account lies tells."""
    mine = [row(unit="ttcdstt"), SOMEBODY]
    accounts, ledger = world.settled(mine, today=date(2026, 2, 16))
    held = replace(ledger, holds={"skhcn": Hold("skhcn", "8/TTr-TT", "Thanh tra tỉnh")})
    moved = tuple(replace(unit, parent="snv") if unit.unit == "ttcdstt" else unit for unit in world.UNITS)
    gone = [leaver(unit="ttcdstt"), SOMEBODY]

    free = plan_of(gone, accounts, units=moved, ledger=ledger)
    plan = plan_of(gone, accounts, units=moved, ledger=held)

    assert kinds(free) == ["disable"]
    assert kinds(plan) == []
    assert codes(plan, "P1") == ["held"]


def test_a_place_that_units_share_is_no_units() -> None:
    """Where all accounts lie side by side, a hold on one unit binds nobody of another."""
    flat = replace(world.directory(), container_class="", container_rdn="", rdn="sAMAccountName")
    place = replace(world.policy().targets["main"], directory=flat)
    policy = world.policy(targets={"main": place})
    accounts, ledger = world.settled([row(), SOMEBODY], with_policy=policy, today=date(2026, 2, 16))
    held = replace(ledger, holds={"snv": Hold("snv", "8/TTr-TT", "Thanh tra tỉnh")})

    plan = plan_of(GONE, accounts, ledger=held, with_policy=policy)

    assert kinds(plan) == ["disable"]


# ── what falls with what, one action at a time ───────────────────────────────

THREE = [leaver(), leaver("P0"), leaver("P2")]
EVERYBODY, KNOWN = world.settled([row(), SOMEBODY, row("P2", "Trần Thị Mai", "snv")], today=date(2026, 2, 16))


def _sifted(
    accounts: Iterable[Account] = EVERYBODY,
    ledger: Ledger = KNOWN,
    policy: Policy | None = None,
    doubted: str = "",
    **first: Any,
) -> tuple[list[Action], list[Finding]]:
    """What becomes of three closings, of which the first is changed as told and the second needs it."""
    chosen = policy or world.policy()
    roster = world.admitted(THREE, world.UNITS, (), ledger, TODAY)
    if doubted:
        faulty = Fault(FindingCode.QUARANTINED, Text("sai ngày", "no such day"), Where("requests.csv", 2))
        roster = replace(roster, doubted=((doubted, faulty),))
    view = survey(roster, [world.snapshot(*accounts)], ledger, chosen, TODAY)
    closing = {action.subject: action for action in propose.actions(view).actions}
    one, two, three = (closing[name] for name in ("P1", "P0", "P2"))
    return Guard(view, ledger).sift([replace(one, **first), replace(two, needs=(one.id,)), three])


def _with(mine: Account) -> list[Account]:
    return [mine, *(one for one in EVERYBODY if one.key != "P1")]


def _live() -> Policy:
    return world.policy(targets={"main": replace(world.policy().targets["main"], live=True)})


def _watched(**parts: Any) -> Ledger:
    return replace(KNOWN, watch=Watch(parts.pop("seen", {}), timedelta(days=1), **parts))


DELETION: dict[str, Any] = {"kind": ActionKind.DELETE, "due": TODAY + timedelta(days=90)}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("held", {"ledger": replace(KNOWN, holds={"p1": Hold("P1", "8/TTr-TT", "A")})}),
        ("quarantined", {"doubted": "p1"}),
        ("protected-account", {"accounts": _with(changed(MINE, title="Số 037201001234"))}),
        ("protected-account", {"policy": _brakes(never=frozenset({"p1"}))}),
        ("held", {"accounts": _with(replace(MINE, held="LitigationHold")), **DELETION}),
        ("clock-doubt", {"policy": _live(), "ledger": _watched(), **DELETION}),
    ],
)
def test_whatever_keeps_an_action_back_keeps_back_what_needs_it_and_nothing_else(
    code: str, told: dict[str, Any]
) -> None:
    """Law 3: half of a change that belongs together is never planned; who has nothing to do with it is not kept."""
    kept, findings = _sifted(**told)

    assert [action.subject for action in kept] == ["P2"]
    assert [(finding.code, finding.subject) for finding in findings] == [(code, "P1")]


def test_what_the_mail_system_keeps_for_a_court_may_be_closed() -> None:
    """Law 3: the data stay when a mailbox is closed; only its deletion waits for whoever placed that hold."""
    kept, findings = _sifted(accounts=_with(replace(MINE, held="LitigationHold")))

    assert ([action.subject for action in kept], findings) == (["P1", "P0", "P2"], [])


def test_what_changes_no_entry_is_not_lost() -> None:
    """Contract §5: only an action of which a hold took every change is no action any more."""
    kept, _ = _sifted(changes=())

    assert [action.subject for action in kept] == ["P1", "P0", "P2"]


def test_runs_are_counted_on_live_directories_that_are_watched_alone() -> None:
    """F11: a directory in a file is a rehearsal; who watches nothing has no count that could be too low."""
    for told in ({**DELETION, "ledger": _watched()}, {**DELETION, "policy": _live()}):
        kept, findings = _sifted(**told)

        assert ([action.subject for action in kept], findings) == (["P1", "P0", "P2"], [])


def test_whom_no_run_saw_closed_was_seen_by_none() -> None:
    """F11, law 6: an account nobody counted yet has no run to its credit; the finding says how many are needed."""
    _, [finding] = _sifted(policy=_live(), ledger=_watched(), **DELETION)

    assert "only 0 runs" in finding.message.en
    assert "mới 0 lần chạy" in finding.message.vi


def test_a_finding_of_a_hold_names_the_way_to_lift_that_hold() -> None:
    """Law 3: what was typed is lifted by typing; what a letter asked for is lifted by a letter alone."""
    typed = replace(KNOWN, holds={"p1": Hold("P1", "8/TTr-TT", "A")})
    written = replace(KNOWN, holds={"p1": Hold("P1", "8/TTr-TT", "A", requested=True)})

    _, [by_hand] = _sifted(ledger=typed)
    _, [by_letter] = _sifted(ledger=written)

    assert by_hand.message.en.endswith('Lift it with: syncagent release "P1"')
    assert "a release row for “P1” among the requests" in by_letter.message.en


def test_a_finding_of_a_protected_account_names_every_reason() -> None:
    """Design §5: whoever does it by hand needs each rule and document the action stood on."""
    reasons = (
        Because("NB-20", "Điều 7.3", Text("a", "a"), "12/QĐ"), Because("NB-21", "Điều 7.4", Text("b", "b"), "13/QĐ"),
    )  # fmt: skip

    _, [finding] = _sifted(policy=_brakes(never=frozenset({"p1"})), because=reasons)

    assert "(NB-20 12/QĐ; NB-21 13/QĐ)" in finding.message.en
