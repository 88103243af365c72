"""Plans as a province could meet them, and worse: for the tests of every report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from syncagent.core.account import AccountRef
from syncagent.core.action import Action, ActionKind, Because, Change, Operation, Review, Skip, Then
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.names import syllables
from syncagent.core.plan import BrakeState, Envelope, Plan, Trip
from syncagent.core.record import digest_of
from syncagent.core.stamp import AccountKind, Alias, Stamp, State
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TODAY = date(2026, 3, 10)
BASE = "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"
STAMP = "msDS-cloudExtensionAttribute20"

UNITS = {
    "skhcn": "Sở Khoa học và Công nghệ",
    "snv": "Sở Nội vụ",
    "stc": "Sở Tài chính",
    "snnmt": "Sở Nông nghiệp và Môi trường",
    "syt": "Sở Y tế",
    "phoalu": "Ủy ban nhân dân phường Hoa Lư",
    "ttcdstt": "Sở Khoa học và Công nghệ › Trung tâm Chuyển đổi số và Truyền thông",
}

NAMES = (
    "Nguyễn Ngọc Thành",
    "Đặng Thị Hòa",
    "Trần Thuý",
    "Tôn Nữ Thị Ninh",
    "Lê Ư",
    "Quách Thị Bưởi",
    "Vừ A Dính",
    "Phạm Đức Huệ",
    "Công Tằng Tôn Nữ Mỹ Anh",
    "Bùi Thị Kim Ngân",
    "Đinh Văn Khuê",
    "Hoàng Quốc Bảo",
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/c calc'!A1",
    "Nguyễn \u202ehnahT\u202c Văn",
    "</title></style></script><svg onload=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "[bold red]đỏ[/bold red] \x1b[31mđỏ\x1b[0m \x9b31m \x07",
    "' onmouseover='alert(1)",
    "<!-- --><!doctype html>&lt;b&gt;",
    "Trần 🧑‍💻 Văn Emoji 🌾",
    "javascript:alert(1)",
    "Nguyễn " + "Thị " * 60 + "Dài",
    "Không" * 60,
    "dòng một\ndòng hai\r\tthụt",
)
"""Names that try to become markup, a formula, a terminal command or a mess."""

_RULES = {
    ActionKind.CREATE: (
        "NB-15",
        "Điều 6 khoản 2 điểm a",
        "Cấp mới cho cá nhân theo đề nghị sau khi có quyết định.",
    ),
    ActionKind.READDRESS: (
        "NB-27",
        "Điều 7 khoản 4",
        "Chuyển công tác trong tỉnh thì đổi địa chỉ theo cơ quan mới; địa chỉ cũ còn nhận thư ba tháng.",
    ),
    ActionKind.LOCK: (
        "NB-23",
        "Điều 7 khoản 2 điểm đ",
        "Mật khẩu mặc định không được thay đổi sau 01 tháng thì tạm khóa.",
    ),
    ActionKind.DISABLE: (
        "NB-27",
        "Điều 7 khoản 4",
        "Có văn bản xác nhận không còn công tác thì khóa chức năng gửi/nhận. Sự kiện: retired.",
    ),
    ActionKind.DELETE: (
        "NB-28",
        "Điều 7 khoản 4",
        "Sau 03 tháng kể từ khi khóa, xóa hoàn toàn địa chỉ và dữ liệu.",
    ),
    ActionKind.RESTORE: (
        "NB-15",
        "Điều 6 khoản 2 điểm a",
        "Người được tiếp nhận lại thì khôi phục đúng hộp thư cũ.",
    ),
    ActionKind.ADOPT: (
        "NB-34",
        "Điều 10 khoản 1 điểm d",
        "Tài khoản mang đúng mã này nhưng chưa do phần mềm quản lý; tiếp nhận và đưa về đúng.",
    ),
}
_ANY_RULE = ("NB-34", "Điều 10 khoản 1 điểm d", "Danh bạ được cập nhật theo danh sách nhân sự.")
_STATES = {
    ActionKind.LOCK: State.LOCKED,
    ActionKind.DISABLE: State.DISABLED,
    ActionKind.WITHDRAW: State.WITHDRAWN,
}
_REVIEWED_BY_TWO = frozenset({ActionKind.DELETE})


def address_of(name: str, unit: str) -> str:
    """Return the address that naming gives, or a plain one for a name that cannot be folded."""
    parts = syllables(name)
    local = f"{parts.ten}{parts.initials}" if parts else "hopthu"
    return f"{local}.{unit}@ninhbinh.gov.vn"


def dn_of(name: str, unit: str) -> str:
    """Return where an account of that name stands."""
    return f"CN={name},OU={unit},{BASE}"


def action(number: int, kind: ActionKind, name: str = NAMES[0], unit: str = "skhcn") -> Action:
    """Return one action as the core would propose it."""
    person = f"P{number}"
    stamp = Stamp(
        AccountKind.PERSONAL,
        person,
        _STATES.get(kind, State.ACTIVE),
        TODAY,
        "left",
        unit=unit,
        document="123/QĐ-SNV",
    )
    rule, article, says = _RULES.get(kind, _ANY_RULE)
    return Action(
        id=f"a{number:04d}",
        kind=kind,
        target="main",
        account_kind=AccountKind.PERSONAL,
        subject=person,
        unit=unit,
        address=address_of(name, unit),
        previous_address="",
        account=None if kind is ActionKind.CREATE else AccountRef("main", f"guid-{number}", dn_of(name, unit)),
        due=TODAY,
        review=Review.TWO if kind in _REVIEWED_BY_TWO else Review.ONE,
        needs_order=kind is not ActionKind.LOCK,
        because=(Because(rule, article, Text(says, f"Rule {rule}."), "123/QĐ-SNV"),),
        changes=(_change(kind, name, unit, str(stamp)),),
        stamp=None if kind is ActionKind.DELETE else stamp,
        name=name,
        then=Then(ActionKind.DELETE, date(2026, 6, 11)) if kind is ActionKind.DISABLE else None,
        deadline=date(2026, 3, 13),
    )


def _change(kind: ActionKind, name: str, unit: str, stamp: str) -> Change:
    address, dn = address_of(name, unit), dn_of(name, unit)
    if kind is ActionKind.CREATE:
        wanted = {
            "objectClass": ("top", "person", "organizationalPerson", "user"),
            "cn": (name,),
            "displayName": (name,),
            "employeeID": ("P1",),
            "sAMAccountName": (address.partition("@")[0][:20],),
            "userPrincipalName": (address,),
            "mail": (address,),
            "proxyAddresses": (f"SMTP:{address}",),
            "department": (UNITS.get(unit, unit),),
            "company": (UNITS.get(unit, unit),),
            "userAccountControl": ("512",),
            "pwdLastSet": ("0",),
            "title": ("Chuyên viên",),
            STAMP: (stamp,),
        }
        return Change(Operation.ADD, dn, {name: ((), values) for name, values in wanted.items()}, sets_password=True)
    if kind is ActionKind.DELETE:
        return Change(Operation.DELETE, dn, {STAMP: ((stamp,), ())})
    changed = {
        "userAccountControl": (("512",), ("514",)),
        "proxyAddresses": (
            (f"SMTP:{address}", "smtp:cu@ninhbinh.gov.vn"),
            (f"held:{address}", "smtp:cu@ninhbinh.gov.vn"),
        ),
        STAMP: ((), (stamp,)),
    }
    return Change(Operation.MODIFY, dn, changed, sets_password=kind is ActionKind.RESTORE)


def one_of_each() -> tuple[Action, ...]:
    """Return one action of every kind, and the shapes that only some actions have."""
    found = [
        action(number, kind, NAMES[number % len(NAMES)], tuple(UNITS)[number % len(UNITS)])
        for number, kind in enumerate(ActionKind, start=1)
    ]
    return (*found, _renamed(), _alone(), _of_unit(), _unreviewed(), _adopted_closed())


def _renamed() -> Action:
    """A move to another unit: a new address, the old one an alias, the entry moved, two requests settled."""
    made = action(20, ActionKind.READDRESS, "Nguyễn Thị Ngọc Ánh", "snv")
    former = "anhntn.skhcn@ninhbinh.gov.vn"
    changes = (
        *made.changes,
        Change(Operation.ENSURE_CONTAINER, f"OU=snv,{BASE}", {"ou": ((), ("snv",))}),
        Change(Operation.RENAME, f"CN=Ánh,OU=skhcn,{BASE}", {}, new_dn=f"CN=Ánh,OU=snv,{BASE}"),
    )
    stamp = Stamp(
        AccountKind.PERSONAL,
        "P20",
        State.ACTIVE,
        TODAY,
        "issued",
        aliases=(Alias(former, date(2026, 6, 10)),),
    )
    return replace(
        made,
        previous_address=former,
        then=Then(ActionKind.UPDATE, date(2026, 6, 11)),
        fulfils=("YC-07", "YC-09"),
        changes=changes,
        stamp=stamp,
    )


def _alone() -> Action:
    """Somebody whose account needs an approval of its own, by two people."""
    return replace(action(21, ActionKind.DISABLE, "Hoàng Quốc Bảo", "syt"), alone=True, review=Review.TWO)


def _of_unit() -> Action:
    """The mailbox of an agency, once another action is done."""
    made = action(22, ActionKind.CREATE, "Sở Y tế", "syt")
    return replace(
        made,
        subject="unit:syt",
        account_kind=AccountKind.AGENCY,
        address="syt@ninhbinh.gov.vn",
        needs=("a0021",),
        deadline=None,
    )


def _unreviewed() -> Action:
    """An action nobody needs to approve, without a reason in the text."""
    return replace(action(23, ActionKind.LOCK, "Lò Thị Mai", "phoalu"), because=(), review=Review.NONE)


def _adopted_closed() -> Action:
    """A leaver's account that is taken over and closed at once."""
    stamp = Stamp(AccountKind.PERSONAL, "P24", State.DISABLED, TODAY, "left")
    made = action(24, ActionKind.ADOPT, "Đinh Y Nhung", "stc")
    return replace(made, stamp=stamp, then=Then(ActionKind.DELETE, date(2026, 6, 11)))


def every_finding() -> tuple[Finding, ...]:
    """Return findings of every code, one of them many times over, most urgent first."""
    severities = list(Severity)
    found = [
        Finding(
            code,
            severities[number % len(severities)],
            f"P{number}" if number % 5 else "unit:snv",
            Text(
                f"P{number} cần xem lại: {code}. Hãy bổ sung dòng có quyết định.",
                f"P{number}: look at {code}.",
            ),
            candidates=(f"CN=P{number},{BASE}",) if number % 2 else (),
            where=f"people.csv:{number}" if number % 3 else "",
        )
        for number, code in enumerate(FindingCode, start=2)
    ]
    found += [
        Finding(
            FindingCode.LEAVER_WITHOUT_DOCUMENT,
            Severity.REVIEW,
            f"P{number}",
            Text(
                f"P{number} được ghi là đã rời đi nhưng thiếu decision_number; tài khoản giữ nguyên.",
                f"P{number} is said to have left, but decision_number is missing.",
            ),
            where=f"people.csv:{number}",
        )
        for number in range(100, 109)
    ]
    return tuple(sorted(found, key=lambda one: (severities.index(one.severity), one.code, one.subject)))


TRIPPED = BrakeState(
    tripped=(
        Trip(
            "disable-count",
            Text(
                "37 thao tác khóa gửi/nhận trong một kế hoạch, giới hạn là 10 (trên 212 tài khoản).",
                "37 disable actions in one plan; the limit is 10 (of 212 managed accounts).",
            ),
            37,
            10,
        ),
        Trip(
            "unit-share",
            Text(
                "Đơn vị “snv”: 9 trên 21 tài khoản bị khóa, thu hồi hoặc xóa (giới hạn 20 %).",
                "Unit “snv”: 9 of 21 accounts would be disabled, withdrawn or deleted (limit 20 %).",
            ),
            9,
            4,
            "snv",
        ),
    ),
    second=(
        Trip(
            "overwrite:title",
            Text(
                "Thuộc tính title bị ghi đè trên 61 tài khoản, giới hạn là 50.",
                "Attribute title: 61, limit 50.",
            ),
            61,
            50,
        ),
    ),
)

INPUTS: Mapping[str, object] = {
    "units": UNITS,
    "roster": {
        "digest": "sha256:" + "a1" * 32,
        "exported_at": "2026-03-09T16:30:00+07:00",
        "people": {"file": "people.csv", "rows": 8160, "sha256": "b2" * 32},
        "units": {"file": "units.csv", "rows": 151, "sha256": "c3" * 32},
    },
    "targets": {"main": {"kind": "ldif", "file": "directory.ldif", "entries": 8431, "complete": True}},
}


def plan(
    actions: Sequence[Action] = (),
    findings: Sequence[Finding] = (),
    brakes: BrakeState | None = None,
    skips: int = 0,
) -> Plan:
    """Return a plan of these parts."""
    return Plan(
        as_of=TODAY,
        regulation="ninhbinh-2025",
        policy="sha256:" + "d4" * 32,
        actions=tuple(actions),
        findings=tuple(findings),
        brakes=brakes or BrakeState(),
        skips=tuple(Skip(f"P{number}", "in-step", TODAY if number % 2 else None) for number in range(skips)),
        inputs=INPUTS,
    )


def full() -> Plan:
    """Return a plan with everything a plan can hold."""
    return plan(one_of_each(), every_finding(), TRIPPED, skips=8121)


def saying(texts: Sequence[str]) -> Plan:
    """Return a plan of which every text, wherever a report shows it, is one of these."""
    actions: list[Action] = []
    findings: list[Finding] = []
    for text in texts:
        actions += [_saying(text, kind, len(actions) + number) for number, kind in enumerate(_LOUDEST, start=1)]
        findings += [
            Finding(FindingCode.QUARANTINED, severity, text, Text(text, text), (text, text), text)
            for severity in Severity
        ]
    trips = tuple(Trip(text, Text(text, text), 1, 0, text) for text in texts)
    inputs = {text: {text: text, "inner": {text: text}} for text in texts}
    made = plan(actions, findings, BrakeState(trips, trips))
    return replace(made, regulation=texts[0], policy=texts[0], inputs=inputs)


_LOUDEST = (ActionKind.UPDATE, ActionKind.DELETE)


def _saying(text: str, kind: ActionKind, number: int) -> Action:
    changes = (
        Change(Operation.MODIFY, text, {text: ((text,), (text, "khác"))}, system=text),
        Change(Operation.RENAME, text, {}, new_dn=text),
        Change(Operation.ADD, text, {text: ((), (text, text))}),
    )
    return replace(
        action(number, kind),
        subject=text,
        name=text,
        unit=text,
        address=text,
        previous_address=text,
        target=text,
        account=AccountRef(text, text, text),
        because=(Because(text, text, Text(text, text), text),),
        changes=changes,
        fulfils=(text,),
        alone=True,
    )


def hostile() -> Plan:
    """Return a plan whose every text comes from somebody who means harm."""
    return saying(HOSTILE)


def large(count: int) -> Plan:
    """Return a plan of so many actions over 129 communes, mixed as a busy month of a province would be."""
    kinds = (
        ActionKind.CREATE,
        ActionKind.UPDATE,
        ActionKind.DISABLE,
        ActionKind.READDRESS,
        ActionKind.DELETE,
    )
    actions = [
        action(number, kinds[number % len(kinds)], NAMES[number % len(NAMES)], f"xa{number % 129:03d}")
        for number in range(1, count + 1)
    ]
    return plan(actions, every_finding(), TRIPPED, skips=8121)


def envelope(made: Plan) -> Envelope:
    """Return the envelope a store would give a plan."""
    created = datetime(2026, 3, 10, 1, 15, tzinfo=UTC)
    return Envelope("p-20260310-9f3c21", digest_of(made), "6e1f0c52", 12, created, created + timedelta(hours=24))
