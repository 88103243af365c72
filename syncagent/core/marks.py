"""How far the changes of a directory server had come when it was read, and whether it was put back since.

A database that is restored gives out the same change numbers again (USN rollback), or begins anew under another
identity: what was done after the backup is lost, and nobody else says so (F10; MS-ADTS 3.1.1.1.9).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.ledger import Ledger
    from syncagent.core.snapshot import Snapshot


class Place(NamedTuple):
    """One server of one target."""

    target: str
    server: str


class Mark(NamedTuple):
    """The database of a server, and its change numbers by who gives them out, written so that text sorts right."""

    database: str
    numbers: Mapping[str, str]


def mark_of(snapshot: Snapshot) -> tuple[Place, Mark] | None:
    """Return which state of which server a snapshot shows, None if it comes from no server."""
    told = snapshot.watermark
    if "server" not in told:
        return None
    numbers = {number.split("#")[2]: number for number in str(told.get("csn_after", "")).split()}
    if "usn_after" in told:
        numbers[""] = f"{told['usn_after']:020}"
    return Place(snapshot.target, str(told["server"])), Mark(str(told.get("invocation_id", "")), numbers)


def digest(place: Place, mark: Mark) -> str:
    """Return by which name a person accepts that a server is no longer what it was."""
    known = "\n".join((*place, mark.database, *(f"{who} {number}" for who, number in sorted(mark.numbers.items()))))
    return f"sha256:{hashlib.sha256(known.encode()).hexdigest()}"


def admit_marks(snapshots: Iterable[Snapshot], ledger: Ledger) -> None:
    """Given what the targets hold, make sure that no server was put back since it was last read.

    A server that was not read before, as after a failover, is compared with nothing.

    Raises:
        Doubtful: one has another database, or fewer changes; nothing is planned before somebody looks.
    """
    for place, now in filter(None, map(mark_of, snapshots)):
        before = ledger.marks.get(place)
        if before and (why := _put_back(before, now)) and digest(place, before) not in ledger.accepted:
            out = f"syncagent directory accept {digest(place, before)}"
            raise Doubtful(
                Text(
                    f"Thư mục “{place.target}”: {why.vi}. Có thể máy chủ đã được phục hồi từ bản sao lưu, và mất những "
                    "gì làm sau bản sao lưu đó. Chưa lập kế hoạch nào. Hãy hỏi người quản trị máy chủ, xem lại các tài "
                    f"khoản; nếu đã rõ: {out} --by TÊN --reason LÝ_DO",
                    f"Directory “{place.target}”: {why.en}. The server may have been restored from a backup, and what "
                    "was done since is lost. Nothing was planned. Ask whoever runs the server, look at the accounts; "
                    f"if all is clear: {out} --by NAME --reason WHY",
                ),
                where=place.server,
            )


def _put_back(before: Mark, now: Mark) -> Text | None:
    if before.database != now.database:
        old, new = before.database or "–", now.database or "–"
        return Text(
            f"máy chủ nay có cơ sở dữ liệu khác (invocationId {new}, trước là {old})",
            f"the server has another database now (invocationId {new}, {old} before)",
        )
    if any(now.numbers.get(who, "") < number for who, number in before.numbers.items()):
        return Text("số thứ tự thay đổi của máy chủ đã lùi lại", "the server's change numbers went back")
    return None
