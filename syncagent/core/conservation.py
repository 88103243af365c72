"""Nobody's account is lost in a merger: the statement that says so, and what anybody can count again in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from syncagent.core.merger import Fate
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from syncagent.core.fates import Fated, Fates
    from syncagent.core.merger import AccountId, Merger, Population

FORMAT = "syncagent/merger/1"

_BY = ("system", "unit", "wave")
"""What the sums are over, beside the fates."""


def statement(
    merger: Merger,
    population: Population,
    found: Fates,
    seen: Mapping[AccountId, str],
    missing: Iterable[str],
    today: date,
    concluded: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what is certified: every account of the old systems with its one fate, the sums, and what is open.

    Args:
        merger: how it is set up.
        population: what was read of the old systems.
        found: what becomes of everybody.
        seen: every account that a plan has ever known, with its address then.
        missing: systems of the merger that are not configured.
        today: the day for which it is said.
        concluded: rows of accounts that waves have deleted since, as they stood in the last plan before.
    """
    accounts = [*map(row_of, found.accounts), *concluded]
    gone = {(row["system"], row["guid"]) for row in concluded}
    vanished = [
        {"system": name.system, "guid": name.guid, "address": address}
        for name, address in sorted(seen.items())
        if name not in population.accounts and name not in gone
    ]
    absent = sorted(missing)
    waiting = sum(one.fate is Fate.HELD for one in found.accounts)
    return {
        "format": FORMAT,
        "merger": merger.crosswalk.name,
        "document": merger.crosswalk.document,
        "as_of": today.isoformat(),
        "sources": {name: dict(mark) for name, mark in population.watermarks.items()},
        "accounts": accounts,
        "newcomers": [one._asdict() for one in found.newcomers],
        "sums": sums(accounts),
        "open": {"held": waiting, "vanished": vanished, "systems": absent},
        "complete": not waiting and not vanished and not absent,
    }


def row_of(one: Fated) -> dict[str, Any]:
    """Return how one account stands in the statement, and in the state once a wave was planned with it."""
    return {
        "system": one.name.system,
        "guid": one.name.guid,
        "address": one.account.address,
        "fate": str(one.fate),
        "why": str(one.why),
        "subject": one.subject,
        "unit": one.unit,
        "wave": one.wave,
        "new": one.new,
        "into": one.into.guid if one.into else "",
        "into_system": one.into.system if one.into else "",
    }


def sums(accounts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, int]]]:
    """Return how many accounts have each fate, by system, unit and wave."""
    rows = list(accounts)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for by in _BY:
        counts = Counter((str(row[by]), str(row["fate"])) for row in rows)
        found[by] = {value: {} for value, _ in sorted(counts)}
        for (value, fate), count in sorted(counts.items()):
            found[by][value][fate] = count
    return found


def disagreements(said: Mapping[str, Any]) -> Iterator[Text]:
    """Yield what in a statement contradicts itself, counted again from its accounts alone.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is no statement.
    """
    accounts = list(said["accounts"])
    names = Counter((row["system"], row["guid"]) for row in accounts)
    if twice := [guid for (_, guid), count in names.items() if count > 1]:
        yield Text(f"Có {len(twice)} tài khoản ghi nhiều lần.", f"{len(twice)} accounts stand there more than once.")
    for row in accounts:
        Fate(row["fate"])
    if sums(accounts) != said["sums"]:
        yield Text(
            "Các tổng không khớp với danh sách tài khoản.", "The sums do not agree with the accounts they are of."
        )
    converted = {(row["system"], row["guid"]): row for row in accounts if row["fate"] == Fate.CONVERTED}
    merged = [row for row in accounts if row["fate"] == Fate.MERGED]
    mains = [converted.get((row["into_system"], row["into"])) for row in merged]
    if any(main is None or main["subject"] != row["subject"] for row, main in zip(merged, mains, strict=True)):
        yield Text(
            "Có tài khoản ghi là hợp nhất nhưng tài khoản nhận không được chuyển đổi cho cùng người.",
            "An account is said to be merged into one that is not converted for the same holder.",
        )
    holders: dict[str, set[str]] = {}
    for row in (*accounts, *said["newcomers"]):
        holders.setdefault(row["new"], set()).add(row["subject"])
    if any(address and len(subjects) > 1 for address, subjects in holders.items()):
        yield Text("Có địa chỉ mới cấp cho hai người.", "A new address is of two people.")
    held = sum(row["fate"] == Fate.HELD for row in accounts)
    left = said["open"]
    if left["held"] != held or said["complete"] is not (not held and not left["vanished"] and not left["systems"]):
        yield Text("Phần việc còn mở không khớp.", "What is said to be open does not agree.")
