"""What proves an operation beyond the API's word: the LDAP directory, and the list of mailboxes."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING

from syncagent.connectors.obm import entry
from syncagent.connectors.obm.site import Account
from syncagent.errors import Conflict, Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.obm.operations import Kind
    from syncagent.connectors.obm.site import Site
    from syncagent.connectors.obm.user import Attributes

_ROUTED = frozenset({"create", "readdress", "archive", "unarchive"})
_BOXED = frozenset({"create", "set-limits"})
_REPLICA = 5.0  # seconds a replica of the directory may lag behind
_PAUSE = 0.1


def holds(site: Site, kind: Kind, account: Account | None, attributes: Attributes) -> bool:
    """Whether LDAP and IMAP show what an account has after an operation, as far as that operation concerns them."""
    if account is None:
        login = attributes["login"][0][0]
        return not site.boxes.names(login, site.domain) and entry.find(site.directory, login, site.domain) is None
    return (kind not in _ROUTED or _routed(account)) and (kind not in _BOXED or _boxed(site, account))


def check(site: Site, kind: Kind, account: Account | None, attributes: Attributes) -> None:
    """Refuse to call done what LDAP or IMAP do not show within some seconds.

    Raises:
        Rejected: the API says it is done, the rest of OBM does not follow.
    """
    until = monotonic() + _REPLICA
    while account and not holds(site, kind, account, attributes):
        if monotonic() > until:
            raise Rejected(
                Text(
                    "API của OBM báo xong nhưng LDAP hoặc hộp thư IMAP chưa theo: thao tác mới xong một nửa. Hãy để "
                    "quản trị OBM chạy Update cho người dùng này, rồi lập kế hoạch mới.",
                    "OBM's API says it is done, but LDAP or the IMAP mailbox does not follow: it is half done. Have an "
                    "administrator of OBM run an update for this user, then plan again.",
                ),
                where=account.user.ext_id,
            )
        sleep(_PAUSE)
        account = Account(account.user, entry.find(site.directory, account.user.login, site.domain))


def _routed(account: Account) -> bool:
    """Whether mail goes where the API says: an entry with its addresses, or none of an archived user."""
    if account.user.archived or account.entry is None:
        return account.user.archived and account.entry is None
    wanted = {address.lower() for address in account.user.effective}
    return account.entry.addresses == wanted and (account.entry.permits or not wanted)


def _boxed(site: Site, account: Account) -> bool:
    """Whether there is a mailbox of the quota that the API says, if there are addresses."""
    if not account.user.fields.get("mails"):
        return True
    box = site.boxes.box(account.user.login, site.domain)
    quota = int(account.user.fields.get("mail_quota", ("0",))[0])
    return box is not None and (box.quota or 0) == quota


def check_free(site: Site, login: str) -> None:
    """Refuse to create a user whose login has an entry or a mailbox: OBM would give it to whoever comes.

    Raises:
        Conflict: what is there, and the way out.
        Unavailable, Misconfigured, Doubtful: it cannot be looked at.
    """
    if found := entry.find(site.directory, login, site.domain):
        raise Conflict(
            Text(
                f"LDAP của OBM đã có mục mang tên đăng nhập {login}; giữ nguyên. Nếu là phần còn lại của lần cấp bị "
                "lỗi, hãy để quản trị OBM xóa mục này, rồi lập kế hoạch mới.",
                f"OBM's LDAP has an entry of the login {login} already; left alone. If it is left of a create that "
                "failed, have an administrator of OBM delete it, then plan again.",
            ),
            where=found.dn,
        )
    if names := site.boxes.names(login, site.domain):
        raise Conflict(
            Text(
                f"máy chủ IMAP còn hộp thư user/{login}@{site.domain} ({len(names)} thư mục) không thuộc tài khoản "
                "nào đang dùng; OBM sẽ trao thư cũ cho người mới. Hãy lưu giữ rồi xóa hộp thư này, sau đó lập kế "
                "hoạch mới.",
                f"the IMAP server still has the mailbox user/{login}@{site.domain} ({len(names)} folders) of an "
                "account that is archived or gone; OBM would hand the old mail to the new person. Keep it elsewhere "
                "and delete it, then plan again.",
            ),
        )


def check_gone(site: Site, login: str) -> None:
    """Refuse to call destroyed what still has an entry or a mailbox; OBM ignores that Cyrus said no.

    Raises:
        Rejected: what is left, and the way out.
        Unavailable, Misconfigured, Doubtful: it cannot be looked at.
    """
    names = site.boxes.names(login, site.domain)
    left = entry.find(site.directory, login, site.domain)
    if names or left:
        what = Text(
            " và ".join([*(["mục LDAP"] if left else []), *([f"{len(names)} thư mục IMAP"] if names else [])]),
            " and ".join([*(["the LDAP entry"] if left else []), *([f"{len(names)} IMAP folders"] if names else [])]),
        )
        raise Rejected(
            Text(
                f"OBM đã xóa {login} nhưng còn {what.vi}: dữ liệu chưa bị hủy. Hãy để quản trị OBM xóa nốt, rồi chạy "
                "lại.",
                f"OBM has deleted {login}, but {what.en} are left: the data is not destroyed. Have an administrator "
                "of OBM delete the rest, then run again.",
            ),
            where=f"{login}@{site.domain}",
        )


def kept_for_a_while(site: Site, login: str) -> tuple[Text, ...]:
    """Return a note if Cyrus keeps copies of deleted mailboxes."""
    copies = site.boxes.expiring(login, site.domain)
    if not copies:
        return ()
    return (
        Text(
            f"Cyrus còn giữ {len(copies)} thư mục đã xóa của {login} (delete_mode: delayed) cho đến khi cyr_expire "
            "chạy.",
            f"Cyrus keeps {len(copies)} deleted folders of {login} (delete_mode: delayed) until cyr_expire runs.",
        ),
    )


def missing(ext_id: str) -> Conflict:
    """Return the error about a user who is not there."""
    says = Text("OBM không còn người dùng này; hãy lập kế hoạch mới.", "OBM has no such user any more; plan again.")
    return Conflict(says, where=ext_id)


def taken(ext_id: str) -> Conflict:
    """Return the error about an extId that another user has."""
    return Conflict(
        Text(
            "OBM đã có người dùng mang extId này với nội dung khác; giữ nguyên, hãy lập kế hoạch mới.",
            "OBM has a user of this extId already, with other content; left alone, plan again.",
        ),
        where=ext_id,
    )
