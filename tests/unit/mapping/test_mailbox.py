"""From a mailbox file to a directory with a mail system behind it."""

from __future__ import annotations

import pytest
import world

from syncagent.errors import Misconfigured
from syncagent.mapping.mailbox import read_mailbox

TEXT = (world.MAPPINGS / "mailboxes" / "exchange.yaml").read_text(encoding="utf-8")


def test_what_the_mail_system_owns_is_not_the_directorys() -> None:
    """Design §4.12: proxyAddresses and its kin are Exchange's; the rest of the mapping stays."""
    found = world.with_exchange()

    assert (found.address, found.addresses.attribute) == ("PrimarySmtpAddress", "EmailAddresses")
    assert "mailNickname" not in found.write
    assert found.write["Alias"] == "{mail_nickname}"
    assert found.write["displayName"] == "{full_name}"
    assert found.rights == ("member",)
    assert {"OWAEnabled", "RecipientLimits"} <= set(found.attributes().values())


def test_a_fault_names_its_line() -> None:
    """A key that nobody knows is an error with its line."""
    with pytest.raises(Misconfigured) as raised:
        read_mailbox(world.directory(), TEXT + "\ncolour: red\n", "exchange.yaml", "x/Khong ai")

    assert "exchange.yaml" in str(raised.value.where) or "colour" in raised.value.says.en


def test_sizes_may_be_left_out() -> None:
    """A mail system without quotas has none to compare."""
    text = TEXT.replace("quota: {attribute: ProhibitSendReceiveQuota, per_mb: 1048576}\n", "").replace(
        "message: {attribute: MaxSendSize, per_mb: 1048576}\n", ""
    )

    found = read_mailbox(world.directory(), text, "exchange.yaml", "x/Khong ai")

    assert (found.quota, found.message) == (None, None)
