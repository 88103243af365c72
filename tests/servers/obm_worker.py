"""What OBM does when a batch is committed: one operation after the other, in the database, in LDAP, in Cyrus."""

from __future__ import annotations

import imaplib
import json
import re
import ssl
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from servers.cyrus import Cyrus
from servers.obm_database import FLAGS, LENGTHS, LISTS, PROFILES, TEXTS, Batch, Database, Domain, Operation, User
from servers.obm_tree import IMAP_HOST, OTHER_IMAP_HOST, domain_dn, user_dn
from servers.slapd import Slapd

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPException
    from ldap3.utils.conv import escape_filter_chars

FOLDERS = ("Trash", "Drafts", "SPAM", "Templates", "Sent")
_PREFIX = "org.obm.provisioning.exception.ProcessingException: "
_ROUTED = "(&(mailAccess=PERMIT)(obmDomain={domain}))"
_DEFAULT_GROUP = 1000
_LINE_ENDS = re.compile(r"\\\\[nr]")


class Failed(Exception):  # noqa: N818 - how an operation ends
    """An operation that ends with ERROR and this text."""


@dataclass
class Worker:
    """The one worker of a server. `generation` is (3, 0) or (3, 1, 3); the rest are things that may go wrong.

    `maps` are Postfix's: address → mailbox, as obm-satellite rebuilt them last. `dies_after` is the number of
    operations after which the worker meets an exception nobody expected.
    """

    database: Database
    slapd: Slapd
    cyrus: Cyrus
    generation: tuple[int, ...]
    satellite_works: bool = True
    cyrus_works: bool = True
    cyrus_obeys: bool = True
    ldap_follows: bool = True
    dies_after: int | None = None
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    carried_out: list[tuple[int, str, str]] = field(default_factory=list)
    _line: Any = None
    _imap: imaplib.IMAP4_SSL | None = None

    def run(self, batch: Batch, operations: list[Operation]) -> None:
        """Carry out the operations that a batch had when it was committed, then rebuild the maps."""
        domain = self.database.domains[batch.domain]
        try:
            for done, one in enumerate(operations):
                if self.dies_after is not None and done >= self.dies_after:
                    raise RuntimeError("the worker meets something it does not expect")  # noqa: TRY301 - as it does
                self._carry_out(domain, one)
                self.carried_out.append((batch.id, one.verb, one.status))
            self._rebuild(domain)
        except RuntimeError:
            batch.status = "ERROR"
        else:
            batch.status = "SUCCESS"

    def _carry_out(self, domain: Domain, one: Operation) -> None:
        verbs = {"POST": self._create, "PUT": self._modify, "PATCH": self._modify, "DELETE": self._delete}
        transaction = replace(domain, users=dict(domain.users))
        try:
            verbs[one.verb](transaction, one)
        except Failed as error:  # the transaction is rolled back; what LDAP and Cyrus have, they keep
            one.status, one.error = "ERROR", _PREFIX + str(error)
        else:
            domain.users = transaction.users
            one.status, one.error = "SUCCESS", None

    def _rebuild(self, domain: Domain) -> None:
        if not self.satellite_works:
            raise RuntimeError("obm-satellite does not answer")
        wanted = _ROUTED.format(domain=escape_filter_chars(domain.name))
        self.ldap.search(domain_dn(domain.name), wanted, attributes=["mail", "mailAlias", "mailBox"])
        routes: dict[str, str] = {}
        for entry in self.ldap.response:
            values = entry["attributes"]
            for address in (*values["mail"], *values["mailAlias"]):
                routes[address] = ",".join(values["mailBox"])
        self.maps[domain.name] = routes

    # ── users ──

    def _create(self, domain: Domain, one: Operation) -> None:
        columns = self._parsed(one, {})
        self._check_addresses(domain, columns)
        named = f"'{columns['login']}' (UserExtId{{extId={columns['id']}}})"
        if columns["id"] in domain.users or not _fits(columns):
            raise Failed(f"Cannot insert new user {named} in database.")
        user = User(columns, next(self.database.uids))
        domain.users[columns["id"]] = user
        if not columns["archived"]:
            self._in_ldap(f"Cannot insert new user {named} in LDAP.", lambda: self._add(domain, user))
        if columns["mails"]:
            says = f"Cannot create cyrus mailbox for user {named}."
            self._in_cyrus(says, user, lambda imap: self._box(imap, domain, user))

    def _modify(self, domain: Domain, one: Operation) -> None:
        ext_id = one.parameters["id"]
        old = domain.users.get(ext_id)
        if old is None:
            raise Failed(f"Cannot fetch existing user UserExtId{{extId={ext_id}}} from database.")
        columns = self._parsed(one, old.columns)
        named = f"'{old.login}' (UserExtId{{extId={ext_id}}})"
        self._check_addresses(domain, columns, ext_id)
        if columns["login"] != old.login:
            raise Failed("Cannot change user login")
        if columns["mail_server"] != old.mail_server:
            raise Failed("Cannot change user mail host")
        if columns["archived"] != old.archived and self.generation < (3, 1, 3):
            raise Failed("Cannot change user archived state")
        if not _fits(columns):
            raise Failed(f"Cannot modify user {named} in database.")
        new = User(columns, old.uid, old.created, datetime.now(UTC))
        domain.users[ext_id] = new
        if columns["mails"]:
            says = f"Cannot update Cyrus mailbox for user {named}."
            self._in_cyrus(says, new, lambda imap: self._quota(imap, domain, new))
        says = f"Cannot modify user {named} in LDAP."
        if new.archived and not old.archived:
            self._in_ldap(says, lambda: self._remove(domain, old))
        elif old.archived and not new.archived:
            self._in_ldap(says, lambda: self._add(domain, new))
        elif not new.archived:
            self._in_ldap(says, lambda: self._differ(domain, old, new))

    def _delete(self, domain: Domain, one: Operation) -> None:
        ext_id = one.parameters["id"]
        user = domain.users.get(ext_id)
        if user is None:
            raise Failed(f"Cannot fetch existing user UserExtId{{extId={ext_id}}} from database.")
        if one.parameters.get("expunge") != "true":
            domain.users[ext_id] = User({**user.columns, "archived": True}, user.uid, user.created, datetime.now(UTC))
            if not user.archived:
                self._in_ldap(f"Cannot archive user '{user.login}'.", lambda: self._remove(domain, user))
            return
        del domain.users[ext_id]
        if user.mails:
            says = f"Cannot delete cyrus mailbox for user '{user.login}'."
            self._in_cyrus(says, user, lambda imap: self._unbox(imap, domain, user))
        if not user.archived:
            self._in_ldap(f"Cannot delete user with extId {ext_id}.", lambda: self._remove(domain, user))

    def _parsed(self, one: Operation, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns that a body asks for: PUT replaces all, PATCH leaves out nulls and adds to lists."""
        unreadable = Failed(f"Cannot parse ObmUser object from request body {one.body}.")
        try:
            doubled = self.generation >= (3, 1, 3) and _LINE_ENDS.search(one.body or "")
            tree = json.loads("" if doubled else one.body or "")
        except ValueError:
            raise unreadable from None
        patch = one.verb == "PATCH"
        columns = dict(old) if patch else {}
        try:
            for name in (*TEXTS, *FLAGS, *LISTS, "mails", "mail_quota"):
                value = _found(tree, name)
                if patch and value is None:
                    continue
                columns[name] = _cell(name, value, columns.get(name) if patch else None)
            columns["mail_server"] = self._host(
                columns, _found(tree, "mail_server"), named=not patch or "mails" in tree
            )
        except (ValueError, TypeError):
            raise unreadable from None
        if not all(columns.get(name) for name in ("id", "login", "lastname", "profile")):
            raise unreadable
        if columns["profile"] not in PROFILES.values():
            raise Failed(f"Cannot fetch user profile {columns['profile']} from the database.")
        return columns

    def _host(self, columns: dict[str, Any], asked: str | None, *, named: bool) -> str | None:
        """Return the IMAP host: the one named, the first for an unknown name, else the one with fewest boxes."""
        if not columns["mails"]:
            if asked:
                raise ValueError("mail_server")
            return None
        if asked:
            return asked if asked in {IMAP_HOST, OTHER_IMAP_HOST} else IMAP_HOST
        return OTHER_IMAP_HOST if named else columns.get("mail_server")

    def _check_addresses(self, domain: Domain, columns: dict[str, Any], own: str = "") -> None:
        taken = {mail for ext_id, user in domain.users.items() if ext_id != own for mail in user.mails}
        similar = [mail for mail in columns["mails"] if mail in taken | domain.other_addresses]
        if similar:
            raise Failed(f"Cannot create/modify user because similar emails have been found : [{', '.join(similar)}]")

    # ── LDAP: the difference between two rows, never a look at the entry ──

    @property
    def ldap(self) -> Any:
        if self._line is None:
            server = ldap3.Server(self.slapd.ldapi_url, get_info=ldap3.SCHEMA)
            self._line = ldap3.Connection(
                server, self.slapd.admin, self.slapd.password, auto_bind=True, raise_exceptions=True
            )
        return self._line

    def close(self) -> None:
        """Leave LDAP and IMAP."""
        if self._line is not None:
            self._line.unbind()
        if self._imap is not None:
            self._imap.shutdown()

    def _in_ldap(self, says: str, do: Callable[[], None]) -> None:
        if not self.ldap_follows:
            return
        try:
            do()
        except LDAPException as error:
            raise Failed(says) from error

    def _add(self, domain: Domain, user: User) -> None:
        classes = ["posixAccount", "shadowAccount", "inetOrgPerson", "obmUser"]
        self.ldap.add(user_dn(user.login, domain.name), classes, _attributes(domain, user))
        group = f"cn=users,ou=groups,{domain_dn(domain.name)}"
        self.ldap.modify(
            group,
            {
                "memberUid": [(ldap3.MODIFY_ADD, [user.login.lower()])],
                "member": [(ldap3.MODIFY_ADD, [user_dn(user.login, domain.name)])],
            },
        )

    def _remove(self, domain: Domain, user: User) -> None:
        self.ldap.delete(user_dn(user.login, domain.name))
        with suppress(LDAPException):
            group = f"cn=users,ou=groups,{domain_dn(domain.name)}"
            self.ldap.modify(group, {"memberUid": [(ldap3.MODIFY_DELETE, [user.login.lower()])]})

    def _differ(self, domain: Domain, old: User, new: User) -> None:
        before, after = _attributes(domain, old), _attributes(domain, new)
        changes = {
            name: [(ldap3.MODIFY_REPLACE, after.get(name, []))]
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        }
        if changes:
            self.ldap.modify(user_dn(new.login, domain.name), changes)

    # ── Cyrus: a NO is nobody's business ──

    def _in_cyrus(self, says: str, user: User, do: Callable[[imaplib.IMAP4_SSL], None]) -> None:
        if not self.cyrus_works or user.mail_server != IMAP_HOST:
            raise Failed(says)
        if self._imap is None:
            context = ssl.create_default_context(cafile=self.cyrus.ca)
            self._imap = imaplib.IMAP4_SSL(self.cyrus.address, self.cyrus.port, ssl_context=context, timeout=20)
            self._imap.login(self.cyrus.admin, self.cyrus.password)
        do(self._imap)

    def _box(self, imap: imaplib.IMAP4_SSL, domain: Domain, user: User) -> None:
        for folder in ("", *FOLDERS):
            imap.create(f'"{_box(user, domain, folder)}"')
        imap.setacl(f'"{_box(user, domain)}"', "anyone", "p")
        self._quota(imap, domain, user)

    def _quota(self, imap: imaplib.IMAP4_SSL, domain: Domain, user: User) -> None:
        limit = f"(STORAGE {user.mail_quota * 1024})" if user.mail_quota else "()"
        imap.setquota(f'"{_box(user, domain)}"', limit)

    def _unbox(self, imap: imaplib.IMAP4_SSL, domain: Domain, user: User) -> None:
        if self.cyrus_obeys:
            imap.setacl(f'"{_box(user, domain)}"', "cyrus", "lc")
            imap.delete(f'"{_box(user, domain)}"')


def _box(user: User, domain: Domain, folder: str = "") -> str:
    return f"user/{user.login}{'/' if folder else ''}{folder}@{domain.name}"


def _attributes(domain: Domain, user: User) -> dict[str, list[str]]:
    """Return what the provisioning API writes of a user into LDAP, and nothing else."""
    shown = " ".join(filter(None, (user.columns.get("firstname"), user.lastname)))
    box = f"{user.login}@{domain.name}"
    mails = domain.effective(user.mails)
    values = {
        "uid": [user.login.lower()],
        "uidNumber": [str(user.uid)],
        "gidNumber": [str(_DEFAULT_GROUP)],
        "loginShell": ["/bin/bash"],
        "homeDirectory": [f"/home/{user.login}"],
        "cn": [shown],
        "displayName": [shown],
        "sn": [user.lastname],
        "givenName": [user.columns.get("firstname")],
        "userPassword": [user.columns.get("password")],
        "mailAccess": ["PERMIT" if mails else "REJECT"],
        "mail": mails[:1],
        "mailAlias": mails[1:],
        "mailBox": [box] if mails else [],
        "mailBoxServer": ["lmtp:127.0.0.1:24"] if mails else [],
        "obmDomain": [domain.name],
        "webAccess": ["REJECT"],
        "hiddenUser": ["FALSE"],
    }
    return {name: told for name, listed in values.items() if (told := [value for value in listed if value])}


def _found(tree: Any, name: str) -> Any:
    """Return the first value of this key anywhere in the tree, as OBM's JSON library looks for it."""
    if isinstance(tree, list):
        return next((found for one in tree if (found := _found(one, name)) is not None), None)
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name:
                return value
            if (found := _found(value, name)) is not None:
                return found
    return None


def _cell(name: str, value: Any, old: Any) -> Any:
    if name in FLAGS:
        return bool(value)
    if name == "mail_quota":
        return int(value or 0)
    if name == "mails":
        return [*(old or []), *(mail.removesuffix("@*") for mail in value or [])]
    if name in LISTS:
        both = [*(old or [None] * LISTS[name] if old is not None else []), *(value or [])]
        if len(both) > LISTS[name]:
            raise ValueError(name)
        return both
    if value is not None and not isinstance(value, str):
        raise TypeError(name)
    return value


def _fits(columns: Mapping[str, Any]) -> bool:
    """Whether PostgreSQL takes the row."""
    texts = [value for name, value in columns.items() if isinstance(value, str)]
    lengths = (len(columns.get(name) or "") <= longest for name, longest in LENGTHS.items())
    return all(lengths) and not any("\0" in text for text in texts)
