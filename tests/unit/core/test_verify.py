"""What differs from the text is a finding for people: quotas, forwarding, rules of the directory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import world

from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.match import Matches, Owned
from syncagent.core.policy import Policy
from syncagent.core.verify import account_findings, policy_findings


def _found(policy: Policy | None = None, *, marked: bool = True, **parts: Any) -> list[Finding]:
    """What P1's account shows when it holds these facts."""
    (account,), _ = world.settled([world.row()])
    changed = replace(account, **parts)
    owned = Owned(changed, account.stamp if marked else None)
    matches = Matches({"P1": owned}, {}, (), (), frozenset(), frozenset(), ())
    return list(account_findings(matches, policy or world.policy()))


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
    ("enforced", "named"),
    [
        ({}, []),
        ({"lockout_threshold": "13", "shortest_password": "9"}, []),
        ({"lockout_threshold": "13", "shortest_password": "14"}, []),
        ({"lockout_threshold": "12"}, ["main:lockout_threshold"]),
        ({"lockout_threshold": "14"}, ["main:lockout_threshold"]),
        ({"lockout_threshold": "0", "shortest_password": "8"}, ["main:lockout_threshold", "main:shortest_password"]),
        ({"something_else": "1"}, []),
    ],
)
def test_what_a_directory_enforces_is_compared_with_the_text(enforced: dict[str, str], named: list[str]) -> None:
    """NB-19 wants the thirteenth failure, NB-31 at least nine characters; what is not read shows nothing."""
    found = list(policy_findings([world.snapshot(enforced=enforced)], world.policy()))

    assert [f.subject for f in found] == named
    assert all((f.code, f.severity) == (FindingCode.POLICY_DIFFERS, Severity.WARNING) for f in found)
    assert all("Điều" in f.message.vi and "Điều" in f.message.en for f in found)
