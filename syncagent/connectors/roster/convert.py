"""Rows of a table to people, units and requests. A row that cannot be understood is kept, with its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.roster.cells import Cells
from syncagent.core.person import Event, PersonRow, PersonType, Status
from syncagent.core.request import Request, RequestKind
from syncagent.core.unit import Unit, UnitKind, UnitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncagent.connectors.roster.table import Table
    from syncagent.core.finding import Fault


def people_of(table: Table, pseudonym: Callable[[str], str] | None) -> tuple[PersonRow, ...]:
    """Given the table of people, return its rows in the order of the file.

    A status that cannot be read stands as `working`; the row has a fault, so nothing follows from it.
    """
    cells = Cells(table, pseudonym)
    rows: list[PersonRow] = []
    for record in table.records:
        cells.begin(record)
        rows.append(_person(cells))
    return tuple(rows)


def units_of(table: Table, pseudonym: Callable[[str], str] | None) -> tuple[Unit, ...]:
    """Given the table of units, return its rows in the order of the file."""
    cells = Cells(table, pseudonym)
    rows: list[Unit] = []
    for record in table.records:
        cells.begin(record)
        rows.append(_unit(cells))
    return tuple(rows)


def requests_of(
    table: Table, pseudonym: Callable[[str], str] | None
) -> tuple[tuple[Request, ...], tuple[tuple[str, Fault], ...]]:
    """Given the table of requests, return those without fault, and the faults of the others by whom they concern."""
    cells = Cells(table, pseudonym)
    requests: list[Request] = []
    faults: list[tuple[str, Fault]] = []
    for record in table.records:
        cells.begin(record)
        request = _request(cells)
        if request and not cells.faults:
            requests.append(request)
        else:
            concerned = cells.identity("subject") or cells.text("request_id") or str(cells.where)
            faults += [(concerned, fault) for fault in cells.faults]
    return tuple(requests), tuple(faults)


def _person(cells: Cells) -> PersonRow:
    return PersonRow(
        person_id=cells.key("person_id", cells.identity("person_id")),
        full_name=cells.needed("full_name", cells.name("full_name")),
        unit=cells.text("unit"),
        status=cells.needed("status", cells.word("status", Status)) or Status.WORKING,
        where=cells.where,
        given_name=cells.name("given_name"),
        birth_date=cells.day("birth_date"),
        type=cells.word("type", PersonType),
        position=cells.text("position"),
        rank=cells.integer("rank"),
        primary=cells.answer("primary"),
        event=cells.word("event", Event),
        effective_date=cells.day("effective_date"),
        document=cells.document(),
        received_on=cells.day("received_on"),
        phone=cells.text("phone"),
        contact=cells.text("contact"),
        agreed_address=cells.text("agreed_address"),
        previous_address=cells.text("previous_address"),
        faults=tuple(cells.faults),
        notes=tuple(cells.notes),
    )


def _unit(cells: Cells) -> Unit:
    return Unit(
        unit=cells.key("unit", cells.text("unit")),
        name=cells.needed("name", cells.text("name")),
        where=cells.where,
        abbreviation=cells.text("abbreviation"),
        suffix=cells.text("suffix"),
        parent=cells.text("parent"),
        kind=cells.word("kind", UnitKind) or UnitKind.AGENCY,
        status=cells.word("status", UnitStatus) or UnitStatus.ACTIVE,
        successor=cells.text("successor"),
        effective_date=cells.day("effective_date"),
        document=cells.document(),
        mailbox=cells.answer("mailbox") or False,
        mailbox_holders=cells.identities("mailbox_holder"),
        contact=cells.text("contact"),
        faults=tuple(cells.faults),
    )


def _request(cells: Cells) -> Request | None:
    request_id = cells.needed("request_id", cells.text("request_id"))
    received_on = cells.needed("received_on", cells.day("received_on"))
    kind = cells.needed("kind", cells.word("kind", RequestKind))
    subject = cells.needed("subject", cells.identity("subject"))
    if received_on is None or kind is None:
        return None
    return Request(
        request_id=request_id,
        received_on=received_on,
        kind=kind,
        subject=subject,
        where=cells.where,
        channel=cells.text("channel"),
        from_unit=cells.text("from_unit"),
        from_address=cells.text("from_address"),
        value=cells.text("value"),
        reason=cells.text("reason"),
        document_number=cells.text("document_number"),
        document_date=cells.day("document_date"),
        until=cells.day("until"),
    )
