"""The model of Exchange, against what Microsoft's documentation and administrators say of its cmdlets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from exchange_desk import DOMAIN, SUFFIX
from servers.client import ldap, load
from servers.exchange import Content, Organization, Rule
from servers.exchange_cmdlets import CMDLETS
from servers.exchange_directory import Entry, LiveDirectory, MemoryDirectory, live_directory
from servers.exchange_words import is_alias, octets, shown
from servers.fixtures import FreshBase
from servers.management_host import How, ManagementHost, Process
from servers.powershell_values import Failure, PsObject
from servers.samba import Samba

AN, BINH = (str(UUID(int=number)) for number in (1, 2))
CANNOT = "ManagementObjectNotFoundException"


@pytest.fixture
def exchange() -> Organization:
    """An organization with two accounts: An has a mailbox that was opened, Bình has none."""
    directory = MemoryDirectory()
    for guid, login in ((AN, "an"), (BINH, "binh")):
        directory.add(Entry(guid, f"CN={login},OU=Mail,{SUFFIX}", {"samaccountname": [login]}))
    made = Organization(directory, {"DB01": f"CN=DB01,{SUFFIX}", "DB02": f"CN=DB02,{SUFFIX}"})
    do(made, "Enable-Mailbox", Identity=AN, Alias="an", PrimarySmtpAddress=f"an@{DOMAIN}")
    made.log_on(AN)
    return made


def do(exchange: Organization, cmdlet: str, **parameters: Any) -> list[PsObject]:
    """Run a cmdlet as a session of the host does; `DomainController` goes with all that take it."""
    if cmdlet not in {"Get-MailboxStatistics", "Update-StoreMailboxState", "Remove-StoreMailbox"}:
        parameters["DomainController"] = "dc1"
    process = Process(ManagementHost(exchange), _imported=frozenset(CMDLETS))
    found = list(process.run(cmdlet, [], parameters))
    exchange.warnings[:] = process.warnings
    return found


def show(exchange: Organization, name: str, guid: str = AN, cmdlet: str = "Get-Mailbox") -> Any:
    (mailbox,) = do(exchange, cmdlet, Identity=guid)
    return mailbox.properties.get(name)


def refused(exchange: Organization, cmdlet: str, **parameters: Any) -> str:
    with pytest.raises(Failure) as raised:
        do(exchange, cmdlet, **parameters)
    return raised.value.identifier


def test_an_enabled_mailbox_has_its_address_and_no_policy_with_an_explicit_one(exchange: Organization) -> None:
    """Enable-Mailbox: -PrimarySmtpAddress sets EmailAddressPolicyEnabled to False; without it the policy names it."""
    do(exchange, "Enable-Mailbox", Identity=BINH, Alias="binh")

    assert (show(exchange, "PrimarySmtpAddress"), show(exchange, "EmailAddressPolicyEnabled")) == (
        f"an@{DOMAIN}",
        False,
    )
    assert show(exchange, "PrimarySmtpAddress", BINH) == f"binh@{DOMAIN}"
    assert show(exchange, "EmailAddressPolicyEnabled", BINH) is True


def test_a_mailbox_is_enabled_once(exchange: Organization) -> None:
    """Enable-Mailbox is for users: a user with a mailbox is of another type, and who is not there is not found."""
    assert "RecipientTaskException" in refused(exchange, "Enable-Mailbox", Identity=AN, Alias="an")
    assert CANNOT in refused(exchange, "Enable-Mailbox", Identity=str(UUID(int=9)), Alias="x")
    assert CANNOT in refused(exchange, "Get-Mailbox", Identity=BINH)


def test_a_mailbox_is_in_its_database_once_it_is_opened(exchange: Organization) -> None:
    """Get-MailboxStatistics: never opened, it warns and returns nothing; LastLogonTime counts whoever opens it."""
    do(exchange, "Enable-Mailbox", Identity=BINH, Alias="binh")
    before = do(exchange, "Get-MailboxStatistics", Identity=BINH)
    warned = list(exchange.warnings)
    exchange.log_on(BINH)

    assert before == []
    assert "hasn't logged on" in warned[0]
    assert show(exchange, "LastLogonTime", BINH, "Get-MailboxStatistics") == exchange.now


def test_a_policy_only_warns(exchange: Organization) -> None:
    """With EmailAddressPolicyEnabled the primary address stays, a warning is all; secondary ones are taken."""
    do(exchange, "Set-Mailbox", Identity=AN, EmailAddressPolicyEnabled=True)
    do(exchange, "Set-Mailbox", Identity=AN, EmailAddresses=[f"SMTP:moi@{DOMAIN}", f"smtp:an@{DOMAIN}"])

    assert show(exchange, "PrimarySmtpAddress") == f"an@{DOMAIN}"
    assert f"smtp:moi@{DOMAIN}" in show(exchange, "EmailAddresses")


def test_a_list_of_addresses_replaces_all(exchange: Organization) -> None:
    """Set-Mailbox -EmailAddresses x: what is not in the list is gone."""
    do(exchange, "Set-Mailbox", Identity=AN, EmailAddresses=[f"SMTP:moi@{DOMAIN}", "X500:/o=Old/cn=An"])

    assert show(exchange, "EmailAddresses") == [f"SMTP:moi@{DOMAIN}", "X500:/o=Old/cn=An"]
    assert exchange.directory.find(AN).first("mail") == f"moi@{DOMAIN}"  # type: ignore[union-attr]


def test_two_ways_to_say_the_address_do_not_go_together(exchange: Organization) -> None:
    """PrimarySmtpAddress and EmailAddresses cannot be in one call."""
    both = {"PrimarySmtpAddress": f"x@{DOMAIN}", "EmailAddresses": [f"SMTP:x@{DOMAIN}"]}

    assert "RecipientTaskException" in refused(exchange, "Set-Mailbox", Identity=AN, **both)


def test_an_address_belongs_to_one_recipient(exchange: Organization) -> None:
    """A proxy address that another recipient has is refused, in either case."""
    do(exchange, "Enable-Mailbox", Identity=BINH, Alias="binh")
    taken = [f"SMTP:binh@{DOMAIN}", f"smtp:AN@{DOMAIN}"]

    assert "ProxyAddressExistsException" in refused(exchange, "Set-Mailbox", Identity=BINH, EmailAddresses=taken)


@pytest.mark.parametrize(
    ("alias", "taken"),
    [
        ("an.nv", True),
        ("jörg", True),
        ("Nguyễn", False),
        ("đặng", False),
        ("a b", False),
        ("a..b", False),
        ("a" * 65, False),
    ],
)
def test_an_alias_has_few_letters(alias: str, taken: object) -> None:
    """Alias: letters and digits of ASCII, some signs, and U+00A1 to U+00FF; periods between; 64 at most."""
    assert is_alias(alias) == taken


@pytest.mark.parametrize(
    ("typed", "size", "seen"),
    [
        ("1KB", 1024, "1 KB (1,024 bytes)"),
        ("1000", 1024, "1 KB (1,024 bytes)"),
        ("1.5GB", 1_610_612_736, "1.5 GB (1,610,612,736 bytes)"),
        ("10 MB (10,485,760 bytes)", 10_485_760, "10 MB (10,485,760 bytes)"),
        ("Unlimited", None, "Unlimited"),
    ],
)
def test_sizes_are_rounded_up_and_shown_in_two_ways(typed: str, size: int | None, seen: str) -> None:
    """ByteQuantifiedSize: without a unit octets, rounded up to kilobytes."""
    assert octets(typed) == size
    assert shown(size) == seen


def test_quotas_of_a_mailbox_do_nothing_under_those_of_its_database(exchange: Organization) -> None:
    """UseDatabaseQuotaDefaults is True at first: the mailbox's own quotas are kept and not in force."""
    do(exchange, "Set-Mailbox", Identity=AN, ProhibitSendReceiveQuota="1KB")
    under_database = exchange.is_full(AN)
    do(exchange, "Set-Mailbox", Identity=AN, UseDatabaseQuotaDefaults=False)

    assert show(exchange, "ProhibitSendReceiveQuota") == "1 KB (1,024 bytes)"
    assert (under_database, exchange.is_full(AN)) == (False, True)


def test_quotas_stand_in_order(exchange: Organization) -> None:
    """IssueWarningQuota and ProhibitSendQuota are not above ProhibitSendReceiveQuota."""
    wrong = {"IssueWarningQuota": "3GB", "ProhibitSendReceiveQuota": "2GB"}

    assert "DataValidationException" in refused(exchange, "Set-Mailbox", Identity=AN, **wrong)


def test_what_changes_nothing_warns(exchange: Organization) -> None:
    """Set-Mailbox says so if no setting was modified."""
    do(exchange, "Set-Mailbox", Identity=AN, HiddenFromAddressListsEnabled=False)

    assert "no settings" in exchange.warnings[-1]


def test_closed_protocols_survive_disable_and_enable(exchange: Organization) -> None:
    """What protocolSettings says stays on the user: a mailbox that is enabled again is locked still."""
    do(exchange, "Set-CASMailbox", Identity=AN, OWAEnabled=False)
    do(exchange, "Disable-Mailbox", Identity=AN, Confirm=False)
    do(exchange, "Enable-Mailbox", Identity=AN, Alias="an")

    assert show(exchange, "OWAEnabled", cmdlet="Get-CASMailbox") is False


def test_disable_disconnects_and_asks_unless_told(exchange: Organization) -> None:
    """Disable-Mailbox pauses for a confirmation; the user stays, the mailbox is disconnected with its reason."""
    guid = show(exchange, "ExchangeGuid")

    asked = refused(exchange, "Disable-Mailbox", Identity=AN)
    do(exchange, "Disable-Mailbox", Identity=AN, Confirm=False)
    (left,) = do(exchange, "Get-MailboxStatistics", Database="DB01", StoreMailboxIdentity=guid)

    assert "PSInvalidOperationException" in asked
    assert left.properties.get("DisconnectReason") == "Disabled"
    assert exchange.directory.find(AN).attributes.keys() == {"samaccountname", "msexchwhenmailboxcreated"}  # type: ignore[union-attr]


def test_litigation_hold_refuses_disable(exchange: Organization) -> None:
    """Disable-Mailbox refuses a mailbox on hold, without -IgnoreLegalHold; Remove-StoreMailbox never looks."""
    exchange.kept[AN]["LitigationHoldEnabled"] = True

    assert "RecipientTaskException" in refused(exchange, "Disable-Mailbox", Identity=AN, Confirm=False)
    assert "NamedParameterNotFound" in refused(exchange, "Disable-Mailbox", Identity=AN, IgnoreLegalHold=True)


def test_only_a_disconnected_mailbox_is_removed(exchange: Organization) -> None:
    """Remove-StoreMailbox: an active mailbox is refused; afterwards its database shows nothing."""
    guid = show(exchange, "ExchangeGuid")
    where = {"Database": "DB01", "Identity": guid, "MailboxState": "Disabled", "Confirm": False}
    active = refused(exchange, "Remove-StoreMailbox", **where)
    do(exchange, "Disable-Mailbox", Identity=AN, Confirm=False)
    do(exchange, "Remove-StoreMailbox", **where)

    assert CANNOT in active
    assert do(exchange, "Get-MailboxStatistics", Database="DB01", StoreMailboxIdentity=guid) == []


def test_a_database_may_lag_behind(exchange: Organization) -> None:
    """Update-StoreMailboxState makes a database look at a mailbox that it does not show yet."""
    exchange.contents["DB01", "x"] = Content("Disabled", lagging=True)
    where = {"Database": "DB01", "StoreMailboxIdentity": "x"}
    before = do(exchange, "Get-MailboxStatistics", **where)
    do(exchange, "Update-StoreMailboxState", Database="DB01", Identity="x", Confirm=False)

    assert (before, len(do(exchange, "Get-MailboxStatistics", **where))) == ([], 1)


def test_copies_take_their_time(exchange: Organization) -> None:
    """New-MailboxExportRequest: UNC paths only, one name once per mailbox; Queued, InProgress, Completed."""
    order = {"Mailbox": AN, "Name": "a", "BatchName": "b", "FilePath": r"\\srv\pst\a.pst"}
    (first,) = do(exchange, "New-MailboxExportRequest", **order)
    states = [first.properties.get("Status")]
    for _ in range(2):
        exchange.work()
        states += [one.properties.get("Status") for one in do(exchange, "Get-MailboxExportRequest", BatchName="b")]

    assert states == ["Queued", "InProgress", "Completed"]
    assert r"\\srv\pst\a.pst" in exchange.files
    assert "NameMustBeUnique" in refused(exchange, "New-MailboxExportRequest", **order)
    assert "RemotePermanent" in refused(
        exchange, "New-MailboxExportRequest", **{**order, "Name": "b", "FilePath": "C:\\a"}
    )


def test_hidden_rules_are_shown_when_asked(exchange: Organization) -> None:
    """Get-InboxRule -IncludeHidden."""
    exchange.rules[AN] = [Rule("Chuyển", ("a@example.com",)), Rule("Junk", hidden=True)]

    assert len(do(exchange, "Get-InboxRule", Mailbox=AN)) == 1
    assert len(do(exchange, "Get-InboxRule", Mailbox=AN, IncludeHidden=True)) == 2


def test_a_deleted_user_leaves_a_mailbox_that_nobody_reaches(exchange: Organization) -> None:
    """Deleting the user by LDAP orphans the mailbox, on hold or not."""
    exchange.kept[AN]["LitigationHoldEnabled"] = True
    guid = show(exchange, "ExchangeGuid")
    exchange.directory.entries.pop(AN)  # type: ignore[attr-defined]

    assert CANNOT in refused(exchange, "Get-Mailbox", Identity=AN)
    assert len(do(exchange, "Get-MailboxStatistics", Database="DB01", StoreMailboxIdentity=guid)) == 1


def test_parameters_that_a_cmdlet_has_not_are_refused_before_anything(exchange: Organization) -> None:
    """NamedParameterNotFound; what belongs to another cmdlet too."""
    assert "NamedParameterNotFound" in refused(exchange, "Set-CASMailbox", Identity=AN, MaxSendSize="1KB")
    assert "ParameterBinding" in refused(exchange, "Set-Mailbox", Identity=AN, OWAEnabled=False)


@pytest.mark.parametrize("how", list(How))
def test_a_cmdlet_may_be_told_to_fail(exchange: Organization, how: How) -> None:
    """Before its work, after it, or with a warning only: what is written is written."""
    host = ManagementHost(exchange, wrong={"Set-Mailbox": how})
    process = Process(host, _imported=frozenset(CMDLETS))
    parameters = {"Identity": AN, "DomainController": "dc1", "HiddenFromAddressListsEnabled": True}

    if how is How.ONLY_WARNS:
        assert process.run("Set-Mailbox", [], parameters) == []
        assert process.warnings
    else:
        with pytest.raises(Failure):
            process.run("Set-Mailbox", [], parameters)

    assert show(exchange, "HiddenFromAddressListsEnabled") == (how is How.FAILS_AFTER)


@pytest.fixture
def live(samba: Samba, fresh_base: FreshBase) -> Iterator[tuple[LiveDirectory, str]]:
    """A real directory with an account and the entry of a database."""
    base = fresh_base(samba)
    load(
        samba,
        f"dn: CN=DB01,{base}\nobjectClass: container\n\ndn: CN=An,{base}\nobjectClass: user\nsAMAccountName: an.ex\n",
    )
    with live_directory(samba) as directory:
        yield directory, base


@pytest.mark.server
def test_a_real_directory_bears_the_stamps(live: tuple[LiveDirectory, str], samba: Samba) -> None:
    """What Exchange stamps on a user stands in Active Directory, where any client reads it; Disable takes it away."""
    directory, base = live
    exchange = Organization(directory, {"DB01": f"CN=DB01,{base}"})
    guid = directory.find("an.ex").guid  # type: ignore[union-attr]
    do(exchange, "Enable-Mailbox", Identity=guid, Alias="an.ex", PrimarySmtpAddress=f"an.ex@{DOMAIN}")
    do(exchange, "Set-Mailbox", Identity=guid, HiddenFromAddressListsEnabled=True, ProhibitSendReceiveQuota="2GB")
    asked = ("-b", f"CN=An,{base}", "-s", "base", "-LLL", "-o", "ldif-wrap=no")
    stamped = ldap(samba, "ldapsearch", *asked)
    do(exchange, "Disable-Mailbox", Identity=guid, Confirm=False)
    left = ldap(samba, "ldapsearch", *asked)

    for line in (
        f"proxyAddresses: SMTP:an.ex@{DOMAIN}", f"mail: an.ex@{DOMAIN}", "mailNickname: an.ex",
        f"homeMDB: CN=DB01,{base}", "msExchHideFromAddressLists: TRUE", "mDBOverHardQuotaLimit: 2097152",
        "msExchRecipientTypeDetails: 1",
    ):  # fmt: skip
        assert line in stamped
    assert not any(name in left for name in ("proxyAddresses", "homeMDB", "msExchMailboxGuid", "legacyExchangeDN"))
    assert "msExchWhenMailboxCreated" in left
