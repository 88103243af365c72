"""Complete reads: every page, every range of values, and the names once more by another way.

ldap3's pager ends a read that a limit has cut as if it were whole. Here a read yields every entry or raises: each page
must end with code 0 and a cookie, the last with an empty one (RFC 2696), no entry may come twice, and the names of all
entries are then asked for again without pages, or in pages of another size where a server limits that. A name that the
pages did not have is read on its own; if there are many, the read is doubtful.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from syncagent.connectors.ldap import answers, ber, codes, requests
from syncagent.connectors.ldap.answers import DONE, ENTRY, REFERENCE, Entry, Names, Result
from syncagent.connectors.ldap.ber import Malformed
from syncagent.connectors.ldap.requests import EVERYTHING, NO_ATTRIBUTES, PAGED, Scope, Search
from syncagent.connectors.ldap.wire import NOT_ASKED, Wire
from syncagent.errors import Doubtful, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_ENTRY_TWICE = Text("một mục đến hai lần", "an entry that comes twice")
_NOT_PAGED = Text("trang không kèm điều khiển phân trang", "a page without its control")
_COOKIE_TWICE = Text("dấu trang đến hai lần", "a cookie that comes twice")
_RANGES = Text("các khoảng giá trị không nối tiếp nhau", "ranges of values that do not follow each other")
_RANGE = ";range="
_MOVED = 100  # names that may appear or vanish while a read goes on


def read(line: Wire, search: Search, until: float, references: set[str], size: int) -> Generator[Entry]:
    """Given a search of a level or subtree, yield every entry once, `size` of them asked for at a time.

    URIs of places elsewhere go to `references`. The read is complete when the iteration ends by itself, and not before.

    Raises:
        Doubtful: a limit, a refusal, a page that is damaged, missing or comes twice; nothing that was yielded counts.
        Unavailable: the connection is lost or time is up.
    """
    seen: set[str] = set()
    names, parts = Names(search.attributes), list[Entry]()
    try:
        for bodies in _pages(line, search, size, until, references):
            for body in bodies:
                found = answers.entry(body, names)
                if found.dn in seen:
                    raise line.doubt(_ENTRY_TWICE)
                seen.add(found.dn)
                if names.ranges and not names.ranges.isdisjoint(found.attributes):
                    parts.append(found)
                else:
                    yield found
        for found in parts:
            yield _with_all_values(line, search, found, until, references)
        yield from _appeared(line, search, seen, size, until, references)
    except Malformed as error:
        raise line.doubt(error.says) from error


def find(line: Wire, search: Search, until: float, references: set[str]) -> Entry | None:
    """Given a search, return the entry at its base, None if it is not there or does not match the filter.

    Raises:
        Doubtful: any other answer.
        Unavailable: the connection is lost or time is up.
    """
    search = search._replace(scope=Scope.BASE)
    names = Names(search.attributes)
    try:
        bodies, told = _answers(line, _ask(line, search, until), until, references)
        if told.code == codes.NO_SUCH_OBJECT or (told.code == codes.SUCCESS and not bodies):
            return None
        if told.code != codes.SUCCESS:
            raise codes.doubtful(told, search.base)
        if len(bodies) > 1:
            raise line.doubt(_ENTRY_TWICE)
        found = answers.entry(bodies[0], names)
        return _with_all_values(line, search, found, until, references) if names.ranges else found
    except Malformed as error:
        raise line.doubt(error.says) from error


def _pages(line: Wire, search: Search, size: int, until: float, references: set[str]) -> Iterator[list[bytes]]:
    """Yield the entries of each page; the next is asked for before, so that the server works while we decode."""
    operation = requests.searching(search)
    number, cookie, used = 0, b"", set[bytes]()

    def ask() -> int:
        asked = line.number()
        line.send(requests.message(asked, operation, (*search.controls, requests.page(size, cookie))), until)
        return asked

    number = ask()
    try:
        while number:
            bodies, told = _answers(line, number, until, references)
            number = 0
            if told.code != codes.SUCCESS:
                raise codes.doubtful(told, search.base)
            if PAGED not in told.controls:
                raise line.doubt(_NOT_PAGED)
            before, cookie = cookie, answers.cookie(told.controls[PAGED])
            if cookie in used and (cookie != before or not bodies):  # Samba has one cookie for all pages of a read
                raise line.doubt(_COOKIE_TWICE)
            used.add(cookie)
            if cookie:
                number = ask()
            yield bodies
    finally:
        if number and not line.closed:
            with suppress(Unavailable):
                line.abandon(number, until)


def _answers(line: Wire, number: int, until: float, references: set[str]) -> tuple[list[bytes], Result]:
    """Return the entries that answer one search, not decoded, and how it ended."""
    bodies = []
    while True:
        message = line.receive(until)
        if message.number != number:
            raise line.doubt(NOT_ASKED)
        if message.operation == ENTRY:
            bodies.append(message.body)
        elif message.operation == REFERENCE:
            references.update(answers.addresses(message.body))
        elif message.operation == DONE:
            return bodies, answers.result(message)
        else:
            raise line.doubt(NOT_ASKED)


def _ask(line: Wire, search: Search, until: float) -> int:
    number = line.number()
    line.send(requests.message(number, requests.searching(search), search.controls), until)
    return number


# ── the second count ──


def _appeared(
    line: Wire, search: Search, seen: set[str], size: int, until: float, references: set[str]
) -> Iterator[Entry]:
    """Yield what the pages did not have and the directory has."""
    named = _named(line, search._replace(attributes=NO_ATTRIBUTES), size // 2, until, references)
    if not named and search.filter == EVERYTHING and search.scope is Scope.SUBTREE:
        raise _doubtful(
            search.base,
            "không thấy mục nào, kể cả chính nó. Tài khoản dùng để đọc có thể đã mất quyền",
            "nothing is to be seen, not even itself. The account used for reading may have lost its rights",
        )
    if len(named ^ seen) > _MOVED:
        raise _doubtful(
            search.base,
            f"đọc được {len(seen)} mục nhưng thư mục kể ra {len(named)}, lệch {len(named ^ seen)} tên. Hãy chạy lại",
            f"{len(seen)} entries were read, but the directory names {len(named)}; {len(named ^ seen)} names differ. "
            "Run again",
        )
    for dn in sorted(named - seen):
        found = find(line, search._replace(base=dn), until, references)
        if found:
            yield found


def _named(line: Wire, search: Search, size: int, until: float, references: set[str]) -> set[str]:
    names = Names(())
    bodies, told = _answers(line, _ask(line, search, until), until, references)
    if told.code in codes.LIMITS:
        pages = _pages(line, search, size, until, references)
        return {answers.entry(body, names).dn for bodies in pages for body in bodies}
    if told.code != codes.SUCCESS:
        raise codes.doubtful(told, search.base)
    return {answers.entry(body, names).dn for body in bodies}


# ── ranges ──


def _with_all_values(line: Wire, search: Search, found: Entry, until: float, references: set[str]) -> Entry:
    """Given an entry of which some values were served in ranges (MS-ADTS 3.1.1.3.1.3.3), return it with all."""
    whole: dict[str, tuple[bytes, ...]] = {}
    for served, first in found.attributes.items():
        name, mark, bounds = served.partition(_RANGE)
        values = first
        if name in whole:
            raise line.doubt(ber.TWICE)
        whole[name] = values
        while mark:
            low, _, high = bounds.partition("-")
            have = len(whole[name])
            if low != str(have - len(values)) or high not in {"*", str(have - 1)} or len(set(whole[name])) < have:
                raise line.doubt(_RANGES)
            if high == "*":
                break
            bounds, values = _next_range(line, search, found.dn, f"{name}{_RANGE}{have}-*", until, references)
            whole[name] += values
    return Entry(found.dn, whole)


def _next_range(
    line: Wire, search: Search, dn: str, wanted: str, until: float, references: set[str]
) -> tuple[str, tuple[bytes, ...]]:
    asked = Search(dn, EVERYTHING, (wanted,), Scope.BASE, search.controls)
    bodies, told = _answers(line, _ask(line, asked, until), until, references)
    if told.code != codes.SUCCESS:
        raise codes.doubtful(told, dn)
    served = [one for body in bodies for one in answers.entry(body, Names(())).attributes.items()]
    if len(served) != 1:
        raise line.doubt(_RANGES)
    name, values = served[0]
    return name.partition(_RANGE)[2], values


def _doubtful(base: str, vietnamese: str, english: str) -> Doubtful:
    return Doubtful(Text(f"{vietnamese}.", f"{english}."), where=base)
