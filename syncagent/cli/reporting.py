"""The verb of the periodic reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, Face, deliver

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syncagent.report.table import Table
    from syncagent.text import Language

NAMES = ("addresses", "default-passwords", "counts", "usage", "review", "deletions")
_WITH_LAST_USE = "review"


@click.command(
    help="Báo cáo định kỳ theo quy chế; không ghi gì vào thư mục / The periodic reports of the regulation; writes to "
    f"no target. NAME: {', '.join(NAMES)}."
)
@click.argument("name", metavar="NAME", type=click.Choice(NAMES))
@AS_OF
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "html", "xlsx"]),
    default="text",
    help="Dạng báo cáo; xlsx cần --out / Form of the report; xlsx needs --out.",
)
@click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
@click.option(
    "--with-last-use",
    is_flag=True,
    help="Kèm ngày dùng lần cuối, dữ liệu nhạy cảm (review) / With the day of last use, which is sensitive (review).",
)
@click.pass_obj
def report(face: Face, name: str, as_of: datetime | None, form: str, out: str | None, *, with_last_use: bool) -> None:
    """Make one report."""
    from syncagent.cli.log import event
    from syncagent.report import as_table
    from syncagent.runs.report import Report
    from syncagent.runs.report import report as ask

    if form == "xlsx" and out in {None, "-"}:
        message = "--format xlsx cần --out FILE / needs --out FILE"
        raise click.UsageError(message)
    if with_last_use and name != _WITH_LAST_USE:
        message = f"--with-last-use chỉ dùng với {_WITH_LAST_USE} / goes with {_WITH_LAST_USE} only"
        raise click.UsageError(message)
    with face.agent() as agent:
        found = ask(agent, Report(name), as_of.date() if as_of else None, with_last_use=with_last_use)
    event("reported", report=name, rows=len(found.rows), last_use=with_last_use)
    forms: dict[str, Callable[[Table, Language], str | bytes]] = {
        "text": as_table.text,
        "csv": as_table.comma_separated,
        "html": as_table.page,
        "xlsx": as_table.workbook,
    }
    deliver(forms[form](found, face.language), out)


VERBS = (report,)
