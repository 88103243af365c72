"""The cmdlets of Exchange that write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

from servers.exchange import KEPT, PROTOCOLS, QUOTAS, Export, Organization
from servers.exchange_directory import Entry
from servers.exchange_reading import get_mailbox, shown_export
from servers.exchange_words import UNLIMITED, failure, is_alias, not_found, octets, shown
from servers.powershell_values import PsObject, as_items, text_of

_STAMPED: Final = (
    "mailNickname", "mail", "proxyAddresses", "homeMDB", "msExchHomeServerName", "msExchMailboxGuid",
    "legacyExchangeDN",
    "msExchRecipientTypeDetails", "msExchRecipientDisplayType", "msExchHideFromAddressLists", "altRecipient",
    "msExchGenericForwardingAddress", "deliverAndRedirect", "mDBUseDefaults", "msExchVersion", *QUOTAS.values(),
)  # fmt: skip
"""What Disable-Mailbox takes away; msExchWhenMailboxCreated and protocolSettings stay."""
_GROUP: Final = "/o=NinhBinh/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"


# ── cmdlets: writing ──


def enable_mailbox(
    on: Organization,
    *,
    identity: str,
    domain_controller: str,
    alias: str = "",
    database: str = "",
    primary_smtp_address: str = "",
) -> Iterator[PsObject]:
    entry = on.entry(identity, "EnableMailbox", domain_controller)
    if entry.first("msExchMailboxGuid"):
        says = f"This task does not support recipients of this type. '{entry.canonical}' is of type UserMailbox."
        raise failure("RecipientTaskException", says, "EnableMailbox", "InvalidOperation")
    alias = alias or "".join(letter if is_alias(letter) else "?" for letter in entry.first("sAMAccountName"))
    _check_alias(on, alias, entry, "EnableMailbox")
    primary = primary_smtp_address or f"{alias}@{on.policy}"
    addresses = [f"SMTP:{primary}"]
    _check_addresses(on, addresses, entry, "EnableMailbox")
    chosen = database or next(iter(on.databases))
    mailbox = uuid4()
    stamped: dict[str, list[str]] = {
        "mailNickname": [alias], "mail": [primary], "proxyAddresses": addresses,
        "homeMDB": [on.database(chosen, "EnableMailbox")], "msExchHomeServerName": [f"{_GROUP}/cn=EX01"],
        "msExchMailboxGuid": [mailbox.bytes_le.hex()], "msExchRecipientTypeDetails": ["1"],
        "msExchRecipientDisplayType": ["1073741824"], "mDBUseDefaults": ["TRUE"], "msExchVersion": ["88218628259840"],
        "legacyExchangeDN": [f"{_GROUP}/cn=Recipients/cn={mailbox.hex}-{alias}"],
        "msExchWhenMailboxCreated": [f"{on.now:%Y%m%d%H%M%S}.0Z"],
    }  # fmt: skip
    on.directory.modify(entry.guid, stamped)
    on.kept[entry.guid] = {**KEPT, "EmailAddressPolicyEnabled": not primary_smtp_address}
    yield from get_mailbox(on, identity=entry.guid, domain_controller=domain_controller)


def set_mailbox(on: Organization, *, identity: str, domain_controller: str, **values: Any) -> None:
    entry = on.mailbox(identity, "SetMailbox", domain_controller)
    if {"PrimarySmtpAddress", "EmailAddresses"} <= values.keys():
        says = "The EmailAddresses and PrimarySmtpAddress parameters can't be used at the same time."
        raise failure("RecipientTaskException", says, "SetMailbox", "InvalidArgument")
    stamped: dict[str, list[str]] = {}
    kept = dict(on.kept[entry.guid])
    before = (dict(entry.attributes), dict(kept))
    for name, value in values.items():
        _set_value(on, entry, kept, stamped, name, value)
    _set_names(on, entry, kept, stamped, values)
    _check_quotas(entry, stamped)
    on.directory.modify(entry.guid, stamped)
    on.kept[entry.guid] = kept
    after = on.directory.find(entry.guid)
    if after and (after.attributes, kept) == before:
        says = f"The command completed successfully but no settings of '{entry.canonical}' have been modified."
        on.warnings.append(says)


def set_cas_mailbox(on: Organization, *, identity: str, domain_controller: str, **values: Any) -> None:
    entry = on.mailbox(identity, "SetCASMailbox", domain_controller)
    for name, value in values.items():
        if not isinstance(value, bool) and not (value is None and PROTOCOLS[name] is None):
            raise failure("ParameterBindingException", f"{name}: {value!r} is no Boolean.", "SetCASMailbox")
    on.protocols[entry.guid] = {**on.protocols.get(entry.guid, {}), **values}


def disable_mailbox(on: Organization, *, identity: str, domain_controller: str, confirm: bool = True) -> None:
    entry = on.mailbox(identity, "DisableMailbox", domain_controller)
    _must_not_ask(confirm=confirm, cmdlet="Disable-Mailbox")
    if on.kept[entry.guid]["LitigationHoldEnabled"]:
        says = "The mailbox can't be disabled because it is on litigation hold. Use IgnoreLegalHold to disable it."
        raise failure("RecipientTaskException", says, "DisableMailbox", "InvalidOperation")
    for place in on.places(entry):
        if place in on.contents:
            on.contents[place].reason = "Disabled"
    on.directory.modify(entry.guid, {name: [] for name in _STAMPED})
    del on.kept[entry.guid]


def update_store_mailbox_state(on: Organization, *, database: str, identity: str, confirm: bool = True) -> None:
    on.database(database, "UpdateStoreMailboxState")
    _must_not_ask(confirm=confirm, cmdlet="Update-StoreMailboxState")
    if content := on.contents.get((database, identity)):
        content.lagging = False


def remove_store_mailbox(
    on: Organization, *, database: str, identity: str, mailbox_state: str, confirm: bool = True
) -> None:
    on.database(database, "RemoveStoreMailbox")
    _must_not_ask(confirm=confirm, cmdlet="Remove-StoreMailbox")
    content = on.contents.get((database, identity))
    if content is None or content.reason != mailbox_state:
        raise not_found(f"{database}\\{identity} ({mailbox_state})", "RemoveStoreMailbox")
    del on.contents[database, identity]


# ── cmdlets: copies ──


def new_mailbox_export_request(
    on: Organization,
    *,
    mailbox: str,
    domain_controller: str,
    file_path: str,
    name: str,
    batch_name: str,
    is_archive: bool = False,
) -> Iterator[PsObject]:
    entry = on.mailbox(mailbox, "NewMailboxExportRequest", domain_controller)
    if not file_path.startswith("\\\\"):
        raise failure("RemotePermanentException", "The path must be a UNC path.", "NewMailboxExportRequest")
    if any((export.mailbox, export.name) == (entry.guid, name) for export in on.exports):
        raise failure("NameMustBeUniquePermanentException", f"The name {name} is taken.", "NewMailboxExportRequest")
    export = Export(entry.guid, name, batch_name, file_path, is_archive)
    on.exports.append(export)
    yield shown_export(export)


def _set_value(  # noqa: C901 - one case per parameter
    on: Organization, entry: Entry, kept: dict[str, Any], stamped: dict[str, list[str]], name: str, value: Any
) -> None:
    match name:
        case "Alias" | "EmailAddresses" | "PrimarySmtpAddress":
            pass  # in _set_names
        case "HiddenFromAddressListsEnabled":
            stamped["msExchHideFromAddressLists"] = ["TRUE"] if value else []
        case "DeliverToMailboxAndForward":
            stamped["deliverAndRedirect"] = [str(value).upper()]
        case "UseDatabaseQuotaDefaults":
            stamped["mDBUseDefaults"] = [str(value).upper()]
        case "IssueWarningQuota" | "ProhibitSendQuota" | "ProhibitSendReceiveQuota":
            size = octets(text_of(value))
            stamped[QUOTAS[name]] = [] if size is None else [str(size // 1024)]
        case "ForwardingAddress":
            stamped["altRecipient"] = [on.entry(value, "SetMailbox").dn] if value else []
        case "ForwardingSmtpAddress":
            stamped["msExchGenericForwardingAddress"] = [_with_prefix(value)] if value else []
        case "AcceptMessagesOnlyFromSendersOrMembers":
            kept[name] = [on.entry(one, "SetMailbox").canonical for one in as_items(value) if one]
        case "MaxSendSize" | "MaxReceiveSize":
            kept[name] = shown(octets(text_of(value)))
        case "RecipientLimits":
            kept[name] = UNLIMITED if text_of(value).casefold() == "unlimited" else str(int(value))
        case "RequireSenderAuthenticationEnabled" | "EmailAddressPolicyEnabled":
            kept[name] = bool(value)
        case _:
            raise failure("ParameterBindingException", f"No parameter {name} on {entry.canonical}.", "SetMailbox")


def _set_names(
    on: Organization, entry: Entry, kept: dict[str, Any], stamped: dict[str, list[str]], values: Mapping[str, Any]
) -> None:
    addresses = [str(one) for one in entry.attributes.get("proxyaddresses", ())]
    primary = next(one for one in addresses if one.startswith("SMTP:"))
    if "Alias" in values:
        _check_alias(on, values["Alias"], entry, "SetMailbox")
        stamped["mailNickname"] = [values["Alias"]]
    if "EmailAddresses" in values:
        addresses = [one if ":" in one else f"smtp:{one}" for one in as_items(values["EmailAddresses"])]
    if "PrimarySmtpAddress" in values:
        new = values["PrimarySmtpAddress"]
        others = [one for one in addresses if one.casefold() != f"smtp:{new}".casefold()]
        addresses = [f"SMTP:{new}", *(_demoted(one) for one in others)]
    wanted = next((one for one in addresses if one.startswith("SMTP:")), "")
    if kept["EmailAddressPolicyEnabled"]:
        if wanted != primary:
            on.warnings.append(
                "Couldn't update the primary SMTP address because this mailbox is configured to use an email address "
                "policy."
            )
        ruled = f"SMTP:{values['Alias']}@{on.policy}" if "Alias" in values else primary
        rest = [one for one in addresses if one.casefold() != ruled.casefold()]
        addresses = [ruled, *(_demoted(one) for one in rest)]
        if ruled != primary:
            addresses.append(_demoted(primary))
    _check_addresses(on, addresses, entry, "SetMailbox")
    if addresses != entry.attributes.get("proxyaddresses"):
        stamped["proxyAddresses"] = addresses
        stamped["mail"] = [next(one[5:] for one in addresses if one.startswith("SMTP:"))]


def _check_alias(on: Organization, alias: str, entry: Entry, cmdlet: str) -> None:
    if not is_alias(alias):
        raise failure(
            "DataValidationException", f"The value {alias!r} of property Alias isn't valid.", cmdlet, "InvalidData"
        )
    other = on.directory.find(alias)
    if other and other.guid != entry.guid and other.first("mailNickname").casefold() == alias.casefold():
        raise failure("RecipientTaskException", f"The alias {alias} is used by {other.canonical}.", cmdlet)


def _check_addresses(on: Organization, addresses: list[str], entry: Entry, cmdlet: str) -> None:
    if sum(one.startswith("SMTP:") for one in addresses) != 1:
        raise failure(
            "DataValidationException", "There must be exactly one primary SMTP address.", cmdlet, "InvalidData"
        )
    if len({one.casefold() for one in addresses}) != len(addresses):
        raise failure("DataValidationException", "The same address is there twice.", cmdlet, "InvalidData")
    for address in addresses:
        is_smtp = address[:5].upper() == "SMTP:"
        if is_smtp and (
            address.count("@") != 1 or not address.isascii() or not address.isprintable() or " " in address
        ):
            raise failure("DataValidationException", f"{address!r} isn't a valid address.", cmdlet, "InvalidData")
        if on.directory.holders(address) - {entry.guid}:
            says = f"The proxy address {address} is already being used by another recipient."
            raise failure("ProxyAddressExistsException", says, cmdlet, "InvalidData")


def _check_quotas(entry: Entry, stamped: Mapping[str, list[str]]) -> None:
    now = {
        name: stamped.get(attribute, entry.attributes.get(attribute.lower(), [])) for name, attribute in QUOTAS.items()
    }
    most = int(now["ProhibitSendReceiveQuota"][0]) if now["ProhibitSendReceiveQuota"] else 1 << 60
    for name in ("IssueWarningQuota", "ProhibitSendQuota"):
        if now[name] and int(now[name][0]) > most:
            says = f"{name} must be less than or equal to ProhibitSendReceiveQuota."
            raise failure("DataValidationException", says, "SetMailbox", "InvalidData")


def _must_not_ask(*, confirm: bool, cmdlet: str) -> None:
    if confirm:
        says = (
            f"{cmdlet}: Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
        )
        raise failure("PSInvalidOperationException", says, cmdlet, "InvalidOperation")


def _with_prefix(address: str) -> str:
    return address if ":" in address else f"smtp:{address}"


def _demoted(address: str) -> str:
    return f"smtp:{address[5:]}" if address.startswith("SMTP:") else address
