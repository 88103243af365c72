"""Logging in and staying so: attempts are counted before they are made, and every failure looks the same."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import structlog

from syncagent.console.rights import Grant, Person, Role, grants_of
from syncagent.errors import LeaseHeld, Refused
from syncagent.store import attempts
from syncagent.store import sessions as kept
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.base import LoggedOn
    from syncagent.console.desk import Desk
    from syncagent.trust.secret import Secret

_SECONDS = 1.0
"""How long an answer to a log-in takes at least: longer than a bind, so that nobody learns whether there was one."""

_NOTED_EVERY = 30.0

NOT_ENTERED = Text(
    "Không đăng nhập được. Hãy kiểm tra tên và mật khẩu; sau nhiều lần sai, hãy đợi rồi thử lại. Tài khoản phải đang "
    "hoạt động và thuộc một nhóm được dùng bàn duyệt.",
    "You could not be logged in. Check name and password; after several failures, wait before you try again. The "
    "account must be in use, and in a group that may use the console.",
)
BUSY = Text(
    "Đang có nhiều người đăng nhập; hãy thử lại sau ít giây.", "Many are logging in; try again in a few seconds."
)


class Session(NamedTuple):
    """Somebody who is logged in: the id that their browser holds, the word that their forms must bring."""

    token: str
    person: Person
    form_word: str


def enter(desk: Desk, login: str, password: Secret, address: str) -> Session:
    """Log somebody in.

    Raises:
        Refused: they may not, for whatever reason; it is not told which.
        Unavailable: the directory or the state does not answer.
    """
    account = proved(desk, login, password, address)
    grants = grants_of(account.groups, desk.options.roles) if account else ()
    if account is None or not grants or not account.name:
        structlog.get_logger().warning("console-login-refused")
        raise Refused(NOT_ENTERED)
    person = Person(account.guid, account.login, account.name, grants)
    session = Session(desk.token(), person, desk.token())
    with desk.parts.store.writing() as connection:
        kept.forget(connection, desk.now() - desk.options.longest)
        record = {
            "login": person.login,
            "name": person.name,
            "grants": [[grant.role, list(grant.units)] for grant in grants],
            "form_word": session.form_word,
        }
        kept.begin(connection, session.token, person.guid, record, desk.now())
    structlog.get_logger().info("console-login", roles=sorted({str(grant.role) for grant in grants}))
    return session


def proved(desk: Desk, login: str, password: Secret, address: str) -> LoggedOn | None:
    """Return the account whose password this is, None if it is nobody's or too many attempts failed.

    Raises:
        Refused: too many are at it at this moment.
        Unavailable: the directory or the state does not answer.
    """
    began = desk.tick()
    if not desk.entering.acquire(blocking=False):
        raise Refused(BUSY)
    try:
        account, told = f"account:{_hashed(desk, login)}", f"address:{_hashed(desk, address)}"
        options, now = desk.options, desk.now()
        with desk.parts.store.writing() as connection:
            limits = {account: options.tries, told: options.address_tries}
            may = attempts.take(connection, limits, now - options.window, now)
        found = desk.door.enter(login, password) if may else None
        if found:
            with desk.parts.store.writing() as connection:
                attempts.forgive(connection, account)
                attempts.take_back(connection, told)
        return found
    finally:
        desk.entering.release()
        desk.wait(max(0.0, began + _SECONDS - desk.tick()))


def _hashed(desk: Desk, typed: str) -> str:
    """Return what stands for a name somebody typed, which may be a password typed in the wrong field."""
    return desk.parts.pseudonyms.mark(typed.strip().casefold()[:200])


def found(desk: Desk, token: str) -> Session | None:
    """Return the session of an id, None if there is none or it has ended."""
    if not token:
        return None
    with desk.parts.store.reading() as connection:
        known = kept.find(connection, token)
    if known is None:
        return None
    grants = tuple(Grant(Role(role), tuple(units)) for role, units in known.record["grants"])
    person = Person(known.guid, known.record["login"], known.record["name"], grants)
    options, now = desk.options, desk.now()
    idle = options.approver_idle if person.decides else options.idle
    if now - known.seen_at > idle or now - known.began_at > options.longest or now < known.began_at - options.idle:
        leave(desk, token)
        return None
    if (now - known.seen_at).total_seconds() > _NOTED_EVERY:
        with suppress(LeaseHeld), desk.parts.store.writing() as connection:  # an apply writes: it is noted next time
            kept.seen(connection, token, now)
    return Session(token, person, known.record["form_word"])


def leave(desk: Desk, token: str) -> None:
    """End a session."""
    with suppress(LeaseHeld), desk.parts.store.writing() as connection:
        kept.end(connection, token)


def again(desk: Desk, session: Session, password: Secret, address: str) -> Person:
    """Return who signs now: the same account, by its password, with the groups it has at this moment.

    An account that was closed, or lost its groups, has no session any more.

    Raises:
        Refused: the password is wrong, the account may not log in, or it is another one.
        Unavailable: the directory or the state does not answer.
    """
    account = proved(desk, session.person.login, password, address)
    grants = grants_of(account.groups, desk.options.roles) if account else ()
    if account is None or account.guid != session.person.guid or not grants:
        now = desk.door.look(session.person.login)
        if now is None or now.guid != session.person.guid or not grants_of(now.groups, desk.options.roles):
            with desk.parts.store.writing() as connection:
                kept.end_all(connection, session.person.guid)
        raise Refused(NOT_ENTERED)
    return Person(account.guid, account.login, account.name, grants)
