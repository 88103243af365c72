"""Accounts of an old mail system as somebody exported them: a CSV file, one account a line, that is only read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncagent.connectors.attribute import attributes
from syncagent.connectors.gathering import Entry, Gathering
from syncagent.connectors.roster.csv_text import read_csv
from syncagent.connectors.roster.file import load
from syncagent.connectors.source import a_file
from syncagent.core import dn as names_of
from syncagent.core.names import clean
from syncagent.errors import Doubtful
from syncagent.mapping.columns import Columns, spelling
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo
    from pathlib import Path

    from syncagent.connectors.roster.table import Table
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.snapshot import Snapshot

BASE = "ou=accounts"
"""Under which the lines of a file get names, as entries have."""


@dataclass(slots=True)
class ExportedAccounts:
    """A CSV file of accounts whose headings are the attributes of its mapping; others are passed over.

    `pseudonym` replaces personal identification numbers in the key, as in every directory.
    """

    name: str
    path: Path
    directory: Directory
    zone: tzinfo
    pseudonym: Callable[[str], str] | None = field(default=None, repr=False)

    def read(self) -> Snapshot:
        """Return every account of the file.

        Raises:
            Misconfigured: the file cannot be read, is cut, lacks the address, or two lines are one account.
            Doubtful: it holds no account.
        """
        content = load(self.path)
        table = read_csv(content.data, content.file, self._columns())
        entries = list(self._entries(table))
        if not entries:
            raise Doubtful(
                Text("Tệp không có tài khoản nào; hãy xuất lại.", "The file holds no account; export it again."),
                where=content.file,
            )
        gathering = Gathering(self.name, self.directory, BASE, a_file(content.file), self.pseudonym)
        snapshot = gathering.contents(entries, self.zone).snapshot
        watermark: dict[str, str | int] = {"file": content.file, "sha256": content.sha256, "entries": len(entries)}
        return replace(snapshot, watermark=watermark)

    def _columns(self) -> Columns:
        names = [attribute.name for attribute in attributes(self.directory).values() if not attribute.aside]
        return Columns(
            part="accounts",
            required=(self.directory.identity,),
            headings={spelling(name): name for name in names},
            words={},
            dates=(),
            encodings={},
        )

    def _entries(self, table: Table) -> Iterator[Entry]:
        several = {self.directory.addresses.attribute, *self.directory.forwarding}
        aside: dict[str, Values] = {"objectClass": (self.directory.account_class,)}
        for record in table.records:
            values: dict[str, Values] = {}
            for name, at in table.at.items():
                cell = clean(str(record.cells[at])).text
                parts = cell.split(";") if name in several else [cell]
                if found := tuple(part.strip() for part in parts if part.strip()):
                    values[name] = found
            named = values.get(self.directory.identity, ("",))[0]
            yield Entry(record.line, names_of.child(self.directory.rdn, named, BASE), values, dict(aside))
