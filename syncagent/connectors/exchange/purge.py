"""The end of a mailbox whose term is over: held back by holds and its copy, then disconnected, erased, proved gone.

Only here is a mailbox disconnected. Each step is looked at before it is made, so that a purge that was cut off is
called again and goes on where it was. `-IgnoreLegalHold` stands nowhere in this program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from syncagent.connectors.exchange import document
from syncagent.connectors.exchange.archive import Archive, is_kept
from syncagent.connectors.exchange.driver import Answer, Call, Status
from syncagent.connectors.exchange.mailbox import Content, Mailbox, failed, read_mailboxes
from syncagent.connectors.exchange.order import Effect
from syncagent.core.outcome import Result
from syncagent.errors import Refused, SyncError, Unavailable, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.exchange.driver import Driver

_SEEN: Final = (
    "ArchiveGuid", "EmailAddresses", "ExchangeGuid", "InPlaceHolds", "LitigationHoldEnabled", "PrimarySmtpAddress",
    "RetentionHoldEnabled",
)  # fmt: skip


class Decided(NamedTuple):
    """The document by which it was decided that no copy is kept."""

    document: str


class Purge(NamedTuple):
    """What is to be purged, as the plan saw it.

    Attributes:
        id: names it in its effect.
        guid: objectGUID of the account.
        address: the primary address that the mailbox must have.
        contents: where its content lies (`Mailbox.contents`).
        because: the copy that was made, or the document that says that none is kept.
    """

    id: str
    guid: str
    address: str
    contents: tuple[Content, ...]
    because: Archive | Decided


def purge(driver: Driver, order: Purge) -> Effect:
    """Purge one mailbox and return what became of it.

    Done: every content is proved gone from its database. Conflict: held, or not what the plan saw; nothing was done.
    Unknown: cut off, or the database does not show it yet; call again with the same order.

    Raises:
        Misconfigured, Unavailable, Rejected: the mailbox cannot be read; nothing was done.
    """
    now = read_mailboxes(driver, [order.guid])[order.guid]
    if now is not None:
        try:
            _allowed(driver, order, now)
        except Refused as error:
            return Effect(order.id, Result.CONFLICT, error.says)
        answer = _asked(driver, Call(order.id, "disconnect", _disconnect(order, now)))
        if answer is None:
            return Effect(order.id, Result.UNKNOWN, _LOST)
        if answer.status is Status.STALE:
            return Effect(order.id, Result.CONFLICT, _CHANGED)
        if answer.status is Status.FAILED and not _is_disconnected(driver, order.guid):
            return Effect(order.id, Result.FAILED, failed(answer, order.guid).says)
    try:
        for content in order.contents:
            _erase(driver, content)
    except Unknown as error:
        return Effect(order.id, Result.UNKNOWN, error.says)
    except SyncError as error:
        return Effect(order.id, Result.UNKNOWN, _half(error.says))
    return Effect(order.id, Result.DONE, before=dict(now.values) if now else {})


def _is_disconnected(driver: Driver, guid: str) -> bool:
    """Whether a disconnect that failed has happened all the same; not if that cannot be read."""
    try:
        return read_mailboxes(driver, [guid])[guid] is None
    except SyncError:
        return False


def _allowed(driver: Driver, order: Purge, now: Mailbox) -> None:
    """Raise Refused unless it is the mailbox that was meant, nothing holds it, and its copy is there."""
    if order.address.casefold() != now.address.casefold() or order.contents != now.contents:
        raise Refused(_CHANGED)
    if now.holds:
        held = ", ".join(now.holds)
        raise Refused(
            Text(
                f"Hộp thư đang bị giữ ({held}): không xóa. Người ra lệnh giữ phải bỏ giữ trước.",
                f"The mailbox is on hold ({held}): nothing is deleted. Whoever ordered the hold must release it first.",
            )
        )
    match order.because:
        case Decided(document=document_number):
            if not document_number.strip():
                raise Refused(_NO_COPY)
        case Archive():
            if not is_kept(driver, order.because) or len(order.because.files) < len(now.contents):
                raise Refused(_NO_COPY)
        case _:
            assert_never(order.because)


def _disconnect(order: Purge, now: Mailbox) -> dict[str, object]:
    seen = [{"name": name, "value": now.raw[name]} for name in _SEEN if name in now.raw]
    return {"guid": order.guid, "seen": seen}


def _erase(driver: Driver, content: Content) -> None:
    """Erase a disconnected content, and prove that it is gone.

    Raises:
        Unknown: an answer is lost, or it is not shown as disconnected yet.
        SyncError: Exchange refuses.
    """
    shown = _shown(driver, content)
    if shown is None:  # never opened, erased before, or not noticed by the database yet
        _must(driver, Call("refresh", "refresh", _where(content)), content, may_be_absent=True)
        shown = _shown(driver, content)
    if shown is None:
        return
    if shown != "Disabled":
        raise Unknown(
            Text(
                f"Nội dung {content.guid} trong {content.database} chưa hiện là đã ngắt ({shown or 'đang nối'}); "
                "hãy chạy lại sau.",
                f"Content {content.guid} in {content.database} does not show as disconnected yet "
                f"({shown or 'connected'}); run again later.",
            )
        )
    _must(driver, Call("erase", "erase", _where(content)), content)
    if _shown(driver, content, was_there=True) is not None:
        raise Unknown(
            Text(
                f"Nội dung {content.guid} vẫn còn trong {content.database} sau khi xóa; hãy chạy lại.",
                f"Content {content.guid} is still in {content.database} after it was erased; run again.",
            )
        )


def _shown(driver: Driver, content: Content, *, was_there: bool = False) -> str | None:
    """Return why a content is disconnected, empty if it is not; None if its database does not show it.

    "Not found" proves that only if the database itself was found a moment ago.
    """
    answer = _asked(driver, Call("store", "store", _where(content)))
    if answer is None:
        raise Unavailable(_LOST)
    if answer.is_absent and was_there:
        return None
    if answer.status is not Status.DONE:
        raise failed(answer, content.guid)
    if not answer.parts:
        return None
    return next(iter(document.values(answer.parts[0].get("DisconnectReason", ""))), "")


def _must(driver: Driver, call: Call, content: Content, *, may_be_absent: bool = False) -> None:
    answer = _asked(driver, call)
    if answer is None:
        raise Unknown(_LOST)
    if answer.status is not Status.DONE and not (may_be_absent and answer.is_absent):
        raise failed(answer, content.guid)


def _asked(driver: Driver, call: Call) -> Answer | None:
    return driver.run([call]).get(call.id)


def _where(content: Content) -> dict[str, object]:
    return {"guid": "", "database": document.octets(content.database), "content": content.guid}


# ── sentences ──

_LOST: Final = Text(
    "Mất câu trả lời của Exchange khi đang xóa; hãy chạy lại để đọc và làm tiếp.",
    "The answer of Exchange was lost while purging; run again to read and go on.",
)
_CHANGED: Final = Text(
    "Hộp thư không còn như khi lập kế hoạch (địa chỉ hoặc nơi chứa): không xóa. Hãy lập kế hoạch mới.",
    "The mailbox is not what the plan saw (address or place): nothing is deleted. Plan again.",
)
_NO_COPY: Final = Text(
    "Chưa có bản sao hoàn tất (Completed) với mã băm còn khớp, cũng không có văn bản quyết định không lưu: không xóa.",
    "There is neither a completed copy whose hash still matches, nor a document that says that none is kept: "
    "nothing is deleted.",
)


def _half(says: Text) -> Text:
    return Text(
        f"Đã ngắt hộp thư, chưa xóa hết nội dung: {says.vi}", f"Disconnected, content not erased yet: {says.en}"
    )
