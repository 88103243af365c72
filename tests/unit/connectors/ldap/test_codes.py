"""Every result code becomes the error by which the caller knows what to do next, and tells nothing personal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.answers import Result
from syncagent.connectors.ldap.changes import Fate
from syncagent.errors import Conflict, Doubtful, Misconfigured, Rejected, SyncError, Unavailable, Unknown

DN = "CN=Hòa,OU=Mail,DC=vn"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (16, Conflict), (20, Conflict), (32, Conflict), (68, Conflict), (122, Conflict),
        (19, Rejected), (21, Rejected), (50, Rejected), (53, Rejected), (65, Rejected), (66, Rejected), (80, Rejected),
        (10, Rejected), (12, Rejected), (8, Rejected),
        (51, Unavailable), (52, Unavailable), (3, Unavailable),
        (14, Unknown), (118, Unknown), (4096, Unknown),
    ],
)  # fmt: skip
def test_a_refused_write_is_typed_by_what_to_do_next(code: int, kind: type[SyncError]) -> None:
    """Changed since the plan, refused, not now, or nobody knows: with the DN and the code, in both languages."""
    error = codes.error(Result(code), DN)

    assert type(error) is kind
    assert error.where == DN
    assert all(f"(LDAP {code})" in line for line in (error.says.vi, error.says.en))


def test_success_is_no_error() -> None:
    """Code 0 is the only one that means done."""
    assert codes.error(Result(0), DN) is None


def test_a_write_without_an_answer_is_unknown_or_not_tried() -> None:
    """Sent: read before anything else. Not sent: the same again later."""
    assert type(codes.error(Fate.UNKNOWN, DN)) is Unknown
    assert type(codes.error(Fate.NOT_TRIED, DN)) is Unavailable


@pytest.mark.parametrize(
    ("code", "diagnostic", "kind", "says"),
    [
        (19, "0000052D: check_password_restrictions: the password is too short", Rejected, "polic"),
        (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", Rejected, "polic"),
        (68, "00002071: samldb: samAccountName 'hoatt' already in use", Conflict, "name is in use"),
        (80, "00002095: dsdb_dn_is_valid", Conflict, "new place"),
        (19, "000021C8: AtrErr: DSID-03200EA4, #1: 0: 000021C8: DSID-03200EA4, problem 1005", Conflict, "forest"),
        (19, "some attributes not unique", Rejected, "constraintViolation"),
        (19, "non-unique attributes found with (|(mail=hoa@x.vn))", Conflict, "another entry"),
        (1, "00002020: Operation unavailable without authentication", Unavailable, "bound"),
    ],
)  # fmt: skip
def test_a_diagnostic_says_more_than_its_code(code: int, diagnostic: str, kind: type[SyncError], says: str) -> None:
    """Windows' own code at the beginning decides where it is known (MS-ERREF)."""
    error = codes.error(Result(code, diagnostic), DN)

    assert type(error) is kind
    assert says in error.says.en


@pytest.mark.parametrize(
    ("data", "says"),
    [("52e", "wrong name or password"), ("533", "disabled"), ("775", "locked"), ("532", "expired"), ("773", "changed")],
)
def test_a_refused_bind_says_why(data: str, says: str) -> None:
    """Active Directory hides the reason in its diagnostic; whoever configures the agent is told."""
    diagnostic = f"80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data {data}, v4563"

    error = codes.refused(Result(49, diagnostic), "ldaps://dc1")

    assert type(error) is Misconfigured
    assert says in error.says.en
    assert f"80090308 data {data}" in error.says.vi


def test_a_busy_server_is_not_misconfigured() -> None:
    """A bind that is refused for the moment is tried elsewhere or later."""
    assert type(codes.refused(Result(51), "ldaps://dc1")) is Unavailable
    assert type(codes.refused(Result(49), "ldaps://dc1")) is Misconfigured


def test_a_read_that_ends_with_a_code_is_doubtful() -> None:
    """Whatever the code, what came before it does not count."""
    error = codes.doubtful(Result(4, ""), "dc=vn")

    assert type(error) is Doubtful
    assert "sizeLimitExceeded (LDAP 4)" in error.says.en


@pytest.mark.parametrize(
    "told",
    [
        "00002071: samldb: samAccountName 'Nguyễn Văn A' already in use",
        'value "037090001234" is not unique',
        "non-unique attributes found with (&(mail=hoa.nguyen@x.vn)(uid=hoa))",
        "Entry CN=Nguyễn Văn A,OU=Mail,DC=vn already exists",
        "entry 037090001234 exists",
        "bad value <Nguyễn Văn A>",
        "hoa.nguyen@x.vn is taken",
        "unterminated 'Nguyễn Văn A",
        "a\0b\nsecond line",
    ],
)
def test_values_of_somebody_are_cut_out(told: str) -> None:
    """Names, addresses and numbers that a server repeats do not reach a report or a log."""
    found = codes.cleaned(told)

    assert not re.search(r"Nguyễn|037090001234|hoa|[\0\n]", found)


def test_what_a_diagnostic_says_of_the_fault_is_kept() -> None:
    """Attribute names and reasons help whoever must mend it."""
    assert codes.cleaned("modify/delete: title: no such value") == "modify/delete: title: no such value"
    assert codes.cleaned("mail: value #0 invalid per syntax") == "mail: value #0 invalid per syntax"
    assert codes.cleaned("0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0") == "0000208D"


@given(st.text(max_size=600))
def test_a_diagnostic_is_one_short_line(told: str) -> None:
    """Whatever a server says becomes one line of bounded length, in bounded time."""
    found = codes.cleaned(told)

    assert len(found) <= 160
    assert not re.search(r"[\0\n\r]", found)
    assert not re.search(r"\d{12}", found)
