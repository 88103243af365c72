"""The reports of a regulation as they stand in its file: who reports what to whom, and when."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from syncagent.core.duties import Before, Due, IncidentClause, OnDay, Report, ReportClause
from syncagent.core.periods import Length, Term
from syncagent.core.person import PersonType
from syncagent.mapping.clause import Clause
from syncagent.mapping.source import Strict
from syncagent.text import Text

_ENDED = "last-"
_A_COMMON_YEAR = 2001


class _Party(Strict):
    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Before(Strict):
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)

    @model_validator(mode="after")
    def _in_every_year(self) -> _Before:
        date(_A_COMMON_YEAR, self.month, self.day)
        return self


class _Due(Strict):
    before: _Before | None = Field(
        None, description="Before this day of each year: the day before is the last good one"
    )
    day: int | None = Field(None, ge=1, le=31, description="On this day of the last month of each period")
    covers: Literal[
        "year", "half-year", "quarter", "month", "last-year", "last-half-year", "last-quarter", "last-month"
    ]

    @model_validator(mode="after")
    def _one_way(self) -> _Due:
        if (self.before is None) == (self.day is None):
            message = "give exactly one of before, day"
            raise ValueError(message)
        return self

    def due(self) -> Due:
        """Return when the report is due."""
        when = Before(self.before.month, self.before.day) if self.before else OnDay(self.day or 1)
        return Due(when, Length(self.covers.removeprefix(_ENDED)), self.covers.startswith(_ENDED))


class _After(Strict):
    months: int = Field(0, ge=0)
    days: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _one_unit(self) -> _After:
        self.term()
        return self

    def term(self) -> Term:
        """Return the term; two units, or none, are an error."""
        return Term(self.months, self.days)


class ReportPart(Clause):
    """A report that the text orders."""

    by: _Party = Field(description="Who must report")
    to: _Party = Field(description="To whom")
    served_by: list[
        Literal["addresses", "default-passwords", "old-passwords", "counts", "changes", "usage", "review", "deletions"]
    ] = Field(min_length=1, description="Names of the reports that serve it")
    due: list[_Due] = Field([], description="Empty where the text names no day")
    after: _After | None = Field(None, description="How long something stands before it is listed")
    types: list[Literal["cadre", "official", "public_employee", "worker"]] = Field(
        [], description="Whom it counts; empty for everybody"
    )

    def clause(self) -> ReportClause:
        """Return the clause."""
        return ReportClause(
            cite=self.cite(),
            by=Text(self.by.vi, self.by.en),
            to=Text(self.to.vi, self.to.en),
            served_by=tuple(Report(name) for name in self.served_by),
            due=tuple(due.due() for due in self.due),
            after=self.after.term() if self.after else None,
            types=frozenset(PersonType(name) for name in self.types),
        )


class IncidentPart(Clause):
    """How soon an incident is reported; the agent cannot know when one occurred, so people do it."""

    by: _Party
    to: _Party
    hours: int = Field(ge=1)

    def clause(self) -> IncidentClause:
        """Return the clause."""
        return IncidentClause(self.cite(), Text(self.by.vi, self.by.en), Text(self.to.vi, self.to.en), self.hours)
