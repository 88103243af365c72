"""Distinguished names as RFC 4514 writes them; the expected values are the RFC's and Active Directory's."""

from __future__ import annotations

import pytest

from syncagent.core import dn

BASE = "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Nguyễn Ngọc Thành", "Nguyễn Ngọc Thành"),
        ("Thành, Nguyễn", r"Thành\, Nguyễn"),
        ("a+b=c", r"a\+b\=c"),
        ('say "x"; <y>', r"say \"x\"\; \<y\>"),
        ("back\\slash", r"back\\slash"),
        ("#1", r"\#1"),
        (" blank", r"\ blank"),
        ("blank ", r"blank\ "),
        (" ", r"\ "),
        ("nul\0", r"nul\00"),
        ("", ""),
    ],
)
def test_a_value_is_written_as_the_rfc_says(value: str, written: str) -> None:
    """RFC 4514 §2.4: what would end or change the value is escaped; letters of all languages stand as they are."""
    assert dn.escape(value) == written


def test_a_child_stands_below_its_parent() -> None:
    """RFC 4514 §2.1: an RDN, a comma, the name above; a comma in the value does not end it."""
    made = dn.child("CN", "Thành, Nguyễn", BASE)

    assert made == rf"CN=Thành\, Nguyễn,{BASE}"
    assert dn.split(made) == (r"CN=Thành\, Nguyễn", BASE)
    assert dn.parent(made) == BASE
    assert dn.rdn_value(made) == "Thành, Nguyễn"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"CN=a\2Cb,DC=vn", "a,b"),
        (r"CN=Th\C3\A0nh,DC=vn", "Thành"),
        (r"CN=\23x,DC=vn", "#x"),
        (r"CN=a\\,DC=vn", "a\\"),
        (r"CN=a\\\,b,DC=vn", r"a\,b"),
        (r"CN=Th\C3nh,DC=vn", "Th\ufffdnh"),
        ("DC=vn", "vn"),
        ("", ""),
    ],
)
def test_every_way_of_escaping_is_read_back(written: str, value: str) -> None:
    r"""RFC 4514 §3: servers may write `\2C` or `\,`, and any octet in hexadecimal; both mean the same value."""
    assert dn.rdn_value(written) == value


def test_above_the_root_is_nothing() -> None:
    """Walking up ends."""
    assert dn.split("DC=vn") == ("DC=vn", "")
    assert dn.parent("DC=vn") == ""
    assert dn.parent("") == ""


@pytest.mark.parametrize(
    "spelled",
    ["ou=mail,dc=NinhBinh,dc=gov,dc=vn", "OU=Mail, DC=ninhbinh, DC=gov, DC=vn", "OU = Mail ,DC=ninhbinh,DC=gov,DC=vn "],
)
def test_case_and_blanks_around_separators_make_no_other_name(spelled: str) -> None:
    """RFC 4514 §3 and §4: attribute types and directory strings compare without case; blanks there are optional."""
    assert dn.same(spelled) == dn.same(BASE)


def test_active_directory_compares_names_without_marks() -> None:
    """Microsoft KB 938447: Hoà and Hoa cannot both stand in one container."""
    assert dn.folded("CN=Trần Thị HOÀ,DC=vn") == dn.folded("cn=Tran thi hoa,dc=vn")
    assert dn.same("CN=Hoà,DC=vn") != dn.same("CN=Hoa,DC=vn")


@pytest.mark.parametrize(
    ("server", "alike"),
    [
        ("CN=Trần Hòa,ou=mail,DC=vn", True),
        ("cn=Trần hòa,OU=Mail,DC=vn", False),
        ("CN=Trần Hòa,OU=Khác,DC=vn", False),
    ],
)
def test_a_server_spells_types_and_places_in_its_own_way(server: str, *, alike: bool) -> None:
    """A rename that changes letter case only is a rename; another spelling of what stands around the name is none."""
    assert dn.spelled_alike(server, "cn=Trần Hòa,OU=Mail,DC=vn") is alike


@pytest.mark.parametrize(
    ("name", "below"),
    [
        (BASE, True),
        (f"CN=A,OU=snv,{BASE}", True),
        ("cn=a, ou=MAIL, dc=ninhbinh, dc=gov, dc=vn", True),
        ("DC=ninhbinh,DC=gov,DC=vn", False),
        ("OU=XMail,DC=ninhbinh,DC=gov,DC=vn", False),
        ("CN=A,OU=Khác,DC=ninhbinh,DC=gov,DC=vn", False),
    ],
)
def test_what_lies_under_a_base(name: str, *, below: bool) -> None:
    """An entry is managed only under the configured base, itself included, and never by a similar ending."""
    assert dn.under(name, BASE) is below
