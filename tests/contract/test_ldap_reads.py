"""A read of a real server is whole: what limits it is an error, what changes meanwhile is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import pytest
from servers.client import Server as Place
from servers.client import ldap, load
from servers.fixtures import FreshBase, FreshSlapd
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.ldap.requests import SHOW_DELETED, Control, Delete, Scope
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.errors import Doubtful
from syncagent.sample.accounts import Entry
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

KINDS = pytest.mark.parametrize("kind", ["slapd", "samba"])


@contextmanager
def opened(place: Place, page: int = 1000, who: str = "") -> Iterator[Session]:
    server = Server((place.ldaps_url,), place.ca, receive_timeout=20, page=page)
    with open_session(server, Simple(who or place.admin, Secret(place.password))) as session:
        yield session


def rooms(base: str, number: int) -> list[Entry]:
    """Organizational units `r0`, `r1`, … under a base."""
    return [
        Entry(f"OU=r{place},{base}", {"objectClass": ("organizationalUnit",), "ou": (f"r{place}",)})
        for place in range(number)
    ]


def dns(session: Session, base: str) -> set[str]:
    return {entry.dn.lower() for entry in session.read(base)}


def of(base: str, *entries: Entry) -> set[str]:
    return {base.lower(), *(entry.dn.lower() for entry in entries)}


@KINDS
@pytest.mark.parametrize("page", [1, 2, 7, 8, 9, 1000])
def test_every_entry_is_read_whatever_the_page(
    kind: str, page: int, request: pytest.FixtureRequest, fresh_base: FreshBase
) -> None:
    """Pages that the last entry fills, exceeds or does not fill: the same entries."""
    place = request.getfixturevalue(kind)
    base = fresh_base(place)
    load(place, made := rooms(base, 8))

    with opened(place, page) as session:
        assert dns(session, base) == of(base, *made)


@KINDS
def test_values_come_as_octets_named_as_asked(kind: str, request: pytest.FixtureRequest, fresh_base: FreshBase) -> None:
    """Vietnamese letters, long values, many values: byte for byte, under the name that was asked for."""
    place = request.getfixturevalue(kind)
    base = fresh_base(place)
    told = ("Phòng Nội vụ", "x" * 1000, "Đặng")
    load(place, [Entry(f"OU=a,{base}", {"objectClass": ("organizationalUnit",), "ou": ("a",), "description": told})])

    with opened(place) as session:
        found = session.find(f"OU=a,{base}", ("DESCRIPTION", "OU", "title"))
        level = [entry.dn.lower() for entry in session.read(base, scope=Scope.LEVEL)]

    assert found is not None
    assert set(found.attributes["DESCRIPTION"]) == {value.encode() for value in told}
    assert found.attributes["OU"] == (b"a",)
    assert "title" not in found.attributes
    assert level == [f"OU=a,{base}".lower()]


@KINDS
@pytest.mark.parametrize("name", ["a*b(c)", "ngoặc \\ chéo", "Hòa, Nguyễn", 'd "e"', "#f", "x=y"])
def test_a_name_is_found_by_its_filter_and_by_its_dn(
    kind: str, name: str, request: pytest.FixtureRequest, fresh_base: FreshBase
) -> None:
    """Whatever stands in a name, the filter for it finds that entry and no other."""
    place = request.getfixturevalue(kind)
    base = fresh_base(place)
    made = Entry(f"OU=room,{base}", {"objectClass": ("organizationalUnit",), "ou": ("room",), "description": (name,)})
    load(place, [made, *rooms(base, 2)])

    with opened(place) as session:
        assert [entry.dn.lower() for entry in session.read(base, equal("description", name))] == [made.dn.lower()]


@KINDS
def test_what_is_not_there_is_not_found(kind: str, request: pytest.FixtureRequest) -> None:
    """A name that nobody has is an answer of its own, under a sound base as under one that is not there."""
    place = request.getfixturevalue(kind)

    with opened(place) as session:
        assert session.find(f"OU=nobody,{place.base_dn}") is None
        assert session.find(f"OU=nobody,OU=nowhere,{place.base_dn}") is None
        with pytest.raises(Doubtful, match="noSuchObject"):
            list(session.read(f"OU=nobody,{place.base_dn}"))


EVERY_PAGE = pytest.param(24, tuple(range(1, 27)), marks=pytest.mark.long)


@pytest.mark.parametrize(("size", "pages"), [(7, (3,)), EVERY_PAGE])
@pytest.mark.parametrize("limit", ["size.prtotal", "size.pr"])
def test_a_limit_of_openldap_is_never_a_whole_read(
    fresh_slapd: FreshSlapd, limit: str, size: int, pages: tuple[int, ...]
) -> None:
    """The limit on which ldap3 and many tools stop silently, swept over every number of entries and every page."""
    slapd = fresh_slapd()
    load(slapd, made := rooms(slapd.base_dn, size))
    agent = 'olcLimits: dn.exact="{}" size.soft=unlimited size.hard=unlimited {}={}'
    with opened(slapd) as session:
        whole = dns(session, slapd.base_dn)
    refused = []
    for number in range(1, len(whole) + 3):
        rule = agent.format(slapd.agent, limit, number)
        change = f"dn: olcDatabase={{2}}mdb,cn=config\nchangetype: modify\nreplace: olcLimits\n{rule}\n"
        ldap(slapd, "ldapmodify", ldif=change, who="cn=config")
        for page in pages:
            with opened(slapd, page, who=slapd.agent) as session:
                try:
                    assert dns(session, slapd.base_dn) == whole
                except Doubtful:
                    refused.append(number)

    assert len(made) < len(whole)
    assert refused


def test_where_names_are_limited_the_second_count_takes_pages(slapd: Slapd, fresh_base: FreshBase) -> None:
    """An account that may read 500 entries unless it asks for pages: the read is still proved."""
    base = fresh_base(slapd)
    load(slapd, made := rooms(base, 600))

    with opened(slapd, who=slapd.agent) as session:
        assert dns(session, base) == of(base, *made)


@KINDS
def test_what_is_added_meanwhile_is_read_too(kind: str, request: pytest.FixtureRequest, fresh_base: FreshBase) -> None:
    """Entries deleted and added between two pages: the new ones are there, and nothing that stayed is missing."""
    place = request.getfixturevalue(kind)
    base = fresh_base(place)
    made = rooms(base, 20)
    load(place, made[:10])

    with opened(place, page=3) as session:
        reading = session.read(base)
        first = [entry.dn.lower() for entry in islice(reading, 1)]
        ldap(place, "ldapdelete", made[9].dn)
        load(place, made[10:])
        found = {*first, *(entry.dn.lower() for entry in reading)}

    assert of(base, *made[:9], *made[10:]) <= found <= of(base, *made)


def test_places_elsewhere_are_told(samba: Samba) -> None:
    """Active Directory names other naming contexts in a read from the top; they are no entries and are not followed."""
    with opened(samba) as session:
        found = list(session.read(samba.base_dn))

        assert all(entry.dn for entry in found)
        assert any(samba.base_dn in uri for uri in session.references)


def test_deleted_entries_are_shown_on_request(samba: Samba, fresh_base: FreshBase) -> None:
    """A control goes with every page, and with the second count."""
    base = fresh_base(samba)
    load(samba, made := rooms(base, 1))
    with opened(samba) as session:
        there = session.find(made[0].dn, ("objectGUID",))
        assert there is not None
        guid = there.attributes["objectGUID"][0]
        assert session.write([Delete(made[0].dn)])

        shown = Control(SHOW_DELETED, critical=True)
        found = list(session.read(samba.base_dn, equal("objectGUID", guid), ("isDeleted",), controls=(shown,)))
        hidden = list(session.read(samba.base_dn, equal("objectGUID", guid)))

    assert [entry.attributes["isDeleted"] for entry in found] == [(b"TRUE",)]
    assert hidden == []


def test_values_in_ranges_are_read_to_the_last(samba: Samba, fresh_base: FreshBase) -> None:
    """A group served in parts (MS-ADTS 3.1.1.3.1.3.3) has all its members; Samba does so only when asked to."""
    base = fresh_base(samba)
    people = [
        Entry(f"CN=m{number},{base}", {"objectClass": ("user",), "sAMAccountName": (f"range-m{number}",)})
        for number in range(5)
    ]
    load(samba, people)
    load(samba, [Entry(f"CN=g,{base}", {"objectClass": ("group",), "member": tuple(one.dn for one in people)})])

    with opened(samba) as session:
        found = list(session.read(base, "(objectClass=group)", ("member;range=0-1",)))

    assert {value.decode() for value in found[0].attributes["member"]} == {one.dn for one in people}


def test_time_for_the_whole_is_kept(slapd: Slapd) -> None:
    """A read that takes longer than it may is an error, not what came until then."""
    server = replace(Server((slapd.ldaps_url,), slapd.ca), total_timeout=0)

    with (
        open_session(server, Simple(slapd.admin, Secret(slapd.password))) as session,
        pytest.raises(Exception, match="in time"),
    ):
        list(session.read(slapd.base_dn))
