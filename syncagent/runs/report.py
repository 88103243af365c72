"""Report: read everything, and make one of the periodic reports of it. Nothing outside the state is written."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from syncagent.core.survey import survey
from syncagent.report import tables
from syncagent.runs.plan import read_all

if TYPE_CHECKING:
    from datetime import date

    from syncagent.report.table import Table
    from syncagent.runs.agent import Agent


class Report(StrEnum):
    """The reports there are."""

    ADDRESSES = "addresses"
    DEFAULT_PASSWORDS = "default-passwords"
    COUNTS = "counts"
    USAGE = "usage"
    REVIEW = "review"
    DELETIONS = "deletions"


def report(agent: Agent, name: Report, as_of: date | None = None, *, with_last_use: bool = False) -> Table:
    """Given which report and the day it is for, return it as a table; None is today in the configured zone.

    The directories and the ledger are read as they are now: `as_of` is the day that terms are counted for.
    `with_last_use` puts the day of last use, which is sensitive, into the review.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    today = as_of or agent.today()
    read = read_all(agent, today)
    view = survey(read.roster, read.snapshots, read.ledger, agent.policy, today)
    match name:
        case Report.ADDRESSES:
            return tables.addresses(view)
        case Report.DEFAULT_PASSWORDS:
            return tables.default_passwords(view)
        case Report.COUNTS:
            return tables.counts(view)
        case Report.USAGE:
            return tables.usage(view)
        case Report.REVIEW:
            return tables.review(view, with_last_use=with_last_use)
        case Report.DELETIONS:
            return tables.deletions(view, read.ledger)
    assert_never(name)
