"""What doctor looks at on an OBM site: the API, the LDAP directory, the mail server, and what a reading shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.live import examine as live
from syncagent.connectors.obm.read import ACCURACY
from syncagent.connectors.obm.server import Generation
from syncagent.connectors.obm.user import LOCK
from syncagent.core.examination import Examination, Health
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syncagent.connectors.obm.read import Everything
    from syncagent.connectors.obm.site import Site

_FEW = 5


def examined(site: Site, now: datetime, decision: str) -> Iterator[Examination]:
    """Yield what the three servers of a site show before anything is read whole."""
    yield from live.access(site.directory)
    yield from live.clock(site.directory, now)
    yield _api(site)
    yield _passwords(site)
    yield _lock(site)
    yield _destruction(decision)


def contents(site: Site, found: Everything) -> Iterator[Examination]:
    """Yield what a complete read found, and how exact it is."""
    archived = sum(held.account.user.archived for held in found.accounts.values())
    yield Examination(
        Text("Đọc đủ", "Complete reading"),
        Health.GOOD,
        Text(
            f"{len(found.accounts)} người dùng của miền {site.domain}, {archived} đã lưu trữ.",
            f"{len(found.accounts)} users of the domain {site.domain}, {archived} archived.",
        ),
    )
    yield _mail_server(site, found)
    yield from _strays(found)
    used = sum(held.usage.used is not None for held in found.accounts.values())
    yield _evidence(
        Text("Bằng chứng sử dụng", "Evidence of use"),
        Text(f"có của {used} trên {len(found.accounts)} người dùng", f"of {used} of {len(found.accounts)} users"),
        ACCURACY["used"],
    )
    on = sum(held.forwarding.enabled for held in found.accounts.values())
    yield _evidence(
        Text("Chuyển tiếp", "Forwarding"),
        Text(f"{on} người dùng chuyển thư đi nơi khác", f"{on} users have their mail sent on"),
        ACCURACY["forwarding"],
    )


def _evidence(what: Text, found: Text, accuracy: Text) -> Examination:
    return Examination(what, Health.GOOD, Text(f"{found.vi}. {accuracy.vi}", f"{found.en}. {accuracy.en}"))


def _api(site: Site) -> Examination:
    settings = site.api.settings
    old = settings.generation is Generation.BEFORE_3_1_3
    return Examination(
        Text("API cấp phát", "Provisioning API"),
        Health.DOUBT if old else Health.GOOD,
        Text(
            f"{settings.url} trả lời cho {settings.login}@{settings.domain}"
            + ("; trước 3.1.3, người quay lại phải được bỏ lưu trữ trong giao diện của OBM." if old else "."),
            f"{settings.url} answers {settings.login}@{settings.domain}"
            + ("; before 3.1.3 whoever returns is taken from the archive in OBM's interface." if old else "."),
        ),
    )


def _passwords(site: Site) -> Examination:
    """Say whether users can be written back whole, which a new order of addresses needs."""
    known = site.echoes()
    return Examination(
        Text("Đổi địa chỉ", "New addresses"),
        Health.GOOD if known else Health.DOUBT,
        Text("ghi lại được người dùng mà không đụng đến mật khẩu.", "users can be written back with their passwords.")
        if known
        else Text(
            "không chắc API cho thấy mật khẩu nguyên dạng: đổi địa chỉ chỉ chạy khi có mật khẩu mới. Hãy khai mail.own "
            "(extId tài khoản của phần mềm); nếu đã khai, OBM băm mật khẩu (password-hash).",
            "it is not known that the API shows passwords as they are: an address is changed only together with the "
            "password. Set mail.own (the extId of the agent's account); if it is set, OBM hashes them (password-hash).",
        ),
    )


def _lock(site: Site) -> Examination:
    """Say whether the directory knows the attribute that locks (slapo-ppolicy)."""
    known = LOCK.lower() in live.attribute_names(site.directory)
    return Examination(
        Text("Khóa", "Lock"),
        Health.DOUBT,
        Text(
            "LDAP có ppolicy; không cho biết trước quyền ghi, hãy xem olcAccess và pwdLockout của chính sách."
            if known
            else f"LDAP không có {LOCK} (slapo-ppolicy): khóa tạm không chạy được.",
            "LDAP has ppolicy; it does not tell who may write: look at olcAccess and the policy's pwdLockout."
            if known
            else f"LDAP has no {LOCK} (slapo-ppolicy): nobody can be locked.",
        ),
    )


def _mail_server(site: Site, found: Everything) -> Examination:
    settings = site.boxes.settings
    boxes = len(found.boxes) + sum(held.box is not None for held in found.accounts.values())
    megabytes = sum(held.usage.octets or 0 for held in found.accounts.values()) >> 20
    return Examination(
        Text("Máy chủ IMAP", "IMAP server"),
        Health.GOOD if boxes else Health.DOUBT,
        Text(
            f"{settings.host}: {settings.login} thấy {boxes} hộp thư của miền, {megabytes} MB.",
            f"{settings.host}: {settings.login} sees {boxes} mailboxes of the domain, {megabytes} MB.",
        ),
    )


def _destruction(decision: str) -> Examination:
    return Examination(
        Text("Hủy thư", "Destroying mail"),
        Health.GOOD if decision else Health.DOUBT,
        Text(f"không lưu bản sao, theo {decision}.", f"no copy is kept, by {decision}.")
        if decision
        else Text(
            "chưa có mail.archive.decision: hộp thư hết hạn không bị xóa.",
            "no mail.archive.decision: mailboxes past their term are not deleted.",
        ),
    )


def _strays(found: Everything) -> Iterator[Examination]:
    """Yield what the three do not agree about."""
    parts = (
        (
            found.missing,
            Text("người dùng không có mục LDAP", "users without an LDAP entry"),
            Text(
                "tài khoản đọc LDAP thiếu quyền (hiddenUser), hoặc OBM mới làm một nửa: hãy chạy Update",
                "the LDAP account lacks a right (hiddenUser), or OBM did half of it: run an update",
            ),
        ),
        (
            tuple(seen.dn for seen in found.entries),
            Text("mục LDAP không thuộc người dùng nào", "LDAP entries of no user"),
            Text("tên và địa chỉ này không được cấp", "these names and addresses are not issued"),
        ),
        (
            tuple(box.login for box in found.boxes),
            Text("hộp thư IMAP không thuộc người dùng nào", "IMAP mailboxes of no user"),
            Text("tên này không được cấp, để không ai nhận thư cũ", "these names are not issued: nobody gets old mail"),
        ),
    )
    for names, what, so in parts:
        if names:
            listed = ", ".join(names[:_FEW]) + (", …" if len(names) > _FEW else "")
            yield Examination(
                Text("Đối chiếu", "Agreement"),
                Health.DOUBT,
                Text(f"{len(names)} {what.vi} ({listed}): {so.vi}.", f"{len(names)} {what.en} ({listed}): {so.en}."),
            )
