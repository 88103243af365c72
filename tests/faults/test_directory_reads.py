"""Whatever befalls a read on its way, it is whole or it is an error: at every message, with every fault there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest
from figures import Figures
from servers.client import load
from servers.fixtures import FreshBase
from servers.pdu import PAGED_RESULTS, Op, Way
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import (
    Code,
    Cookie,
    Delay,
    Drop,
    Duplicate,
    Fault,
    LoseAnswer,
    Reorder,
    Reset,
    Rule,
    StripControls,
    Truncate,
    Wire,
)

from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.errors import Doubtful, Unavailable
from syncagent.sample.accounts import Entry
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

ROOMS, PAGE = 3, 2
_PATIENCE = 20
FAULTS: tuple[Fault, ...] = (Drop(), Truncate(1), Truncate(20), Reset(), Duplicate(), Reorder())
MORE: tuple[Fault, ...] = (
    LoseAnswer(), Delay(0.05), StripControls(), Cookie(b""), Cookie(b"1"), Cookie(b"\xff" * 8),
    *(Truncate(length) for length in (2, 5, 7, 9, 12, 40)),
)  # fmt: skip


def rooms(base: str, number: int) -> Iterator[Entry]:
    for place in range(number):
        yield Entry(f"ou=phòng {place},{base}", {"objectClass": ("organizationalUnit",), "ou": (f"phòng {place}",)})


def _opened(stack: ExitStack, server: Server, bind: Simple) -> Session:
    """Open a session before anything is spoilt; a busy machine may take longer than the short wait of these tests."""
    for _ in range(_PATIENCE):
        try:
            return stack.enter_context(open_session(server, bind))
        except Unavailable:
            continue
    return stack.enter_context(open_session(server, bind))


def read(place: Slapd | Samba, wire: Wire, base: str, *rules: Rule) -> set[str] | None:
    """Read what is under a base through a wire that is spoilt once the session is open; None if that is an error."""
    server = Server((wire.ldap_url,), place.ca, receive_timeout=0.25, total_timeout=5, page=PAGE)
    with ExitStack() as stack:
        session = _opened(stack, server, Simple(place.admin, Secret(place.password)))
        wire.seen.clear()
        wire.script(*rules)
        try:
            found = [entry.dn for entry in session.read(base, attributes=("ou",))]
        except (Doubtful, Unavailable):
            return None
        finally:
            wire.script()
    assert len(set(found)) == len(found)
    return set(found)


def sweep(
    place: Slapd | Samba, authority: Authority, base: str, faults: tuple[Fault, ...], codes: Iterable[int]
) -> list[bool]:
    """Spoil each message of a read in each way; return for each such read whether it was whole all the same."""
    load(place, rooms(base, ROOMS))
    ends = []
    with own_address() as address, Wire(address, place.ldaps_url, place.ca, authority.issue(address)) as wire:
        whole = read(place, wire, base)
        assert whole is not None
        assert len(whole) == ROOMS + 1
        said = [pdu for pdu in wire.seen if pdu.op is not Op.UNBIND]
        for way in Way:
            for nth, pdu in enumerate((pdu for pdu in said if pdu.way is way), 1):
                wrong = (*faults, *map(Code, codes)) if pdu.op is Op.DONE else faults
                for fault in wrong:
                    if isinstance(fault, Cookie) and PAGED_RESULTS.encode() not in pdu.raw:
                        continue
                    found = read(place, wire, base, Rule(fault, way, nth=nth, fits=lambda pdu: pdu.op is not Op.UNBIND))
                    assert found is None or found == whole, (fault, way, pdu.op, nth)
                    ends.append(found is not None)
    return ends


@pytest.mark.parametrize(
    ("kind", "faults", "codes"),
    [("slapd", FAULTS, (3, 4, 10, 11, 51)), ("samba", (Truncate(20), Duplicate()), (4,))],
)
def test_a_spoilt_read_is_whole_or_an_error(
    kind: str,
    faults: tuple[Fault, ...],
    codes: tuple[int, ...],
    request: pytest.FixtureRequest,
    authority: Authority,
    fresh_base: FreshBase,
) -> None:
    """Lost, cut, reset, doubled and swapped messages, and limits as answers: never a read that lacks an entry."""
    place = request.getfixturevalue(kind)

    ends = sweep(place, authority, fresh_base(place), faults, codes)

    assert set(ends) == {True, False}


def both(
    place: Slapd | Samba, authority: Authority, base: str, faults: tuple[Fault, ...], codes: Iterable[int]
) -> list[bool]:
    """End a page with a result code, and spoil another message of the same read; for each code, message and fault."""
    load(place, rooms(base, ROOMS))
    ends = []
    with own_address() as address, Wire(address, place.ldaps_url, place.ca, authority.issue(address)) as wire:
        whole = read(place, wire, base)
        assert whole is not None
        said = [pdu for pdu in wire.seen if pdu.op is not Op.UNBIND]
        pages = sum(pdu.op is Op.DONE for pdu in said)
        messages = [(way, nth) for way in Way for nth in range(1, sum(pdu.way is way for pdu in said) + 1)]
        for code in codes:
            for page in range(1, pages + 1):
                for fault in faults:
                    for way, nth in messages:
                        spoilt = Rule(fault, way, nth=nth, fits=lambda pdu: pdu.op is not Op.UNBIND)
                        found = read(place, wire, base, Rule(Code(code), Way.ANSWER, Op.DONE, nth=page), spoilt)
                        assert found is None or found == whole, (code, page, fault, way, nth)
                        ends.append(found is not None)
    return ends


def test_a_result_code_in_a_spoilt_read_costs_no_entry(
    slapd: Slapd, authority: Authority, fresh_base: FreshBase
) -> None:
    """A limit and a doubled message anywhere: an error, or whole where the second count goes on in pages."""
    ends = both(slapd, authority, fresh_base(slapd), (Duplicate(),), (4,))

    assert set(ends) == {True, False}


@pytest.mark.long
@pytest.mark.parametrize("kind", ["slapd", "samba"])
def test_every_result_code_in_a_spoilt_read(
    kind: str, request: pytest.FixtureRequest, authority: Authority, fresh_base: FreshBase, figures: Figures
) -> None:
    """The same with every result code, dropped, cut, reset and doubled messages at every place of the read."""
    place = request.getfixturevalue(kind)

    ends = both(place, authority, fresh_base(place), (Drop(), Truncate(20), Reset(), Duplicate()), range(1, 124))

    figures.note(f"full reads from {kind} with a fault at a message and a result code", len(ends), 10_000)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["slapd", "samba"])
def test_a_spoilt_read_is_whole_or_an_error_with_every_fault(
    kind: str, request: pytest.FixtureRequest, authority: Authority, fresh_base: FreshBase, figures: Figures
) -> None:
    """The same with every fault the wire knows, and every result code at every end of a page."""
    place = request.getfixturevalue(kind)

    ends = sweep(place, authority, fresh_base(place), (*FAULTS, *MORE), range(1, 124))

    assert set(ends) == {True, False}
    figures.note(f"full reads from {kind} with a fault or a result code at a message", len(ends), 1_000)
