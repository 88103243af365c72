"""Mailboxes as they are read: by objectGUID, many per command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.connectors.exchange import document
from syncagent.connectors.exchange.driver import Call, Status
from syncagent.connectors.exchange.properties import NO_GUID, PROPERTIES, canonical
from syncagent.errors import Rejected, SyncError, Unavailable, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from syncagent.connectors.exchange.driver import Answer, Driver, Raw
    from syncagent.connectors.exchange.properties import Values

TOGETHER: Final = 300
"""How many calls go in one command."""


class Content(NamedTuple):
    """Where the content of a mailbox lies: the database and the mailbox's GUID in it."""

    database: str
    guid: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox of an account.

    Attributes:
        guid: objectGUID of the account.
        values: its properties by Exchange's names, each as `properties` writes it; absent and empty are the same.
        raw: the same as they came, to tell whether anything changed since.
    """

    guid: str
    values: Mapping[str, Values]
    raw: Raw

    def value(self, name: str) -> Values:
        """Return the values of a property, none where Exchange shows none."""
        return self.values.get(name, ())

    def first(self, name: str) -> str:
        """Return the only value of a property, empty where Exchange shows none."""
        return next(iter(self.value(name)), "")

    @property
    def address(self) -> str:
        """The primary address."""
        return self.first("PrimarySmtpAddress")

    @property
    def contents(self) -> tuple[Content, ...]:
        """Where its content lies, that of its archive mailbox too."""
        places = (("Database", "ExchangeGuid"), ("ArchiveDatabase", "ArchiveGuid"))
        found = (Content(self.first(database), self.first(guid)) for database, guid in places)
        return tuple(content for content in found if content.guid not in {"", NO_GUID})

    @property
    def holds(self) -> tuple[str, ...]:
        """Why nothing of it may be deleted: the names of the properties that hold it, with their values."""
        held = [name for name in ("LitigationHoldEnabled", "RetentionHoldEnabled") if self.first(name) == "True"]
        return (*held, *(f"InPlaceHolds {hold}" for hold in self.value("InPlaceHolds")))


def of_answer(guid: str, raw: Raw) -> Mailbox:
    """Return a mailbox from the properties that were read.

    Raises:
        Unknown: a value is not what Exchange shows of its kind.
    """
    try:
        values = {name: canonical(name, document.values(value)) for name, value in raw.items()}
    except (Rejected, ValueError) as error:
        says = error.says if isinstance(error, Rejected) else Text(str(error), str(error))
        raise Unknown(says, where=guid) from error
    return Mailbox(guid, {name: value for name, value in values.items() if value or name in PROPERTIES}, raw)


def read_mailboxes(driver: Driver, guids: Iterable[str]) -> dict[str, Mailbox | None]:
    """Given objectGUIDs, return their mailboxes; None where the account has none, or there is no account.

    Raises:
        Misconfigured, Unavailable: they cannot be read.
        Rejected: the account's roles do not allow it.
    """
    wanted = list(dict.fromkeys(guids))
    found: dict[str, Mailbox | None] = {}
    for guid, answer in answered(driver, "read", {guid: {"guid": guid} for guid in wanted}):
        if answer.is_absent:
            found[guid] = None
        elif answer.status is Status.DONE:
            found[guid] = of_answer(guid, answer.after)
        else:
            raise failed(answer, guid)
    return found


def answered(driver: Driver, operation: str, each: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, Answer]]:
    """Read with one operation, and yield an answer for every id, in order.

    Raises:
        Unavailable: one never came; a read may be made again.
    """
    calls = [Call(known, operation, values) for known, values in each.items()]
    for batch in batches(calls):
        answers = driver.run(batch)
        lost = len(batch) - len(answers)
        for call in batch:
            if call.id not in answers:
                raise Unavailable(
                    Text(
                        f"{lost} trên {len(batch)} câu trả lời của Exchange bị mất khi đọc; hãy chạy lại.",
                        f"{lost} of {len(batch)} answers of Exchange were lost while reading; run again.",
                    )
                )
            yield call.id, answers[call.id]


def batches(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """Yield calls in their order, as many together as one command takes."""
    together: list[Call] = []
    weight = 0
    for call in calls:
        own = document.weighed([call])
        if together and (len(together) == TOGETHER or weight + own > document.LARGEST):
            yield together
            together, weight = [], 0
        together.append(call)
        weight += own
    if together:
        yield together


def failed(answer: Answer, guid: str) -> SyncError:
    """Return the error of a call that Exchange refused."""
    if answer.is_not_allowed:
        return Rejected(
            Text(
                f"vai trò của tài khoản tác tử trên Exchange không có lệnh này ({answer.message}). Hãy cấp vai trò.",
                f"the roles of the agent's account do not hold this cmdlet ({answer.message}). Grant the role.",
            ),
            where=guid,
        )
    if "Transient" in answer.identifier:
        return Unavailable(
            Text(
                f"Exchange tạm thời không trả lời: {answer.message}", f"Exchange does not answer now: {answer.message}"
            ),
            where=guid,
        )
    return Rejected(Text(f"Exchange từ chối: {answer.message}", f"Exchange refuses: {answer.message}"), where=guid)
