"""What an account shows against the text is a finding for people: quotas, sizes of messages, forwarding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import world

from syncagent.core.account import Account
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.match import Matches, Owned
from syncagent.core.policy import Policy
from syncagent.core.verify import account_findings


def _found(
    policy: Policy | None = None,
    *,
    marked: bool = True,
    addresses: Mapping[str, str] | None = None,
    beside: Account | None = None,
    **parts: Any,
) -> list[Finding]:
    """What P1's account shows when it holds these facts and other entries these addresses."""
    (account,), _ = world.settled([world.row()])
    changed = replace(account, **parts)
    snapshot = world.snapshot(*([beside] if beside else []), addresses=addresses or {})
    owned = Owned(changed, account.stamp if marked else None)
    matches = Matches({"P1": owned}, {}, (), (), frozenset(), frozenset(), ())
    return list(account_findings(matches, [snapshot], {}, policy or world.policy(), world.TODAY))


@pytest.mark.parametrize(("quota", "small"), [(None, False), (2047, True), (2048, False), (4096, False), (0, True)])
def test_a_mailbox_holds_at_least_two_gigabytes(quota: int | None, *, small: bool) -> None:
    """NB-29, Điều 8.1: less is a warning; a directory that does not say the quota shows nothing."""
    found = _found(quota_mb=quota)

    assert [(f.code, f.severity, f.subject) for f in found] == [
        (FindingCode.BELOW_MINIMUM_QUOTA, Severity.WARNING, "P1")
    ] * small
    assert all("2048 MB" in f.message.vi and "Điều 8" in f.message.en for f in found)


@pytest.mark.parametrize(
    ("to", "outside"),
    [
        ((), ()),
        (("a@ninhbinh.gov.vn", "a@mail.bo.gov.vn", "a@gov.vn"), ()),
        (("a@gmail.com",), ("a@gmail.com",)),
        (("a@evilgov.vn",), ("a@evilgov.vn",)),
        (("a@gov.vn.evil.com",), ("a@gov.vn.evil.com",)),
        (("gov.vn@gmail.com",), ("gov.vn@gmail.com",)),
        (("a@ninhbinh.gov.vn", "b@gmail.com", "c@yahoo.com"), ("b@gmail.com", "c@yahoo.com")),
    ],
)
def test_mail_is_forwarded_to_state_agencies_only(to: tuple[str, ...], outside: tuple[str, ...]) -> None:
    """NB-08, Điều 4.5: forwarding elsewhere waits for a person, with the addresses; inside it is allowed."""
    found = _found(forwards_to=to)

    assert [f.candidates for f in found] == [outside] * bool(outside)
    assert all((f.code, f.severity) == (FindingCode.FORWARD_OUTSIDE, Severity.REVIEW) for f in found)
    assert all(address in f.message.vi for f in found for address in outside)


def test_a_text_without_a_rule_on_forwarding_forbids_none() -> None:
    """Domain §1.7: only some regulations forbid automatic forwarding."""
    silent = world.policy(regulation=replace(world.regulation(), forwarding=None))

    assert _found(silent, forwards_to=("a@gmail.com",)) == []


def test_accounts_that_are_not_ours_are_not_judged() -> None:
    """Design §4.4: what is not marked as ours is not touched, nor reported for its contents."""
    assert _found(marked=False, quota_mb=1, forwards_to=("a@gmail.com",)) == []


@pytest.mark.parametrize(
    ("law", "message_mb", "enough"),
    [
        ("ninhbinh-2025", None, None),
        ("ninhbinh-2025", 41, None),
        ("ninhbinh-2025", 42, 41),
        ("ninhbinh-2025", 150, 41),
        ("hcmc-quan4-2013", 20, None),
        ("hcmc-quan4-2013", 21, 20),
        ("danang-2017", 28, 27),
        ("bentre-2016", 27, None),
        ("binhdinh-kkt-2017", 1000, None),
    ],
)
def test_a_message_carries_no_larger_attachment_than_the_text_allows(
    law: str, message_mb: int | None, enough: int | None
) -> None:
    """NB-29 30 MB, Q4-06 15, DN-18 and BT-08 20: base64 makes 78 bytes of 57 (RFC 2045 §6.8); elsewhere no number."""
    found = _found(world.policy(law), message_mb=message_mb, quota_mb=None)

    assert [(f.code, f.severity, f.subject) for f in found] == [
        (FindingCode.POLICY_DIFFERS, Severity.WARNING, "P1")
    ] * (enough is not None)
    assert all(f"{enough} MB." in f.message.vi and f"{enough} MB." in f.message.en for f in found)


def test_where_mail_may_go_is_said() -> None:
    """NB-08: whoever must settle it reads which domains are allowed."""
    (found,) = _found(forwards_to=("a@gmail.com",))

    assert "*.gov.vn, gov.vn" in found.message.vi
    assert "*.gov.vn, gov.vn" in found.message.en


_FRIEND = "CN=Bạn,OU=Mail,DC=ninhbinh,DC=gov,DC=vn"


@pytest.mark.parametrize(
    ("held", "outside"),
    [
        ({}, (_FRIEND,)),
        ({"ban@bo.gov.vn": _FRIEND}, ()),
        ({"ban@gmail.com": _FRIEND.upper(), "khac@gmail.com": "CN=Khác"}, ("ban@gmail.com",)),
        ({"ban@gmail.com": _FRIEND, "ban@ninhbinh.gov.vn": _FRIEND}, ("ban@gmail.com",)),
    ],
    ids=["not in the export", "inside", "outside", "one of two"],
)
def test_mail_forwarded_to_an_entry_goes_to_its_addresses(held: dict[str, str], outside: tuple[str, ...]) -> None:
    """NB-08: a contact of the directory with an address elsewhere (altRecipient) is forwarding elsewhere."""
    found = _found(addresses=held, forwards_to=(_FRIEND,))

    assert [f.candidates for f in found] == [outside] * bool(outside)


@pytest.mark.parametrize(("address", "found"), [("thanhnn.skhcn@ninhbinh.gov.vn", 0), ("", 1)])
def test_mail_forwarded_to_a_colleague_stays_inside(address: str, found: int) -> None:
    """NB-08: the mailbox of a colleague was issued by a state agency; an entry without an address proves nothing."""
    (account,), _ = world.settled([world.row()])

    assert len(_found(forwards_to=(account.dn,), beside=replace(account, address=address))) == found
    assert len(_found(forwards_to=(account.dn,), beside=replace(account, dn=_FRIEND))) == 1
