"""Every page there is: its path, and the right it takes; None is for those who are not logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.console.pages import auditing, entrance, overview, people, plans, requests, signing
from syncagent.console.rights import Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncagent.console.asked import Answer, Ask
    from syncagent.console.desk import Desk


class Page(NamedTuple):
    """A path, how it is asked for, the right it takes, and what answers."""

    path: str
    method: str
    right: Right | None
    show: Callable[[Desk, Ask], Answer]


PAGES: Final = (
    Page("/login", "GET", None, entrance.login),
    Page("/login", "POST", None, entrance.enter),
    Page("/logout", "POST", None, entrance.leave),
    Page("/stop", "GET", None, entrance.stop),
    Page("/stop", "POST", None, entrance.press),
    Page("/static/{name}", "GET", None, entrance.static),
    Page("/", "GET", Right.OVERVIEW, overview.overview),
    Page("/plans", "GET", Right.PLAN, overview.listed),
    Page("/plans/{plan}", "GET", Right.PLAN, plans.show),
    Page("/plans/{plan}/use", "GET", Right.PLAN, plans.use),
    Page("/plans/{plan}/sign", "POST", Right.APPROVE, signing.prepare),
    Page("/plans/{plan}/decide", "POST", Right.APPROVE, signing.decide),
    Page("/people", "GET", Right.PERSON, people.show),
    Page("/requests", "GET", Right.REQUESTS, requests.listed),
    Page("/requests/new", "GET", Right.ENTER_REQUEST, requests.form),
    Page("/requests/new", "POST", Right.ENTER_REQUEST, requests.enter),
    Page("/requests/answer", "POST", Right.ENTER_REQUEST, requests.answered),
    Page("/calendar", "GET", Right.CALENDAR, overview.calendar),
    Page("/calendar.ics", "GET", Right.CALENDAR, overview.calendar_file),
    Page("/migration", "GET", Right.MIGRATION, auditing.migration),
    Page("/audit", "GET", Right.AUDIT, auditing.show),
    Page("/audit/verify", "GET", Right.AUDIT, auditing.check),
    Page("/audit/export", "GET", Right.AUDIT, auditing.take),
    Page("/settings", "GET", Right.SETTINGS, overview.settings),
)
