"""Records of what became of old mail, as CSV or workbook: one line for each folder of each old mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.connectors.roster.csv_text import read_csv
from syncagent.connectors.roster.file import load
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.core.addresses import fold_address
from syncagent.core.mail_record import MailEnd, MailRow
from syncagent.core.names import clean
from syncagent.core.where import Where
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import Columns, spelling
from syncagent.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from syncagent.connectors.roster.table import Record, Table

_HEADINGS: Final = {
    "system": Text("Hệ thống cũ", "Old system"),
    "about": Text("Địa chỉ cũ", "Old address"),
    "how": Text("Cách xử lý", "How"),
    "folder": Text("Thư mục", "Folder"),
    "messages": Text("Số thư cũ", "Old messages"),
    "size": Text("Dung lượng cũ", "Old bytes"),
    "copied": Text("Số thư đã chép", "Copied messages"),
    "copied_size": Text("Dung lượng đã chép", "Copied bytes"),
    "document": Text("Số văn bản", "Letter number"),
}
_WORDS: Final = {
    MailEnd.MOVED: Text("đã chuyển", "moved"),
    MailEnd.ARCHIVED: Text("đã lưu trữ", "archived"),
    MailEnd.NOT_KEPT: Text("không giữ", "not-kept"),
}
_COLUMNS = Columns(
    part="mails",
    required=("system", "about", "how"),
    headings={spelling(name): column for column, text in _HEADINGS.items() for name in (column, text.vi, text.en)},
    words={},
    dates=(),
    encodings={},
)
_ENDS = {spelling(word): end for end, text in _WORDS.items() for word in (text.vi, text.en, end)}


def read_mail_rows(path: Path) -> list[tuple[Where, MailRow]]:
    """Return the lines of a file, all of them or none.

    Raises:
        Misconfigured: the file cannot be read, or a row has a fault; each is named with its line.
    """
    content = load(path)
    read = read_xlsx if path.suffix.lower() == ".xlsx" else read_csv
    table = read(content.data, content.file, _COLUMNS)
    found: list[tuple[Where, MailRow]] = []
    faults: list[Misconfigured] = []
    for record in table.records:
        where = Where(content.file, record.line)
        try:
            found.append((where, _row(table, record)))
        except ValueError as error:
            faults.append(Misconfigured(error.args[0], where=str(where)))
    if faults:
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:])
    return found


def _row(table: Table, record: Record) -> MailRow:
    """Return the line of a folder.

    Raises:
        ValueError: it cannot be understood; its argument says why.
    """

    def cell(column: str) -> str:
        return clean(str(record.cells[table.at[column]])).text if column in table.at else ""

    def number(column: str) -> int:
        text = cell(column)
        if not text.isdecimal():
            vi, en = _HEADINGS[column]
            raise ValueError(Text(f"Cột “{vi}” phải là một số.", f"The column “{en}” must be a number."))
        return int(text)

    how = _ENDS.get(spelling(cell("how")))
    if how is None:
        listed, english = (", ".join(text[n] for text in _WORDS.values()) for n in (0, 1))
        raise ValueError(Text(f"Cách xử lý phải là một trong: {listed}.", f"How is one of: {english}."))
    if how is MailEnd.NOT_KEPT:
        if not cell("document"):
            raise ValueError(
                Text("“không giữ” cần số văn bản quyết định.", "“not-kept” needs the number of the decision.")
            )
        return MailRow(cell("system"), fold_address(cell("about")), how, "", 0, 0, 0, 0, cell("document"))
    if not cell("folder"):
        raise ValueError(Text("Thiếu tên thư mục.", "The name of the folder is missing."))
    return MailRow(
        cell("system"),
        fold_address(cell("about")),
        how,
        cell("folder"),
        number("messages"),
        number("size"),
        number("copied"),
        number("copied_size"),
        cell("document"),
    )
