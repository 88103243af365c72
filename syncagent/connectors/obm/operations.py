"""What the agent does on OBM: each operation reads, compares, commits one batch, looks at its end, and reads back.

Every operation takes the extId, which stays when an archived user loses the LDAP entry, and a mapping of field names to
(before, after). Nothing is written unless every value before is still what the plan saw.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from syncagent.connectors.obm import admit, entry, proofs
from syncagent.connectors.obm.batch import Order, Verb, barrier, run
from syncagent.connectors.obm.compare import Side, conflict, overtaken, side
from syncagent.connectors.obm.entry import LOCKED
from syncagent.connectors.obm.site import Account, fields_of
from syncagent.connectors.obm.user import LISTS, LOCK, as_json, canonical, check_arrives, check_password
from syncagent.errors import Conflict, Doubtful, Misconfigured, Rejected, Unavailable, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.connectors.obm.batch import Ran
    from syncagent.connectors.obm.site import Site
    from syncagent.connectors.obm.user import Attributes, User, Values
    from syncagent.trust.secret import Secret


class Kind(StrEnum):
    """The closed set of operations."""

    CREATE = "create"
    UPDATE = "update"
    READDRESS = "readdress"
    SET_LIMITS = "set-limits"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - a verb, not a password
    LOCK = "lock"
    UNLOCK = "unlock"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    EXPUNGE = "expunge"


_ON_ENTRIES = frozenset({Kind.RESET_PASSWORD, Kind.LOCK, Kind.UNLOCK})


class Done(NamedTuple):
    """An operation that was carried out, and proved by reading.

    Attributes:
        account: the user afterwards, None if it is destroyed.
        already: that it was so before, and nothing was written.
        password_set: that the password which came with the operation is known to be in force.
        notes: what a person should see to; empty in the ordinary case.
    """

    account: Account | None
    already: bool = False
    password_set: bool = False
    notes: tuple[Text, ...] = ()


def carry_out(site: Site, kind: Kind, ext_id: str, attributes: Attributes, password: Secret | None = None) -> Done:
    """Carry out one operation.

    `password`: of CREATE, RESET_PASSWORD and UNLOCK the new one; of LOCK one that nobody knows; of READDRESS a new
    one, or none to leave it as it is.

    Raises:
        Conflict: the user is not as the plan saw it. Nothing was written.
        Rejected: it cannot be done, or OBM failed; what is half done is said.
        Unavailable, Doubtful, Misconfigured: before anything was committed; nothing was written.
        Unknown: nothing tells whether it was done; `resolve` it.
    """
    ext_id = canonical(ext_id)
    admit.check(site, kind, attributes, password)
    account = site.account(ext_id)
    match kind:
        case Kind.CREATE:
            return _create(site, ext_id, account, attributes, _given(password))
        case Kind.UPDATE | Kind.READDRESS | Kind.SET_LIMITS:
            return _modify(site, kind, ext_id, account, attributes, password)
        case Kind.RESET_PASSWORD | Kind.LOCK | Kind.UNLOCK:
            return _reset(site, ext_id, account, attributes, _given(password))
        case Kind.ARCHIVE:
            return _archive(site, ext_id, account, attributes, Order(Verb.DELETE, ext_id))
        case Kind.UNARCHIVE:
            back = Order(Verb.PATCH, ext_id, {"archived": False})
            return _archive(site, ext_id, account, attributes, back)
        case Kind.EXPUNGE:
            return _expunge(site, ext_id, account, attributes)
        case _:
            assert_never(kind)


def resolve(site: Site, kind: Kind, ext_id: str, attributes: Attributes) -> Side:
    """Find out by reading what became of an operation whose end is unknown: AFTER is done, BEFORE has not happened.

    Everything that was committed before is waited for. A password that was set cannot be seen: an operation that does
    nothing else reads as not happened and may be carried out again, with another password.

    Raises:
        Unavailable, Doubtful, Misconfigured, Unknown: reading does not tell.
    """
    ext_id = canonical(ext_id)
    barrier(site.api)
    account = site.account(ext_id)
    needs_entry = kind in _ON_ENTRIES
    if (account is None and kind not in {Kind.CREATE, Kind.EXPUNGE}) or (needs_entry and account and not account.entry):
        return Side.NEITHER
    found = side(fields_of(account), attributes)
    if found is Side.AFTER and not proofs.holds(site, kind, account, attributes):
        return Side.NEITHER
    return found


# ── each ──


def _create(site: Site, ext_id: str, account: Account | None, attributes: Attributes, password: Secret) -> Done:
    login = attributes["login"][1][0]
    if account:
        if side(account.fields, attributes) is not Side.AFTER or not proofs.holds(
            site, Kind.CREATE, account, attributes
        ):
            raise proofs.taken(ext_id)
        return Done(account, already=True, password_set=account.user.password == password)
    proofs.check_free(site, login)
    wanted = as_json({name: after for name, (_, after) in attributes.items()})
    ran = run(site.api, [Order(Verb.POST, ext_id, {"id": ext_id, **wanted, "password": password.reveal()})])
    return _ended(site, Kind.CREATE, ext_id, attributes, ran)._replace(password_set=True)


def _modify(
    site: Site, kind: Kind, ext_id: str, account: Account | None, attributes: Attributes, password: Secret | None
) -> Done:
    here, found = _expected(account, attributes, ext_id)
    if found is Side.AFTER:
        return Done(here, already=True, password_set=bool(password) and here.user.password == password)
    changes = {name: after for name, (before, after) in attributes.items() if before != after}
    ran = run(site.api, [_edit(site, here.user, changes, password)])
    done = _ended(site, kind, ext_id, attributes, ran)
    if password and done.account:
        with _after_commit(ext_id):
            done = done._replace(account=_with_lock(site, done.account, _kept_lock(here)))
    return done._replace(password_set=password is not None)


def _reset(site: Site, ext_id: str, account: Account | None, attributes: Attributes, password: Secret) -> Done:
    """Set a password, then the lock: OBM writes as the directory's root, which takes every lock away."""
    if account and account.entry is None:
        raise entry.gone(account.user.login)
    here, found = _expected(account, attributes, ext_id)
    if found is Side.AFTER:
        return Done(here, already=True, password_set=here.user.password == password)
    ran = run(site.api, [Order(Verb.PATCH, ext_id, {"password": password.reveal()})])
    _check_errors(ran)
    with _after_commit(ext_id):
        now = site.account(ext_id)
        now = _with_lock(site, now, attributes[LOCK][1] if LOCK in attributes else _kept_lock(here))
        if any(fields_of(now).get(name, ()) != after for name, (_, after) in attributes.items()):
            raise overtaken(fields_of(now), attributes, ext_id)
    return Done(now, password_set=True, notes=ran.notes)


def _archive(site: Site, ext_id: str, account: Account | None, attributes: Attributes, order: Order) -> Done:
    here, found = _expected(account, attributes, ext_id)
    if found is Side.AFTER:
        return Done(here, already=True)
    kind = Kind.ARCHIVE if order.verb is Verb.DELETE else Kind.UNARCHIVE
    return _ended(site, kind, ext_id, attributes, run(site.api, [order]))


def _expunge(site: Site, ext_id: str, account: Account | None, attributes: Attributes) -> Done:
    login = attributes["login"][0][0]
    if account is None:
        proofs.check_gone(site, login)
        return Done(None, already=True)
    _expected(account, attributes, ext_id)
    ran = run(site.api, [Order(Verb.DELETE, ext_id, expunge=True)])
    with _after_commit(ext_id):
        left = site.account(ext_id)
        if left:
            _check_errors(ran)
            raise overtaken(left.fields, attributes, ext_id)
        proofs.check_gone(site, login)
        return Done(None, notes=(*ran.notes, *proofs.kept_for_a_while(site, login)))


# ── what they share ──


def _expected(account: Account | None, attributes: Attributes, ext_id: str) -> tuple[Account, Side]:
    """Return the account and on which side of the change it is.

    Raises:
        Conflict: it is not there, or on neither side.
    """
    found = side(fields_of(account), attributes)
    if account is None:
        raise proofs.missing(ext_id)
    if found is Side.NEITHER:
        raise conflict(account.fields, attributes, ext_id)
    return account, found


def _edit(site: Site, user: User, changes: Mapping[str, Values], password: Secret | None) -> Order:
    """Return the order for changed fields: a PATCH if that can say it, else a PUT of everything with everything.

    A PATCH adds to lists and cannot clear. A PUT that leaves the password out takes it from the user.
    """
    if not password and all(changes.values()) and not LISTS & changes.keys():
        return Order(Verb.PATCH, user.ext_id, as_json(changes))
    held = user.fields.get("mails", ())
    wanted = changes.get("mails", ())
    if not password and set(changes) == {"mails"} and held and wanted[: len(held)] == held:
        more = {"mails": wanted[len(held) :], "mail_server": user.fields["mail_server"]}
        return Order(Verb.PATCH, user.ext_id, as_json(more))
    fields = {**user.fields, **changes}
    for name, values in fields.items():
        check_arrives(name, values)
    kept = password or user.password
    if kept:
        check_password(kept)
        if not password and not site.echoes():
            raise Rejected(
                Text(
                    "không chắc OBM cho thấy mật khẩu nguyên dạng, nên ghi lại người dùng có thể làm hỏng mật khẩu. "
                    "Hãy khai own (extId tài khoản của tác tử), hoặc cấp mật khẩu mới cùng lúc.",
                    "it is not known that OBM shows passwords as they are, so that writing the user back could spoil "
                    "the password. Configure own (the extId of the agent's account), or issue a new password with "
                    "it.",
                ),
                where=user.ext_id,
            )
    body = {"id": user.ext_id, **as_json(fields)}
    return Order(Verb.PUT, user.ext_id, {**body, "password": kept.reveal()} if kept else body)


def _ended(site: Site, kind: Kind, ext_id: str, attributes: Attributes, ran: Ran) -> Done:
    """Return the end of an operation, read back and proved."""
    with _after_commit(ext_id):
        account = site.account(ext_id)
        if side(fields_of(account), attributes) is not Side.AFTER:
            _check_errors(ran)
            raise overtaken(fields_of(account), attributes, ext_id)
        proofs.check(site, kind, account, attributes)
        return Done(account, notes=ran.notes)


def _kept_lock(account: Account) -> Values:
    """Return the lock that a new password would take away and that stays; not one that wrong passwords brought."""
    return (LOCKED,) if account.entry and account.entry.lock == (LOCKED,) else ()


def _with_lock(site: Site, account: Account | None, wanted: Values) -> Account | None:
    """Lock the entry, or take the lock away, if it is not as wanted; return the account as it then is.

    Raises:
        Rejected: the directory refuses; the password is set already, which is said.
    """
    if account is None or account.entry is None or account.entry.lock == wanted:
        return account
    try:
        (entry.lock if wanted else entry.unlock)(site.directory, account.entry)
    except (Rejected, Conflict) as error:
        raise Rejected(
            Text(
                f"mật khẩu đã đổi nhưng chưa ghi được {LOCK}: {error.says.vi}",
                f"the password is changed, but {LOCK} is not written: {error.says.en}",
            ),
            where=account.entry.dn,
        ) from error
    return Account(account.user, entry.find(site.directory, account.user.login, site.domain))


def _check_errors(ran: Ran) -> None:
    for error in ran.errors:
        if error:
            raise error


def _given(password: Secret | None) -> Secret:
    if password is None:
        raise Rejected(Text("thao tác này cần một mật khẩu mới.", "this operation needs a new password."))
    return password


@contextmanager
def _after_commit(ext_id: str) -> Iterator[None]:
    """Turn whatever keeps us from reading back into not knowing."""
    try:
        yield
    except (Unavailable, Doubtful, Misconfigured) as error:
        raise Unknown(
            Text(
                "OBM đã nhận lô nhưng chưa đọc lại được; lần chạy sau sẽ đọc lại và ghi nhận.",
                "OBM has taken the batch, but it cannot be read back; the next run reads and settles it.",
            ),
            where=ext_id,
            also=(error,),
        ) from error
