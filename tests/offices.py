"""An office for the tests of reports: four people and two units in step, views of them, and how tables are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache

import world

from syncagent.core.account import Account
from syncagent.core.ledger import Ledger
from syncagent.core.person import PersonRow
from syncagent.core.policy import Policy
from syncagent.core.survey import View, survey
from syncagent.core.unit import Unit
from syncagent.report.table import Table

TODAY = world.TODAY
PEOPLE = (
    world.row(),
    world.row("P2", "Đặng Thị Hòa", "skhcn-vp", line=3, phone="0912345678", birth_date=date(1980, 2, 1)),
    world.row("P3", "Trần Văn Bình", "snv", line=4),
    world.row("P4", "Lê Thị Cúc", "giaothuy", line=5),
)
UNITS = tuple(replace(u, mailbox=u.unit in {"skhcn", "skhcn-vp"}) for u in world.UNITS)


def view_of(
    accounts: Iterable[Account],
    people: Iterable[PersonRow] = PEOPLE,
    *,
    ledger: Ledger = world.EMPTY,
    units: Iterable[Unit] = UNITS,
    today: date = TODAY,
    policy: Policy | None = None,
    requests: tuple[object, ...] = (),
) -> View:
    roster = world.admitted(people, units, requests, ledger, today)  # type: ignore[arg-type]
    return survey(roster, [world.snapshot(*accounts)], ledger, policy or world.policy(), today)


@cache
def settled() -> tuple[tuple[Account, ...], Ledger]:
    """Four people and two units, everybody in step since 5 January."""
    return world.settled(PEOPLE, units=UNITS)


def changed(accounts: Iterable[Account], subject: str, **changes: object) -> tuple[Account, ...]:
    """The accounts with some facts of one of them changed."""
    return tuple(
        replace(a, **changes) if a.stamp and a.stamp.subject == subject else a  # type: ignore[arg-type]
        for a in accounts
    )


def restamped(accounts: Iterable[Account], subject: str, **parts: object) -> tuple[Account, ...]:
    return tuple(world.restamped(a, **parts) if a.stamp and a.stamp.subject == subject else a for a in accounts)


def column(table: Table, name: str) -> list[str]:
    place = [column.en for column in table.columns].index(name)
    return [row[place].en for row in table.rows]


def row_of(table: Table, cell: str) -> dict[str, str]:
    row = next(row for row in table.rows if cell in [one.en for one in row])
    return {column.en: one.en for column, one in zip(table.columns, row, strict=True)}


def words_of(table: Table) -> str:
    texts = (table.title, *table.columns, *table.notes, *(cell for row in table.rows for cell in row))
    return "\n".join(f"{text.vi}\n{text.en}" for text in texts)
