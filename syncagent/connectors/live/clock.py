"""What time a directory server has, where it tells."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from syncagent.core.directory import moment
from syncagent.core.notation import Syntax
from syncagent.errors import Doubtful

if TYPE_CHECKING:
    from datetime import datetime

    from syncagent.connectors.ldap.session import Session

_TIME = "monitorTimestamp"


def told(session: Session) -> datetime | None:
    """Return the server's time (UTC), None if it does not tell.

    Active Directory tells it in the root DSE, as of the bind; OpenLDAP in its monitor, where the agent may read it.
    """
    if shown := session.root_dse.get("currentTime", ("",))[0]:
        return moment(shown, Syntax.GENERALIZED_TIME)
    for monitor in session.root_dse.get("monitorContext", ()):
        with suppress(Doubtful):  # no right to look is no answer
            if entry := session.find(f"cn=Current,cn=Time,{monitor}", (_TIME,)):
                return moment(entry.attributes.get(_TIME, (b"",))[0].decode("ascii"), Syntax.GENERALIZED_TIME)
    return None
