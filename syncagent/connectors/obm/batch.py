"""A batch: made, filled, looked at, committed once, waited for, looked at again, deleted.

OBM looks at nothing before it carries a batch out, and says success of a batch whose operations failed. What was
committed may wait behind other batches for as long as it likes; committed twice it is carried out twice. So it never
is: a lost answer is cleared up by a second, empty batch. OBM has one worker and one queue; once the second one has
ended, whatever was committed before it has been carried out.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.connectors.obm import failures
from syncagent.errors import Doubtful, Misconfigured, Rejected, SyncError, Unavailable, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.connectors.obm.api import Api

_FIRST_LOOK, _LONGEST_PAUSE = 0.05, 2.0
_LATE = (Unavailable, Doubtful, Misconfigured, Unknown)


class Verb(StrEnum):
    """What is asked for one user."""

    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Order(NamedTuple):
    """One operation of a batch. `expunge` goes with a DELETE: without it the user is archived."""

    verb: Verb
    ext_id: str
    body: Mapping[str, Any] | None = None
    expunge: bool = False

    @property
    def path(self) -> str:
        """Return where it is sent, below the batch."""
        if self.verb is Verb.POST:
            return "/users"
        query = f"?expunge={'true' if self.expunge else 'false'}" if self.verb is Verb.DELETE else ""
        return f"/users/{self.ext_id}{query}"

    def kept(self) -> tuple[str, Any]:
        """Return how a batch that has it shows it: the verb and the body."""
        return self.verb.value, {"id": self.ext_id} if self.body is None else dict(self.body)


class Ran(NamedTuple):
    """A batch that was carried out: the error of each order, None for success, and what a person should know of it."""

    errors: tuple[Rejected | None, ...]
    notes: tuple[Text, ...] = ()


def run(api: Api, orders: Sequence[Order]) -> Ran:
    """Carry out orders in one batch.

    Raises:
        Unavailable, Doubtful, Misconfigured, Rejected: nothing was committed; nothing has happened, nothing will.
        Unknown: it was committed, or may have been, and nothing tells its end; read before anything else.
    """
    number = _filled(api, orders)
    _commit(api, number)
    told = _ended(api, number)
    notes = () if told["status"] == "SUCCESS" else _mended(api, told)
    return Ran(tuple(map(_error, told["operations"])), (*notes, *_deleted(api, number)))


def barrier(api: Api) -> None:
    """Wait until everything that was committed before has been carried out.

    Raises:
        SyncError: nothing tells whether it has.
    """
    number = _filled(api, ())
    api.send("PUT", f"/batches/{number}")
    _ended(api, number)
    _deleted(api, number)


# ── before ──


def _filled(api: Api, orders: Sequence[Order]) -> int:
    """Return the number of a new batch that holds just these orders, as they were meant."""
    try:
        number = int(api.send("POST", "/batches").told["id"])
    except (TypeError, KeyError, ValueError, Unknown) as error:
        raise _not_begun(api) from error
    try:
        for order in orders:
            api.send(order.verb.value, f"/batches/{number}{order.path}", order.body)
        if orders:
            _check(api, number, orders)
    except SyncError as error:
        with suppress(SyncError):
            api.send("DELETE", f"/batches/{number}")
        if isinstance(error, Unknown):
            raise _not_begun(api) from error
        raise
    return number


def _not_begun(api: Api) -> Unavailable:
    says = Text(
        "OBM không trả lời khi chuẩn bị lô thao tác; lô chưa được chạy nên chưa có gì thay đổi.",
        "OBM did not answer while a batch was prepared; it was not committed and nothing has changed.",
    )
    return Unavailable(says, where=api.settings.url)


def _check(api: Api, number: int, orders: Sequence[Order]) -> None:
    told = api.get(f"/batches/{number}")
    listed = told.get("operations") if isinstance(told, dict) else None
    kept = [(one.get("operation"), one.get("entity")) for one in listed or () if isinstance(one, dict)]
    if kept != [order.kept() for order in orders]:
        says = Text(
            "OBM không giữ nguyên thao tác như đã gửi; lô chưa chạy, đã bỏ.",
            "OBM does not keep the operation as it was sent; the batch was not committed and is discarded.",
        )
        raise Rejected(says, where=api.settings.url)


# ── after ──


def _commit(api: Api, number: int) -> None:
    """Commit a batch, once.

    Raises:
        Unavailable, Misconfigured, Rejected: it was not committed.
        Unknown: it may have been, and a later batch has ended without it.
    """
    try:
        api.send("PUT", f"/batches/{number}")
    except Unknown:
        _clear_up(api, number)
    except SyncError:
        with suppress(SyncError):
            api.send("DELETE", f"/batches/{number}")
        raise


def _clear_up(api: Api, number: int) -> None:
    """Return if a batch whose commit had no answer has ended or runs; else see to it that it cannot come late."""
    try:
        barrier(api)
        if _status(api.get(f"/batches/{number}")) != "IDLE":
            return
        api.send("DELETE", f"/batches/{number}")
    except SyncError as error:
        raise _lost(api, number) from error
    raise _lost(api, number)


def _ended(api: Api, number: int) -> dict[str, Any]:
    """Return a batch at its end.

    Raises:
        Unknown: it did not end in time, or nothing tells.
    """
    until, pause = monotonic() + api.settings.patience, _FIRST_LOOK
    while True:
        try:
            told = api.get(f"/batches/{number}")
        except _LATE as error:
            if isinstance(error, Misconfigured) or monotonic() > until:
                raise _lost(api, number) from error
            told = {}
        if told is None:
            raise _lost(api, number)
        if _status(told) in {"SUCCESS", "ERROR"} and isinstance(told.get("operations"), list):
            return dict(told)
        if monotonic() > until:
            raise _lost(api, number)
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _status(told: Any) -> str:  # noqa: ANN401 - JSON
    return str(told.get("status")) if isinstance(told, dict) else ""


def _lost(api: Api, number: int) -> Unknown:
    says = Text(
        f"Chưa rõ OBM đã chạy lô {number} chưa (mất trả lời, hoặc lô còn chờ sau lô khác); lần chạy sau sẽ đọc lại và "
        "ghi nhận, không gửi lại.",
        f"It is not known whether OBM has carried out batch {number} (the answer was lost, or it still waits behind "
        "others); the next run reads and settles it, and does not send it again.",
    )
    return Unknown(says, where=api.settings.url)


def _error(told: Any) -> Rejected | None:  # noqa: ANN401 - JSON
    status = told.get("status") if isinstance(told, dict) else None
    return None if status == "SUCCESS" else failures.meant(told.get("error") if isinstance(told, dict) else None)


def _mended(api: Api, told: Mapping[str, Any]) -> tuple[Text, ...]:
    """Given a batch that ended in error: if only mail routes were not rebuilt, have it done by an empty batch."""
    if any(_error(one) for one in told["operations"]):
        return ()
    with suppress(SyncError):
        number = _filled(api, ())
        api.send("PUT", f"/batches/{number}")
        again = _ended(api, number)
        _deleted(api, number)
        if again["status"] == "SUCCESS":
            return ()
    return (
        Text(
            "OBM đã ghi nhưng chưa dựng lại được bảng định tuyến thư (obm-satellite không trả lời): thư vẫn đi theo "
            "bảng cũ. Hãy kiểm tra obm-satellite, rồi chạy Update trong OBM.",
            "OBM has written it, but could not rebuild the mail routes (obm-satellite does not answer): mail goes by "
            "the old ones. Look at obm-satellite, then run an update in OBM.",
        ),
    )


def _deleted(api: Api, number: int) -> tuple[Text, ...]:
    """Delete a batch that has ended: it shows what was sent, passwords too, to every administrator."""
    for _ in range(2):
        with suppress(SyncError):
            api.send("DELETE", f"/batches/{number}")
            return ()
        with suppress(SyncError):
            if api.get(f"/batches/{number}") is None:
                return ()
    return (
        Text(
            f"Không xóa được lô {number} trên OBM; lô còn giữ nội dung đã gửi, kể cả mật khẩu. Hãy xóa lô này.",
            f"Batch {number} could not be deleted from OBM; it still holds what was sent, passwords too. Delete it.",
        ),
    )
