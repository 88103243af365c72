"""Redirect tables for the old mail servers: from every old address that moves to the new one of its holder."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from syncagent.core.addresses import fold_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from syncagent.core.fates import Fates


def moves(found: Fates, gone: Iterable[Mapping[str, Any]], system: str = "") -> dict[str, str]:
    """Return the new address by the old one, of one system if it is given; what leads to two places is left out.

    Args:
        found: what becomes of everybody.
        gone: accounts that waves have deleted, as the last plan before had them.
        system: whose addresses are asked for, empty for all.
    """
    pairs = [
        (one.name.system, old, one.new)
        for one in found.accounts
        if one.new
        for old in (one.account.addresses if not one.aliases else one.aliases)
    ]
    pairs += [(row["system"], row["address"], row["new"]) for row in gone if row["new"]]
    table: dict[str, str] = {}
    several: set[str] = set()
    for whose, old, new in pairs:
        folded = fold_address(old)
        if (system and whose != system) or folded == fold_address(new):
            continue
        if table.setdefault(folded, new) != new:
            several.add(folded)
    return {old: table[old] for old in sorted(table) if old not in several}


def postfix(table: Mapping[str, str]) -> str:
    """Return the table as Postfix takes it for `virtual_alias_maps` (postmap hash:FILE)."""
    return "".join(f"{old} {new}\n" for old, new in table.items())


def exchange(table: Mapping[str, str]) -> str:
    """Return the table as CSV for a loop over New-MailContact: who keeps the old address sends it on to the new one."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("Name", "EmailAddress", "ExternalEmailAddress"))
    writer.writerows((old.replace("@", "."), old, new) for old, new in table.items())
    return text.getvalue()
