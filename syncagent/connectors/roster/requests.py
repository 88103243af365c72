"""Written requests that are to be recorded: a file of them, or one typed in, read as the roster's own are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.roster.convert import requests_of
from syncagent.connectors.roster.csv_text import read_csv
from syncagent.connectors.roster.file import load
from syncagent.connectors.roster.table import Record, Table
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.errors import Misconfigured, Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from syncagent.connectors.roster.read import RosterFile
    from syncagent.core.request import Request
    from syncagent.errors import SyncError
    from syncagent.mapping.columns import Columns

_READERS = {".csv": read_csv, ".xlsx": read_xlsx}
_TYPED = "request add"
_NO_ROW = Text(
    "Chưa ghi dòng nào; sửa xong hãy nhập lại tệp này.",
    "No row was recorded; correct the file, then import it again.",
)
_NOTHING = Text("Chưa ghi yêu cầu.", "The request was not recorded.")


class WrittenRequests:
    """A RequestSource over files.

    Args:
        columns: how requests are written.
        kept: the roster's own file of requests, if there is one.
        pseudonym: turns a personal identification number into its pseudonym.
    """

    def __init__(self, columns: Columns, kept: RosterFile | None, pseudonym: Callable[[str], str]) -> None:
        self._columns = columns
        self._kept = kept
        self._pseudonym = pseudonym

    def kept(self) -> tuple[Request, ...]:
        """Return the requests of the roster's own file, faulty rows aside; none without such a file.

        Raises:
            Misconfigured: the file is missing, broken, cut, or lacks a column.
        """
        if self._kept is None:
            return ()
        read = read_csv if self._kept.kind == "csv" else read_xlsx
        content = load(self._kept.path)
        return requests_of(read(content.data, content.file, self._columns), self._pseudonym)[0]

    def read(self, path: Path) -> tuple[Request, ...]:
        """Return the requests of a file, `.csv` or `.xlsx`, all or none.

        Raises:
            Misconfigured: the file cannot be read, or a row has a fault; each is named with its line.
        """
        if (read := _READERS.get(path.suffix.lower())) is None:
            raise Misconfigured(
                Text("Chỉ nhận tệp .csv hoặc .xlsx.", "Only .csv and .xlsx files are read."), where=path.name
            )
        content = load(path)
        return self._whole(read(content.data, content.file, self._columns), Misconfigured, _NO_ROW)

    def typed(self, values: Mapping[str, str]) -> Request:
        """Return the request whose columns were typed in, read as one row of a file.

        Raises:
            Refused: a value cannot be understood, or may not stand where it does.
        """
        at = {column: number for number, column in enumerate(values)}
        rows = iter([Record(0, [*values.values()])])
        return self._whole(Table(_TYPED, self._columns, at, [*values], rows), Refused, _NOTHING)[0]

    def _whole(self, table: Table, refusal: type[SyncError], outcome: Text) -> tuple[Request, ...]:
        requests, faults = requests_of(table, self._pseudonym)
        if faults:
            first, *others = [refusal(fault.says, where=str(fault.where)) for _, fault in faults]
            raise refusal(first.says, where=first.where, also=[*others, refusal(outcome)])
        return requests
