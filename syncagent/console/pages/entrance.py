"""Logging in and out, the switch that stops, what browsers fetch beside pages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from syncagent.console import gate, sessions
from syncagent.console.asked import Answer, to
from syncagent.console.frame import page, refusal
from syncagent.console.rights import Right
from syncagent.console.words import SAYS
from syncagent.errors import Refused
from syncagent.runs import stop as switch
from syncagent.store import attempts
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.console.asked import Ask
    from syncagent.console.desk import Desk

_STATIC: Final[Mapping[str, tuple[str, str]]] = {
    "report.css": ("syncagent.report", "templates/report.css"),
    "console.css": ("syncagent.console", "static/console.css"),
}
_BREAK_GLASS: Final = "break-glass"


def login(desk: Desk, ask: Ask) -> Answer:
    """Show the form to log in."""
    return to("/") if ask.session else page(desk, ask, "login", failed="")


def enter(desk: Desk, ask: Ask) -> Answer:
    """Log somebody in; whoever was logged in in this browser is not any more."""
    if ask.session:
        sessions.leave(desk, ask.session.token)
    try:
        made = sessions.enter(desk, ask.form.one("login"), Secret(ask.form.exactly("password")), ask.address)
    except Refused as error:
        failed = error.says.within(ask.language)
        return page(desk, replace(ask, session=None), "login", HTTPStatus.UNAUTHORIZED, failed=failed)
    return to("/", ("Set-Cookie", gate.session_cookie(made.token, secure=desk.options.secure)))


def leave(desk: Desk, ask: Ask) -> Answer:
    """Log out."""
    if ask.session:
        if ask.form.exactly("word") != ask.session.form_word:
            return refusal(desk, ask, [SAYS["from-elsewhere"].within(ask.language)], HTTPStatus.FORBIDDEN)
        sessions.leave(desk, ask.session.token)
    return to("/login", ("Set-Cookie", gate.session_cookie("", secure=desk.options.secure)))


def stop(desk: Desk, ask: Ask) -> Answer:
    """Show the switch that stops every apply."""
    stopped = switch.wanted(desk.agent()) if ask.session else None  # who stopped it, and why, is not for everybody
    return page(desk, ask, "stop", done=False, stopped=stopped, open=bool(desk.options.stop_secret))


def press(desk: Desk, ask: Ask) -> Answer:
    """Stop every apply: for whoever may, or knows the secret. Nothing here starts anything again.

    Raises:
        Refused: too many tried, or a reason may not be kept.
    """
    person = ask.session.person if ask.session else None
    if person and person.may(Right.STOP) and ask.session and ask.form.exactly("word") == ask.session.form_word:
        by = person.name
    elif _knows_the_secret(desk, ask):
        by = _BREAK_GLASS
    else:
        return refusal(desk, ask, [SAYS["not-yours"].within(ask.language)], HTTPStatus.FORBIDDEN)
    agent = desk.agent()
    switch.press(agent, by, ask.form.one("reason") or "–")
    return page(desk, ask, "stop", done=True, stopped=switch.wanted(agent), open=False)


def _knows_the_secret(desk: Desk, ask: Ask) -> bool:
    """Whether the secret was typed; tries are counted like those of a log-in, and stop nobody from logging in."""
    typed, known = ask.form.exactly("secret"), desk.options.stop_secret
    if not typed or known is None:
        return False
    who = f"stop:{desk.parts.pseudonyms.mark(ask.address)}"
    now = desk.now()
    with desk.parts.store.writing() as connection:
        may = attempts.take(connection, {who: desk.options.address_tries}, now - desk.options.window, now)
    return may and Secret(typed) == known


def static(desk: Desk, ask: Ask) -> Answer:
    """Return a style sheet."""
    name = ask.place["name"]
    if name not in _STATIC:
        return refusal(desk, ask, [SAYS["no-page"].within(ask.language)], HTTPStatus.NOT_FOUND)
    return Answer(_content(name), kind="text/css; charset=utf-8", headers=(("Cache-Control", "max-age=300"),))


@cache
def _content(name: str) -> bytes:
    package, path = _STATIC[name]
    return files(package).joinpath(path).read_bytes()
