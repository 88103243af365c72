"""Findings over the whole: who is missing, what belongs to nobody, closed units, the calendar."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.stamp import State
from syncagent.core.unit import UnitStatus
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from syncagent.core.match import Matches, Owned
    from syncagent.core.periods import Calendar
    from syncagent.core.policy import Policy
    from syncagent.core.regulation import Regulation
    from syncagent.core.roster import Roster
    from syncagent.core.unit import Unit

_TERMS_REACH_NEXT_YEAR = 9
"""From September on, a term of three months ends in the next year."""


def on_matching(matches: Matches) -> list[Finding]:
    """Name managed accounts whose person is missing, and accounts that belong to nobody we know."""
    found = [
        Finding(
            FindingCode.MISSING_FROM_ROSTER,
            Severity.REVIEW if _open(owned) else Severity.WARNING,
            owned.stamp.subject if owned.stamp else owned.account.dn,
            Text(
                f"Tài khoản {owned.account.address or owned.account.dn} do phần mềm quản lý nhưng không có trong danh "
                "sách. Vắng mặt không phải là nghỉ việc: hãy bổ sung dòng có quyết định.",
                f"Account {owned.account.address or owned.account.dn} is managed, but not in the roster. Missing is "
                "not leaving: add the row with its decision.",
            ),
            candidates=(owned.account.dn,),
        )
        for owned in matches.orphans
    ]
    found += [
        Finding(
            FindingCode.UNMANAGED_ACCOUNT,
            Severity.INFO,
            account.address or account.dn,
            Text(
                f"Tài khoản {account.dn} không gắn với ai trong danh sách; không thao tác gì.",
                f"Account {account.dn} is linked to nobody in the roster; nothing is done.",
            ),
            candidates=(account.dn,),
        )
        for account in matches.unmatched
    ]
    return found


def _open(owned: Owned) -> bool:
    return owned.stamp is None or owned.stamp.state in {State.ACTIVE, State.LOCKED}


def on_shared_address(address: str, units: Sequence[Unit]) -> Finding:
    """Say that several working units would have one address; whose mailbox it is, nobody can tell."""
    keys = tuple(sorted(unit.key for unit in units))
    names = ", ".join(unit.name for unit in units)
    return Finding(
        FindingCode.ADDRESS_CLASH,
        Severity.REVIEW,
        keys[0],
        Text(
            f"Địa chỉ {address} thuộc về nhiều đơn vị: {names}. Hãy duyệt tên viết tắt riêng cho từng đơn vị.",
            f"Address {address} would be that of several units: {names}. Approve an abbreviation of its own for each.",
        ),
        candidates=keys,
        where=str(units[0].where),
    )


def on_undecided(regulation: Regulation) -> list[Finding]:
    """Name what the text leaves open until the operator decides."""
    return [
        Finding(FindingCode.MANUAL_STEPS, Severity.WARNING, f"{regulation.id}:{cite.rule}", cite.text)
        for cite in regulation.undecided
    ]


def on_closed_units(roster: Roster) -> list[Finding]:
    """Name the closed units in which people still stand: each of them needs a row with a transfer."""
    left_behind: dict[str, int] = defaultdict(int)
    for person in roster.people.values():
        unit = roster.units[person.current.unit]
        if unit.status is not UnitStatus.ACTIVE and not person.left:
            left_behind[unit.unit] += 1
    return [
        Finding(
            FindingCode.SUCCESSOR_MISSING,
            Severity.REVIEW,
            roster.units[unit].key,
            Text(
                f"Đơn vị “{roster.units[unit].name}” đã {_closed_word(roster, unit).vi} nhưng còn {count} người trong "
                "danh sách; mỗi người cần một dòng điều chuyển có quyết định.",
                f"Unit “{roster.units[unit].name}” was {_closed_word(roster, unit).en}, but {count} people still stand "
                "in it; each needs a row with the decision of a transfer.",
            ),
            where=str(roster.units[unit].where),
        )
        for unit, count in sorted(left_behind.items())
    ]


def _closed_word(roster: Roster, unit: str) -> Text:
    merged = roster.units[unit].status is UnitStatus.MERGED
    return Text("sáp nhập", "merged") if merged else Text("giải thể", "dissolved")


def on_calendar(policy: Policy, today: date, told: Iterable[date]) -> list[Finding]:
    """Warn when a day that the plan tells lies in a year whose days off are not decided yet (contract §6).

    Args:
        policy: the calendar.
        today: the day for which is decided; terms that begin on it are counted too.
        told: the days on which something follows.
    """
    if not policy.calendar.confirmed:
        return []
    ahead = {today.year + 1} if today.month >= _TERMS_REACH_NEXT_YEAR else set()
    years = {today.year, *ahead, *(day.year for day in told)}
    return [
        Finding(FindingCode.MANUAL_STEPS, Severity.INFO, f"calendar {said.years}", said.text)
        for said in of_open_years(policy.calendar, years)
    ]


class OpenYears(NamedTuple):
    """Years whose days off are not certain, as they are listed, and what that means for terms."""

    years: str
    text: Text


def of_open_years(calendar: Calendar, years: Iterable[int]) -> tuple[OpenYears, ...]:
    """Say of which of these years the days off are not confirmed yet, and of which none are known at all."""
    asked = set(years)
    unknown = asked - calendar.years if calendar.years else set()
    found: list[OpenYears] = []
    if unconfirmed := asked - calendar.confirmed - unknown:
        listed = ", ".join(map(str, sorted(unconfirmed)))
        text = Text(
            f"Lịch nghỉ năm {listed} chưa được xác nhận: các hạn tính theo quy tắc chung, hãy cập nhật lịch khi có văn "
            "bản.",
            f"The days off of {listed} are not confirmed: terms follow the general rule until the calendar is updated.",
        )
        found.append(OpenYears(listed, text))
    if unknown:
        listed = ", ".join(map(str, sorted(unknown)))
        text = Text(
            f"Chưa biết ngày nghỉ lễ năm {listed}: các hạn chỉ trừ thứ Bảy và Chủ nhật, có thể còn lùi lại.",
            f"No holidays are known of {listed}: terms leave out weekends only, and may end later.",
        )
        found.append(OpenYears(listed, text))
    return tuple(found)


def on_force(regulation: Regulation) -> Finding:
    """Say that the regulation is not in force yet."""
    return Finding(
        FindingCode.NOT_IN_FORCE,
        Severity.REVIEW,
        regulation.id,
        Text(
            f"{regulation.document} có hiệu lực từ {vi(regulation.in_force)} ({regulation.in_force_cite.article}); "
            "chưa lập thao tác nào.",
            f"{regulation.document} is in force from {regulation.in_force} ({regulation.in_force_cite.article}); "
            "nothing is planned before.",
        ),
    )
