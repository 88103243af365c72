"""An OBM site: one domain, reached by its provisioning API, its LDAP directory and its IMAP server."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.ldap.session import open_session
from syncagent.connectors.obm import entry
from syncagent.connectors.obm.api import open_api
from syncagent.connectors.obm.boxes import open_boxes
from syncagent.connectors.obm.user import LOCK, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.obm.api import Api
    from syncagent.connectors.obm.boxes import Boxes
    from syncagent.connectors.obm.entry import Seen
    from syncagent.connectors.obm.server import Mailboxes, Provisioning
    from syncagent.connectors.obm.user import User, Values

_NOBODY: Mapping[str, Values] = MappingProxyType({})


class Account(NamedTuple):
    """A user as the API and LDAP show one; archived users have no entry."""

    user: User
    entry: Seen | None

    @property
    def fields(self) -> Mapping[str, Values]:
        """Return all fields that plans compare: the API's, and the lock that stands in LDAP."""
        lock = self.entry.lock if self.entry else ()
        return {**self.user.fields, LOCK: lock} if lock else self.user.fields


@dataclass(slots=True)
class Site:
    """Open sessions with a site."""

    api: Api
    directory: Session
    boxes: Boxes
    _echoes: bool | None = field(default=None, repr=False)

    @property
    def domain(self) -> str:
        """Return the name of the domain."""
        return self.api.name

    def account(self, ext_id: str) -> Account | None:
        """Return a user, None if OBM has none of this extId.

        Raises:
            Unavailable, Doubtful, Misconfigured: it cannot be read.
        """
        user = self.user(ext_id)
        return Account(user, entry.find(self.directory, user.login, self.domain)) if user else None

    def user(self, ext_id: str) -> User | None:
        """Return a user as the API shows one, None if there is none."""
        told = self.api.get(f"/users/{ext_id}")
        return None if told is None else shown(told, ext_id)

    def echoes(self) -> bool:
        """Whether the API is known to show passwords as they are, so that they can be sent back unchanged.

        It shows the agent's own, which the agent knows.
        """
        if self._echoes is None:
            own = self.user(self.api.settings.own) if self.api.settings.own else None
            self._echoes = own is not None and own.password == self.api.settings.password
        return self._echoes


def fields_of(account: Account | None) -> Mapping[str, Values]:
    """Return the fields of a user, none of nobody."""
    return account.fields if account else _NOBODY


@contextmanager
def open_site(provisioning: Provisioning, directory: Server, bind: Bind, mailboxes: Mailboxes) -> Iterator[Site]:
    """Open sessions with API, directory and (when first asked) IMAP server, and close them in the end.

    Raises:
        Misconfigured: settings are refused, or an account is.
        Unavailable, Doubtful: a server does not answer, or makes no sense.
    """
    with (
        open_api(provisioning) as api,
        open_session(directory, bind) as session,
        open_boxes(mailboxes) as boxes,
    ):
        yield Site(api, session, boxes)
