"""What the error of an operation means. OBM repeats the body it was sent in some of them: no word of that is kept."""

from __future__ import annotations

import re

from syncagent.errors import Rejected
from syncagent.text import Text

_MEANINGS: tuple[tuple[str, Text], ...] = (
    (
        "Cannot parse ObmUser",
        Text("OBM không đọc được nội dung thao tác.", "OBM cannot read the body of the operation."),
    ),
    (
        "similar emails have been found",
        Text(
            "địa chỉ đã có người dùng (kể cả đã lưu trữ), nhóm hoặc hộp dùng chung của miền giữ.",
            "an address is held by another user (archived ones too), group or share of the domain.",
        ),
    ),
    ("Cannot change user login", Text("OBM không đổi được tên đăng nhập.", "OBM cannot change a login.")),
    (
        "Cannot change user mail host",
        Text("OBM không chuyển được máy chủ thư của người dùng.", "OBM cannot change the mail host of a user."),
    ),
    (
        "Cannot change user archived state",
        Text(
            "OBM trước 3.1.3 không bỏ lưu trữ qua API; hãy bỏ lưu trữ trong giao diện của OBM.",
            "OBM before 3.1.3 does not take users back from the archive by its API; do it in OBM's interface.",
        ),
    ),
    ("Cannot fetch user profile", Text("OBM không có hồ sơ quyền (profile) này.", "OBM has no such profile.")),
    (
        "Cannot fetch existing user",
        Text("người dùng không còn trong cơ sở dữ liệu của OBM.", "the user is no longer in OBM's database."),
    ),
    (
        "Default group",
        Text("miền không có nhóm mặc định (GID 1000).", "the domain has no default group (GID 1000)."),
    ),
    ("has no linked", Text("miền chưa có máy chủ thư trong OBM.", "the domain has no mail host in OBM.")),
    ("in database", Text("cơ sở dữ liệu của OBM không nhận.", "OBM's database refuses it.")),
    (
        "in LDAP",
        Text(
            "LDAP của OBM không nhận (tên đăng nhập hoặc mục đã có, hay LDAP không chạy).",
            "OBM's LDAP refuses it (the login or the entry is taken, or LDAP does not run).",
        ),
    ),
    (
        "yrus mailbox",
        Text(
            "OBM không làm được với máy chủ hộp thư (Cyrus); cơ sở dữ liệu đã trở lại như cũ, LDAP có thể chưa.",
            "OBM could not do it on the mail server (Cyrus); its database is as before, its LDAP may not be.",
        ),
    ),
)
_NEVER_BEGUN = Text("OBM dừng lô giữa chừng, thao tác chưa chạy.", "OBM stopped within the batch; it was not begun.")
_OTHER = re.compile(r"[A-Za-z.]*?([A-Z][A-Za-z]+(?:Exception|Error))")


def meant(error: object) -> Rejected:
    """Given the error of an operation, return ours."""
    if not isinstance(error, str) or not error:
        return Rejected(_NEVER_BEGUN)
    for words, says in _MEANINGS:
        if words in error.partition(" from request body ")[0]:
            return Rejected(says)
    kind = _OTHER.match(error)
    name = kind.group(1) if kind else "?"
    return Rejected(Text(f"OBM báo lỗi {name}.", f"OBM reports {name}."))
