"""Filters are encoded as ldap3 encodes them, and what is no filter is refused (RFC 4515)."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.connectors.ldap import filters
from syncagent.connectors.ldap.escape import equal
from syncagent.errors import Misconfigured

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from ldap3.operation.search import compile_filter, parse_filter
    from ldap3.utils.asn1 import encode

ATTRIBUTE = st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,8}\Z")
TERM = st.one_of(
    st.builds(equal, ATTRIBUTE, st.text(min_size=1, max_size=60) | st.binary(min_size=1, max_size=300)),
    st.builds("({}>={})".format, ATTRIBUTE, st.integers(0)),
    st.builds("({}<={})".format, ATTRIBUTE, st.integers(0)),
    st.builds("({}=*)".format, ATTRIBUTE),
)
FILTER = st.recursive(
    TERM,
    lambda inner: st.one_of(
        st.builds("(!{})".format, inner),
        st.builds("({}{})".format, st.sampled_from("&|"), st.lists(inner, min_size=1, max_size=4).map("".join)),
    ),
    max_leaves=12,
)


def by_ldap3(condition: str) -> bytes:
    tree = parse_filter(condition, None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
    found: bytes = encode(compile_filter(tree.elements[0]))
    return found


@given(FILTER)
def test_what_we_write_is_encoded_as_ldap3_does(condition: str) -> None:
    """Octet by octet, whatever the nesting and the values; and without asking ldap3."""
    assert filters.encoded(condition, "") == filters._plain(condition) == by_ldap3(condition)  # noqa: SLF001 - that it needs no ldap3


@pytest.mark.parametrize(
    "condition", ["(cn=a*b)", "(cn~=a)", "(cn=Lê Hòa)", "(member:1.2.840.113556.1.4.1941:=cn=a)", "(cn;lang-vi=a)"]
)
def test_what_others_write_is_left_to_ldap3(condition: str) -> None:
    """Substrings, extensible matches, options, and values that are not escaped."""
    assert filters.encoded(condition, "") == by_ldap3(condition)


@given(st.text("(&|!)a=<>*\\4", max_size=12))
def test_what_is_no_filter_is_refused_or_left_to_ldap3(condition: str) -> None:
    """Nothing is encoded here that ldap3 would read otherwise."""
    plain = filters._plain(condition)  # noqa: SLF001 - the law is about what is encoded here

    assert plain in (b"", *([by_ldap3(condition)] if plain else []))


@pytest.mark.parametrize("condition", ["", "(", "()", "(cn)", "(&", "(!(a=b)(c=d))", "(&(a=b)", "(a=b))"])
def test_what_is_malformed_is_refused(condition: str) -> None:
    """A filter from the configuration is named, with the place where it is asked."""
    with pytest.raises(Misconfigured) as caught:
        filters.encoded(condition, "dc=vn")

    assert caught.value.where == "dc=vn"
