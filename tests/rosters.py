"""Roster files for tests: tables as CSV and as workbooks, honest ones and such as nobody honest writes."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from syncagent.connectors.roster.read import FileRoster, RosterFile
from syncagent.mapping.columns import read_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syncagent.mapping.columns import ColumnMap

_ROSTERS = Path(__file__).parents[1] / "mappings" / "rosters"

CANONICAL = read_columns((_ROSTERS / "canonical.yaml").read_text("utf-8"), "canonical.yaml")
VIETNAMESE = read_columns((_ROSTERS / "cbccvc-vi.yaml").read_text("utf-8"), "cbccvc-vi.yaml")

HEADINGS = ["person_id", "full_name", "unit", "status"]
"""The columns that a list of people must have."""
UNITS = [["unit", "name", "kind"], ["skhcn", "Sở Khoa học và Công nghệ", "agency"]]

_NS = "http://schemas.openxmlformats.org"
MAIN = f"{_NS}/spreadsheetml/2006/main"
_REL = f"{_NS}/officeDocument/2006/relationships"


def as_csv(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Return a table as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def roster(
    folder: Path,
    people: bytes | str | Sequence[Sequence[str]],
    *,
    units: bytes | str | Sequence[Sequence[str]] = UNITS,
    requests: bytes | str | Sequence[Sequence[str]] | None = None,
    columns: ColumnMap = CANONICAL,
    pseudonym: Callable[[str], str] | None = None,
) -> FileRoster:
    """Write the parts into a folder and return the source that reads them."""
    files = [
        _write(folder / f"{part}.csv", table)
        for part, table in (("people", people), ("units", units), ("requests", requests))
        if table is not None
    ]
    return FileRoster(
        files[0], files[1], columns, requests=files[2] if requests is not None else None, pseudonym=pseudonym
    )


def _write(path: Path, table: bytes | str | Sequence[Sequence[str]]) -> RosterFile:
    if not isinstance(table, bytes):
        table = (table if isinstance(table, str) else as_csv(table)).encode()
    path.write_bytes(table)
    return RosterFile(path, "xlsx" if table.startswith(b"PK") else "csv")


# ── workbooks, part by part ──────────────────────────────────────────────────


def package(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def book(
    *sheets: str,
    states: Sequence[str] = (),
    strings: str | None = None,
    styles: str | None = None,
    date1904: bool = False,
    **other: str,
) -> dict[str, str | bytes]:
    """Return the parts of a workbook, given the inside of `sheetData` of each sheet."""
    names = [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
    states = [*states, *["visible"] * (len(sheets) - len(states))]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (name, state) in enumerate(zip(names, states, strict=True), 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_REL}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="rIdS" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/>' if strings else ""
    relations += f'<Relationship Id="rIdT" Type="{_REL}/styles" Target="/xl/styles.xml"/>' if styles else ""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="x"/>',
        "_rels/.rels": relationships(f'<Relationship Id="a" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_REL}"><workbookPr date1904="{int(date1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relationships(relations),
    }
    for number, data in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData><extLst/></worksheet>'
        )
    if strings is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    if styles is not None:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    return {**parts, **other}


def relationships(inside: str) -> str:
    """Return a list of relations between parts."""
    return f'<Relationships xmlns="{_NS}/package/2006/relationships">{inside}</Relationships>'


def rows(*tables: Sequence[str]) -> str:
    """Return rows of inline strings; a cell that begins with `<c` is taken as it is."""
    return "".join(f"<row>{''.join(map(_cell, table))}</row>" for table in tables)


def _cell(text: str) -> str:
    return text if text.startswith("<c") else f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'
