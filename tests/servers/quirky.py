"""What Windows domain controllers do and Samba does not, as manners of a wire before a real Samba.

Sources: MS-ADTS 3.1.1.1.9 (update numbers), 3.1.1.3.1.3 (search), 3.1.1.3.4.6 (LDAP policies), 3.1.1.5.2 (add),
3.1.1.5.3 (modify; 3.1.1.5.3.7 undelete); Microsoft KB 938447 (names that differ in marks only).
"""

from __future__ import annotations

import unicodedata
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from servers.client import ldap
from servers.pdu import PAGED_RESULTS, Op, Pdu, Way, integer, joined, parts
from servers.pki import Certificate
from servers.samba import Samba
from servers.wire import Wire

from syncagent.core import dn as names

_SEQUENCE, _OCTETS, _ENUMERATED, _REFERRAL, _CONTROLS, _SET_OF = 0x30, 0x04, 0x0A, 0xA3, 0xA0, 0x31
_DELETE = 1  # of the operations of a modify (RFC 4511 4.6)
_DISABLED, _NOT_REQUIRED = 0x2, 0x20
_HISTORY = "replPropertyMetaData"
_SET = (0x9007D).to_bytes(4, "little")  # supplementalCredentials is written with every password, and only then
_LONGEST = {"cn": 64, "samaccountname": 20}
_SHOW_DELETED = "1.2.840.113556.1.4.417"
_DEFAULTS = (
    "accountExpires", "badPasswordTime", "badPwdCount", "codePage", "countryCode", "lastLogoff", "lastLogon",
    "logonCount", "pwdLastSet", "adminCount", "operatorCount",
)  # fmt: skip
_NOTED = ("lastKnownParent", "msDS-LastKnownRDN")
ADDED_TO_AN_UNDELETE = ("isRecycled", *_DEFAULTS, *_NOTED, "objectCategory", "sAMAccountType", "primaryGroupID")
"""What an undelete writes besides on Samba: by this wire, or by Samba itself under the rights of whoever asked."""
_ANSWERS = {Op.ADD: Op.ADDED, Op.MODIFY: Op.MODIFIED, Op.RENAME: Op.RENAMED, Op.SEARCH: Op.DONE}

SIZE_LIMIT, REFERRAL, CONSTRAINT, VALUE_EXISTS, UNWILLING, ENTRY_EXISTS = 4, 10, 19, 20, 53, 68

Attributes = list[tuple[int, str, list[bytes]]]
"""Of a write: operation (0 add, 1 delete, 2 replace), lower-case name, values."""


_INTEGRATES, _PARTIAL_SECRETS = b"1.2.840.113556.1.4.1791", b"1.2.840.113556.1.4.1920"
"""Two capabilities of a domain controller; the second one only of those that cannot be written."""


class Refusal(NamedTuple):
    """A result code, and what Windows says with it."""

    code: int
    says: str


@dataclass(slots=True)
class Identity:
    """Which domain controller a Samba says it is, whatever it is: what replication and restores change (3.1.1.1.9).

    `name` and `database` are its host name and its invocationId, empty where Samba's own; `behind` is by how much its
    update numbers have gone back. It may be read-only (3.1.1.3.4.3), or have just been promoted (3.1.1.3.2.16).
    """

    name: bytes = b""
    database: bytes = b""
    behind: int = 0
    read_only: bool = False
    fresh: bool = False

    def told(self, attribute: str, value: bytes) -> bytes:
        """Return a value of an attribute as this domain controller has it."""
        match attribute.lower():
            case "dnshostname":
                return self.name or value
            case "invocationid":
                return self.database or value
            case "issynchronized":
                return b"FALSE" if self.fresh else value
            case "supportedcapabilities" if self.read_only and value == _INTEGRATES:
                return _PARTIAL_SECRETS
            case "highestcommittedusn":
                return b"%d" % (int(value) - self.behind)
            case _:
                return value


@dataclass(slots=True)
class Windows:
    """The manners of one connection to a Samba; `page` and `values` are MaxPageSize and MaxValRange.

    `identity` is who it says it is. `_unpaged` counts the entries that searches without pages had, by message.
    """

    samba: Samba
    page: int = 1000
    values: int = 1500
    identity: Identity = field(default_factory=Identity)
    _unpaged: Counter[int] = field(default_factory=Counter)

    def heard(self, pdu: Pdu) -> Iterator[tuple[Way, bytes]]:
        """Given a message, yield what is sent instead, and which way."""
        if pdu.way is Way.ANSWER:
            yield from ((Way.ANSWER, raw) for raw in self._answered(pdu))
            return
        refusal = self._refusal(pdu)
        if refusal:
            yield Way.ANSWER, _refused(pdu, refusal)
        else:
            yield Way.REQUEST, self._asked_for(pdu)

    def _asked_for(self, pdu: Pdu) -> bytes:
        match pdu.op:
            case Op.SEARCH:
                return self._in_pages(pdu)
            case Op.MODIFY:
                return self._undeleting(pdu)
            case _:
                return pdu.raw

    # ── undeleting ──

    def _undeleting(self, pdu: Pdu) -> bytes:
        """Return an undelete as Samba understands it, any other modify as it is.

        Samba gives the values back that a tombstone has lost, and fails on an object of the Recycle Bin, which has
        them: it takes `isRecycled` away, which is not there, and adds defaults beside what is. What it notes of where
        an object was it leaves behind, and then cannot delete the object again.
        """
        message, (tag, content), *controls = parts(parts(pdu.raw)[0][1])
        (dn_tag, dn), (edits_tag, edits) = parts(content)
        names_of_edits = {_edit(one)[1] for _, one in parts(edits)}
        held = self._deleted(dn.decode()) if {"isdeleted", "distinguishedname"} <= names_of_edits else {}
        if not held or "isRecycled" in held:
            return pdu.raw
        more: Attributes = [(0, "isRecycled", [b"TRUE"])]
        more += [(2, name, [held[name]] if name in held else []) for name in _DEFAULTS]
        more += [(1, name, []) for name in _NOTED if name in held]
        edits += joined([(_SEQUENCE, _written(*one)) for one in more])
        operation = (tag, joined([(dn_tag, dn), (edits_tag, edits)]))
        return joined([(_SEQUENCE, joined([message, operation, *controls]))])

    def _deleted(self, dn: str) -> dict[str, bytes]:
        """Ask Samba what a deleted object holds."""
        words = ("-LLL", "-o", "ldif-wrap=no", "-E", f"!{_SHOW_DELETED}", "-b", dn, "-s", "base", "(isDeleted=TRUE)")
        told = ldap(self.samba, "ldapsearch", *words, "isRecycled", *_DEFAULTS, *_NOTED)
        return dict(map(_line, filter(None, told.split("\n"))))

    # ── reading ──

    def _in_pages(self, pdu: Pdu) -> bytes:
        """Return a search with no more than a page asked for at once; note one without pages."""
        found = parts(parts(pdu.raw)[0][1])
        controls = parts(found[2][1]) if len(found) > 2 else []
        if not any(parts(control)[0][1].decode() == PAGED_RESULTS for _, control in controls):
            self._unpaged[pdu.message] = 0
            return pdu.raw
        found[2] = (_CONTROLS, joined([(tag, self._no_larger(control)) for tag, control in controls]))
        return joined([(_SEQUENCE, joined(found))])

    def _no_larger(self, control: bytes) -> bytes:
        name, *rest = parts(control)
        if name[1].decode() != PAGED_RESULTS:
            return control
        (tag, size), cookie = parts(parts(rest[-1][1])[0][1])
        asked = int.from_bytes(size, "big") or self.page
        value = joined([(_SEQUENCE, joined([(tag, integer(min(asked, self.page))), cookie]))])
        return joined([name, *rest[:-1], (_OCTETS, value)])

    def _answered(self, pdu: Pdu) -> Iterator[bytes]:
        if pdu.op is Op.ENTRY:
            if pdu.message in self._unpaged:
                self._unpaged[pdu.message] += 1
            if self._unpaged[pdu.message] <= self.page:
                yield self._in_ranges(pdu)
        elif pdu.op is Op.DONE and self._unpaged.pop(pdu.message, 0) > self.page:
            yield pdu.with_code(SIZE_LIMIT)
        elif pdu.op is not Op.REFERENCE or self._unpaged[pdu.message] <= self.page:
            yield pdu.raw

    def _in_ranges(self, pdu: Pdu) -> bytes:
        """Return an entry in which an attribute of too many values shows the first of them (3.1.1.3.1.3.3)."""
        found = parts(parts(pdu.raw)[0][1])
        (_, dn), (tag, attributes) = parts(found[1][1])
        shown = joined([(one, self._range(content, is_object=bool(dn))) for one, content in parts(attributes)])
        found[1] = (Op.ENTRY, joined([(_OCTETS, dn), (tag, shown)]))
        return joined([(_SEQUENCE, joined(found))])

    def _range(self, attribute: bytes, *, is_object: bool) -> bytes:
        (_, name), (tag, content) = parts(attribute)
        held = [(one, self.identity.told(name.decode(), value)) for one, value in parts(content)]
        if len(held) <= self.values or not is_object:
            return joined([(_OCTETS, name), (tag, joined(held))])
        bare, _, bounds = name.decode().partition(";range=")
        low = int(bounds.partition("-")[0] or 0)
        ranged = f"{bare};range={low}-{low + self.values - 1}"
        return joined([(_OCTETS, ranged.encode()), (tag, joined(held[: self.values]))])

    # ── refusing ──

    def _refusal(self, pdu: Pdu) -> Refusal | None:
        content = parts(parts(parts(pdu.raw)[0][1])[1][1]) if pdu.op in _ANSWERS else []
        dn = content[0][1].decode() if content else ""
        match pdu.op:
            case Op.SEARCH:
                if dn and not dn.startswith("<") and not names.under(dn, self.samba.base_dn):
                    return Refusal(REFERRAL, "0000202B: RefErr: DSID-0310084A, data 0, 1 access points")
            case Op.ADD:
                written = [(0, *_attribute(one)) for _, one in parts(content[1][1])]
                rdn = names.split(dn)[0]
                return self._too_long(written, rdn) or _ill(written) or _open(written) or self._taken(dn, "")
            case Op.MODIFY:
                written = [_edit(one) for _, one in parts(content[1][1])]
                opens = None if self._has_password(dn, written) else _open(written)
                return self._too_long(written, "") or _ill(written) or opens
            case Op.RENAME:
                rdn = content[1][1].decode()
                above = content[3][1].decode() if len(content) > 3 else names.parent(dn)
                return self._too_long([], rdn) or self._taken(f"{rdn},{above}", dn)
            case _:
                pass
        return None

    @staticmethod
    def _too_long(written: Attributes, rdn: str) -> Refusal | None:
        """Refuse values longer than rangeUpper of the schema."""
        named = [(0, rdn.partition("=")[0].lower(), [names.rdn_value(rdn).encode()])] if rdn else []
        for operation, name, values in [*written, *named]:
            most = _LONGEST.get(name)
            if most and operation != _DELETE and any(len(value.decode()) > most for value in values):
                return Refusal(CONSTRAINT, f"00002082: AtrErr: DSID-03151785, #1: problem 1005, data 0, Att ({name})")
        return None

    def _taken(self, dn: str, itself: str) -> Refusal | None:
        """Refuse a name that another in the container has but for marks and case."""
        wished, own = _linguistic(names.rdn_value(dn)), names.same(itself)
        for sibling in self._asked(names.parent(dn), "one", "name"):
            if _linguistic(sibling["name"].decode()) == wished and names.same(sibling["dn"].decode()) != own:
                return Refusal(ENTRY_EXISTS, "00002071: UpdErr: DSID-031B0F82, problem 6005 (ENTRY_EXISTS), data 0")
        return None

    def _has_password(self, dn: str, written: Attributes) -> bool:
        """Whether a password was ever set; asked only if the account is to be enabled."""
        if _open(written) is None:
            return True
        return any(_SET in one.get(_HISTORY, b"") for one in self._asked(dn, "base", _HISTORY))

    def _asked(self, base: str, scope: str, attribute: str) -> list[dict[str, bytes]]:
        """Ask Samba behind the client's back; what is not there has nothing to say."""
        words = ("-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope, "(objectClass=*)", attribute)
        try:
            told = ldap(self.samba, "ldapsearch", *words)
        except RuntimeError:
            return []
        found = [dict(map(_line, filter(None, record.split("\n")))) for record in told.split("\n\n")]
        return [one for one in found if "dn" in one]


def _ill(written: Attributes) -> Refusal | None:
    """Refuse two addresses in one request that are equal but for case."""
    for operation, name, values in written:
        if name == "proxyaddresses" and operation != _DELETE:
            alike = Counter(value.decode().casefold() for value in values)
            if alike and max(alike.values()) > 1:
                return Refusal(VALUE_EXISTS, "00002083: AtrErr: DSID-031519CD, #1: problem 1006 (ATT_OR_VALUE_EXISTS)")
    return None


def _open(written: Attributes) -> Refusal | None:
    """Refuse an enabled account without a password that should have one."""
    control = [int(values[0]) for operation, name, values in written if name == "useraccountcontrol" and values
               and operation != _DELETE]  # fmt: skip
    has_password = any(name == "unicodepwd" for _, name, _ in written)
    if control and not control[-1] & (_DISABLED | _NOT_REQUIRED) and not has_password:
        return Refusal(UNWILLING, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0")
    return None


def _refused(pdu: Pdu, refusal: Refusal) -> bytes:
    """Return the answer to a request that is not carried out (RFC 4511 4.1.9)."""
    result = [(_ENUMERATED, integer(refusal.code)), (_OCTETS, b""), (_OCTETS, refusal.says.encode())]
    if refusal.code == REFERRAL:
        result.append((_REFERRAL, joined([(_OCTETS, b"ldap://elsewhere.invalid/")])))
    message, *_ = parts(parts(pdu.raw)[0][1])
    return joined([(_SEQUENCE, joined([message, (_ANSWERS[pdu.op], joined(result))]))])


def _attribute(content: bytes) -> tuple[str, list[bytes]]:
    (_, name), *values = parts(content)
    return name.decode().lower(), [value for _, value in parts(values[0][1])] if values else []


def _edit(content: bytes) -> tuple[int, str, list[bytes]]:
    (_, operation), (_, attribute) = parts(content)
    return (operation[0], *_attribute(attribute))


def _written(operation: int, name: str, values: list[bytes]) -> bytes:
    attribute = joined([(_OCTETS, name.encode()), (_SET_OF, joined([(_OCTETS, value) for value in values]))])
    return joined([(_ENUMERATED, integer(operation)), (_SEQUENCE, attribute)])


def _linguistic(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold())
    return "".join(char for char in plain if unicodedata.category(char) != "Mn")


def _line(line: str) -> tuple[str, bytes]:
    name, _, written = line.partition(":")
    return name, b64decode(written[2:]) if written.startswith(": ") else written[1:].encode()


@contextmanager
def quirky_wire(
    samba: Samba,
    address: str,
    certificate: Certificate,
    page: int = 1000,
    values: int = 1500,
    identity: Identity | None = None,
) -> Iterator[Wire]:
    """Open a wire to a Samba that behaves like Windows, and perhaps says it is somebody else."""

    def made() -> Callable[[Pdu], Iterator[tuple[Way, bytes]]]:
        return Windows(samba, page, values, identity or Identity()).heard

    with Wire(address, samba.ldaps_url, samba.ca, certificate, made) as wire:
        yield wire
