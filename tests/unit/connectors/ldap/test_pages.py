"""A read yields every entry or raises: no answer of a server, however odd, makes it shorter unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

import messages
import pytest
from other_end import OtherEnd

from syncagent.connectors.ldap.answers import Entry
from syncagent.connectors.ldap.pages import Reader
from syncagent.connectors.ldap.requests import Scope, Search
from syncagent.errors import Doubtful, Unavailable

PEOPLE = Search("dc=vn", "(objectClass=person)", ("cn",))


def named(number: int, *dns: str) -> bytes:
    return b"".join(messages.entry(number, dn, {}) for dn in dns)


def entries(number: int, *dns: str) -> bytes:
    return b"".join(messages.entry(number, dn, {"CN": [dn.encode()]}) for dn in dns)


def read(there: OtherEnd, search: Search = PEOPLE, references: set[str] | None = None) -> list[str]:
    return [
        found.dn
        for found in Reader(there.line, there.soon, set() if references is None else references).read(search, 1000)
    ]


def test_all_pages_are_read(there: OtherEnd) -> None:
    """Pages follow each other by cookie; attributes are named as they were asked for."""
    there.says(
        entries(1, "cn=a", "cn=b"), messages.done(1, cookie=b"1"),
        entries(2, "cn=c"), messages.done(2, cookie=b""),
        named(3, "cn=c", "cn=b", "cn=a"), messages.done(3),
    )  # fmt: skip

    found = list(Reader(there.line, there.soon, set()).read(PEOPLE, 1000))

    assert found == [Entry(dn, {"cn": (dn.encode(),)}) for dn in ("cn=a", "cn=b", "cn=c")]


def test_the_next_page_is_asked_for_before_the_last_is_decoded(there: OtherEnd) -> None:
    """While the first entry is looked at, the server already works on the second page."""
    there.says(entries(1, "cn=a"), messages.done(1, cookie=b"1"))

    reading = Reader(there.line, there.soon, set()).read(PEOPLE, 1000)
    next(reading)

    asked = [message["protocolOp"].getName() for message in there.heard()]
    reading.close()
    assert asked == ["searchRequest", "searchRequest"]


def test_samba_keeps_one_cookie(there: OtherEnd) -> None:
    """The same cookie for every page is no loop as long as pages bring entries."""
    there.says(
        entries(1, "cn=a"), messages.done(1, cookie=b"7"),
        entries(2, "cn=b"), messages.done(2, cookie=b"7"),
        entries(3, "cn=c"), messages.done(3, cookie=b""),
        named(4, "cn=a", "cn=b", "cn=c"), messages.done(4),
    )  # fmt: skip

    assert read(there) == ["cn=a", "cn=b", "cn=c"]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 8, 10, 11, 12, 32, 50, 51, 52, 53, 80, 118, 4096])
@pytest.mark.parametrize("page", [1, 2])
def test_every_code_but_success_makes_a_read_doubtful(there: OtherEnd, code: int, page: int) -> None:
    """A limit, a referral, a busy or unwilling server: entries that came before do not count (ldap3 issue 26)."""
    first = [entries(1, "cn=a"), messages.done(1, cookie=b"1")] if page == 2 else []
    there.says(*first, entries(page, "cn=b"), messages.done(page, code, cookie=b""))

    with pytest.raises(Doubtful, match=rf"dc=vn: .*\(LDAP {code}\)"):
        read(there)


@pytest.mark.parametrize(
    "answers",
    [
        [entries(1, "cn=a"), messages.done(1)],
        [entries(1, "cn=a", "cn=a"), messages.done(1, cookie=b"")],
        [entries(1, "cn=a"), messages.done(1, cookie=b"1"), entries(2, "cn=a"), messages.done(2, cookie=b"")],
        [entries(1, "cn=a"), messages.done(1, cookie=b"1"), messages.done(2, cookie=b"1")],
        [
            entries(1, "cn=a"), messages.done(1, cookie=b"1"), entries(2, "cn=b"), messages.done(2, cookie=b"2"),
            entries(3, "cn=c"), messages.done(3, cookie=b"1"),
        ],
        [entries(2, "cn=a"), messages.done(1, cookie=b"")],
        [messages.modified(1), messages.done(1, cookie=b"")],
        [entries(1, "cn=a"), messages.done(1, cookie=b""), entries(1, "cn=b")],
        [messages.entry(1, "cn=a", {"tên": [b"x"]}), messages.done(1, cookie=b"")],
    ],
    ids=["no control", "entry twice", "page twice", "standing", "old cookie", "number", "kind", "late", "odd"],
)  # fmt: skip
def test_pages_that_make_no_sense_are_doubtful(there: OtherEnd, answers: list[bytes]) -> None:
    """What a server never sends in a whole read is not read around."""
    there.says(*answers)

    with pytest.raises(Doubtful):
        read(there)
    assert there.line.closed


def test_a_connection_that_ends_makes_a_read_unavailable(there: OtherEnd) -> None:
    """Entries without an end are not a read."""
    there.says(entries(1, "cn=a"))

    with pytest.raises(Unavailable):
        read(there)


def test_what_the_pages_did_not_have_is_read_by_name(there: OtherEnd) -> None:
    """A page that is called the last though there is more: the second count names the rest, and it is read."""
    there.says(
        entries(1, "cn=a"), messages.done(1, cookie=b""),
        named(2, "cn=a", "cn=b", "cn=c", "cn=d"), messages.done(2),
        entries(3, "cn=b"), messages.done(3),
        messages.done(4, 32),
        messages.done(5),
    )  # fmt: skip

    assert read(there) == ["cn=a", "cn=b"]  # cn=c went meanwhile, cn=d is no person any more


def test_too_many_names_that_the_pages_did_not_have_are_doubtful(there: OtherEnd) -> None:
    """More than a directory changes in a moment: the pages were cut, or another server answered."""
    there.says(
        entries(1, "cn=a"), messages.done(1, cookie=b""),
        named(2, "cn=a", *(f"cn={number}" for number in range(101))), messages.done(2),
    )  # fmt: skip

    with pytest.raises(Doubtful, match="1 entries were read, but the directory names 102; 101 names differ"):
        read(there)


@pytest.mark.parametrize("limit", [3, 4, 11])
def test_where_names_are_limited_they_are_asked_for_in_other_pages(there: OtherEnd, limit: int) -> None:
    """Active Directory gives 1,000 entries without pages: the second count then takes pages of half the size."""
    there.says(
        entries(1, "cn=a", "cn=b"), messages.done(1, cookie=b""),
        named(2, "cn=a"), messages.done(2, limit),
        named(3, "cn=a"), messages.done(3, cookie=b"1"), named(4, "cn=b"), messages.done(4, cookie=b""),
    )  # fmt: skip

    assert read(there) == ["cn=a", "cn=b"]
    sizes = [
        bytes(message["controls"][0]["controlValue"])[2:6] for message in there.heard() if message["controls"].isValue
    ]
    assert sizes == [b"\x02\x02\x03\xe8", b"\x02\x02\x01\xf4", b"\x02\x02\x01\xf4"]  # 1000, then 500


def test_names_that_are_refused_make_a_read_doubtful(there: OtherEnd) -> None:
    """Without the second count a read is not proved."""
    there.says(entries(1, "cn=a"), messages.done(1, cookie=b""), messages.done(2, 50))

    with pytest.raises(Doubtful, match="insufficientAccessRights"):
        read(there)


def test_a_base_that_does_not_show_itself_is_doubtful(there: OtherEnd) -> None:
    """Code 0 and no entry where at least the base must be: the account lost its right to read."""
    there.says(messages.done(1, cookie=b""), messages.done(2))

    with pytest.raises(Doubtful, match="not even itself"):
        read(there, Search("dc=vn"))


def test_nothing_below_is_a_whole_answer(there: OtherEnd) -> None:
    """One level below an empty place there is nothing, and the place itself does not belong to it."""
    there.says(messages.done(1, cookie=b""), messages.done(2))

    assert read(there, Search("dc=vn", scope=Scope.LEVEL)) == []


def test_nobody_is_a_whole_answer_to_a_narrower_question(there: OtherEnd) -> None:
    """Nothing matches a filter: an empty read that is complete."""
    there.says(messages.done(1, cookie=b""), messages.done(2))

    assert read(there) == []


def test_places_elsewhere_are_told_and_not_counted(there: OtherEnd) -> None:
    """A searchResRef is no entry; its address is reported."""
    there.says(
        messages.reference(1, "ldap://a/dc=x"), entries(1, "cn=a"), messages.done(1, cookie=b""),
        messages.reference(2, "ldap://b/dc=y"), named(2, "cn=a"), messages.done(2),
    )  # fmt: skip
    references: set[str] = set()

    assert read(there, references=references) == ["cn=a"]
    assert references == {"ldap://a/dc=x", "ldap://b/dc=y"}


# ── ranges ──

GROUPS = Search("dc=vn", "(objectClass=group)", ("member",))


def group(number: int, name: str, *values: bytes) -> bytes:
    return messages.entry(number, "cn=g", {name: list(values)})


def members(there: OtherEnd) -> Iterator[tuple[bytes, ...]]:
    return (found.attributes["member"] for found in Reader(there.line, there.soon, set()).read(GROUPS, 1000))


def test_values_served_in_ranges_are_fetched_to_the_last(there: OtherEnd) -> None:
    """MS-ADTS 3.1.1.3.1.3.3: `member;range=0-1` goes on at 2, until the range ends with an asterisk."""
    there.says(
        messages.entry(1, "cn=g", {"member": [], "member;range=0-1": [b"a", b"b"]}), messages.done(1, cookie=b""),
        group(2, "member;Range=2-3", b"c", b"d"), messages.done(2),
        group(3, "member;range=4-*", b"e"), messages.done(3),
        named(4, "cn=g"), messages.done(4),
    )  # fmt: skip

    assert list(members(there)) == [(b"a", b"b", b"c", b"d", b"e")]
    asked = [str(message["protocolOp"]["searchRequest"]["attributes"][0]) for message in there.heard()[1:3]]
    assert asked == ["member;range=2-*", "member;range=4-*"]


@pytest.mark.parametrize(
    "following",
    [
        group(2, "member;range=3-*", b"c"),
        group(2, "member;range=2-9", b"c"),
        group(2, "member;range=2-*", b"a"),
        group(2, "member", b"c"),
        messages.entry(2, "cn=g", {"member;range=2-*": [b"c"], "other": [b"d"]}),
        b"",
    ],
    ids=["a gap", "fewer than said", "one twice", "no range", "something else", "nothing"],
)
def test_ranges_that_do_not_follow_each_other_are_doubtful(there: OtherEnd, following: bytes) -> None:
    """A group with a member missing would take protection from somebody."""
    there.says(
        group(1, "member;range=0-1", b"a", b"b"), messages.done(1, cookie=b""), following, messages.done(2)
    )  # fmt: skip

    with pytest.raises(Doubtful):
        list(members(there))


def test_a_range_that_is_refused_is_doubtful(there: OtherEnd) -> None:
    """So would one that ends early."""
    there.says(group(1, "member;range=0-0", b"a"), messages.done(1, cookie=b""), messages.done(2, 50))

    with pytest.raises(Doubtful, match="cn=g"):
        list(members(there))


def test_an_attribute_whole_and_in_ranges_is_doubtful(there: OtherEnd) -> None:
    """One attribute cannot have two sets of values."""
    there.says(messages.entry(1, "cn=g", {"member": [b"a"], "member;range=0-*": [b"a"]}), messages.done(1, cookie=b""))

    with pytest.raises(Doubtful):
        list(members(there))


# ── one entry ──


def test_an_entry_is_found_or_not_there(there: OtherEnd) -> None:
    """The entry at the base; None if the name is gone, or the filter does not fit."""
    there.says(
        entries(1, "cn=a"), messages.done(1), messages.done(2, 32), messages.done(3),
        group(4, "member;range=0-0", b"a"), messages.done(4), group(5, "member;range=1-*", b"b"), messages.done(5),
    )  # fmt: skip

    found = [Reader(there.line, there.soon, set()).find(search) for search in (PEOPLE, PEOPLE, PEOPLE, GROUPS)]

    assert found == [Entry("cn=a", {"cn": (b"cn=a",)}), None, None, Entry("cn=g", {"member": (b"a", b"b")})]


@pytest.mark.parametrize(
    "answer",
    [
        messages.done(1, 50),
        entries(1, "cn=a", "cn=b") + messages.done(1),
        messages.entry(1, "cn=a", {"tên": [b"x"]}) + messages.done(1),
    ],
)
def test_anything_else_about_one_entry_is_doubtful(there: OtherEnd, answer: bytes) -> None:
    """Not there is one answer; not told is another."""
    there.says(answer)

    with pytest.raises(Doubtful):
        Reader(there.line, there.soon, set()).find(PEOPLE)


# ── a read that is given up ──


def test_a_read_that_is_given_up_leaves_the_session_usable(there: OtherEnd) -> None:
    """Whoever stops in the middle of a page abandons the next one, and the next question is answered."""
    there.says(
        entries(1, "cn=a"), messages.done(1, cookie=b"1"), entries(2, "cn=b"), messages.done(2, cookie=b""),
        entries(4, "cn=c"), messages.done(4),
    )  # fmt: skip

    reading = Reader(there.line, there.soon, set()).read(PEOPLE, 1000)
    next(reading)
    reading.close()

    found = Reader(there.line, there.soon, set()).find(PEOPLE)
    assert found is not None
    assert found.dn == "cn=c"
    assert [message["protocolOp"].getName() for message in there.heard()][2] == "abandonRequest"
