"""Every account of every directory with whoever it belongs to, as a reader of reports knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.names import fold
from syncagent.core.stamp import AccountKind, Reason, State
from syncagent.core.unit import WITHIN
from syncagent.report import words
from syncagent.report.table import said
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.account import Account
    from syncagent.core.case import Case
    from syncagent.core.stamp import Stamp
    from syncagent.core.survey import View

KINDS = (AccountKind.AGENCY, AccountKind.DEPARTMENT, AccountKind.PERSONAL)

MANAGED = Text("được quản lý", "managed")
UNMARKED = Text("chưa tiếp nhận", "not taken over yet")
FAULTY = Text("dòng có lỗi, tạm gác lại", "faulty row, quarantined")
FORMER = Text("hộp thư cũ sau khi cấp mới", "former mailbox after a new issue")
MISSING = Text("không có trong danh sách", "missing from the roster")
DOUBTFUL = Text("chưa rõ của ai", "unclear whose")
NOBODY = Text("không gắn với ai", "linked to nobody")

_UNKNOWN_UNIT = Text("(không rõ đơn vị)", "(unit unknown)")

WHY: Final[Mapping[str, Text]] = {
    Reason.ISSUED: Text("cấp mới", "issued"),
    Reason.ADOPTED: Text("tiếp nhận", "taken over"),
    Reason.RETURNED: Text("khôi phục", "given back"),
    Reason.UNLOCKED: Text("mở khóa", "unlocked"),
    Reason.LEFT: Text("không còn công tác", "no longer works here"),
    Reason.UNIT_CLOSED: Text("đơn vị giải thể, sáp nhập", "unit dissolved or merged"),
    Reason.REISSUED: Text("cấp mới khi chuyển công tác", "issued anew on a move"),
    Reason.RELOCATED: Text("chuyển sang hệ thống khác", "moved to another system"),
    Reason.ORDERED: Text("theo văn bản", "ordered in writing"),
    Reason.CANCELLED: Text("hủy theo đề nghị", "cancelled on request"),
    Reason.FOUND_LOCKED: Text("đã khóa khi tiếp nhận", "found locked when taken over"),
    Reason.UNDONE: Text("đảo lại một kế hoạch", "a plan was taken back"),
}


class Box(NamedTuple):
    """An account as a reader knows it; `unit`, `agency` and the key `home` are empty where nobody says."""

    account: Account
    subject: str
    stamp: Stamp | None
    standing: Text
    kind: AccountKind
    name: str
    unit: str
    agency: str
    home: str

    @property
    def works(self) -> bool:
        """Whether it is open, by what we decided and in the directory itself."""
        return (self.stamp is None or self.stamp.state is State.ACTIVE) and self.account.enabled

    @property
    def place(self) -> tuple[list[str], int, str, str]:
        """Return where it stands in a list: by unit, the unit's own mailbox first, then by name."""
        return [fold(part) for part in self.unit.split(WITHIN)], KINDS.index(self.kind), fold(self.name), self.address

    @property
    def address(self) -> str:
        """Return its address, else its place in the directory."""
        return self.account.address or self.account.dn


def boxes_of(view: View) -> list[Box]:
    """Return every account of every directory with whoever it belongs to; of one unit, where the view is limited."""
    matches = view.matches
    owners: dict[tuple[str, str], tuple[str, Stamp | None, Text]] = {}
    for subject, owned in matches.current.items():
        doubt = DOUBTFUL if subject in matches.doubtful else None
        faulty = FAULTY if subject in view.roster.quarantined else None
        standing = doubt or faulty or (MANAGED if owned.stamp else UNMARKED)
        owners[owned.account.target, owned.account.guid] = (subject, owned.stamp, standing)
    for subject, theirs in matches.former.items():
        owners |= {(owned.account.target, owned.account.guid): (subject, owned.stamp, FORMER) for owned in theirs}
    for owned in matches.orphans:
        subject = owned.stamp.subject if owned.stamp else ""
        owners[owned.account.target, owned.account.guid] = (subject, owned.stamp, MISSING)
    owners |= {(account.target, account.guid): ("", None, NOBODY) for account in matches.unmatched}
    found = []
    for snapshot in view.snapshots.values():
        for account in snapshot.accounts:
            doubtful = (account.stamp.subject if account.stamp else account.key, account.stamp, DOUBTFUL)
            found.append(_box(view, account, *owners.get((account.target, account.guid), doubtful)))
    return [box for box in found if view.covers(box.home)]


def _box(view: View, account: Account, subject: str, stamp: Stamp | None, standing: Text) -> Box:
    units = view.roster.units
    case = view.cases.get(subject)
    coming = view.roster.coming.get(subject)
    unit = case.unit.unit if case else coming.unit if coming else stamp.unit if stamp else ""
    name = name_of(case) if case else coming.full_name if coming else ""
    kind = stamp.kind if stamp else case.kind if case else AccountKind.PERSONAL
    agency = units.agency(unit)
    of = units.full_name(unit)
    return Box(account, subject, stamp, standing, kind, name, of, agency.name if agency else "", unit)


def name_of(case: Case) -> str:
    """Return the name of the person, or of the unit whose mailbox it is."""
    return case.person.current.full_name if case.person else case.unit.name


def agency_of(name: str) -> Text:
    """Return the name of an agency for a table, and that it is not known where it is not."""
    return said(name) if name else _UNKNOWN_UNIT


def in_service(case: Case) -> bool:
    """Whether the person works here, or the unit whose mailbox it is: nobody else is published."""
    return not case.person.left if case.person else not case.unit_closed


def state_of(box: Box) -> Text:
    """Return the state that was decided; where the directory says otherwise, that too."""
    by_hand = Text("đang bị khóa trong thư mục", "locked in the directory itself")
    state = words.STATES[box.stamp.state] if box.stamp else words.STATES[State.ACTIVE]
    if box.account.enabled or not (box.stamp is None or box.stamp.state is State.ACTIVE):
        return state
    return Text(f"{state.vi}; {by_hand.vi}", f"{state.en}; {by_hand.en}") if box.stamp else by_hand


def why_of(view: View, why: str) -> Text:
    """Return why an account is in its state; a term is called by its article."""
    if why in WHY:
        return WHY[why]
    clause = next((clause for clause in view.policy.regulation.terms if clause.id == why), None)
    return said(f"{clause.cite.rule}, {clause.cite.article}" if clause else why)
