"""Requests are what another implementation of the grammar reads in them (RFC 4511 §4)."""

from __future__ import annotations

from typing import Any

import messages
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.connectors.ldap import requests
from syncagent.connectors.ldap.escape import equal, escape
from syncagent.connectors.ldap.requests import Add, Control, Delete, Edit, Modify, Rename, Scope, Search
from syncagent.errors import Misconfigured

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
values = st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4, unique=True)
kinds = st.sampled_from(["cn", "mail", "proxyAddresses", "unicodePwd"])


def sent(operation: bytes, *controls: Control, number: int = 5) -> Any:
    """The message as another decoder reads it."""
    found = messages.read(requests.message(number, operation, controls))
    assert int(found["messageID"]) == number
    return found


def listed(changes: Any) -> list[tuple[str, list[bytes]]]:
    return [(str(one["type"]), [bytes(value) for value in one["vals"]]) for one in changes]


@given(names, st.dictionaries(kinds, values, min_size=1))
def test_an_add_names_every_value(dn: str, attributes: dict[str, list[bytes]]) -> None:
    """An addRequest carries DN, attributes and values byte for byte."""
    found = sent(requests.writing(Add(dn, attributes)))["protocolOp"]["addRequest"]

    assert str(found["entry"]) == dn
    assert {name: set(theirs) for name, theirs in listed(found["attributes"])} == {
        name: set(theirs) for name, theirs in attributes.items()
    }


@given(names, st.lists(st.tuples(st.sampled_from(Edit), kinds, values), min_size=1, max_size=4))
def test_a_modify_keeps_the_order_of_its_changes(dn: str, changes: list[tuple[Edit, str, list[bytes]]]) -> None:
    """A modifyRequest deletes and adds in the order given: delete the old value, then add the new one."""
    found = sent(requests.writing(Modify(dn, changes)))["protocolOp"]["modifyRequest"]

    assert str(found["object"]) == dn
    assert [
        (int(one["operation"]), str(one["modification"]["type"]), {bytes(v) for v in one["modification"]["vals"]})
        for one in found["changes"]
    ] == [(int(edit), name, set(theirs)) for edit, name, theirs in changes]


@given(names, names, st.none() | names)
def test_a_rename_drops_the_old_name(dn: str, rdn: str, superior: str | None) -> None:
    """A modDNRequest names the new RDN, always deletes the old one, and moves only if it is told where."""
    found = sent(requests.writing(Rename(dn, rdn, superior)))["protocolOp"]["modDNRequest"]

    moved = found["newSuperior"]
    assert (str(found["entry"]), str(found["newrdn"]), bool(found["deleteoldrdn"])) == (dn, rdn, True)
    assert (str(moved) if moved.hasValue() else None) == superior


@given(names)
def test_a_delete_names_the_entry(dn: str) -> None:
    """A delRequest is the DN."""
    assert str(sent(requests.writing(Delete(dn)))["protocolOp"]["delRequest"]) == dn


def test_controls_travel_with_the_request() -> None:
    """OID, criticality and value of each control come through; a missing value stays missing."""
    tree, kept = Control(requests.TREE_DELETE, critical=True), requests.unchanged("entryCSN", "2026#1")

    found = sent(requests.writing(Delete("cn=a")), tree, kept)["controls"]

    assert [(str(one["controlType"]), bool(one["criticality"])) for one in found] == [
        (requests.TREE_DELETE, True),
        (requests.ASSERTION, True),
    ]
    assert not found[0]["controlValue"].hasValue()
    assert bytes(found[1]["controlValue"]) == b"\xa3\x12\x04\x08entryCSN\x04\x062026#1"


@given(anything)
def test_a_value_in_a_filter_is_one_value(value: str) -> None:
    """Whatever stands in a value, the filter is one equality with exactly that value (RFC 4515)."""
    search = Search("dc=vn", equal("cn", value), ("cn", "mail"), Scope.LEVEL)

    found = sent(requests.searching(search))["protocolOp"]["searchRequest"]

    assert found["filter"].getName() == "equalityMatch"
    assert bytes(found["filter"]["equalityMatch"]["assertionValue"]).decode() == value
    assert (str(found["baseObject"]), int(found["scope"])) == ("dc=vn", 1)
    assert [str(name) for name in found["attributes"]] == ["cn", "mail"]


@given(st.binary(max_size=40))
def test_octets_in_a_filter_are_those_octets(value: bytes) -> None:
    """An identity such as objectGUID is any sixteen octets, and found by them."""
    found = sent(requests.searching(Search("", equal("objectGUID", value))))["protocolOp"]["searchRequest"]

    assert bytes(found["filter"]["equalityMatch"]["assertionValue"]) == value


def test_no_aliases_are_followed_and_no_limits_asked_for() -> None:
    """A search never leaves its subtree by an alias, and it does not limit itself."""
    found = sent(requests.searching(Search("dc=vn")))["protocolOp"]["searchRequest"]

    assert (int(found["derefAliases"]), int(found["sizeLimit"]), int(found["timeLimit"])) == (0, 0, 0)
    assert not found["typesOnly"]
    assert str(found["filter"]["present"]) == "objectClass"


@pytest.mark.parametrize("text", ["", "cn=a", "(cn=a", "(cn)", "(&)(", "((cn=a)", "(cn=a)(cn=b)", "(!)"])
def test_a_malformed_filter_is_refused(text: str) -> None:
    """What is no filter is named before anything is sent."""
    with pytest.raises(Misconfigured):
        requests.searching(Search("dc=vn", text))


def test_escaped_values_are_plain_letters() -> None:
    """Nothing is left in a value that a filter could read as its own."""
    assert escape("a b*c(d)\\e\0é") == r"a\20b\2ac\28d\29\5ce\00\c3\a9"


def test_other_requests() -> None:
    """Who am I, abandon and unbind are what the grammar says."""
    who = sent(requests.asking(requests.WHO_AM_I))["protocolOp"]
    gone = sent(requests.abandoning(300))["protocolOp"]
    left = sent(requests.leaving())["protocolOp"]

    assert str(who["extendedReq"]["requestName"]) == requests.WHO_AM_I
    assert int(gone["abandonRequest"]) == 300
    assert left.getName() == "unbindRequest"
