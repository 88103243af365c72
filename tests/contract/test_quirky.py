"""The wire with the manners of Windows does what it says, as OpenLDAP's own commands see it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from servers.client import ldap, load
from servers.fixtures import FreshBase
from servers.quirky import CONSTRAINT, ENTRY_EXISTS, REFERRAL, SIZE_LIMIT, UNWILLING, VALUE_EXISTS
from servers.samba import Samba
from servers.wire import Wire

from syncagent.sample.accounts import Entry

pytestmark = pytest.mark.server

_PASSWORD = "unicodePwd:: IgBNAGEAdAAuAGsAaABhAHUALQAyADAAMgA2ACIA\n"  # noqa: S105 - of a server that lives for a test


@dataclass
class Quirky:
    """An empty place on the quirky server, whose pages have 3 entries and whose attributes show 2 values."""

    samba: Samba
    wire: Wire
    base: str

    def says(self, command: str, *words: str, ldif: str = "", code: int = 0) -> str:
        return ldap(self.samba, command, *words, ldif=ldif, url=self.wire.ldap_url, code=code)

    def add(self, name: str, more: str = "", code: int = 0, uac: int = 514) -> str:
        """Add an account; return its DN."""
        dn = f"CN={name},{self.base}"
        self.says("ldapadd", ldif=f"dn: {dn}\nobjectClass: user\nuserAccountControl: {uac}\n{more}", code=code)
        return dn

    def change(self, dn: str, lines: str, code: int = 0) -> None:
        self.says("ldapmodify", ldif=f"dn: {dn}\nchangetype: modify\n{lines}\n", code=code)

    def names(self, *words: str, code: int = 0) -> int:
        """How many entries come."""
        told = self.says("ldapsearch", "-LLL", "-b", self.base, *words, "(objectClass=*)", "1.1", code=code)
        return sum(line.startswith("dn:") for line in told.split("\n"))


@pytest.fixture
def place(samba: Samba, quirky: Wire, fresh_base: FreshBase) -> Quirky:
    return Quirky(samba, quirky, fresh_base(samba))


def test_a_search_without_pages_ends_at_the_limit(place: Quirky) -> None:
    """MaxPageSize: as many entries come as fit into one page, then sizeLimitExceeded; one fewer is whole."""
    rooms = [Entry(f"OU=p{n},{place.base}", {"objectClass": ("organizationalUnit",)}) for n in range(3)]
    load(place.samba, rooms[:2])

    whole = place.names()
    load(place.samba, rooms[2:])
    cut = place.names(code=SIZE_LIMIT)

    assert (whole, cut) == (3, 3)


def test_a_page_is_never_larger_than_the_limit(place: Quirky) -> None:
    """A client that asks for a thousand at once gets three at a time, and all of them in the end."""
    load(place.samba, [Entry(f"OU=p{n},{place.base}", {"objectClass": ("organizationalUnit",)}) for n in range(6)])
    before = len(place.wire.seen)

    found = place.names("-E", "pr=1000/noprompt")

    searches = [pdu for pdu in place.wire.seen[before:] if pdu.op.name == "SEARCH"]
    assert (found, len(searches)) == (7, 3)


def test_many_values_come_in_ranges(place: Quirky) -> None:
    """MS-ADTS 3.1.1.3.1.3.3: the first values under a name that says which they are; the rest when asked for."""
    members = [place.add(f"u{n}", "") for n in range(3)]
    group = f"CN=g,{place.base}"
    load(place.samba, [Entry(group, {"objectClass": ("group",), "member": tuple(members)})])

    def shown(attribute: str) -> list[str]:
        told = place.says("ldapsearch", "-LLL", "-b", group, "-s", "base", "(objectClass=*)", attribute)
        return sorted(line.partition(":")[0] for line in told.split("\n") if line.startswith("member"))

    assert shown("member") == ["member;range=0-1", "member;range=0-1"]
    assert shown("member;range=2-*") == ["member;range=2-*"]


def test_a_name_that_differs_in_marks_and_case_is_taken(place: Quirky) -> None:
    """KB 938447: for an added, a renamed and a moved entry; an entry may take another spelling of its own name."""
    dn = place.add("Le Hoa")
    other = place.add("Le Van")

    place.add("LÊ HÒA", code=ENTRY_EXISTS)
    place.says("ldapmodrdn", "-r", other, "CN=Lê Hoa", code=ENTRY_EXISTS)
    place.says("ldapmodrdn", "-r", dn, "CN=Lê Hòa")

    assert place.names() == 3


@pytest.mark.parametrize(("attribute", "most"), [("cn", 64), ("sAMAccountName", 20)])
def test_a_value_that_is_too_long_is_refused(place: Quirky, attribute: str, most: int) -> None:
    """RangeUpper of the schema, at the limit and one beyond it."""
    if attribute == "cn":
        place.add("x" * (most + 1), code=CONSTRAINT)
        dn = place.add("x" * most)
        place.says("ldapmodrdn", "-r", dn, f"CN={'y' * (most + 1)}", code=CONSTRAINT)
    else:
        place.add("x", f"{attribute}: {'x' * (most + 1)}\n", code=CONSTRAINT)
        dn = place.add("x", f"{attribute}: {'x' * most}\n")
        place.change(dn, f"replace: {attribute}\n{attribute}: {'y' * (most + 1)}", code=CONSTRAINT)


def test_an_account_without_a_password_is_not_enabled(place: Quirky) -> None:
    """0000052D, unless a password comes or came, or none is required."""
    place.add("on", code=UNWILLING, uac=512)
    place.add("on at once", _PASSWORD, uac=512)
    dn = place.add("off")
    place.change(dn, "replace: userAccountControl\nuserAccountControl: 512", code=UNWILLING)
    place.change(dn, f"replace: unicodePwd\n{_PASSWORD.strip()}")

    place.change(dn, "replace: userAccountControl\nuserAccountControl: 512")

    assert place.names() == 3


def test_another_naming_context_is_a_referral(place: Quirky) -> None:
    """Who asks for a place of another domain is sent elsewhere, with no entry."""
    told = place.says("ldapsearch", "-LLL", "-b", "DC=khac,DC=vn", code=REFERRAL)

    assert "dn:" not in told


def test_addresses_that_differ_in_case_only_are_one(place: Quirky) -> None:
    """ProxyAddresses compares without case, prefix included."""
    place.add("x", "proxyAddresses: smtp:a@x.vn\nproxyAddresses: SMTP:A@x.vn\n", code=VALUE_EXISTS)
    dn = place.add("x", "proxyAddresses: smtp:a@x.vn\n")
    twice = "replace: proxyAddresses\nproxyAddresses: smtp:b@x.vn\nproxyAddresses: SMTP:b@x.vn"

    place.change(dn, twice, code=VALUE_EXISTS)
    place.change(
        dn, "delete: proxyAddresses\nproxyAddresses: smtp:a@x.vn\n-\nadd: proxyAddresses\nproxyAddresses: SMTP:a@x.vn"
    )

    assert place.names() == 2
