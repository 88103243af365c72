"""When accounts of an Active Directory were last used: each domain controller knows only of log-ons at itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.connectors.ldap import answers
from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.ldap.session import open_session
from syncagent.core.attributes import Attributes
from syncagent.errors import Doubtful, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.held import Before, Held

_LAST_LOGON = "lastLogon"  # not replicated, and it gives an object no new update number
_OVERLAP = 10 * 60 * 10**7  # of two reads, in the units of a FILETIME: clocks are set now and then
_AT_ONCE = 100


def evidence(
    server: Server, bind: Bind, session: Session, branch: Branch, held: Held, before: Before | None
) -> tuple[str, ...]:
    """Take the latest lastLogon of all domain controllers that are listed; if one is silent, forget all evidence.

    The silent one may have seen a log-on this morning that nobody else knows of. Of what was held before, only
    log-ons since are asked for; of entries that changed, any.
    """
    uses = [use.attribute for use in branch.directory.last_use]
    if _LAST_LOGON not in uses:
        return ()
    noted = {} if before is None else before
    if before is None:
        held.uses[session.url] = max(
            (int(entry.values.get(_LAST_LOGON, ("0",))[0]) for entry in held.entries.values()), default=0
        )
    else:
        _take(session, branch, held, noted, [_later(held.uses[session.url])])
    silent = []
    for url in server.urls:
        if url == session.url:
            continue
        terms = [f"({_LAST_LOGON}=*)"] if before is None else [_later(held.uses[url]), *_of(branch, noted)]
        try:
            with open_session(replace(server, urls=(url,)), bind) as other:
                _take(other, branch, held, noted, terms)
        except (Unavailable, Doubtful, Misconfigured):
            silent.append(url)
    if silent and before is None:
        for key, entry in held.entries.items():
            known = {name: values for name, values in entry.values.items() if name not in uses}
            held.entries[key] = entry._replace(values=Attributes(known))
    return tuple(silent)


def _take(session: Session, branch: Branch, held: Held, before: Before, terms: list[str]) -> None:
    wanted = (branch.identity, _LAST_LOGON)
    names = answers.Names(wanted)
    latest = held.uses.get(session.url, 0)
    for term in terms:
        for line in session.lines(branch.root, term, wanted):
            found = answers.entry(line, names).attributes
            if branch.identity in found and _LAST_LOGON in found:
                time = int(found[_LAST_LOGON][0])
                held.use(found[branch.identity][0], _LAST_LOGON, time, before)
                latest = max(latest, time)
    held.uses[session.url] = latest


def _later(time: int) -> str:
    return f"({_LAST_LOGON}>={max(time - _OVERLAP, 1)})"


def _of(branch: Branch, before: Before) -> Iterator[str]:
    """Yield conditions for entries that changed, some at a time."""
    keys = sorted(before)
    for start in range(0, len(keys), _AT_ONCE):
        yield "(|{})".format("".join(equal(branch.identity, key) for key in keys[start : start + _AT_ONCE]))
