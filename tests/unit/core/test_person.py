"""People: the closed sets of the contract, the day a row counts from, and what is never shown."""

from __future__ import annotations

from datetime import date

import world

from syncagent.core.document import Document
from syncagent.core.person import LEAVINGS, Event, Person, PersonType, Status


def test_the_words_are_the_closed_sets_of_the_contract() -> None:
    """Contract §4: the words of the columns `status`, `event` and `type`."""
    events = """
        recruited received contracted transferred moved_out rotated seconded retired resigned dismissed died
        maternity_leave unpaid_leave suspended study appointed renamed
    """

    assert [str(status) for status in Status] == ["working", "on_leave", "seconded", "suspended", "left"]
    assert [str(event) for event in Event] == events.split()
    assert [str(kind) for kind in PersonType] == ["cadre", "official", "public_employee", "worker"]


def test_the_leavings_are_those_of_the_domain() -> None:
    """Domain §4.3: after these nobody works here; a secondment, a leave or a suspension is no leaving."""
    assert {str(event) for event in LEAVINGS} == {"retired", "resigned", "dismissed", "died", "moved_out"}


def test_a_row_counts_from_its_effective_date_else_from_its_decision() -> None:
    """Contract §4: `effective_date`; where it is empty, the day the decision was signed."""
    signed = Document("1/QĐ", date(2026, 2, 1), "A")

    assert world.row(effective_date=date(2026, 3, 1), document=signed).takes_effect == date(2026, 3, 1)
    assert world.row(document=signed).takes_effect == date(2026, 2, 1)
    assert world.row().takes_effect is None


def test_the_request_arrived_when_the_roster_says_else_on_the_effective_date() -> None:
    """Contract §4: `received_on` (of the request; else `effective_date` counts)."""
    assert world.row(effective_date=date(2026, 3, 1), received_on=date(2026, 3, 4)).received == date(2026, 3, 4)
    assert world.row(effective_date=date(2026, 3, 1)).received == date(2026, 3, 1)
    assert world.row().received is None


def test_a_person_is_the_row_that_rules() -> None:
    """A person's key and whether they left are the current row's, whatever the others say."""
    person = Person(world.row("P7"), upcoming=(world.leaver("P7"),))

    assert person.person_id == "P7"
    assert not person.left
    assert Person(world.leaver("P7")).left


def test_private_facts_are_not_in_a_row_as_text() -> None:
    """Law 11: a birth date or a telephone number reaches no log, error or report by way of repr."""
    shown = repr(world.row(birth_date=date(1971, 5, 6), phone="0912345678", contact="nhà riêng"))

    assert "1971" not in shown
    assert "0912345678" not in shown
    assert "nhà riêng" not in shown
