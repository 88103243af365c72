"""Everything a domain of OBM holds, read in bulk, and how exact each part is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.obm import entry
from syncagent.connectors.obm.site import Account
from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from syncagent.connectors.obm.boxes import Box
    from syncagent.connectors.obm.entry import Seen
    from syncagent.connectors.obm.site import Site

_TRIES = 3
_READERS = 8  # the API has no list of users with their fields: each is a question of its own

ACCURACY = {
    "used": Text(
        "Lần dùng cuối là lần xác thực cuối qua LDAP. saslauthd có bộ đệm (-c, 8 giờ) và phiên đang mở không xác "
        "thực lại, nên có thể sớm hơn thực tế; thiếu là LDAP không ghi, không có nghĩa là chưa từng dùng.",
        "The last use is the last bind at LDAP. saslauthd caches (-c, 8 hours) and open sessions do not bind again, "
        "so it may be earlier than the truth; none means that LDAP does not keep it, not that the account was never "
        "used.",
    ),
    "forwarding": Text(
        "Chuyển tiếp là của OBM (nomad). Bộ lọc Sieve người dùng tự đặt không thấy được qua API.",
        "Forwarding is OBM's own (nomad). Sieve filters that users put there themselves cannot be seen by the API.",
    ),
}
"""What is known of each kind of evidence."""


class Usage(NamedTuple):
    """How full a mailbox is (octets; quota in MB, 0 for none) and when it was last used; None where nothing tells."""

    octets: int | None
    quota: int
    used: datetime | None


class Forwarding(NamedTuple):
    """Where OBM sends mail on to, whether it does, whether a copy stays, and whether the user may set it."""

    to: str
    enabled: bool
    keeps_copy: bool
    allowed: bool


class Held(NamedTuple):
    """One account with its mailbox, None if it has none."""

    account: Account
    box: Box | None

    @property
    def usage(self) -> Usage:
        """Return how much it is used."""
        quota = int(self.account.user.fields.get("mail_quota", ("0",))[0])
        used = self.account.entry.used if self.account.entry else None
        return Usage(self.box.octets if self.box else None, quota, used)

    @property
    def forwarding(self) -> Forwarding:
        """Return where its mail goes."""
        fields = self.account.user.fields
        flags = (fields.get(name) == ("true",) for name in ("nomad_enabled", "nomad_local_copy", "nomad_allowed"))
        return Forwarding(fields.get("nomad_mail", ("",))[0], *flags)


class Everything(NamedTuple):
    """A domain at one moment: the accounts by extId, and what is nobody's: entries and mailboxes without a user.

    `others` are the addresses of groups and shared mailboxes, each with the DN of its holder.
    """

    accounts: Mapping[str, Held]
    entries: tuple[Seen, ...]
    boxes: tuple[Box, ...]
    others: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the logins of users in service whom LDAP does not show."""
        accounts = (held.account for held in self.accounts.values())
        return tuple(sorted(one.user.login for one in accounts if not one.user.archived and one.entry is None))


def read(site: Site) -> Everything:
    """Return everything, proved complete.

    Raises:
        Doubtful: nothing is there, somebody came or went during every attempt, or an answer makes no sense.
        Unavailable, Misconfigured: a server does not answer, or refuses.
    """
    for _ in range(_TRIES):
        listed = _listed(site)
        with ThreadPoolExecutor(_READERS) as readers:
            users = dict(zip(listed, readers.map(site.user, listed), strict=True))
        entries = dict(entry.every(site.directory, site.domain))
        boxes = site.boxes.every(site.domain)
        others = entry.others(site.directory, site.domain)
        if listed == _listed(site) and all(users.values()):
            found = [user for user in users.values() if user]
            accounts = {
                user.ext_id: Held(
                    Account(user, None if user.archived else entries.get(user.login.lower())), boxes.get(user.login)
                )
                for user in found
            }
            own = {user.login.lower() for user in found if not user.archived}
            logins = {user.login for user in found}
            return Everything(
                accounts,
                tuple(seen for login, seen in sorted(entries.items()) if login not in own),
                tuple(box for login, box in sorted(boxes.items()) if login not in logins),
                others,
            )
    raise Doubtful(
        Text(
            "người dùng của OBM thay đổi liên tục trong lúc đọc; chưa đọc được trọn vẹn. Hãy chạy lại.",
            "OBM's users went on changing during the read; it is not complete. Run again.",
        ),
        where=site.domain,
    )


def _listed(site: Site) -> list[str]:
    told = site.api.get("/users")
    if not isinstance(told, list) or not all(isinstance(one, dict) and one.get("id") for one in told):
        raise Doubtful(Text("OBM không liệt kê được người dùng.", "OBM does not list its users."), where=site.domain)
    listed = sorted(str(one["id"]) for one in told)
    if not listed:
        raise Doubtful(Text("OBM không có người dùng nào.", "OBM has no user at all."), where=site.domain)
    return listed
