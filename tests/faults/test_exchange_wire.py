"""Every operation on Exchange × everything that may go wrong on the way: the right outcome, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import pytest
from exchange_desk import DATABASE, DOMAIN, NOBODY, Desk, exchange_desk
from exchange_states import LOCKED, OPEN, disabled, towards
from servers.management_host import How
from servers.place import own_address
from servers.winrm import ALWAYS, Trouble, Wrong

from syncagent.connectors.exchange.archive import archive
from syncagent.connectors.exchange.carry import carry_out, resolve
from syncagent.connectors.exchange.order import Effect, Operation, Order
from syncagent.connectors.exchange.properties import Values
from syncagent.connectors.exchange.purge import Decided, Purge, purge
from syncagent.core.outcome import Result
from syncagent.errors import SyncError, Unavailable

T = TypeVar("T")

READ, WRITE = 0, 1
"""Of an operation: the command that reads, and the one that acts."""

WIRE: Final = {
    "no room for a shell": Trouble("Create", Wrong.QUOTA),
    "lost before the shell": Trouble("Create", Wrong.DROPPED_BEFORE),
    "lost before the command": Trouble("Command", Wrong.DROPPED_BEFORE, skip=WRITE),
    "lost after the command": Trouble("Command", Wrong.DROPPED_AFTER, skip=WRITE),
    "the shell is gone": Trouble("Command", Wrong.NO_SHELL, skip=WRITE),
    "401 at the command": Trouble("Command", Wrong.REFUSED, ALWAYS, skip=WRITE),
    "lost before the document": Trouble("Send", Wrong.DROPPED_BEFORE, skip=WRITE),
    "lost after the document": Trouble("Send", Wrong.DROPPED_AFTER, skip=WRITE),
    "401 at the document": Trouble("Send", Wrong.REFUSED, skip=WRITE),
    "busy at the document": Trouble("Send", Wrong.BUSY, skip=WRITE),
    "timed out at the document": Trouble("Send", Wrong.TIMED_OUT, skip=WRITE),
    "lost before the answer": Trouble("Receive", Wrong.DROPPED_BEFORE, skip=WRITE),
    "lost with the answer": Trouble("Receive", Wrong.DROPPED_AFTER, skip=WRITE),
    "401 at the answer": Trouble("Receive", Wrong.REFUSED, skip=WRITE),
    "the answer times out twice": Trouble("Receive", Wrong.TIMED_OUT, 2, skip=WRITE),
    "truncated output": Trouble("Output", Wrong.TRUNCATED, skip=WRITE),
    "wrong nonce": Trouble("Output", Wrong.OTHER_NONCE, ALWAYS, skip=WRITE),
    "output after done": Trouble("Output", Wrong.LATE, skip=WRITE),
    "no output at all": Trouble("Output", Wrong.SILENT, ALWAYS, skip=WRITE),
    "lost at the end": Trouble("Signal", Wrong.DROPPED_AFTER, skip=WRITE),
}
_HARMLESS = {"the answer times out twice", "output after done", "lost at the end"}
_QUICK = {Operation.ENABLE, Operation.DISABLE}
_OPERATIONS = [pytest.param(one, marks=() if one in _QUICK else pytest.mark.long) for one in Operation]
_STEPS = [
    pytest.param(1, id="disconnect"), pytest.param(2, id="shown", marks=pytest.mark.long), pytest.param(3, id="erase"),
    pytest.param(4, id="proof", marks=pytest.mark.long),
]  # fmt: skip
_BEFORE = {name for name, trouble in WIRE.items() if trouble.step in {"Create", "Command"}}


def _changes(desk: Desk, guid: str, operation: Operation) -> Mapping[str, tuple[Values, Values]]:
    login = f"x{guid[-4:]}"
    now = desk.read(guid).values if operation is not Operation.ENABLE else {}
    wanted: Mapping[Operation, Mapping[str, Values]] = {
        Operation.ENABLE: {
            "Alias": (login,), "Database": (DATABASE,), "RecipientLimits": ("200",),
            "EmailAddresses": (f"SMTP:{login}@{DOMAIN}", f"X500:/o=Old/cn={login}"),
        },
        Operation.LOCK: LOCKED,
        Operation.UNLOCK: OPEN,
        Operation.DISABLE: disabled(NOBODY),
        Operation.RESTORE: {**OPEN, "HiddenFromAddressListsEnabled": ("False",), "RecipientLimits": ("Unlimited",)},
        Operation.READDRESS: {"EmailAddresses": (f"SMTP:moi.{login}@{DOMAIN}", f"smtp:{login}@{DOMAIN}")},
        Operation.SET_LIMITS: {"ProhibitSendReceiveQuota": ("2GB",), "MaxSendSize": ("20MB",)},
        Operation.HIDE: {"HiddenFromAddressListsEnabled": ("True",)},
    }  # fmt: skip
    return towards(wanted[operation], now)


@dataclass(slots=True)
class Trial:
    """An operation that is tried until it is done, as apply and recovery do."""

    desk: Desk
    order: Order

    def once(self) -> Effect | None:
        """Carry it out; None if nothing was tried."""
        try:
            (effect,) = carry_out(self.desk.driver, [self.order])
        except Unavailable:
            return None
        except SyncError as error:
            assert "WinRM" in error.says.en  # noqa: PT017 - 401: a wrong password is a matter of the configuration
            return None
        return None if effect.result is Result.NOT_TRIED else effect

    def finished(self) -> Effect:
        """Settle what is unknown by reading, and do what is left."""
        left = resolve(self.desk.driver, self.order)
        if isinstance(left, Effect):
            return left
        return carry_out(self.desk.driver, left)[-1]

    def wrote(self) -> dict[str, int]:
        return {name: times for name, times in self.desk.exchange.ran.items() if not name.startswith("Get-")}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all: each trial takes a new account."""
    with own_address() as address, exchange_desk(tmp_path_factory.mktemp("exchange"), address) as desk:
        desk.service.haste = 0.1
        yield desk


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    shared.driver.close()
    shared.driver = shared.anew(deadline=1.0, operation_timeout=1)
    yield shared
    shared.service.expect()
    shared.service.host.wrong.clear()
    shared.driver.close()
    shared.service.shells.clear()


def begun(desk: Desk, operation: Operation) -> Trial:
    """Return a trial of an operation on a new account, in the state before it."""
    guid = desk.person(f"x{len(desk.exchange.directory.entries):04}")  # type: ignore[attr-defined]
    login = f"x{guid[-4:]}"
    if operation is not Operation.ENABLE:
        enable = Order("0", Operation.ENABLE, guid, _changes(desk, guid, Operation.ENABLE))
        assert carry_out(desk.driver, [enable])[0].result is Result.DONE, login
    if operation in {Operation.UNLOCK, Operation.RESTORE}:
        before = Operation.LOCK if operation is Operation.UNLOCK else Operation.DISABLE
        assert desk.one(before, guid, dict(_changes(desk, guid, before))).result is Result.DONE
    order = Order("1", operation, guid, _changes(desk, guid, operation))
    desk.driver.close()
    desk.exchange.ran.clear()
    return Trial(desk, order)


@pytest.mark.parametrize("what", WIRE)
@pytest.mark.parametrize("operation", _OPERATIONS)
def test_whatever_is_lost_nothing_is_done_twice(desk: Desk, operation: Operation, what: str) -> None:
    """Issue 6: dropped before and after, timeout, truncated, wrong nonce, quota, 401: known or unknown, then once."""
    trial = begun(desk, operation)
    desk.service.expect(WIRE[what])

    effect = trial.once()
    seen = trial.wrote()
    desk.service.expect()
    last = trial.finished() if effect is None or effect.result is Result.UNKNOWN else effect

    assert last.result is Result.DONE
    assert resolve(desk.driver, trial.order).result is Result.DONE  # type: ignore[union-attr]
    assert set(trial.wrote().values()) == {1}
    if what in _BEFORE:
        assert effect is None
        assert seen == {}
    elif what in _HARMLESS:
        assert effect
        assert effect.result is Result.DONE
    else:
        assert effect
        assert effect.result is Result.UNKNOWN


@pytest.mark.parametrize("how", list(How))
@pytest.mark.parametrize("operation", _OPERATIONS)
def test_an_error_or_a_warning_is_believed_less_than_the_mailbox(desk: Desk, operation: Operation, how: How) -> None:
    """An error after the work is done, a warning without it is not: what is read back decides; then it is done once."""
    trial = begun(desk, operation)
    cmdlets = ("Enable-Mailbox", "Set-Mailbox", "Set-CASMailbox")
    desk.service.host.wrong |= dict.fromkeys(cmdlets, how)

    effect = trial.once()
    desk.service.host.wrong.clear()
    last = trial.finished() if effect and effect.result is not Result.DONE else effect

    assert effect
    if how is not How.FAILS_AFTER:
        assert effect.result is Result.FAILED
        assert effect.says.vi
    assert last
    assert last.result is Result.DONE
    assert set(trial.wrote().values()) == {1}


@pytest.mark.parametrize("what", WIRE)
def test_a_copy_is_ordered_once(desk: Desk, what: str) -> None:
    """Archive × every fault: asked again with the same batch, Exchange gets one request."""
    trial = begun(desk, Operation.LOCK)
    mailbox = desk.read(trial.order.guid)
    desk.driver.close()
    desk.exchange.ran.clear()
    desk.service.expect(WIRE[what])

    first = _tried(lambda: archive(desk.driver, mailbox, f"op-{trial.order.guid}", r"\\srv\pst"))
    desk.service.expect()
    again = archive(desk.driver, mailbox, f"op-{trial.order.guid}", r"\\srv\pst")

    assert (first is None) == (what not in _HARMLESS)
    assert again.states == ("Queued",)
    assert trial.wrote() == {"New-MailboxExportRequest": 1}


@pytest.mark.parametrize("at", _STEPS)
@pytest.mark.parametrize("what", [name for name in WIRE if WIRE[name].step != "Create"])
def test_a_purge_goes_on_where_it_was_cut_off(desk: Desk, what: str, at: int) -> None:
    """Purge × every fault × each of its steps: called again it ends, and each cmdlet was carried out once."""
    trial = begun(desk, Operation.LOCK)
    guid = trial.order.guid
    desk.exchange.log_on(guid)
    mailbox = desk.read(guid)
    desk.driver.close()
    desk.exchange.ran.clear()
    order = Purge("1", guid, mailbox.address, mailbox.contents, Decided("12/QĐ-VP"))
    desk.service.expect(replace(WIRE[what], skip=at))

    first = _tried(lambda: purge(desk.driver, order))
    desk.service.expect()
    last = first if first and first.result is Result.DONE else purge(desk.driver, order)

    assert first is None or first.result in {Result.DONE, Result.UNKNOWN}
    assert last.result is Result.DONE
    assert trial.wrote() == {"Disable-Mailbox": 1, "Remove-StoreMailbox": 1} | (
        {"Update-StoreMailboxState": 1} if "Update-StoreMailboxState" in trial.wrote() else {}
    )
    assert mailbox.contents[0] not in desk.exchange.contents


@pytest.mark.parametrize("how", list(How))
def test_a_purge_believes_what_it_reads(desk: Desk, how: How) -> None:
    """An error or a warning at any cmdlet of a purge: what is read decides, and called again it ends, once."""
    for cmdlet in ("Disable-Mailbox", "Remove-StoreMailbox"):
        trial = begun(desk, Operation.LOCK)
        guid = trial.order.guid
        desk.exchange.log_on(guid)
        mailbox = desk.read(guid)
        order = Purge("1", guid, mailbox.address, mailbox.contents, Decided("12/QĐ-VP"))
        desk.service.host.wrong[cmdlet] = how

        first = purge(desk.driver, order)
        desk.service.host.wrong.clear()
        last = purge(desk.driver, order)

        assert first.result is not Result.DONE or (cmdlet, how) == ("Disable-Mailbox", How.FAILS_AFTER)
        assert last.result is Result.DONE
        assert {trial.wrote()[name] for name in ("Disable-Mailbox", "Remove-StoreMailbox")} == {1}


def _tried(do: Callable[[], T]) -> T | None:
    try:
        return do()
    except SyncError:
        return None
