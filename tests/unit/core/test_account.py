"""Accounts in canonical form."""

from __future__ import annotations

from dataclasses import replace

import world

from syncagent.core.account import AccountRef


def test_an_account_is_named_by_its_permanent_identity() -> None:
    """Design §2: the identity never changes, the DN may; both are kept so that people find the entry."""
    (account,), _ = world.settled([world.row()])

    assert account.ref == AccountRef("main", account.guid, account.dn)


def test_the_addresses_of_an_account_are_the_primary_and_the_aliases() -> None:
    """Design §4.7: an alias is as taken as a primary address; an account without a primary one has none to show."""
    (account,), _ = world.settled([world.row()])
    several = replace(account, aliases=("cu@ninhbinh.gov.vn",))

    assert several.addresses == (account.address, "cu@ninhbinh.gov.vn")
    assert replace(several, address="").addresses == ("cu@ninhbinh.gov.vn",)
    assert replace(account, address="").addresses == ()
