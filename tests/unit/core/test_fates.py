"""What becomes of each old account: one of six ends, nobody lost, one address for each person on the new system."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from merging import merge, merger, old, ruling
from world import DECISION, EMPTY, UNITS, closed, leaver, request, row, settled

from syncagent.core.account import Account
from syncagent.core.fates import Why, fates
from syncagent.core.ledger import Hold
from syncagent.core.merger import AccountId, Fate, Wave
from syncagent.core.person import PersonRow, Status
from syncagent.core.questions import Question

AN = row("NB1", "Nguyễn Văn An", previous_address="an@hanam.gov.vn")
BINH = row("NB2", "Trần Thị Bình", "snv", previous_address="binh@namdinh.gov.vn")
AN_OLD, BINH_OLD = old("hanam", "an@hanam.gov.vn"), old("namdinh", "binh@namdinh.gov.vn")
BOXED = tuple(replace(unit, mailbox=unit.unit in {"skhcn", "snv"}) for unit in UNITS)


def test_somebody_who_stays_is_converted_to_the_address_of_the_text() -> None:
    """Same person, new address by Điều 5.3."""
    found = merge([AN, BINH], [AN_OLD, BINH_OLD])

    one = found.of("an@hanam.gov.vn")
    assert (one.fate, one.why, one.subject, one.new) == (Fate.CONVERTED, Why.MAIN, "NB1", "annv.skhcn@ninhbinh.gov.vn")
    assert found.fates.counts() == {Fate.CONVERTED: 2}
    assert found.fates.newcomers == ()


def test_of_several_accounts_of_one_person_one_is_converted() -> None:
    """The one the roster names goes first, else the one used last; the others are merged into it."""
    numbered = replace(AN, previous_address="")
    accounts = [
        old("hanam", "a@hanam.gov.vn", "Nguyễn Văn An", staff_number="NB1", last_use="2026-01-01"),
        old("namdinh", "b@namdinh.gov.vn", "Nguyễn Văn An", staff_number="NB1", last_use="2026-02-01"),
        old("ninhbinh", "c@ninhbinh.gov.vn", "Nguyễn Văn An", staff_number="NB1"),
    ]

    by_use = merge([numbered], accounts)
    by_name = merge([replace(AN, previous_address="c@ninhbinh.gov.vn")], accounts)

    assert by_use.of("b@namdinh.gov.vn").fate is Fate.CONVERTED
    assert [by_use.of(a).into for a in ("a@hanam.gov.vn", "c@ninhbinh.gov.vn")] == [
        by_use.of("b@namdinh.gov.vn").name
    ] * 2
    assert by_name.of("c@ninhbinh.gov.vn").fate is Fate.CONVERTED
    assert by_name.fates.counts() == {Fate.CONVERTED: 1, Fate.MERGED: 2}


def test_the_mailboxes_of_merged_agencies_become_one() -> None:
    """Three old ones, one skhcn@ninhbinh.gov.vn, which the old Ninh Bình held itself (domain §1.9.4)."""
    boxes = [
        old("hanam", "stttt@hanam.gov.vn"), old("namdinh", "skhcn@namdinh.gov.vn"),
        old("ninhbinh", "skhcn@ninhbinh.gov.vn"),
    ]  # fmt: skip

    found = merge([AN], boxes, units=BOXED)

    assert found.fates.counts() == {Fate.CONVERTED: 1, Fate.MERGED: 2}
    assert {one.new for one in found.fates.accounts} == {"skhcn@ninhbinh.gov.vn"}
    assert [(one.subject, one.new) for one in found.fates.newcomers] == [
        ("NB1", "annv.skhcn@ninhbinh.gov.vn"), ("unit:snv", "snv@ninhbinh.gov.vn"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "fate", "why"),
    [
        ("retire", Fate.RETIRED, Why.UNUSED),
        ("exclude", Fate.EXCLUDED, Why.RULED_OUT),
        ("hold", Fate.HELD, Why.STILL_ASKED),
    ],
)
def test_the_head_of_the_unit_decides(choice: str, fate: Fate, why: Why) -> None:
    """Điều 13.2.b: what nobody uses is retired; what is no account of this merger is left out; a question may stay."""
    found = merge([AN], [AN_OLD], ruling("hanam", "an@hanam.gov.vn", choice))

    one = found.of("an@hanam.gov.vn")
    assert (one.fate, one.why) == (fate, why)
    assert [newcomer.subject for newcomer in found.fates.newcomers] == ([] if choice == "hold" else ["NB1"])


def test_a_new_account_may_be_issued_instead() -> None:
    """Điều 13.2.a: converted or issued anew; nothing of the old one is taken over, its person keeps the new address."""
    found = merge([AN], [AN_OLD], ruling("hanam", "an@hanam.gov.vn", "issue", "NB1"))

    one = found.of("an@hanam.gov.vn")
    assert (one.fate, one.why, one.new) == (Fate.ISSUED, Why.RULED_NEW, "annv.skhcn@ninhbinh.gov.vn")
    assert found.fates.newcomers == ()


@pytest.mark.parametrize(
    ("people", "account", "fate", "why", "question"),
    [
        ([AN], old("hanam", "may@hanam.gov.vn", kind="system"), Fate.EXCLUDED, Why.PROTECTED, None),
        ([AN], old("hanam", "ai@hanam.gov.vn"), Fate.HELD, Why.NO_OWNER, Question.OWNER),
        ([AN], old("hanam", "quangtrung@hanam.gov.vn"), Fate.HELD, Why.NO_SUCCESSOR, Question.MAILBOX),
        ([AN, replace(AN, person_id="NB9")], AN_OLD, Fate.HELD, Why.CONTESTED, Question.CONTESTED),
        ([leaver("NB1", previous_address="an@hanam.gov.vn")], AN_OLD, Fate.RETIRED, Why.LEFT, None),
        (
            [leaver("NB1", previous_address="an@hanam.gov.vn", document=DECISION._replace(number=""))],
            AN_OLD, Fate.HELD, Why.UNDOCUMENTED, None,
        ),
        ([replace(AN, status=Status.ON_LEAVE)], AN_OLD, Fate.HELD, Why.NOT_SERVED, None),
        ([replace(AN, full_name="H'Hen Niê")], AN_OLD, Fate.HELD, Why.NO_ADDRESS, Question.ADDRESS),
        ([replace(AN, effective_date=date(2026, 9, 1))], AN_OLD, Fate.HELD, Why.QUARANTINED, None),
    ],
)  # fmt: skip
def test_what_is_not_proved_or_not_possible_waits(
    people: list[PersonRow], account: Account, fate: Fate, why: Why, question: Question | None
) -> None:
    """Each reason is told apart; only a decision with number, date and signer retires anybody (Điều 7.4)."""
    found = merge(people, [account])

    (one,) = found.fates.accounts
    assert (one.fate, one.why, one.question) == (fate, why, question)
    assert one.new == ""


def test_a_ruling_about_somebody_unknown_waits() -> None:
    """The roster may have lost them since; the account is asked about again."""
    one = merge([AN], [AN_OLD], ruling("hanam", "an@hanam.gov.vn", "belongs", "NB77")).of("an@hanam.gov.vn")

    assert (one.fate, one.why, one.question) == (Fate.HELD, Why.UNKNOWN, Question.OWNER)


def test_a_dissolved_unit_leaves_a_mailbox_to_retire() -> None:
    """Điều 7.4 with its document; without one it waits."""
    units = closed("skhcn", mailbox=True)
    undocumented = closed("skhcn", mailbox=True, document=DECISION._replace(signer=""))
    box = old("hanam", "skhcn@hanam.gov.vn")

    retired = merge([BINH], [box], units=units).of("skhcn@hanam.gov.vn")
    waiting = merge([BINH], [box, old("ninhbinh", "skhcn@ninhbinh.gov.vn")], units=undocumented)

    assert (retired.fate, retired.why) == (Fate.RETIRED, Why.UNIT_CLOSED)
    assert {one.fate for one in waiting.fates.accounts} <= {Fate.HELD, Fate.RETIRED}


@pytest.mark.parametrize("named", ["NB1", "an@hanam.gov.vn", "skhcn", "unit:skhcn"])
def test_a_legal_hold_binds_whatever_was_ruled(named: str) -> None:
    """Recorded or requested, on the person, an address or the unit."""
    retire = ruling("hanam", "an@hanam.gov.vn", "retire")
    recorded = replace(EMPTY, holds={named: Hold(named, "7/CAT", "C")})
    asked = [request("hold", named, date(2026, 3, 1), document_number="7/CAT")]

    by_state = merge([AN], [AN_OLD], retire, ledger=recorded).of("an@hanam.gov.vn")
    by_letter = merge([AN], [AN_OLD], retire, requests=asked).of("an@hanam.gov.vn")

    assert {by_state.why, by_letter.why} == {Why.ON_HOLD}


def test_an_old_address_is_issued_to_nobody_else() -> None:
    """annv.skhcn@ninhbinh.gov.vn is held in the old Ninh Bình by somebody unknown: An waits for an agreement."""
    taken = old("ninhbinh", "x@ninhbinh.gov.vn", aliases="annv.skhcn@ninhbinh.gov.vn")
    mine = old("ninhbinh", "annv.skhcn@ninhbinh.gov.vn")
    gives = replace(AN, previous_address="annv.skhcn@ninhbinh.gov.vn")
    group = {"ninhbinh": {"annv.skhcn@ninhbinh.gov.vn": "cn=all"}}

    assert merge([AN], [AN_OLD, taken]).of("an@hanam.gov.vn").why is Why.NO_ADDRESS
    assert merge([AN], [AN_OLD], others=group).of("an@hanam.gov.vn").why is Why.NO_ADDRESS
    assert merge([gives], [mine]).of("annv.skhcn@ninhbinh.gov.vn").new == "annv.skhcn@ninhbinh.gov.vn"
    theirs = old("ninhbinh", "y@ninhbinh.gov.vn", BINH.full_name, staff_number="NB2", aliases=mine.address)
    assert merge([gives, BINH], [mine, theirs]).of(mine.address).why is Why.NO_ADDRESS


def test_old_addresses_lead_to_the_new_one_unless_they_are_shared() -> None:
    """Aliases of the old account stay its holder's; one that two accounts had is nobody's."""
    first = old("hanam", "an@hanam.gov.vn", aliases="a@hanam.gov.vn;chung@hanam.gov.vn")
    second = old("hanam", "hoa@hanam.gov.vn", aliases="chung@hanam.gov.vn")

    found = merge([AN], [first, second])

    assert found.of("an@hanam.gov.vn").aliases == ("an@hanam.gov.vn", "a@hanam.gov.vn")
    assert found.of("hoa@hanam.gov.vn").aliases == ()


def test_who_is_on_the_new_system_already_keeps_the_address() -> None:
    """A wave that was carried out changes nothing for those who are there."""
    there, ledger = settled([AN, BINH])

    found = merge([AN, BINH], [AN_OLD, BINH_OLD], there=there, ledger=ledger)

    assert found.of("an@hanam.gov.vn").new == "annv.skhcn@ninhbinh.gov.vn"
    assert found.fates.newcomers == ()


def test_waves_are_by_unit_and_what_belongs_to_none_is_wave_zero() -> None:
    """The first wave with the unit or one above it; an account without an owner goes with its old unit's successor."""
    waves = merger(Wave(("skhcn",)), Wave(("*",)))
    lost = old("hanam", "ai@hanam.gov.vn", unit="Sở Nội vụ")
    nowhere = old("hanam", "dau@hanam.gov.vn")
    room = replace(AN, unit="skhcn-vp")

    found = merge([room, BINH, row("NB4", "Lê Văn Tư")], [AN_OLD, BINH_OLD, lost, nowhere], with_merger=waves)

    assert [one.account.address for one in found.fates.of_wave(1).accounts] == ["an@hanam.gov.vn"]
    assert [one.subject for one in found.fates.of_wave(1).newcomers] == ["NB4"]
    assert {one.account.address for one in found.fates.of_wave(2).accounts} == {
        "ai@hanam.gov.vn",
        "binh@namdinh.gov.vn",
    }
    assert [one.account.address for one in found.fates.of_wave(0).accounts] == ["dau@hanam.gov.vn"]


def test_the_account_that_was_converted_first_stays_it() -> None:
    """A later log-in, or the deletion of the main one, turns no other account into the main one."""
    numbered = replace(AN, previous_address="")
    first = old("hanam", "a@hanam.gov.vn", "Nguyễn Văn An", staff_number="NB1", last_use="2026-01-01")
    second = old("namdinh", "b@namdinh.gov.vn", "Nguyễn Văn An", staff_number="NB1", last_use="2026-02-01")
    found = merge([numbered], [first, second])
    main = AccountId("hanam", first.guid)

    def again(*names: AccountId) -> dict[AccountId, Fate]:
        population = replace(found.population, accounts={name: found.population.accounts[name] for name in names})
        ends = fates(found.merger, population, found.pairings, (), found.view, EMPTY, {"NB1": main})
        return {one.name: one.fate for one in ends.accounts}

    other = AccountId("namdinh", second.guid)
    assert again(main, other) == {main: Fate.CONVERTED, other: Fate.MERGED}
    assert again(other) == {other: Fate.MERGED}


def test_a_main_account_that_is_somebody_else_s_by_now_is_none() -> None:
    """A ruling gave it to another person: those who stay choose anew."""
    theirs = [old("hanam", "an@hanam.gov.vn"), old("hanam", "x@hanam.gov.vn")]
    found = merge([AN, BINH], theirs, ruling("hanam", "x@hanam.gov.vn", "belongs", "NB2"))
    moved = AccountId("hanam", theirs[1].guid)

    ends = fates(found.merger, found.population, found.pairings, (), found.view, EMPTY, {"NB1": moved})

    assert {one.subject: one.fate for one in ends.accounts} == {"NB1": Fate.CONVERTED, "NB2": Fate.CONVERTED}
