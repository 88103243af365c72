"""The answers of unit heads: the file that was sent to a unit, filled in, as CSV or workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.roster.csv_text import read_csv
from syncagent.connectors.roster.file import load
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.core.addresses import fold_address
from syncagent.core.names import clean
from syncagent.core.questions import HEADINGS, NAMES_SOMEBODY, WORDS, Choice, Ruling
from syncagent.core.where import Where
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import Columns, spelling
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syncagent.connectors.roster.table import Record, Table

_REQUIRED = ("system", "about", "choice")
_COLUMNS = Columns(
    part="rulings",
    required=_REQUIRED,
    headings={spelling(name): column for column, text in HEADINGS.items() for name in (column, text.vi, text.en)},
    words={},
    dates=(),
    encodings={},
)
_CHOICES = {spelling(word): choice for choice, text in WORDS.items() for word in (text.vi, text.en, choice)}


def read_rulings(path: Path, known_as: Callable[[str], str]) -> list[tuple[Where, Ruling]]:
    """Return the answers of a file, all of them or none; rows without one are passed over.

    Args:
        path: the file, `.csv` or `.xlsx`.
        known_as: turns what somebody typed for a person into the key, an identification number into its pseudonym.

    Raises:
        Misconfigured: the file cannot be read, or a row has a fault; each is named with its line.
    """
    content = load(path)
    read = read_xlsx if path.suffix.lower() == ".xlsx" else read_csv
    table = read(content.data, content.file, _COLUMNS)
    found: list[tuple[Where, Ruling]] = []
    faults: list[Misconfigured] = []
    for record in table.records:
        where = Where(content.file, record.line)
        try:
            one = _ruling(table, record, known_as)
        except ValueError as error:
            faults.append(Misconfigured(error.args[0], where=str(where)))
            continue
        if one:
            found.append((where, one))
    if faults:
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:])
    return found


def _ruling(table: Table, record: Record, known_as: Callable[[str], str]) -> Ruling | None:
    """Return the answer of a row, None if there is none.

    Raises:
        ValueError: it cannot be understood; its argument says why.
    """

    def cell(column: str) -> str:
        return clean(str(record.cells[table.at[column]])).text if column in table.at else ""

    if not cell("choice"):
        return None
    choice = _CHOICES.get(spelling(cell("choice")))
    if choice is None:
        words = ", ".join(text.vi for text in WORDS.values())
        english = ", ".join(text.en for text in WORDS.values())
        raise ValueError(Text(f"Trả lời phải là một trong: {words}.", f"The answer is one of: {english}."))
    if not cell("about") or not cell("system"):
        raise ValueError(
            Text("Có trả lời nhưng thiếu hệ thống hoặc địa chỉ cũ.", "An answer without a system or an old address.")
        )
    if (choice in NAMES_SOMEBODY) is not bool(cell("subject")):
        raise ValueError(
            Text(
                "“thuộc về”, “cấp mới” và “trở thành” cần cột “Của ai”; các trả lời khác để trống cột đó.",
                "“belongs”, “issue” and “became” need the column “Whose”; other answers leave it empty.",
            )
        )
    about = cell("about") if choice is Choice.BECAME else fold_address(cell("about"))
    return Ruling(cell("system"), about, choice, known_as(cell("subject")), cell("document"))
