"""Hostile strings as parameters of Exchange's cmdlets: they arrive octet for octet, or nothing is sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from unicodedata import normalize

import pytest
from exchange_desk import DOMAIN, Desk, exchange_desk
from figures import Figures
from servers.place import own_address

from syncagent.connectors.exchange.carry import carry_out
from syncagent.connectors.exchange.order import Operation, Order
from syncagent.core.outcome import Result

PIECES: Final = (
    "Nguyễn Văn Ân", normalize("NFD", "Đặng Thị Hoà"), "Ư", "H'Hen Niê", "'", "''", '"', "`", "`n", "$", "$()",
    "$(Get-Mailbox)", "${env:PATH}", "'; Remove-Mailbox *; '", '"; iex x; "', "@(", "@{", "}", ")", "|", "&", ";", "#",
    "<#", "%", "%PATH%", "^", "!", "*", "?", "[a-z]", "\\", "\\\\srv\\x", "\n", "\r\n", "\r", "\t", "\x1a", "\x1b[31m",
    "\x7f", "\x85", "\u2028", "\u200b", "\u202e", "\ufeff", "\ufffe", "🧑‍💻", "🌾", "𝐀", "ｱ", "中文", "ไทย",
    "/Date(0)/", "\\u0000", "]]>", "<b>", "&amp;", "{}", "[]", "null", "true", "-Confirm:$false", "@@n@@", "\u2018",
    "\u201c", "x" * 10_000,
)  # fmt: skip
REFUSED: Final = ("\0", "a\0b", "\ud800", "\udfff", "x\0" * 10)


def _hostile(chance: random.Random) -> str:
    """Return pieces joined, or letters drawn from all of Unicode."""
    if chance.random() < 0.5:
        return "".join(chance.choice(PIECES[:-1]) for _ in range(chance.randint(1, 5)))
    letters = (chr(chance.choice((chance.randrange(1, 0xD800), chance.randrange(0xE000, 0x110000)))) for _ in range(12))
    return "".join(letters)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with own_address() as address, exchange_desk(tmp_path, address) as desk:
        desk.driver = desk.anew(deadline=600)
        yield desk
        desk.driver.close()


def _sent(desk: Desk, strings: list[str], seed: int) -> int:
    """Send strings as addresses of mailboxes, 50 on each, and return how many arrived as they are."""
    people = [desk.holder(f"s{seed}.{n}") for n in range(-(-len(strings) // 50))]
    wanted, orders = {}, []
    for n, guid in enumerate(people):
        own = strings[n * 50 : n * 50 + 50]
        # X500 takes any text; a number keeps each apart from the others, whose letters may differ in case only
        wanted[guid] = tuple(f"X500:{seed}.{n}.{m}.{text}" for m, text in enumerate(own))
        before = desk.read(guid).value("EmailAddresses") if n == 0 else (f"SMTP:s{seed}.{n}@{DOMAIN}",)
        orders.append(Order(guid, Operation.READDRESS, guid, {"EmailAddresses": (before, (*before, *wanted[guid]))}))
    effects = carry_out(desk.driver, orders)
    assert [effect.says.en for effect in effects if effect.result is not Result.DONE] == []
    arrived = 0
    for guid in people:
        entry = desk.exchange.directory.find(guid)
        assert entry
        arrived += len(set(entry.attributes["proxyaddresses"]) & set(wanted[guid]))
    return arrived


def test_hostile_strings_arrive_as_they_are(desk: Desk) -> None:
    """Issue 6: Vietnamese, quotes, subexpressions, line breaks, emoji, 10,000 characters; 2,000 of them."""
    chance = random.Random(6)  # noqa: S311 - the same strings each time
    strings = [*PIECES, *(_hostile(chance) for _ in range(2000 - len(PIECES)))]

    assert _sent(desk, strings, 0) == len(strings)


@pytest.mark.long
def test_a_hundred_thousand_hostile_strings_arrive(desk: Desk, figures: Figures) -> None:
    """Issue 6: 100,000 strings, octet for octet."""
    chance = random.Random(7)  # noqa: S311 - the same strings each time
    arrived = sum(_sent(desk, [_hostile(chance) for _ in range(10_000)], seed) for seed in range(10))

    assert arrived == 100_000
    figures.note("hostile strings through WinRM to Exchange", arrived, 100_000)


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_arrive_is_refused(desk: Desk, text: str) -> None:
    """A NUL or half of a surrogate pair: nothing is sent."""
    guid = desk.holder("an")
    old = desk.read(guid).value("EmailAddresses")

    effect = desk.one(Operation.READDRESS, guid, {"EmailAddresses": (old, (*old, f"X500:{text}"))})

    assert effect.result is Result.FAILED
    assert desk.read(guid).value("EmailAddresses") == old
    assert not [name for name in desk.exchange.ran if name.startswith("Set-")]
