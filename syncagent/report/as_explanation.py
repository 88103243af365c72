"""One subject explained, as text or a page: the facts, what every rule says, what happens and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core.person import Status
from syncagent.core.spoken import EVENTS, STATUSES
from syncagent.report import as_table, words
from syncagent.report.boxes import WHY
from syncagent.report.table import Table, on_day, said
from syncagent.report.words import kind_of, then_of
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.core.account import Account
    from syncagent.core.explanation import Explanation
    from syncagent.core.person import Person
    from syncagent.core.stamp import Stamp
    from syncagent.text import Language


SKIPS: Final[Mapping[str, Text]] = {
    "in-step": Text("đã khớp danh sách", "in step"),
    "held-back": Text("thao tác bị giữ lại, xem phát hiện", "held back, see the findings"),
    "quarantined": Text("dòng có lỗi, tạm gác lại", "faulty row, quarantined"),
    "not-yet": Text("chưa đến ngày hiệu lực", "not in effect yet"),
    "missing-from-roster": Text("không có trong danh sách", "missing from the roster"),
    "unmanaged": Text("không gắn với ai trong danh sách", "linked to nobody in the roster"),
    "account-vanished": Text("hộp thư không còn trong thư mục", "the mailbox is no longer in the directory"),
    "called-off": Text("đơn vị đã đề nghị hủy", "the unit cancelled it"),
    "deleted-before": Text("hộp thư đã bị xóa trước đây", "the mailbox was deleted before"),
    "leaver-without-document": Text("ghi đã rời đi nhưng thiếu quyết định", "said to have left without a decision"),
    "needs-order": Text("chờ văn bản của cấp có thẩm quyền", "waits for a written order"),
    "no-account": Text("không có hộp thư", "has no mailbox"),
    "no-mailbox-wanted": Text("không cần hộp thư", "wants no mailbox"),
    "not-ours": Text("hộp thư không do phần mềm quản lý", "the mailbox is not managed"),
    "roster-went-back": Text("danh sách cũ hơn lần trước", "the roster is older than the last one"),
    "unit-closed": Text("đơn vị đã giải thể hoặc sáp nhập", "the unit was dissolved or merged"),
    "unregulated-event": Text("sự kiện mà quy chế không quy định", "an event the text does not cover"),
    "waits-for-term": Text("chưa hết thời hạn", "the term has not passed"),
    "gate": Text("chưa đến ngày được mở lại", "may be opened on a later day"),
    "locked-by-hand": Text("đang bị khóa trong thư mục", "locked in the directory itself"),
}
"""Why nothing is done (`core.action.Skip`)."""

MARKS: Final = {True: "✓", False: "✗"}
SILENT: Final = "–"
RULES: Final = Text(
    "Các quy định (✓ áp dụng hôm nay, ✗ đã xét nhưng chưa áp dụng, – không quyết định điều gì cho trường hợp này):",
    "The rules (✓ applies today, ✗ was looked at and does not, – decides nothing in this case):",
)


def render(found: Explanation, language: Language) -> str:
    """Given an explanation, return it as lines of text in one language."""
    return "\n".join(line.within(language) for line in _lines(found))


def page(found: Explanation, language: Language) -> str:
    """Given an explanation, return it as an HTML page: the facts, what happens, then every rule with its article."""
    lines = [(line,) for line in (*facts(found), *happens(found))]
    verdicts = [
        (said(MARKS[verdict.applies]), said(verdict.rule), said(verdict.article), verdict.says)
        for verdict in found.verdicts
    ]
    silent = [(said(SILENT), said(cite.rule), said(cite.article), cite.text) for cite in found.silent]
    columns = (
        Text("Áp dụng", "Applies"),
        Text("Quy tắc", "Rule"),
        Text("Điều, khoản", "Article"),
        Text("Nội dung", "Says"),
    )
    tables = (
        Table(Text("Sự việc", "Facts"), (Text("Đã biết, sẽ làm", "Known, and done"),), tuple(lines), ()),
        Table(Text("Các quy định", "The rules"), columns, (*verdicts, *silent), (RULES,)),
    )
    return as_table.pages(_title(found), tables, language)


def _title(found: Explanation) -> Text:
    return Text(f"{found.subject} – ngày {vi(found.as_of)}", f"{found.subject} – on {found.as_of}")


def _lines(found: Explanation) -> Iterator[Text]:
    yield _title(found)
    yield from facts(found)
    yield Text("", "")
    yield from happens(found)
    yield Text("", "")
    yield RULES
    for verdict in found.verdicts:
        mark = MARKS[verdict.applies]
        yield Text(
            f"  {mark} {verdict.rule}, {verdict.article}: {verdict.says.vi}",
            f"  {mark} {verdict.rule}, {verdict.article}: {verdict.says.en}",
        )
    for cite in found.silent:
        yield Text(
            f"  {SILENT} {cite.rule}, {cite.article}: {cite.text.vi}",
            f"  {SILENT} {cite.rule}, {cite.article}: {cite.text.en}",
        )


def facts(found: Explanation) -> Iterator[Text]:
    """Yield what is known of the subject, line by line."""
    if found.person:
        yield from _person(found.person)
    if found.unit:
        yield Text(f"Đơn vị: {found.unit.name} ({found.unit.unit})", f"Unit: {found.unit.name} ({found.unit.unit})")
    if found.account:
        yield from _account(found.account)
    else:
        yield Text("Tài khoản: không có", "Account: none")
    for known in found.known:
        yield _marked(Text("Sổ theo dõi", "Ledger"), known.stamp)
    if found.addresses:
        listed = ", ".join(found.addresses)
        yield Text(f"Địa chỉ từng cấp: {listed}", f"Addresses ever issued: {listed}")
    for hold in found.holds:
        yield Text(f"Đang giữ nguyên theo {hold.document}", f"On hold by {hold.document}")


def _person(person: Person) -> Iterator[Text]:
    row = person.current
    yield Text(f"Họ tên: {row.full_name}", f"Name: {row.full_name}")
    status, event = STATUSES[row.status], EVENTS[row.event] if row.event else None
    since = Text(f", {event.vi}", f", {event.en}") if event else Text("", "")
    effective = (f", hiệu lực {vi(day)}", f", effective {day}") if (day := row.takes_effect) else ("", "")
    document = f", {row.document.number}" if row.document.number else ""
    yield Text(
        f"Danh sách ({row.where}): {status.vi}{since.vi}{effective[0]}{document}",
        f"Roster ({row.where}): {status.en}{since.en}{effective[1]}{document}",
    )
    for other in person.others:
        yield Text(f"Kiêm nhiệm: {other.unit} {other.position}", f"Also: {other.unit} {other.position}")
    for coming in person.upcoming:
        says, begins = STATUSES[coming.status], on_day(coming.takes_effect)
        yield Text(
            f"Sắp tới ({coming.where}): {says.vi} từ {begins.vi}",
            f"Coming ({coming.where}): {says.en} from {begins.en}",
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
    label = Text("Dấu trên tài khoản", "Mark on the account")
    yield _marked(label, account.stamp) if account.stamp else Text(f"{label.vi}: không có", f"{label.en}: none")
    if account.protected:
        yield Text(f"Được bảo vệ: {account.protected.vi}", f"Protected: {account.protected.en}")


def _skipped(code: str) -> Text:
    """Return why nothing is done; who has no mailbox yet and does not work either says what they do."""
    reason, _, status = code.partition(":")
    return STATUSES[Status(status)] if status else SKIPS[reason]


def _marked(label: Text, stamp: Stamp) -> Text:
    """Return what a stamp says, and in brackets how it is written on the entry."""
    state, why = words.STATES[stamp.state], WHY.get(stamp.why, said(stamp.why))
    return Text(
        f"{label.vi}: {state.vi} từ {vi(stamp.since)}, {why.vi} ({stamp})",
        f"{label.en}: {state.en} since {stamp.since}, {why.en} ({stamp})",
    )


def happens(found: Explanation) -> Iterator[Text]:
    """Yield what is done about the subject and when, or why nothing is, line by line."""
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
        after, code = found.skip.next, found.skip.reason
        why = _skipped(code)
        yield Text(
            f"Không thay đổi: {why.vi} ({code})" + (f"; xem lại ngày {vi(after)}" if after else ""),
            f"No change: {why.en} ({code})" + (f"; next on {after}" if after else ""),
        )
    for finding in found.findings:
        yield Text(f"Cần xem [{finding.code}]: {finding.message.vi}", f"Look at [{finding.code}]: {finding.message.en}")
