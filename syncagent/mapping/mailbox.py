"""From `mappings/mailboxes/*.yaml` to a directory with a mail system behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from syncagent.core.mailbox import Mailbox
from syncagent.mapping.directory import Addresses, Bytes, Marked, Switch, Time
from syncagent.mapping.source import Strict, load

if TYPE_CHECKING:
    from syncagent.core.directory import Directory
    from syncagent.core.notation import ValueSwitch


class Calls(Strict):
    """What an administrator would type: to enable, to purge, to change a property, and for some of them otherwise."""

    enable: list[str] = []
    purge: list[str] = []
    change: str = ""
    others: dict[str, list[str]] = {}


class MailboxFile(Strict):
    """How one mail system shows a mailbox, as data; `takes` are the directory's attributes that it writes itself."""

    version: Literal[1]
    name: str
    takes: list[str]
    identity: str
    address: str
    addresses: Addresses
    write: dict[str, str] = {}
    fixed: dict[str, str] = {}
    log_in: list[Switch]
    receives: list[Switch]
    forwarding: list[str] = []
    quota: Bytes | None = None
    message: Bytes | None = None
    last_use: list[Time] = []
    holds: list[Marked] = []
    proofs: list[str] = []
    longest: dict[str, int] = {}
    calls: Calls = Calls()


def read_mailbox(directory: Directory, text: str, file: str, nobody: str) -> Directory:
    """Given a directory and the text of a mailbox file, return the directory with that mail system behind it.

    Args:
        directory: the directory alone.
        text: of the file.
        file: its name, for messages.
        nobody: a recipient that never sends; it stands in the file as `{nobody}`.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    found = load(text, file, MailboxFile)
    switches = [*found.log_in, *found.receives]
    named = [part.attribute for part in [*switches, *found.last_use, *found.holds, found.quota, found.message] if part]
    own = (*found.write, *found.fixed, *found.forwarding, *found.proofs)
    mailbox = Mailbox(
        system=found.name,
        identity=found.identity,
        attributes=frozenset({found.identity, found.address, found.addresses.attribute, *own, *named}),
        log_in=tuple(one.switch() for one in found.log_in),
        receives=tuple(_named(one.switch(), nobody) for one in found.receives),
        fixed=dict(found.fixed),
        holds=tuple((one.attribute, one.value) for one in found.holds),
        proofs=tuple(found.proofs),
        enables=tuple(found.calls.enable),
        purges=tuple(found.calls.purge),
        changes=found.calls.change,
        calls={name: call for call, names in found.calls.others.items() for name in names},
    )
    takes = {name.lower() for name in found.takes}
    ours = {name: template for name, template in directory.write.items() if name.lower() not in takes}
    return replace(
        directory,
        address=found.address,
        addresses=found.addresses.listed(),
        receives=None,
        forwarding=tuple(found.forwarding),
        quota=found.quota.megabytes() if found.quota else None,
        message=found.message.megabytes() if found.message else None,
        last_use=(*directory.last_use, *(use.time() for use in found.last_use)),
        write=ours | found.write,
        longest={**directory.longest, **found.longest},
        rights=tuple(name for name in directory.rights if name.lower() not in takes),
        mailbox=mailbox,
    )


def _named(switch: ValueSwitch, nobody: str) -> ValueSwitch:
    return switch._replace(off=nobody) if switch.off == "{nobody}" else switch
