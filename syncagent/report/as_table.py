"""A table as text, CSV, one HTML page without script, or a workbook: data that no program takes for a formula.

Every cell is a text. What cannot be seen is spelled out, and a personal identification number that somebody wrote
into a name is replaced, whatever the form.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from syncagent.core.privacy import hide_identity_numbers
from syncagent.report.visible import visible
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import Template
    from openpyxl import Workbook

    from syncagent.report.table import Table
    from syncagent.text import Language

_FORMULAS = frozenset("=+-@＝＋－＠")
_FIGURES = re.compile(r"[0-9][0-9.,–/-]*( %)?|–")
_BOM = "\ufeff"
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
"""What a workbook allows in no name of a sheet."""
_LONGEST_SHEET_NAME = 31
_GAP = "  "
_WIDEST = 60
_EMPTY = Text("Không có dòng nào.", "Nothing to list.")
_SHEETS = (Text("Báo cáo", "Report"), Text("Ghi chú", "Notes"))

_PAGE = """\
<!doctype html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{{ title }}</title>
<style>
body { margin: 2rem auto; max-width: 90rem; padding: 0 1.25rem; color: #18212d; background: #fff;
  font: 15px/1.5 "Segoe UI", "Noto Sans", "Liberation Sans", Arial, "DejaVu Sans", sans-serif; }
h1, h2 { font: 700 1.6rem/1.3 "Noto Serif", "Times New Roman", "Liberation Serif", "DejaVu Serif", serif; }
h2 { margin-top: 2.2rem; font-size: 1.25rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .3rem .6rem; border: 1px solid #b9c2cd; text-align: left; vertical-align: top;
  unicode-bidi: isolate; overflow-wrap: anywhere; }
thead th { background: #eef1f5; overflow-wrap: normal; }
td { min-width: 5em; }
th:first-child, td:first-child { min-width: 9em; }
.num { min-width: 0; text-align: right; font-variant-numeric: tabular-nums; }
td.num, .whole { white-space: nowrap; }
.notes { margin-top: 1rem; padding-left: 1.2em; color: #4b5666; font-size: .9em; }
@page { size: A4 landscape; margin: 13mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 9pt; } h1 { font-size: 14pt; }
  .wide { overflow: visible; } thead { display: table-header-group; } tr { break-inside: avoid; }
  th, td { padding: .1rem .3rem; } }
</style>
</head>
<body>
<h1>{{ title }}</h1>
{% for part in parts %}
{% if part.title %}
<h2>{{ part.title }}</h2>
{% endif %}
{% set figures = part.figures %}
{% if part.rows %}
<div class="wide"><table>
<thead><tr>{% for column in part.columns %}<th scope="col"{{ ' class="num"'|safe if loop.index0 in figures }}>\
{{ column }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in part.rows %}
<tr>{% for cell in row %}<td{{ ' class="num"'|safe if loop.index0 in figures else \
' class="whole"'|safe if is_figure(cell) }}>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table></div>
{% else %}
<p>{{ empty }}</p>
{% endif %}
{% if part.notes %}
<ul class="notes">
{% for note in part.notes %}
<li>{{ note }}</li>
{% endfor %}
</ul>
{% endif %}
{% endfor %}
</body>
</html>
"""


def text(table: Table, language: Language) -> str:
    """Given a table, return it for a terminal: aligned columns, nothing cut, the notes below."""
    from rich.cells import cell_len  # noqa: PLC0415 - a tenth of a second that `--help` must not pay

    title, rows, notes = _shown(table, language)
    lines = [title, ""]
    figures = _figures(rows)
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows if table.rows else ():
        padded = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (width - cell_len(cell))
            padded.append(blank + cell if number in figures else cell + blank)
        lines.append(_GAP.join(padded).rstrip())
        if row is rows[0]:
            lines.append(_GAP.join("─" * width for width in widths))
    if not table.rows:
        lines.append(_EMPTY.within(language))
    return "\n".join([*lines, *([""] if notes else []), *notes])


def comma_separated(table: Table, language: Language) -> str:
    """Given a table, return its head and rows as CSV with a byte order mark, every cell quoted.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([_harmless(cell) for cell in row] for row in _shown(table, language)[1])
    return _BOM + out.getvalue()


def page(table: Table, language: Language) -> str:
    """Given a table, return one HTML page that needs no script, no network and no other file, and prints on A4."""
    title, part = _part(table, language)
    return _rendered(title, [part], language)


def pages(title: Text, tables: Iterable[Table], language: Language) -> str:
    """Given a title and several tables, return them as one such page, one below the other."""
    parts = [part | {"title": heading} for heading, part in (_part(table, language) for table in tables)]
    return _rendered(_safe(title, language), parts, language)


def _part(table: Table, language: Language) -> tuple[str, dict[str, object]]:
    title, rows, notes = _shown(table, language)
    return title, {"title": "", "columns": rows[0], "rows": rows[1:], "notes": notes, "figures": _figures(rows)}


def _rendered(title: str, parts: list[dict[str, object]], language: Language) -> str:
    return _template().render(
        lang=language, title=title, parts=parts, is_figure=_FIGURES.fullmatch, empty=_EMPTY.within(language)
    )


def workbook(table: Table, language: Language) -> bytes:
    """Given a table, return an XLSX file: the head and rows on the first sheet, title and notes on the second."""
    from openpyxl import Workbook as Book  # noqa: PLC0415 - a quarter of a second that `--help` must not pay

    title, rows, notes = _shown(table, language)
    book = Book(write_only=True)
    report, remarks = (name.within(language) for name in _SHEETS)
    _sheet(book, report, rows)
    _sheet(book, remarks, [[title], *([note] for note in notes)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def workbooks(tables: Iterable[Table], language: Language) -> bytes:
    """Given several tables, return an XLSX file with a sheet for each, its notes below the rows."""
    from openpyxl import Workbook as Book  # noqa: PLC0415 - as above

    book = Book(write_only=True)
    for number, table in enumerate(tables, start=1):
        title, rows, notes = _shown(table, language)
        name = f"{number} {_SHEET_NAME.sub(' ', title)}"[:_LONGEST_SHEET_NAME]
        _sheet(book, name.strip(), [*rows, *([note] + [""] * (len(rows[0]) - 1) for note in notes)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, name: str, rows: list[list[str]]) -> None:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(zip(*rows, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(_WIDEST, max(map(len, column)) + 2)
    if len(rows) > 1:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(rows[0]))}{len(rows)}"
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=cell) for cell in row]
        for cell in cells:
            cell.data_type = "s"  # whatever it looks like, a formula included
            cell.quotePrefix = True
        sheet.append(cells)


def _shown(table: Table, language: Language) -> tuple[str, list[list[str]], list[str]]:
    """Return the title, the head with the rows, and the notes, safe to show."""
    rows = [[_safe(cell, language) for cell in row] for row in (table.columns, *table.rows)]
    return _safe(table.title, language), rows, [_safe(note, language) for note in table.notes]


def _safe(cell: Text, language: Language) -> str:
    return visible(hide_identity_numbers(cell.within(language), lambda _: "…"))


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULAS.intersection(cell.lstrip()[:1]) else cell


def _figures(rows: list[list[str]]) -> frozenset[int]:
    """Return the columns that hold figures or dates and nothing else."""
    columns = enumerate(zip(*rows[1:], strict=True))
    return frozenset(number for number, column in columns if all(map(_FIGURES.fullmatch, column)))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_PAGE)
