"""Carrying out orders: read, compare with the plan, act, read back field by field; many mailboxes per command.

An answer that says "done" proves nothing: an address policy only warns, a database's quotas only win. What is read back
decides. A value that is no longer the one that was read a moment ago stops the script before it does anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from syncagent.connectors.exchange.driver import Answer, Call, Status
from syncagent.connectors.exchange.mailbox import Mailbox, batches, failed, of_answer, read_mailboxes
from syncagent.connectors.exchange.order import WRITABLE, Effect, Operation, Order, call, wanted
from syncagent.connectors.exchange.properties import Values, primary, same
from syncagent.core.outcome import Result
from syncagent.errors import SyncError
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from syncagent.connectors.exchange.driver import Driver

_TRIES: Final = 3
"""How often an order is looked at, if somebody changes the mailbox in the same moment."""
_CONTINUED: Final = (Operation.READDRESS, Operation.RESTORE)
_NO_WORDS: Final = Text("", "")


def never() -> bool:
    """Return that nobody wants a stop."""
    return False


@dataclass(slots=True)
class _Run:
    """An order while it is carried out: what it shall come to, what was there before, what Exchange answered."""

    order: Order
    ending: Mapping[str, Values]
    before: Mapping[str, Values] = field(default_factory=dict)
    tries: int = 0
    answer: Answer | None = None
    effect: Effect | None = None

    def end(self, result: Result, says: Text = _NO_WORDS, now: Mailbox | None = None) -> Effect:
        after = {name: now.value(name) for name in self.ending} if now else {}
        self.effect = Effect(self.order.id, result, says, self.before, after)
        return self.effect

    def differing(self, now: Mailbox) -> list[str]:
        """Return the properties that are not as they shall be in the end."""
        return sorted(name for name, values in self.ending.items() if not same(name, now.value(name), values))


def carry_out(driver: Driver, orders: Sequence[Order], stop: Callable[[], bool] = never) -> list[Effect]:
    """Carry out orders and return what became of each, in the same order; of those not begun at a stop, nothing.

    Orders for the same mailbox go one after the other. Whose answer is lost is unknown: `resolve` tells later.

    Raises:
        Misconfigured, Unavailable, Rejected: nothing can be read; nothing was carried out.
    """
    effects: dict[str, Effect] = {}
    for wave in _waves(orders):
        if stop():
            break
        runs: list[_Run] = []
        for order in wave:
            try:
                runs.append(_Run(order, wanted(order)))
            except SyncError as error:
                effects[order.id] = Effect(order.id, Result.FAILED, _said(error))
        try:
            _carry(driver, runs)
        except SyncError as error:
            if not effects and all(run.effect is None for run in runs):
                raise
            for run in runs:
                if run.effect is None:
                    run.end(Result.NOT_TRIED, _said(error))
        effects |= {run.order.id: run.effect for run in runs if run.effect}
    return [effects[order.id] for order in orders if order.id in effects]


def resolve(driver: Driver, order: Order) -> Effect | tuple[Order, ...]:
    """Find out by reading what became of an order whose answer was lost, or return what is left of it to do.

    Done if the mailbox shows what was wanted; what is left if all else is still as before; else somebody changed it
    meanwhile and a human must look. An enable that was cut off between two cmdlets is continued by other operations.

    Raises:
        Misconfigured, Unavailable, Rejected: the mailbox cannot be read.
    """
    run = _Run(order, wanted(order))
    now = read_mailboxes(driver, [order.guid])[order.guid]
    if now is None:
        return (order,) if order.operation is Operation.ENABLE else run.end(Result.NEEDS_HUMAN, _gone())
    left = run.differing(now)
    if not left:
        return run.end(Result.DONE, now=now)
    if order.operation is Operation.ENABLE:
        if now.address.casefold() != primary(run.ending["EmailAddresses"]).casefold():
            return run.end(Result.NEEDS_HUMAN, _is_there(now), now)
        rest = {name: (now.value(name), run.ending[name]) for name in left}
        parts = (order._replace(operation=part, changes=_within(rest, part)) for part in _CONTINUED)
        return tuple(part for part in parts if part.changes)
    if changed := _changed(order.changes, now):
        return run.end(Result.NEEDS_HUMAN, _conflict(changed), now)
    return (order,)


def _within(changes: Mapping[str, tuple[Values, Values]], operation: Operation) -> dict[str, tuple[Values, Values]]:
    return {name: change for name, change in changes.items() if name in WRITABLE[operation]}


# ── one wave: no mailbox twice ──


def _waves(orders: Iterable[Order]) -> Iterator[list[Order]]:
    wave: list[Order] = []
    for order in orders:
        if any(order.guid.casefold() == other.guid.casefold() for other in wave):
            yield wave
            wave = []
        wave.append(order)
    if wave:
        yield wave


def _carry(driver: Driver, runs: Sequence[_Run]) -> None:
    waiting = list(runs)
    while waiting:
        found = read_mailboxes(driver, [run.order.guid for run in waiting])
        asked = [(run, made) for run in waiting if (made := _begun(run, found[run.order.guid]))]
        by_id = {run.order.id: run for run, _ in asked}
        for batch in batches([made for _, made in asked]):
            _send(driver, batch, [by_id[made.id] for made in batch])
        answered = [run for run, _ in asked if run.effect is None]
        for run in answered:
            if run.answer and run.answer.status is Status.DONE:
                _ended(run, run.answer)
        _read_back(driver, [run for run in answered if run.answer and run.answer.status is Status.FAILED])
        waiting = [run for run in answered if run.effect is None]  # stale: nothing was done, it is looked at anew


def _begun(run: _Run, now: Mailbox | None) -> Call | None:
    """Compare with the plan; return what is to be asked for, None if the run has ended."""
    order = run.order
    run.tries += 1
    if now is None and order.operation is not Operation.ENABLE:
        run.end(Result.CONFLICT, _gone())
        return None
    if now is not None:
        run.before = {name: now.value(name) for name in run.ending}
        if not run.differing(now):
            run.end(Result.DONE, now=now)
            return None
        if says := _in_the_way(run, now):
            run.end(Result.CONFLICT, says, now)
            return None
    try:
        return call(order, run.ending, now)
    except SyncError as error:
        run.end(Result.FAILED, _said(error), now)
        return None


def _in_the_way(run: _Run, now: Mailbox) -> Text | None:
    order = run.order
    if order.operation is Operation.ENABLE:
        return _is_there(now)
    if order.address and order.address.casefold() != now.address.casefold():
        return _conflict([f"PrimarySmtpAddress ({now.address})"])
    changed = _changed(order.changes, now)
    if changed or run.tries > _TRIES:
        return _conflict(changed or run.differing(now))
    return None


def _changed(changes: Mapping[str, tuple[Values, Values]], now: Mailbox) -> list[str]:
    """Return the properties that have neither the plan's value before nor the one after."""
    return sorted(
        name for name, sides in changes.items() if not any(same(name, now.value(name), side) for side in sides)
    )


def _send(driver: Driver, batch: Sequence[Call], runs: Sequence[_Run]) -> None:
    """Have calls carried out and note the answers; whose answer is lost has ended, as unknown."""
    try:
        answers = driver.run(batch)
    except SyncError as error:  # nothing was carried out
        for run in runs:
            run.end(Result.NOT_TRIED, _said(error))
        return
    for run in runs:
        run.answer = answers.get(run.order.id)
        if run.answer is None:
            run.end(Result.UNKNOWN, _LOST)


def _ended(run: _Run, answer: Answer) -> None:
    """Compare what was read after the act with what was wanted: whatever Exchange said, this decides."""
    try:
        now = of_answer(run.order.guid, answer.after)
    except SyncError as error:
        run.end(Result.UNKNOWN, _said(error))
        return
    differing = run.differing(now)
    if not differing:
        run.end(Result.DONE, now=now)
        return
    words = f" ({'; '.join(answer.warnings)})" if answer.warnings else ""
    names = ", ".join(differing)
    run.end(
        Result.FAILED,
        Text(
            f"Exchange không báo lỗi nhưng chưa có hiệu lực: {names}{words}. Hãy xem hộp thư rồi lập kế hoạch mới.",
            f"Exchange reports no error, but not in force: {names}{words}. Look at the mailbox, then plan again.",
        ),
        now,
    )


def _read_back(driver: Driver, runs: Sequence[_Run]) -> None:
    """Read the mailboxes of failed orders: one cmdlet may have done its part, or the error came after the work."""
    if not runs:
        return
    try:
        found = read_mailboxes(driver, [run.order.guid for run in runs])
    except SyncError as error:
        for run in runs:
            run.end(Result.UNKNOWN, _said(error))
        return
    for run in runs:
        now = found[run.order.guid]
        if now and not run.differing(now):
            run.end(Result.DONE, now=now)
            continue
        says = _said(failed(run.answer or Answer(Status.FAILED), ""))
        if now and run.order.operation is Operation.ENABLE:
            run.end(Result.UNKNOWN, _half(says), now)
            continue
        written = [name for name in run.ending if now and not same(name, now.value(name), run.before.get(name, ()))]
        if written and now:
            names = ", ".join(sorted(written))
            says = Text(f"{says.vi} Đã ghi: {names}; hãy lập kế hoạch mới.", f"{says.en} Written: {names}; plan again.")
        run.end(Result.FAILED, says, now)


# ── sentences ──

_LOST: Final = Text(
    "Mất câu trả lời của Exchange, chưa rõ kết quả; lần chạy apply hoặc plan tiếp theo sẽ đọc lại và ghi nhận.",
    "The answer of Exchange was lost, the result is not known; the next apply or plan reads it and settles it.",
)


def _said(error: SyncError) -> Text:
    if not error.where:
        return error.says
    return Text(f"{error.where}: {error.says.vi}", f"{error.where}: {error.says.en}")


def _gone() -> Text:
    return Text(
        "Tài khoản không còn hộp thư trên Exchange. Hãy lập kế hoạch mới.",
        "The account has no mailbox in Exchange any more. Plan again.",
    )


def _is_there(now: Mailbox) -> Text:
    return Text(
        f"Tài khoản đã có hộp thư {now.address}. Hãy lập kế hoạch mới.",
        f"The account has a mailbox already, {now.address}. Plan again.",
    )


def _half(says: Text) -> Text:
    return Text(
        f"Đã có hộp thư nhưng chưa đủ thuộc tính: {says.vi} Lần chạy sau sẽ làm tiếp.",
        f"The mailbox is there, not all of its properties: {says.en} The next run goes on.",
    )


def _conflict(changed: Sequence[str]) -> Text:
    names = ", ".join(changed)
    return Text(
        f"Hộp thư đã thay đổi sau khi lập kế hoạch: {names}. Hãy lập kế hoạch mới.",
        f"The mailbox changed since the plan: {names}. Plan again.",
    )
