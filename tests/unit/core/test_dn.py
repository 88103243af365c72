"""Distinguished names as RFC 4514 writes them; the expected values are the RFC's and Active Directory's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core import dn
from syncagent.core.names import strip_marks

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
        ("back\\ ", r"back\\\ "),
        ("nul\0", r"nul\00"),
        ("\tline\r\n", r"\09line\0D\0A"),
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
        (r"CN=a\\41,DC=vn", r"a\41"),
        (r"CN = a\  ,DC=vn", "a "),
        ("CN=\x85a\u3000,DC=vn", "\x85a\u3000"),
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"CN=a\2Cb,DC=vn", r"cn=A\,b,dc=vn"),
        (r"CN=\20a\20,DC=vn", r"CN=\ a\ , DC=vn"),
        (r"CN=Th\C3\A0nh,DC=vn", "CN=Thành,DC=vn"),
        (r"CN=a\3Db,DC=vn", "CN=a=b,DC=vn"),
        ("CN=a\tb,DC=vn", r"CN=a\09b,DC=vn"),
        (r"CN=a\# b,DC=vn", "CN=a# b,DC=vn"),
        ("CN=a + UID=b, DC=vn", "cn=a+uid=b,dc=vn"),
        ("", " "),
    ],
)
def test_every_way_of_escaping_is_the_same_name(one: str, other: str) -> None:
    """RFC 4514 §3: servers escape in their own ways; it is one name all the same."""
    assert dn.same(one) == dn.same(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"CN=a\, b,DC=vn", r"CN=a\,b,DC=vn"),
        (r"CN=a\+uid\=b,DC=vn", "CN=a+uid=b,DC=vn"),
        (r"CN=a\\41,DC=vn", r"CN=a\41,DC=vn"),
        (r"CN=a\ ,DC=vn", "CN=a,DC=vn"),
    ],
)
def test_what_is_part_of_a_value_makes_another_name(one: str, other: str) -> None:
    """RFC 4514 §2.4: an escaped blank, comma or plus is a letter of the name like any other."""
    assert dn.same(one) != dn.same(other)


@given(st.text(st.one_of(st.sampled_from(' #,+="\\;<>\0\t\n\r\x85aA4'), st.characters(codec="utf-8"))))
def test_every_value_comes_back_as_it_was(value: str) -> None:
    """Whatever a name is made of, its DN splits where it should, gives the name back, and is the same as itself."""
    made = dn.child("CN", value, BASE)

    spelled = "CN=" + "".join(f"\\{octet:02x}" for octet in value.encode()) + f",{BASE}"
    assert dn.split(made) == (f"CN={dn.escape(value)}", BASE)
    assert dn.rdn_value(made) == dn.rdn_value(spelled) == value
    assert dn.same(made) == dn.same(spelled)
    assert dn.folded(made) == dn.folded(spelled) == strip_marks(dn.same(made))
    assert dn.spelled_alike(made, spelled)


def test_active_directory_compares_names_without_marks() -> None:
    """Microsoft KB 938447: Hoà and Hoa cannot both stand in one container."""
    assert dn.folded("CN=Trần Thị HOÀ,OU=Sở,DC=vn") == dn.folded("cn=Tran thi hoa , ou=so,dc=vn")
    assert dn.folded("DC=VÑ") == "dc=vn"
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
        (r"CN=A\,OU=Mail,DC=ninhbinh,DC=gov,DC=vn", False),
        ("OU=XMail,DC=ninhbinh,DC=gov,DC=vn", False),
        ("CN=A,OU=Khác,DC=ninhbinh,DC=gov,DC=vn", False),
    ],
)
def test_what_lies_under_a_base(name: str, *, below: bool) -> None:
    """An entry is managed only under the configured base, itself included, and never by a similar ending."""
    assert dn.under(name, BASE) is below
