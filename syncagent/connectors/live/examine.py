"""What `doctor` sees of a directory server of any kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syncagent.core.directory import Syntax, moment
from syncagent.core.examination import Examination, Health
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.core.snapshot import Snapshot

_NAMES = re.compile(rb"NAME\s+(?:'([^']+)'|\(([^)]*)\))")  # of an attribute type (RFC 4512 4.1.2)
_SKEW = 60
"""Seconds by which clocks may differ before terms and log-ins can no longer be compared."""


def connection(session: Session) -> Examination:
    """Return which server answered, whom it takes us for, and which servers before it did not."""
    others = "; ".join(f"{error.where}: {error.says.en}" for error in session.passed_over)
    others_vi = "; ".join(f"{error.where}: {error.says.vi}" for error in session.passed_over)
    return Examination(
        Text("Kết nối", "Connection"),
        Health.DOUBT if session.passed_over else Health.GOOD,
        Text(
            f"{session.url} nhận tác tử là {session.identity}." + (f" Bỏ qua: {others_vi}" if others else ""),
            f"{session.url} takes the agent for {session.identity}." + (f" Passed over: {others}" if others else ""),
        ),
    )


def clock(session: Session, now: datetime) -> Iterator[Examination]:
    """Yield how far the server's clock is from ours, where it tells the time."""
    for told in session.root_dse.get("currentTime", ()):
        theirs = moment(told, Syntax.GENERALIZED_TIME)
        seconds = int(abs((theirs - now).total_seconds())) if theirs else 0
        yield Examination(
            Text("Đồng hồ", "Clock"),
            Health.GOOD if seconds <= _SKEW else Health.FAULT,
            Text(
                f"Lệch {seconds} giây so với máy chủ (cho phép {_SKEW}).",
                f"{seconds} seconds off the server's ({_SKEW} are allowed).",
            ),
        )


def content(snapshot: Snapshot) -> Iterator[Examination]:
    """Yield how much there is, and which servers did not say who used what."""
    accounts, names = len(snapshot.accounts), len(snapshot.names)
    server = snapshot.watermark["server"]
    yield Examination(
        Text("Nội dung", "Content"),
        Health.GOOD if accounts else Health.DOUBT,
        Text(
            f"{names} mục, {accounts} tài khoản, đọc từ {server}.",
            f"{names} entries, {accounts} accounts, from {server}.",
        ),
    )
    if silent := snapshot.watermark.get("silent"):
        yield Examination(
            Text("Lần dùng cuối", "Last use"),
            Health.DOUBT,
            Text(
                f"Không hỏi được {silent}: không kết luận được ai không dùng hộp thư.",
                f"{silent} did not tell: nothing can be concluded about who does not use a mailbox.",
            ),
        )


def schema(session: Session, branch: Branch) -> Iterator[Examination]:
    """Yield whether the server knows every attribute of the mapping."""
    what = Text("Lược đồ", "Schema")
    known = _attribute_names(session)
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


def _attribute_names(session: Session) -> frozenset[str]:
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
