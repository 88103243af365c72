"""A plan as an LDIF file of changes (RFC 2849), for `ldapmodify` and `ldifde`: what an administrator reads and tries.

The file refuses a directory that has moved on: a value is taken away before another takes its place, a mark is proved
before its account is deleted, and the tools stop at the first refusal. It holds no password, so that an account which
gets one stays closed until somebody set it; and nothing of a mail system, whose calls stand beside as remarks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.core.ldif import line
from syncagent.core.notation import BitSwitch
from syncagent.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.core.action import Action, Change
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.plan import Envelope, Plan

_DIRECTORY = "directory"
_END_OF_EDIT = "-"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
"""An attribute's name (RFC 4512 1.4): nothing else begins a line."""
_NO_PASSWORD = "# set a new password for this account, to be changed at the first log-in"  # noqa: S105 - a remark, not a password


def render(plan: Plan, envelope: Envelope, directories: Mapping[str, Directory]) -> str:
    """Given a plan, its envelope and the mapping of each target, return the file; remarks in it are ASCII.

    Actions stand in the order of the plan; a container that several need is made once.
    """
    records = [
        _remarks(
            f"plan {envelope.plan_id} of {plan.as_of}, regulation {plan.regulation}",
            f"digest {envelope.digest}",
            "Applying this file goes round approvals, brakes, journal and audit log: syncagent apply does not.",
        )
    ]
    made: set[str] = set()
    for action in plan.actions:
        records.append(_remarks(_headline(action)))
        if action.target not in directories:
            records.append(_remarks(f"not in this file: {action.target} is not configured any more"))
            continue
        for change in action.changes:
            place = names_of.folded(change.dn)
            if change.operation is Operation.ENSURE_CONTAINER and place in made:
                continue
            made |= {place} if change.operation is Operation.ENSURE_CONTAINER else set()
            records += _records(change, directories[action.target])
    return "\n\n".join(filter(None, records)) + "\n\n"


def _headline(action: Action) -> str:
    rules = ", ".join(dict.fromkeys(reason.rule for reason in action.because))
    return f"{action.id} {action.kind} {action.subject} on {action.target} ({rules})"


def _remarks(*sentences: str) -> str:
    """Return sentences as lines that every reader passes over; RFC 2849 allows ASCII only in them."""
    return "\n".join(f"# {one.encode('ascii', 'replace').decode()}" for one in map(visible, sentences))


def _records(change: Change, directory: Directory) -> Iterator[str]:
    """Yield the records of one change, or what the file cannot do as remarks."""
    if beyond := _beyond(change, directory):
        yield _remarks(*beyond)
        return
    match change.operation:
        case Operation.ENSURE_CONTAINER:
            yield _added(change.dn, _after(change))
        case Operation.ADD:
            yield from _account(change, directory)
        case Operation.MODIFY | Operation.GRANT | Operation.REVOKE:
            yield from _modified(change, directory)
        case Operation.RENAME:
            yield from _renamed(change, directory)
        case Operation.DELETE:
            yield from _deleted(change)
        case Operation.ENABLE | Operation.PURGE:
            yield _remarks(f"not in this file: {change.operation} {change.dn}")
        case _:
            assert_never(change.operation)


def _beyond(change: Change, directory: Directory) -> tuple[str, ...]:
    """Return why a change is none of the directory's, or cannot be written; nothing where it can."""
    if change.system != _DIRECTORY or directory.provisioning:
        calls = change.calls or (f"{change.operation} {change.dn}",)
        return (f"not in this file, done by the mail system ({change.system}):", *calls)
    if not all(map(_NAME.fullmatch, change.attributes)):
        return (f"not in this file: an attribute has no lawful name, {change.operation} {change.dn}",)
    return ()


def _added(dn: str, values: Mapping[str, Values]) -> str:
    lines = [line(name, value) for name, held in values.items() for value in held]
    return "\n".join((line("dn", dn), "changetype: add", *lines))


def _account(change: Change, directory: Directory) -> Iterator[str]:
    """Yield a new account; where an open one needs a password, it is closed, and the change that opens it a remark."""
    values = {"objectClass": directory.add_classes} | _after(change)
    switch = directory.log_in
    opens = values.get(switch.attribute, ())
    if not (change.sets_password and isinstance(switch, BitSwitch) and opens):
        yield _added(change.dn, values)
        if change.sets_password:
            yield _NO_PASSWORD
        return
    closed = (str(int(opens[0]) | switch.off),)
    yield _added(change.dn, values | {switch.attribute: closed})
    yield _NO_PASSWORD
    if closed != opens:
        opening = _edited(change.dn, list(_replaced(switch.attribute, closed, opens)))
        yield "\n".join(("# then:", *(f"# {one}" for one in opening.splitlines())))


def _after(change: Change) -> dict[str, Values]:
    return {name: after for name, (_, after) in change.attributes.items()}


def _modified(change: Change, directory: Directory) -> Iterator[str]:
    edits = _edits(change.attributes, directory)
    if edits:
        yield _edited(change.dn, edits)
    if change.sets_password:
        yield _NO_PASSWORD


def _edits(attributes: Mapping[str, tuple[Values, Values]], directory: Directory) -> list[str]:
    """Return the edits of attributes; when a password was set is not compared, for a server takes it as a command."""
    commanded = directory.must_change.attribute if directory.must_change else ""
    edits: list[str] = []
    for name, (before, after) in attributes.items():
        if name == commanded:
            edits += [f"replace: {name}", *(line(name, value) for value in after), _END_OF_EDIT]
        else:
            edits += _replaced(name, before, after)
    return edits


def _replaced(name: str, before: Values, after: Values) -> Iterator[str]:
    """Yield edits that take away what goes and add what comes; the first fails where something else stands."""
    for what, values in (
        ("delete", [value for value in before if value not in after]),
        ("add", [value for value in after if value not in before]),
    ):
        if values:
            yield f"{what}: {name}"
            yield from (line(name, value) for value in values)
            yield _END_OF_EDIT


def _proved(name: str, before: Values) -> Iterator[str]:
    """Yield edits that take values away and put them back: they change nothing, and fail where they do not stand."""
    for what in ("delete", "add"):
        yield f"{what}: {name}"
        yield from (line(name, value) for value in before)
        yield _END_OF_EDIT


def _edited(dn: str, edits: list[str]) -> str:
    return "\n".join((line("dn", dn), "changetype: modify", *edits))


def _renamed(change: Change, directory: Directory) -> Iterator[str]:
    rdn, above = names_of.split(change.new_dn)
    place = (line("newrdn", rdn), "deleteoldrdn: 1", line("newsuperior", above))
    yield "\n".join((line("dn", change.dn), "changetype: modrdn", *place))
    if change.attributes:
        yield _edited(change.new_dn, _edits(change.attributes, directory))


def _deleted(change: Change) -> Iterator[str]:
    """Yield a deletion, after the proof that the marks of the account are those of the plan."""
    marks = [(name, before) for name, (before, _) in change.attributes.items() if before]
    if marks:
        yield _edited(change.dn, [edit for name, before in marks for edit in _proved(name, before)])
    yield f"{line('dn', change.dn)}\nchangetype: delete"
