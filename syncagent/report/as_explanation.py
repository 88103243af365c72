"""One subject explained, as text: the facts, what every rule says, what happens and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.report.words import kind_of, then_of
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.account import Account
    from syncagent.core.explanation import Explanation
    from syncagent.core.person import Person
    from syncagent.text import Language


def render(found: Explanation, language: Language) -> str:
    """Given an explanation, return it as lines of text in one language."""
    return "\n".join(line.within(language) for line in _lines(found))


def _lines(found: Explanation) -> Iterator[Text]:
    yield Text(f"{found.subject} – ngày {vi(found.as_of)}", f"{found.subject} – on {found.as_of}")
    if found.person:
        yield from _person(found.person)
    if found.unit:
        yield Text(f"Đơn vị: {found.unit.name} ({found.unit.unit})", f"Unit: {found.unit.name} ({found.unit.unit})")
    if found.account:
        yield from _account(found.account)
    else:
        yield Text("Tài khoản: không có", "Account: none")
    for known in found.known:
        yield Text(f"Sổ: {known.stamp}", f"Ledger: {known.stamp}")
    if found.addresses:
        listed = ", ".join(found.addresses)
        yield Text(f"Địa chỉ từng cấp: {listed}", f"Addresses ever issued: {listed}")
    for hold in found.holds:
        yield Text(f"Đang giữ nguyên theo {hold.document}", f"On hold by {hold.document}")
    yield Text("", "")
    yield from _happens(found)
    yield Text("", "")
    yield Text(
        "Các quy định (✓ áp dụng hôm nay, ✗ đã xét nhưng chưa áp dụng, – không quyết định điều gì cho trường hợp này):",
        "The rules (✓ applies today, ✗ was looked at and does not, – decides nothing in this case):",
    )
    for verdict in found.verdicts:
        mark = "✓" if verdict.applies else "✗"
        yield Text(
            f"  {mark} {verdict.rule}, {verdict.article}: {verdict.says.vi}",
            f"  {mark} {verdict.rule}, {verdict.article}: {verdict.says.en}",
        )
    for cite in found.silent:
        yield Text(
            f"  – {cite.rule}, {cite.article}: {cite.text.vi}",
            f"  – {cite.rule}, {cite.article}: {cite.text.en}",
        )


def _person(person: Person) -> Iterator[Text]:
    row = person.current
    yield Text(f"Họ tên: {row.full_name}", f"Name: {row.full_name}")
    event = f", {row.event}" if row.event else ""
    effective = (f", hiệu lực {vi(day)}", f", effective {day}") if (day := row.takes_effect) else ("", "")
    document = f", {row.document.number}" if row.document.number else ""
    yield Text(
        f"Danh sách ({row.where}): {row.status}{event}{effective[0]}{document}",
        f"Roster ({row.where}): {row.status}{event}{effective[1]}{document}",
    )
    for other in person.others:
        yield Text(f"Kiêm nhiệm: {other.unit} {other.position}", f"Also: {other.unit} {other.position}")
    for coming in person.upcoming:
        yield Text(
            f"Sắp tới ({coming.where}): {coming.status} từ {coming.takes_effect}",
            f"Coming ({coming.where}): {coming.status} from {coming.takes_effect}",
        )


def _account(account: Account) -> Iterator[Text]:
    yield Text(
        f"Tài khoản: {account.address} ({account.target}, {account.dn})",
        f"Account: {account.address} ({account.target}, {account.dn})",
    )
    if account.aliases:
        listed = ", ".join(account.aliases)
        yield Text(f"Địa chỉ phụ: {listed}", f"Aliases: {listed}")
    yield Text(
        f"Đăng nhập: {'được' if account.enabled else 'không'}; nhận thư: {'có' if account.receives else 'không'}",
        f"Log in: {'yes' if account.enabled else 'no'}; receives: {'yes' if account.receives else 'no'}",
    )
    stamp = account.stamp
    yield Text(f"Dấu: {stamp or 'không có'}", f"Stamp: {stamp or 'none'}")
    if account.protected:
        yield Text(f"Được bảo vệ: {account.protected.vi}", f"Protected: {account.protected.en}")


def _happens(found: Explanation) -> Iterator[Text]:
    for action in found.actions:
        yield Text(
            f"Thao tác: {kind_of(action, 'vi')} {action.address}", f"Action: {kind_of(action, 'en')} {action.address}"
        )
        for reason in action.because:
            document = f" ({reason.document})" if reason.document else ""
            yield Text(
                f"  {reason.rule}, {reason.article}{document}: {reason.text.vi}",
                f"  {reason.rule}, {reason.article}{document}: {reason.text.en}",
            )
        if action.then:
            yield Text(
                f"  sau đó: {then_of(action.then, 'vi')} ngày {vi(action.then.on)}",
                f"  then: {then_of(action.then, 'en')} on {action.then.on}",
            )
    if found.skip:
        after = found.skip.next
        yield Text(
            f"Không thay đổi: {found.skip.reason}" + (f"; xem lại ngày {vi(after)}" if after else ""),
            f"No change: {found.skip.reason}" + (f"; next on {after}" if after else ""),
        )
    for finding in found.findings:
        yield Text(f"Cần xem [{finding.code}]: {finding.message.vi}", f"Look at [{finding.code}]: {finding.message.en}")
