"""What doctor looks at on a directory server: the way there, clock, schema, rights, and whether a read is complete."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from syncagent.connectors.ldap.requests import PAGED
from syncagent.connectors.live.clock import told
from syncagent.core.clocks import FARTHEST
from syncagent.core.examination import Examination, Health
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.kind import Kind
    from syncagent.core.snapshot import Snapshot

_NAMES = re.compile(rb"NAME\s+(?:'([^']+)'|\(([^)]*)\))")


def access(session: Session) -> Iterator[Examination]:
    """Yield which server answers to whom, and which ones did not."""
    yield Examination(
        Text("Kết nối", "Connection"),
        Health.GOOD,
        Text(
            f"{session.url}, chứng thư hợp lệ, đăng nhập là {session.identity or 'EXTERNAL'}.",
            f"{session.url}, its certificate is valid, bound as {session.identity or 'EXTERNAL'}.",
        ),
    )
    for error in session.passed_over:
        says = Text(f"{error.where}: {error.says.vi}", f"{error.where}: {error.says.en}")
        yield Examination(Text("Máy chủ khác", "Another server"), Health.DOUBT, says)


def clock(session: Session, now: datetime) -> Iterator[Examination]:
    """Yield how far the server's clock is from ours, where it tells the time."""
    theirs = told(session)
    if theirs is None:
        return
    apart = abs(int((theirs - now.astimezone(UTC)).total_seconds()))
    yield Examination(
        Text("Đồng hồ", "Clock"),
        Health.GOOD if apart <= FARTHEST.seconds else Health.FAULT,
        Text(
            f"lệch {apart} giây."
            if apart <= FARTHEST.seconds
            else f"lệch {apart} giây; hãy đồng bộ giờ trước khi thực hiện.",
            f"{apart} seconds apart."
            if apart <= FARTHEST.seconds
            else f"{apart} seconds apart; synchronize the clocks before anything is applied.",
        ),
    )


def controls(session: Session, kind: Kind) -> Iterator[Examination]:
    """Yield whether the server knows what complete reads and safe writes need."""
    lacking = [oid for oid in (PAGED, *kind.controls) if not session.supports(oid)]
    listed = ", ".join(lacking)
    yield Examination(
        Text("Điều khiển LDAP", "Controls"),
        Health.DOUBT if lacking else Health.GOOD,
        Text(f"máy chủ không có {listed}.", f"the server lacks {listed}.") if lacking else Text("đủ.", "all there."),
    )


def schema(session: Session, branch: Branch) -> Iterator[Examination]:
    """Yield whether the server knows every attribute of the mapping."""
    what = Text("Lược đồ", "Schema")
    known = attribute_names(session)
    if not known:
        unread = Text("không đọc được lược đồ của máy chủ.", "the server's schema cannot be read.")
        yield Examination(what, Health.DOUBT, unread)
        return
    directory = branch.directory
    needed = {directory.stamp, directory.key, directory.login.attribute, directory.addresses.attribute}
    wanted = {directory.address, *directory.write, *needed}
    lacking = sorted(name for name in wanted if name.lower() not in known)
    read = sorted(name for name in directory.attributes().values() if name.lower() not in known and name not in wanted)
    if lacking:
        listed = ", ".join(lacking)
        yield Examination(
            what,
            Health.FAULT,
            Text(
                f"máy chủ không có thuộc tính {listed}; hãy sửa tệp ánh xạ “{directory.name}” hoặc mở rộng lược đồ.",
                f"the server has no attribute {listed}; correct the mapping “{directory.name}” or extend the schema.",
            ),
        )
    if read:
        listed = ", ".join(read)
        yield Examination(
            what,
            Health.DOUBT,
            Text(
                f"không có {listed}; phần kiểm tra tương ứng bị bỏ qua.", f"no {listed}; what hangs on it is skipped."
            ),
        )
    if not lacking and not read:
        yield Examination(what, Health.GOOD, Text("có đủ thuộc tính.", "has every attribute."))


def contents(snapshot: Snapshot) -> Iterator[Examination]:
    """Yield what a complete read found."""
    mark = ", ".join(f"{name} {value}" for name, value in snapshot.watermark.items() if value)
    found = len(snapshot.accounts)
    yield Examination(
        Text("Đọc đủ", "Complete reading"),
        Health.GOOD if found else Health.DOUBT,
        Text(
            f"{len(snapshot.names)} mục, {found} tài khoản; {mark}.",
            f"{len(snapshot.names)} entries, {found} accounts; {mark}.",
        ),
    )
    if silent := snapshot.watermark.get("silent"):
        yield Examination(
            Text("Lần dùng cuối", "Last use"),
            Health.DOUBT,
            Text(
                f"{silent} không trả lời, nên không kết luận gì về hộp thư lâu không dùng.",
                f"{silent} does not answer, so nothing follows from mailboxes not being used.",
            ),
        )


def attribute_names(session: Session) -> frozenset[str]:
    """Return the attributes that the server's schema knows, in lower case; none where it cannot be read."""
    found = session.find("", ("subschemaSubentry",))
    place = found.attributes.get("subschemaSubentry", (b"",))[0].decode() if found else ""
    entry = session.find(place, ("attributeTypes",), "(objectClass=subSchema)") if place else None
    types = next(iter(entry.attributes.values()), ()) if entry else ()
    names: set[str] = set()
    for definition in types:
        if told := _NAMES.search(definition):
            one, several = told.groups()
            names |= {name.decode().lower() for name in ([one] if one else re.findall(rb"'([^']+)'", several))}
    return frozenset(names)
