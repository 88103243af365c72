"""What a directory in memory can do besides the contract: be copied cheaply, and stand for any kind of mapping."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from syncagent.connectors.memory import MemoryTarget
from syncagent.core.action import ActionKind, Change, Operation
from syncagent.core.notation import Syntax, TimeField
from syncagent.core.outcome import Result
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import State
from syncagent.errors import Doubtful

if TYPE_CHECKING:
    from contract.conftest import Desk

    from syncagent.core.directory import Directory

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def test_a_copy_goes_its_own_way(file_desk: Desk) -> None:
    """What happens to a copy does not happen to the original, nor the other way round; accounts are shared."""
    file_desk.apply(file_desk.create())
    original = MemoryTarget.of(file_desk.opened().read(), file_desk.directory, file_desk.base, ZONE)
    found = file_desk.account()
    lock = file_desk.change(ActionKind.LOCK, found, file_desk.marked(found, state=State.LOCKED))
    copy = original.copy()
    before = original.read()

    done = copy.carry_out([lock], "m")[0]
    gone = original.copy().carry_out([file_desk.delete(found)], "m")[0]

    assert (done.result, gone.result) == (Result.DONE, Result.DONE)
    assert original.read() == before
    assert [a.enabled for a in copy.read().accounts if a.guid == found.guid] == [False]
    assert copy.read().accounts[0] is before.accounts[0]


def test_a_directory_without_entries_is_doubtful(directory: Directory) -> None:
    """An empty directory is no directory: nothing is planned from it (law 4)."""
    target = MemoryTarget.of(Snapshot("main", ()), directory, "dc=vn", ZONE)

    with pytest.raises(Doubtful, match="is empty"):
        target.read()


def test_when_the_last_evidence_of_use_goes_nothing_is_proved(file_desk: Desk) -> None:
    """As in a file read anew: where no account shows a last use any more, nobody is said never to have logged on."""
    file_desk.apply(file_desk.create())
    target = MemoryTarget.of(file_desk.opened().read(), file_desk.directory, file_desk.base, ZONE)
    shows = file_desk.stranger()
    times = {use.attribute: (shows.attributes[use.attribute], ()) for use in file_desk.directory.last_use}
    before = [account.last_use for account in target.read().accounts]

    target.carry_out(
        [file_desk.action(ActionKind.UPDATE, (Change(Operation.MODIFY, shows.dn, times),), None, shows.ref, "")], "m"
    )

    assert None not in before
    assert [account.last_use for account in target.read().accounts] == [None, None]


def test_the_day_of_issue_is_written_in_the_directorys_syntax(desk: Desk) -> None:
    """Where a mapping keeps times as FILETIME, a new entry has the day it was issued in that form."""
    directory = replace(desk.directory, created=TimeField("title", Syntax.FILETIME))
    target = MemoryTarget.of(desk.opened().read(), directory, desk.base, ZONE)

    outcome = target.carry_out([desk.create()], "m")[0]

    made = next(a for a in target.read().accounts if a.guid == outcome.guid)
    assert made.attributes["title"] == ("134175492000000000",)
    assert made.created == date(2026, 3, 10)


def test_a_value_of_the_wrong_form_is_refused(desk: Desk) -> None:
    """An action that would write what nobody can read again is refused, and nothing of it is written."""
    create = desk.create()
    attribute = desk.directory.password_set
    assert attribute
    add = create.changes[-1]
    broken = replace(add, attributes={**add.attributes, attribute.attribute: ((), ("soon",))})

    outcome = desk.apply(replace(create, changes=(*create.changes[:-1], broken)))[0]

    assert outcome.result is Result.FAILED
    assert attribute.attribute in outcome.says.vi
    assert len(desk.opened().read().accounts) == 1
