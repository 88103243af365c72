"""From records to entries: what ldapsearch and ldifde write is read, everything else is refused with its line."""

from __future__ import annotations

import base64

import pytest

from syncagent.connectors.attribute import Attribute
from syncagent.connectors.gathering import Entry
from syncagent.connectors.ldif.read import Reader
from syncagent.connectors.ldif.records import records
from syncagent.errors import Doubtful, Misconfigured

NAMES = ("cn", "sn", "displayName", "mail", "objectClass", "member", "title", "objectGUID")


def _read(text: str | bytes) -> list[Entry]:
    content = text.encode() if isinstance(text, str) else text
    attributes = {name.lower(): Attribute(name) for name in NAMES}
    attributes["objectguid"] = Attribute("objectGUID", bytes.hex)
    return list(Reader("export.ldif", attributes).read(records([content], "export.ldif")))


def _one(*lines: str) -> Entry:
    entries = _read("\n".join(("dn: cn=a", *lines)) + "\n\n")
    assert len(entries) == 1
    return entries[0]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("cn: An", {"cn": ("An",)}),
        ("cn:An", {"cn": ("An",)}),
        ("cn:   An", {"cn": ("An",)}),
        ("cn: An ", {"cn": ("An ",)}),
        ("CN: An", {"cn": ("An",)}),
        ("cn:: QW4=", {"cn": ("An",)}),
        ("cn::QW4=", {"cn": ("An",)}),
        ("cn:: IEFu", {"cn": (" An",)}),
        ("cn: Nguyễn Văn An", {"cn": ("Nguyễn Văn An",)}),
        ("cn: A: B: C", {"cn": ("A: B: C",)}),
        ("cn:A: B", {"cn": ("A: B",)}),
        ("cn:", {"cn": ("",)}),
        ("cn::", {"cn": ("",)}),
        ("cn: A\n n", {"cn": ("An",)}),
        ("cn:: QW\n 4=", {"cn": ("An",)}),
        ("c\n n: An", {"cn": ("An",)}),
        ("cn;binary: An", {"cn": ("An",)}),
        ("cn;lang-vi: An", {}),
        ("carLicense: 35A", {}),
        ("1.2.3: x", {}),
        ("jpegPhoto:: /9j/", {}),
        ("# cn: An", {}),
        ("# com\n ment", {}),
        ("changetype: add", {}),
        ("objectGUID:: AAEC", {"objectGUID": ("000102",)}),
        ("objectGUID: abc", {"objectGUID": ("616263",)}),
    ],
)
def test_a_line_is_read(line: str, values: dict[str, tuple[str, ...]]) -> None:
    """Values are read as RFC 2849 writes them: plain, base64, folded, with and without blanks, names in any case."""
    assert _one(line).values == values


def test_values_keep_their_order() -> None:
    """Several values of an attribute stay in the order of the file."""
    found = _one("mail: b@x", "cn: An", "mail: a@x", "MAIL: c@x")

    assert found.values == {"mail": ("b@x", "a@x", "c@x"), "cn": ("An",)}


def test_a_name_in_base64_is_read() -> None:
    """`dn::` is how a Vietnamese name is written; folding cuts it anywhere."""
    name = "cn=Trần Thị Hòa,ou=Sở Nội vụ,dc=vn"
    written = base64.b64encode(name.encode()).decode()

    entries = _read(f"dn:: {written[:7]}\n {written[7:]}\ncn: a\n\n")

    assert [entry.dn for entry in entries] == [name]


def test_bytes_that_nobody_reads_may_be_anything() -> None:
    """Only mapped attributes must be UTF-8: a photograph written raw does no harm."""
    entries = _read(b"dn: cn=a\nphoto: \xff\xd8\xfe\ncn: Nguy\xe1\xbb\x85n\n\n")

    assert entries[0].values == {"cn": ("Nguyễn",)}


def test_many_members_are_read() -> None:
    """A group of twenty thousand members is one attribute, all of it."""
    members = [f"cn=m{number},dc=vn" for number in range(20_000)]

    found = _one(*(f"member: {member}" for member in members))

    assert found.values["member"] == tuple(members)


def test_more_values_than_are_remembered() -> None:
    """Values are shared while there are few and read all the same when there are many."""
    entries = _read("".join(f"dn: cn={n}\ncn:: {base64.b64encode(b'%d' % n).decode()}\n\n" for n in range(5_000)))

    assert [entry.values["cn"] for entry in entries] == [(str(n),) for n in range(5_000)]


@pytest.mark.parametrize(
    ("lines", "number", "says"),
    [
        (["cn: a", "no colon here"], 3, "attribute: value"),
        (["cn: a", "displayName"], 3, "attribute: value"),
        (["cn: a", ": value"], 3, "attribute: value"),
        (["cn: a", "c n: value"], 3, "attribute: value"),
        (["cn:: QW4"], 2, "base64"),
        (["cn:: Q!4="], 2, "base64"),
        (["cn: a", "sn:: /w=="], 3, "UTF-8"),
        (["cn:< file:///etc/passwd"], 2, "another file"),
        (["jpegPhoto:< file:///etc/passwd"], 2, "another file"),
        (["changetype: modify", "replace: cn"], 2, "changes"),
        (["control: 1.2.3 true"], 2, "changes"),
        (["cn: a", "dn: cn=b", "cn: b"], 1, "two dn"),
    ],
)
def test_a_damaged_line_is_named(lines: list[str], number: int, says: str) -> None:
    """A line that cannot be read ends the reading; the message names file and line and says what to do."""
    with pytest.raises(Misconfigured) as caught:
        _one(*lines)

    assert caught.value.where == f"export.ldif:{number}"
    assert says in caught.value.says.en
    assert "Hãy xuất lại" in caught.value.says.vi


def test_text_that_is_not_utf_8_is_named() -> None:
    """A mapped attribute in another encoding is refused, never guessed (F12)."""
    with pytest.raises(Misconfigured) as caught:
        _read(b"dn: cn=a\ncn: a\nsn: Nguy\xeen\n\n")

    assert caught.value.where == "export.ldif:3"


@pytest.mark.parametrize(
    "dn", ["dn;: cn=a", "dn;x: cn=a", "dn:", "dn: ", "dn: nonsense", "dn:: AAAA=", "dn:< file:///x"]
)
def test_an_entry_needs_a_name(dn: str) -> None:
    """A name that is empty, damaged or no distinguished name is refused."""
    with pytest.raises(Misconfigured) as caught:
        _read(f"{dn}\ncn: a\n\n")

    assert caught.value.where == "export.ldif:1"


@pytest.mark.parametrize(
    "text", ["cn: a\nsn: b\n\n", "cn: a\ndn: cn=a\n\n", " folded\n\n", "control: 1.2.3\ndn: cn=a\n\n", "version: 2\n\n"]
)
def test_a_record_begins_with_a_name(text: str) -> None:
    """Attributes without an entry are the rest of a damaged one."""
    with pytest.raises(Misconfigured) as caught:
        _read("dn: cn=first\ncn: first\n\n" + text)

    assert caught.value.where.startswith("export.ldif:")
    assert int(caught.value.where.rpartition(":")[2]) >= 4


def test_values_of_a_range_are_not_all_values() -> None:
    """A server that gave the first 1500 members only did not give the group (F3)."""
    with pytest.raises(Doubtful) as caught:
        _one("member;range=0-1499: cn=b")

    assert caught.value.where == "export.ldif:2"


# ── what ldapsearch says ─────────────────────────────────────────────────────

HEAD = "# extended LDIF\n#\n# LDAPv3\n# base <dc=vn> with scope subtree\n#\n\n"
ENTRIES = "# a\ndn: cn=a\ncn: a\n\n# b\ndn: cn=b\ncn: b\n\n"
REFERENCE = "# search reference\nref: ldap://other.test/dc=x??sub\n\n"
TAIL = "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 2\n"
PAGE = (
    "# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MA0=\npagedresults: cookie="
)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ENTRIES + TAIL,
        HEAD + ENTRIES + REFERENCE + TAIL,
        "version: 1\n\n" + ENTRIES,
        "version: 1\n" + ENTRIES,
        "version: 1\n\n# LDAPv3\n\n" + ENTRIES + "# search result\n\n# numResponses: 3\n# numEntries: 2\n",
        ENTRIES + "# refldap://other.test/dc=x??sub\n\n",
        HEAD + ENTRIES[:23] + PAGE + "AgA=\n" + HEAD + ENTRIES[23:] + PAGE + "\n\n# numResponses: 4\n# numEntries: 2\n",
        ENTRIES[:23] + "# pagedresults: cookie=AgA=\n" + ENTRIES[23:] + "# pagedresults: cookie=\n",
    ],
)
def test_what_ldapsearch_writes_is_read(text: str) -> None:
    """With and without -L, in pages or not, with references: the entries are read and nothing else."""
    assert [entry.dn for entry in _read(text)] == ["cn=a", "cn=b"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + ENTRIES + TAIL.replace("0 Success", "4 Size limit exceeded"), "4 Size limit exceeded"),
        (HEAD + ENTRIES + TAIL.replace("0 Success", "10 Referral"), "10 Referral"),
        (HEAD + ENTRIES + TAIL.replace("numEntries: 2", "numEntries: 3"), "numEntries says 3, but there are 2"),
        (HEAD + ENTRIES + "# search result\nsearch: 2\n", "ended with result"),
        (HEAD + ENTRIES, "the end that ldapsearch writes is missing"),
        (HEAD + ENTRIES + PAGE + "AgAAAAAAAAA=\n", "the last pages are missing"),
        (ENTRIES + "# pagedresults: cookie=AgAAAAAAAAA=\n", "the last pages are missing"),
        (HEAD + ENTRIES + PAGE + "\n\n# another page\nsearch: 3\n", "ended with result"),
        ("", "no entries"),
        ("\n\n", "no entries"),
        ("version: 1\n\n", "no entries"),
        (HEAD + TAIL.replace("numEntries: 2", "numEntries: 0"), "no entries"),
    ],
)
def test_a_search_that_did_not_give_everything_is_doubtful(text: str, says: str) -> None:
    """A file that says itself that it is not complete is no directory (F1, F2, F3)."""
    with pytest.raises(Doubtful) as caught:
        _read(text)

    assert says in caught.value.says.en
    assert caught.value.where == "export.ldif"
    assert "Chưa lập kế hoạch nào" in caught.value.says.vi
