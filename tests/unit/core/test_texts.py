"""What the five shipped texts say of scope, domains, kinds of mailboxes and letters, which no single case shows."""

from __future__ import annotations

from datetime import date

import pytest
import world
from world import MAPPINGS, TODAY, account, changed, kinds, only, plan_of, request, row

from syncagent.core.action import ActionKind
from syncagent.core.names import clean
from syncagent.core.person import PersonType
from syncagent.core.regulation import Effect
from syncagent.core.stamp import AccountKind

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
PEOPLE = [row(), SOMEBODY]
OPENED = date(2026, 2, 16)
LAWS = sorted(file.stem for file in (MAPPINGS / "regulations").glob("*.yaml"))

DOMAINS = {
    "ninhbinh-2025": "ninhbinh.gov.vn",
    "danang-2017": "danang.gov.vn",
    "bentre-2016": "bentre.gov.vn",
    "hcmc-quan4-2013": "tphcm.gov.vn",
    "binhdinh-kkt-2017": "binhdinh.gov.vn",
}


@pytest.mark.parametrize("law", LAWS)
def test_every_new_address_lies_in_the_domain_of_its_text(law: str) -> None:
    """NB-05, Điều 3.2; BT-04, Điều 3.1; Q4-03, Điều 4.1: people and units, nobody gets an address elsewhere."""
    policy = world.policy(law)
    units = [unit for unit in world.UNITS if unit.unit == "skhcn"]
    accounts, _ = world.settled([row()], units=units, with_policy=policy)

    assert [found.address.partition("@")[2] for found in accounts] == [DOMAINS[law]]


@pytest.mark.parametrize("kind", PersonType)
@pytest.mark.parametrize("law", LAWS)
def test_everybody_the_text_covers_gets_a_mailbox(law: str, kind: PersonType) -> None:
    """NB-02, Điều 1.2; DN-02, Điều 1.2; BD-02, Điều 1.2: cadres, officials, public employees and workers alike."""
    newcomer = row(event="recruited", effective_date=date(2026, 3, 2), document=world.DECISION)
    newcomer.type = kind

    plan = plan_of([newcomer], with_policy=world.policy(law))

    assert kinds(plan) == ["create"]


@pytest.mark.parametrize("law", LAWS)
def test_mailboxes_are_those_of_people_or_of_units(law: str) -> None:
    """NB-04, Điều 2.3-2.4; BT-03, Điều 2.1: no third kind; a department's is that of a unit."""
    assert set(world.regulation(law).naming.kinds) == {
        AccountKind.PERSONAL, AccountKind.AGENCY, AccountKind.DEPARTMENT,
    }  # fmt: skip


def test_names_are_kept_in_the_letters_of_the_standard() -> None:
    """NB-06, Điều 3.3; BT-16 and DN-17: TCVN 6909:2001 is Unicode; letters put together of parts become one."""
    assert clean("Nguye\u0302\u0303n Thi\u0323 Ho\u0300a").text == "Nguyễn Thị Hòa"


def test_an_account_of_an_old_system_is_taken_over_not_issued_again() -> None:
    """NB-46, Điều 13.2.a: accounts of the old systems are converted; whoever has one gets no second one."""
    accounts, _ = world.settled(PEOPLE, today=OPENED)
    old = changed(account(accounts, "P1"), **{world.directory().stamp: ""})

    action = only(plan_of(PEOPLE, [account(accounts, "P0"), old]))

    assert (action.kind, action.subject, action.address) == (ActionKind.ADOPT, "P1", old.address)


def test_a_breach_is_a_ground_for_a_lock_by_request() -> None:
    """BT-14, Điều 7.1.d: whoever breaks Điều 10 is locked, when the managing body asks for it."""
    policy = world.policy("bentre-2016")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=policy)
    asked = request("lock", "P1", TODAY, document_number="9/STTTT", reason="vi phạm Điều 10", from_unit="skhcn")

    action = only(plan_of(PEOPLE, accounts, ledger=ledger, requests=[asked], with_policy=policy))

    assert (action.kind, "BT-14" in action.because[0].rule) == (ActionKind.LOCK, True)


def test_a_new_position_is_brought_in_step() -> None:
    """DN-29, Điều 11.1.a: the department manages changes; an appointment updates the holder's data, nothing else."""
    policy = world.policy("danang-2017")
    accounts, ledger = world.settled(PEOPLE, today=date(2026, 3, 9), with_policy=policy)
    appointed = row(position="Phó Giám đốc", event="appointed", effective_date=TODAY, document=world.DECISION)

    action = only(plan_of([appointed, SOMEBODY], accounts, ledger=ledger, with_policy=policy))

    assert (action.kind, action.because[0].rule) == (ActionKind.UPDATE, "DN-29")


@pytest.mark.parametrize("law", LAWS)
def test_an_issued_password_is_changed_at_the_first_login(law: str) -> None:
    """BD-03, Điều 2.3 (“phải được đảm bảo bí mật”), NB-17, Q4-18: whoever issued a password knows it until then."""
    accounts, _ = world.settled([row()], with_policy=world.policy(law))

    assert account(accounts, "P1").must_change


def test_the_password_rules_of_quan_4_are_those_of_article_8() -> None:
    """Q4-22: “Khoản 3, Điều 9” of Điều 11.1 and 12.5 has no password rules; they stand in Điều 8.3."""
    rules = world.regulation("hcmc-quan4-2013").passwords

    assert {cite.article[:16] for cite in (rules.must_change, rules.quality, rules.overdue)} == {"Điều 8 khoản 3 đ"}
    assert (rules.shortest, rules.longest_months) == (8, 3)


@pytest.mark.parametrize("law", LAWS)
def test_no_text_lets_an_absence_close_a_mailbox(law: str) -> None:
    """Domain §4.3: maternity, leave, study, secondment and suspension take nothing from anybody by themselves."""
    away = ("maternity_leave", "unpaid_leave", "study", "seconded", "suspended")
    effects = {str(event): clause.effect for event, clause in world.regulation(law).events.items()}

    assert {effects[event] for event in away} <= {Effect.NOTHING, Effect.REVIEW}
