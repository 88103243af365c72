"""Admission: from rows as read to a roster that may be acted on (contract §4).

A fault of one row quarantines its person: no action, a finding with file and line. A population that looks
wrong stops the run: nothing is planned from it. Whoever is missing is missing, never a leaver.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from syncagent.core.admit_units import admit_units
from syncagent.core.finding import Fault, Finding, FindingCode, Severity
from syncagent.core.ledger import NOT_OURS
from syncagent.core.names import unreadable
from syncagent.core.person import LEAVINGS, Person, Status
from syncagent.core.request import RequestKind
from syncagent.core.roster import Roster
from syncagent.core.spoken import EVENTS, STATUSES
from syncagent.core.stamp import AccountKind, State
from syncagent.core.unit import Units, UnitStatus, unit_key
from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from syncagent.core.ledger import Baseline, Ledger
    from syncagent.core.person import PersonRow
    from syncagent.core.policy import RosterLimits
    from syncagent.core.request import Request
    from syncagent.core.roster import RosterRows
    from syncagent.core.snapshot import Snapshot

_AHEAD = timedelta(hours=1)
_SHOWN = 5
"""How many faults are named where so many rows are faulty that the roster is doubtful."""
_MANY_DIGITS = re.compile(r"[0-9]{6}|[0-9]{4}[-/.][0-9]|[0-9][-/.][0-9]{4}")
"""Perhaps a birth date or a number of a person, in the wrong column: never shown."""


def admit(
    rows: RosterRows, ledger: Ledger, limits: RosterLimits, freshness: timedelta, today: date, now: datetime
) -> Roster:
    """Given the rows of a roster, return the admitted roster.

    Args:
        rows: what the source gave.
        ledger: the last accepted roster and the digests a person let pass.
        limits: when a population is doubtful.
        freshness: the greatest age of the export, against `now` and never against `today` (contract §4).
        today: the day for which is decided; later rows are scheduled.
        now: the wall clock.

    Raises:
        Doubtful: the roster is empty, stale, shrank, lost a unit, or has too many faulty rows.
    """
    units, broken = admit_units(rows.units, today)
    quarantined: dict[str, list[Fault]] = defaultdict(list)
    for key, faults in broken.items():
        quarantined[unit_key(key)] += faults
    people: dict[str, Person] = {}
    coming: dict[str, PersonRow] = {}
    grouped: dict[str, list[PersonRow]] = defaultdict(list)
    for row in rows.people:
        grouped[row.person_id].append(row)
    spellings = Counter(person_id.casefold() for person_id in grouped)
    for person_id in sorted(grouped):
        theirs = grouped[person_id]
        faults = [fault for row in theirs for fault in _row_faults(row, units, broken)]
        if spellings[person_id.casefold()] > 1:
            faults.append(_twice(theirs[0], "mã chỉ khác nhau chữ hoa, chữ thường", "keys differ in letter case only"))
        ruled = _rule(theirs, today)
        if isinstance(ruled, Fault):
            faults.append(ruled)
        elif faults:
            pass
        elif isinstance(ruled, Person):
            people[person_id] = ruled
        else:
            coming[person_id] = ruled
        if faults:
            quarantined[person_id] += faults
    requests, repeated = _once(rows.requests)
    doubted = (*rows.faults, *repeated)
    for subject, fault in doubted:
        quarantined[unit_key(subject) if subject in units else subject].append(fault)
    _check_population(rows, grouped, units, broken, quarantined, ledger, limits, freshness, now)
    return Roster(
        people=people,
        coming=coming,
        units=units,
        requests=tuple(sorted(requests, key=_when)),
        quarantined={subject: tuple(faults) for subject, faults in sorted(quarantined.items())},
        findings=tuple(_findings(rows, units, quarantined)),
        doubted=doubted,
    )


def admit_snapshots(snapshots: Iterable[Snapshot], ledger: Ledger, limits: RosterLimits) -> None:
    """Given what the targets hold, make sure that no known accounts are missing in numbers (F2, F3).

    Raises:
        Doubtful: more known accounts are gone than a roster may lose.
    """
    for snapshot in snapshots:
        present = {account.guid for account in snapshot.accounts}
        known = [
            guid
            for (target, guid), account in ledger.accounts.items()
            if target == snapshot.target and account.stamp.state is not State.DELETED
        ]
        gone = sum(1 for guid in known if guid not in present)
        if gone > 1 and gone > len(known) * limits.shrink_percent / 100:
            raise Doubtful(
                Text(
                    f"Thư mục “{snapshot.target}” thiếu {gone} trên {len(known)} tài khoản đã biết (quá "
                    f"{limits.shrink_percent:g} %). Chưa lập kế hoạch nào; hãy đọc hoặc xuất lại toàn bộ thư mục.",
                    f"Directory “{snapshot.target}” lacks {gone} of {len(known)} known accounts (over "
                    f"{limits.shrink_percent:g} %). Nothing was planned; read or export the whole directory again.",
                )
            )


def admit_marked(rows: RosterRows, snapshots: Iterable[Snapshot], ledger: Ledger, limits: RosterLimits) -> None:
    """Given the first roster of a state, make sure that it knows those whose mailboxes are marked as ours.

    A state that was lost has no roster to compare with; the marks on the accounts still say who was there.

    Raises:
        Doubtful: more of them are missing than a roster may lose.
    """
    if ledger.baseline or rows.digest in ledger.accepted:
        return
    marked = {
        account.stamp.key
        for snapshot in snapshots
        for account in snapshot.accounts
        if account.stamp and account.stamp.kind is AccountKind.PERSONAL and account.stamp.state.receives
    }
    missing = marked - {row.person_id for row in rows.people}
    if len(missing) > 1 and len(missing) > len(marked) * limits.shrink_percent / 100:
        raise Doubtful(
            Text(
                f"Danh sách thiếu {len(missing)} trên {len(marked)} người có hộp thư do phần mềm quản lý (quá "
                f"{limits.shrink_percent:g} %). Chưa lập kế hoạch nào. Hãy xuất lại; nếu danh sách đúng: syncagent "
                f"roster accept {rows.digest} --by TÊN --reason LÝ_DO",
                f"The roster lacks {len(missing)} of {len(marked)} people with managed mailboxes (over "
                f"{limits.shrink_percent:g} %). Nothing was planned. Export it again; if it is right: syncagent "
                f"roster accept {rows.digest} --by NAME --reason WHY",
            )
        )


# ── requests ─────────────────────────────────────────────────────────────────


_CAUTIOUS = (RequestKind.HOLD, RequestKind.LOCK)


def _when(request: Request) -> tuple[date, bool, str]:
    """Return when a request counts: what holds or locks is the newest of its day, whatever its number."""
    return request.received_on, request.kind in _CAUTIOUS, request.request_id


def _once(requests: Iterable[Request]) -> tuple[list[Request], list[tuple[str, Fault]]]:
    """Return the requests whose number is their own, and the faults of the others by whom they concern."""
    numbered: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        numbered[request.request_id].append(request)
    single = [theirs[0] for theirs in numbered.values() if len(theirs) == 1]
    repeated = [
        (
            request.subject,
            Fault(
                FindingCode.QUARANTINED,
                Text(
                    f"Số yêu cầu “{number}” được dùng cho {len(theirs)} dòng; mỗi yêu cầu cần một số riêng.",
                    f"Request number “{number}” stands in {len(theirs)} rows; every request needs its own.",
                ),
                request.where,
            ),
        )
        for number, theirs in sorted(numbered.items())
        if len(theirs) > 1
        for request in theirs
    ]
    return single, repeated


# ── rows of one person ───────────────────────────────────────────────────────


def _rule(rows: list[PersonRow], today: date) -> Person | PersonRow | Fault:
    """Return the person as today's rows make it, the first coming row, or what is contradictory."""
    if len(rows) == 1 and rows[0].primary is not False and (rows[0].takes_effect or date.min) <= today:
        return Person(rows[0])
    primary = [row for row in rows if row.primary is not False]
    if not primary:
        return _twice(rows[0], "không có vị trí chính (primary)", "no post is primary")
    primary.sort(key=lambda row: (row.takes_effect or date.min, row.where))
    effective = [row for row in primary if (row.takes_effect or date.min) <= today]
    upcoming = tuple(primary[len(effective) :])
    if not effective:
        return upcoming[0]
    latest = effective[-1].takes_effect
    rulers = _distinct([row for row in effective if row.takes_effect == latest])
    if len(rulers) > 1:
        rulers = [row for row in rulers if row.primary]
    if len(rulers) != 1:
        return _twice(
            effective[-1],
            "nhiều dòng cùng ngày hiệu lực mà không rõ vị trí nào là chính",
            "several rows take effect on one day and none says which post is primary",
        )
    current = rulers[0]
    beside = [row for row in effective if row.takes_effect == latest and row.unit != current.unit]
    others = [row for row in (*_secondary(rows, today), *beside) if row.status is not Status.LEFT]
    if current.status is Status.LEFT and others:
        return _twice(
            current,
            "đã rời vị trí chính nhưng còn vị trí khác đang làm",
            "left the primary post, but still works in another",
        )
    return Person(
        current=current,
        others=tuple(sorted(others, key=lambda row: (row.unit, row.where))),
        upcoming=upcoming,
        earlier=tuple(row for row in effective if row.takes_effect != latest),
    )


def _secondary(rows: list[PersonRow], today: date) -> list[PersonRow]:
    """Return what rules today of the posts that are not primary: in each unit the rows of the latest day."""
    held = [row for row in rows if row.primary is False and (row.takes_effect or date.min) <= today]
    latest: dict[str, date] = {}
    for row in held:
        latest[row.unit] = max(latest.get(row.unit, date.min), row.takes_effect or date.min)
    return _distinct([row for row in held if (row.takes_effect or date.min) == latest[row.unit]])


def _distinct(rows: list[PersonRow]) -> list[PersonRow]:
    """Return the rows without exact repetitions; where they stand does not make them different."""
    found: list[PersonRow] = []
    for row in rows:
        if not any(replace(row, where=other.where, notes=other.notes) == other for other in found):
            found.append(row)
    return found


def _twice(row: PersonRow, vi: str, en: str) -> Fault:
    return Fault(
        FindingCode.DUPLICATE_PERSON,
        Text(
            f"Người {row.person_id}: {vi}. Không thao tác gì trên người này cho đến khi sửa danh sách.",
            f"Person {row.person_id}: {en}. Nothing is done for this person until the roster is corrected.",
        ),
        row.where,
    )


def _row_faults(row: PersonRow, units: Units, broken: Mapping[str, object]) -> list[Fault]:
    faults = list(row.faults)
    if problem := unreadable(row.full_name):
        faults.append(
            Fault(
                FindingCode.NAME_NOT_CLEAN,
                Text(
                    f"Họ tên của {row.person_id} có ký tự không dùng được ({problem.vi}); hãy nhập lại họ tên.",
                    f"The name of {row.person_id} holds an unusable character ({problem.en}); type it again.",
                ),
                row.where,
            )
        )
    if row.unit not in units:
        known = Text("có lỗi", "is faulty") if row.unit in broken else Text("không có", "is unknown")
        shown = "" if _MANY_DIGITS.search(row.unit) else f" “{row.unit}”"
        faults.append(
            Fault(
                FindingCode.UNKNOWN_UNIT,
                Text(
                    f"Đơn vị{shown} của {row.person_id} {known.vi} trong danh sách đơn vị.",
                    f"Unit{shown} of {row.person_id} {known.en} in the list of units.",
                ),
                row.where,
            )
        )
    if row.event and (row.event in LEAVINGS) != (row.status is Status.LEFT):
        faults.append(
            Fault(
                FindingCode.QUARANTINED,
                Text(
                    f"Dòng của {row.person_id} mâu thuẫn: trạng thái “{STATUSES[row.status].vi}” ({row.status}), sự "
                    f"kiện “{EVENTS[row.event].vi}” ({row.event}).",
                    f"The row of {row.person_id} contradicts itself: status “{row.status}”, event “{row.event}”.",
                ),
                row.where,
            )
        )
    return faults


# ── the population ───────────────────────────────────────────────────────────


def _check_population(
    rows: RosterRows,
    grouped: Mapping[str, object],
    units: Units,
    broken: Mapping[str, object],
    quarantined: Mapping[str, Sequence[Fault]],
    ledger: Ledger,
    limits: RosterLimits,
    freshness: timedelta,
    now: datetime,
) -> None:
    if rows.digest in ledger.accepted:
        return
    doubts: list[Text] = []
    if not rows.people:
        doubts.append(Text("Danh sách không có người nào.", "The roster holds nobody."))
    if not rows.units:
        doubts.append(Text("Danh sách đơn vị trống.", "The list of units is empty."))
    age = now - rows.exported_at
    if age > freshness:
        doubts.append(
            Text(
                f"Danh sách được xuất cách đây {age.days} ngày, quá {freshness.days} ngày cho phép.",
                f"The roster was exported {age.days} days ago; {freshness.days} are allowed.",
            )
        )
    if age < -_AHEAD:
        doubts.append(Text("Danh sách có thời điểm xuất ở tương lai.", "The roster was exported in the future."))
    faulty = [subject for subject in quarantined if subject in grouped]
    if too_many := len(faulty) > limits.faulty_rows.of(len(grouped)):
        doubts.append(
            Text(
                f"{len(faulty)} trên {len(grouped)} người có dòng lỗi.",
                f"{len(faulty)} of {len(grouped)} people have faulty rows.",
            )
        )
    first = [quarantined[subject][0] for subject in faulty[:_SHOWN]] if too_many else []
    if ledger.baseline:
        doubts += _shrinkage(ledger.baseline, grouped, units, broken, limits)
    if doubts:
        raise Doubtful(
            Text(
                f"Không tin được danh sách này: {' '.join(doubt.vi for doubt in doubts)} Chưa lập kế hoạch nào. "
                f"Hãy xuất lại; nếu danh sách đúng: syncagent roster accept {rows.digest} --by TÊN --reason LÝ_DO",
                f"This roster is doubtful: {' '.join(doubt.en for doubt in doubts)} Nothing was planned. "
                f"Export it again; if it is right: syncagent roster accept {rows.digest} --by NAME --reason WHY",
            ),
            also=[Doubtful(fault.says, where=str(fault.where)) for fault in first],
        )


def _shrinkage(
    baseline: Baseline,
    people: Mapping[str, object],
    units: Units,
    broken: Mapping[str, object],
    limits: RosterLimits,
) -> list[Text]:
    """Compare with the last accepted roster; leavers with a document and movers are still there, so not counted."""
    if baseline is NOT_OURS:
        return [
            Text(
                "Danh sách lần trước lưu trong trạng thái không mang chữ ký của chương trình (đã bị sửa, bị xóa, hoặc "
                "do phiên bản cũ ghi): không có gì để so.",
                "The last roster kept in the state does not bear this program's signature (it was changed, taken out, "
                "or written by an older version): there is nothing to compare with.",
            )
        ]
    doubts: list[Text] = []
    missing = [person for person in baseline.people if person not in people]
    before = len(baseline.people)
    if before and len(missing) > before * limits.shrink_percent / 100:
        doubts.append(
            Text(
                f"Thiếu {len(missing)} trên {before} người của lần trước (quá {limits.shrink_percent:g} %).",
                f"{len(missing)} of {before} people of the last roster are missing (over {limits.shrink_percent:g} %).",
            )
        )
    sizes = Counter(baseline.people.values())
    for unit, gone in sorted(Counter(baseline.people[person] for person in missing).items()):
        if gone >= limits.unit_shrink_count and gone > sizes[unit] * limits.unit_shrink_percent / 100:
            doubts.append(
                Text(
                    f"Đơn vị “{unit}” thiếu {gone} trên {sizes[unit]} người.",
                    f"Unit “{unit}” lacks {gone} of {sizes[unit]} people.",
                )
            )
    vanished = sorted(unit for unit in baseline.units if unit not in units and unit not in broken)
    if vanished:
        doubts.append(
            Text(
                f"Đơn vị biến mất khỏi danh sách: {', '.join(vanished[:5])} ({len(vanished)}).",
                f"Units vanished from the list: {', '.join(vanished[:5])} ({len(vanished)}).",
            )
        )
    return doubts


def _findings(rows: RosterRows, units: Units, quarantined: Mapping[str, list[Fault]]) -> Iterable[Finding]:
    for subject, faults in quarantined.items():
        for code, says, where in faults:
            yield Finding(code, Severity.REVIEW, subject, says, where=str(where))
    for row in rows.people:
        for code, says, where in row.notes:
            yield Finding(code, Severity.INFO, row.person_id, says, where=str(where))
    for unit in units:
        if unit.status is UnitStatus.MERGED and unit.successor not in units:
            yield Finding(
                FindingCode.SUCCESSOR_MISSING,
                Severity.REVIEW,
                unit.key,
                Text(
                    f"Đơn vị “{unit.name}” đã sáp nhập nhưng danh sách không ghi đơn vị kế thừa.",
                    f"Unit “{unit.name}” was merged, but the list names no successor.",
                ),
                where=str(unit.where),
            )
