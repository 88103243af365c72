"""Complete reads: every page, every range of values, and the names once more by another way.

ldap3's pager ends a read that a limit has cut as if it were whole. Here a read yields every entry or raises: each page
must end with code 0 and a cookie, the last with an empty one (RFC 2696), no entry may come twice, and the names of all
entries are then asked for again without pages, or in pages of another size where a server limits that. A name that the
pages did not have is read on its own; if there are many, the read is doubtful.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.connectors.ldap import answers, ber, codes, requests
from syncagent.connectors.ldap.answers import DONE, ENTRY, REFERENCE, Entry, Names, Result
from syncagent.connectors.ldap.ber import Malformed
from syncagent.connectors.ldap.requests import EVERYTHING, NO_ATTRIBUTES, PAGED, Control, Scope, Search
from syncagent.connectors.ldap.wire import NOT_ASKED, Wire
from syncagent.errors import Doubtful, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_ENTRY_TWICE = Text("một mục đến hai lần", "an entry that comes twice")
_NOT_PAGED = Text("trang không kèm điều khiển phân trang", "a page without its control")
_COOKIE_TWICE = Text("dấu trang đến hai lần", "a cookie that comes twice")
_RANGES = Text("các khoảng giá trị không nối tiếp nhau", "ranges of values that do not follow each other")
_RANGE = ";range="
_MOVED = 100  # names that may appear or vanish while a read goes on


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads over one connection, until a time (`monotonic`); URIs of places elsewhere go to `references`."""

    line: Wire
    until: float
    references: set[str]

    def read(self, search: Search, size: int) -> Generator[Entry]:
        """Given a search of a level or subtree, yield every entry, `size` of them asked for at a time.

        The read is complete when the iteration ends by itself, and not before.

        Raises:
            Doubtful: a limit, a refusal, a page that is damaged, missing or comes twice; nothing that was yielded
                counts.
            Unavailable: the connection is lost or time is up.
        """
        seen: set[str] = set()
        yield from self.paged(search, size, seen)
        yield from self._appeared(search, seen, size)

    def paged(self, search: Search, size: int, seen: set[str]) -> Generator[Entry]:
        """Yield what all pages hold, each name once, and note the names; raises as `read`, but counts only once."""
        names, parts = Names(search.attributes), list[Entry]()
        try:
            for bodies in self._pages(search, size):
                for body in bodies:
                    found = answers.entry(body, names)
                    if found.dn in seen:
                        raise self.line.doubt(_ENTRY_TWICE)
                    seen.add(found.dn)
                    if names.ranges and not names.ranges.isdisjoint(found.attributes):
                        parts.append(found)
                    else:
                        yield found
            for found in parts:
                yield self._with_all_values(search, found)
        except Malformed as error:
            raise self.line.doubt(error.says) from error

    def find(self, search: Search) -> Entry | None:
        """Given a search, return the entry at its base, None if it is not there or does not match the filter.

        Raises:
            Doubtful: any other answer.
            Unavailable: the connection is lost or time is up.
        """
        search = search._replace(scope=Scope.BASE)
        names = Names(search.attributes)
        try:
            bodies: list[bytes] = []
            told = self._take(self._ask(search), bodies.append)
            if told.code == codes.NO_SUCH_OBJECT or (told.code == codes.SUCCESS and not bodies):
                return None
            if told.code != codes.SUCCESS:
                raise codes.doubtful(told, search.base)
            if len(bodies) > 1:
                raise self.line.doubt(_ENTRY_TWICE)
            found = answers.entry(bodies[0], names)
            return self._with_all_values(search, found) if names.ranges else found
        except Malformed as error:
            raise self.line.doubt(error.says) from error

    # ── pages ──

    def _pages(self, search: Search, size: int) -> Iterator[list[bytes]]:
        """Yield the entries of each page; the next is asked for before, so that the server works while we decode."""
        cookie, used = b"", set[bytes]()
        number = self._ask(search, requests.page(size, cookie))
        try:
            while number:
                bodies: list[bytes] = []
                told = self._take(number, bodies.append)
                number = 0
                if told.code != codes.SUCCESS:
                    raise codes.doubtful(told, search.base)
                if PAGED not in told.controls:
                    raise self.line.doubt(_NOT_PAGED)
                before, cookie = cookie, answers.cookie(told.controls[PAGED])
                if cookie in used and (cookie != before or not bodies):  # Samba has one cookie for all pages of a read
                    raise self.line.doubt(_COOKIE_TWICE)
                used.add(cookie)
                if cookie:
                    number = self._ask(search, requests.page(size, cookie))
                yield bodies
        finally:
            if number and not self.line.closed:
                with suppress(Unavailable):
                    self.line.abandon(number, self.until)

    def _ask(self, search: Search, *more: Control) -> int:
        number = self.line.number()
        controls = (*search.controls, *more)
        self.line.send(requests.message(number, requests.searching(search), controls), self.until)
        return number

    def _take(self, number: int, each: Callable[[bytes], None]) -> Result:
        """Take each entry that answers one search as it comes, not decoded, and return how the search ended."""
        while True:
            message = self.line.receive(self.until)
            if message.number != number:
                raise self.line.doubt(NOT_ASKED)
            if message.operation == ENTRY:
                each(message.body)
            elif message.operation == REFERENCE:
                self.references.update(answers.addresses(message.body))
            elif message.operation == DONE:
                return answers.result(message)
            else:
                raise self.line.doubt(NOT_ASKED)

    # ── the second count ──

    def _appeared(self, search: Search, seen: set[str], size: int) -> Iterator[Entry]:
        """Yield what the pages did not have and the directory has."""
        try:
            named = self._named(search._replace(attributes=NO_ATTRIBUTES), size // 2)
        except Malformed as error:
            raise self.line.doubt(error.says) from error
        if not named and search.filter == EVERYTHING and search.scope is Scope.SUBTREE:
            raise _doubtful(
                search.base,
                "không thấy mục nào, kể cả chính nó. Tài khoản dùng để đọc có thể đã mất quyền",
                "nothing is to be seen, not even itself. The account used for reading may have lost its rights",
            )
        apart = len(named ^ seen)
        if apart > _MOVED:
            raise _doubtful(
                search.base,
                f"đọc được {len(seen)} mục nhưng thư mục kể ra {len(named)}, lệch {apart} tên. Hãy chạy lại",
                f"{len(seen)} entries were read, but the directory names {len(named)}; {apart} names differ. Run again",
            )
        for dn in sorted(named - seen):
            found = self.find(search._replace(base=dn))
            if found:
                yield found

    def _named(self, search: Search, size: int) -> set[str]:
        return {answers.name(body) for body in self.once(search, size)}

    def once(self, search: Search, size: int) -> Iterator[bytes]:
        """Yield what answers a search, not decoded, in pages only where the server limits that, and not counted again.

        Raises:
            Doubtful: a limit, a refusal, or an answer to something else.
            Unavailable: the connection is lost or time is up.
        """
        bodies: list[bytes] = []
        told = self._take(self._ask(search), bodies.append)
        if told.code in codes.LIMITS:
            for page in self._pages(search, size):
                yield from page
        elif told.code != codes.SUCCESS:
            raise codes.doubtful(told, search.base)
        else:
            yield from bodies

    # ── ranges ──

    def _with_all_values(self, search: Search, found: Entry) -> Entry:
        """Given an entry of which some values were served in ranges (MS-ADTS 3.1.1.3.1.3.3), return it with all."""
        whole: dict[str, tuple[bytes, ...]] = {}
        for served, first in found.attributes.items():
            name, mark, bounds = served.partition(_RANGE)
            values = first
            if name in whole:
                raise self.line.doubt(ber.TWICE)
            whole[name] = values
            while mark:
                low, _, high = bounds.partition("-")
                have = len(whole[name])
                if low != str(have - len(values)) or high not in {"*", str(have - 1)} or len(set(whole[name])) < have:
                    raise self.line.doubt(_RANGES)
                if high == "*":
                    break
                bounds, values = self._next_range(search, found.dn, f"{name}{_RANGE}{have}-*")
                whole[name] += values
        return Entry(found.dn, whole)

    def _next_range(self, search: Search, dn: str, wanted: str) -> tuple[str, tuple[bytes, ...]]:
        asked = Search(dn, EVERYTHING, (wanted,), Scope.BASE, search.controls)
        bodies: list[bytes] = []
        told = self._take(self._ask(asked), bodies.append)
        if told.code != codes.SUCCESS:
            raise codes.doubtful(told, dn)
        served = [one for body in bodies for one in answers.entry(body, Names(())).attributes.items()]
        if len(served) != 1:
            raise self.line.doubt(_RANGES)
        name, values = served[0]
        return name.partition(_RANGE)[2], values


def _doubtful(base: str, vietnamese: str, english: str) -> Doubtful:
    return Doubtful(Text(f"{vietnamese}.", f"{english}."), where=base)
