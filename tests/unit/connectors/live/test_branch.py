"""What a server sends of an entry becomes text, and no identification number stays in what is held."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from syncagent.connectors.ldap.answers import Entry
from syncagent.connectors.live.branch import Branch
from syncagent.core.attributes import Attributes
from syncagent.errors import Misconfigured
from syncagent.wiring import shipped_directory

BASE = "ou=mail,dc=vn"
DN = f"uid=a,{BASE}"


def branch() -> Branch:
    return Branch(
        "main",
        shipped_directory("openldap"),
        BASE,
        BASE,
        BASE,
        ZoneInfo("Asia/Ho_Chi_Minh"),
        {"001099001234": "id-1"}.__getitem__,
    )


@pytest.mark.parametrize(("key", "held"), [(b"001099001234", "id-1"), (b" 001099001234", "id-1"), (b"NB1", "NB1")])
def test_a_number_in_the_key_becomes_a_pseudonym(key: bytes, held: str) -> None:
    """Contract §4: only the pseudonym is held from one read to the next; a staff number stays as it is."""
    found = branch().gathered(Entry(DN, {"employeeNumber": (key,), "uid": (b"a",), "objectClass": (b"top",)}), 7)

    assert found == (7, DN, Attributes({"employeeNumber": (held,), "uid": ("a",)}), {"objectClass": ("top",)}, False)


def test_equal_values_are_one() -> None:
    """Names that an entry has twice, and values that many entries have, are held once."""
    ours = branch()
    raw = "Nguyễn Thị Hòa".encode()

    first = ours.gathered(Entry(DN, {"cn": (raw,), "displayName": (bytes(raw),), "title": (b"Officer",)}), 1).values
    second = ours.gathered(Entry(f"uid=b,{BASE}", {"title": (b"Officer",)}), 2).values

    assert first["cn"][0] is first["displayName"][0]
    assert first["title"][0] is second["title"][0]


def test_what_is_not_text_is_named() -> None:
    """A value that is no UTF-8 names the entry and the attribute, and never the value."""
    with pytest.raises(Misconfigured, match="title") as refused:
        branch().gathered(Entry(DN, {"title": (b"\xff",)}), 1)

    assert DN in str(refused.value.where)
