"""The cmdlets of Exchange that read."""

from __future__ import annotations

from collections.abc import Iterator

from servers.exchange import PROTOCOLS, QUOTAS, Export, Organization
from servers.exchange_words import octets, properties, shown
from servers.powershell_values import PsObject

# ── cmdlets: reading ──


def get_mailbox(on: Organization, *, identity: str, domain_controller: str) -> Iterator[PsObject]:
    entry = on.mailbox(identity, "GetMailbox", domain_controller)
    kept = on.kept[entry.guid]
    database, content = on.place(entry)
    quotas = {name: _quota(entry.first(attribute)) for name, attribute in QUOTAS.items()}
    primary = next((one[5:] for one in entry.attributes.get("proxyaddresses", ()) if one.startswith("SMTP:")), "")
    forwarded = entry.first("altRecipient") and on.directory.find(entry.first("altRecipient"))
    yield properties(
        {
            **kept, **quotas,
            "MaxSendSize": shown(octets(kept["MaxSendSize"])),
            "MaxReceiveSize": shown(octets(kept["MaxReceiveSize"])),
            "Alias": entry.first("mailNickname"),
            "Database": database,
            "DeliverToMailboxAndForward": entry.first("deliverAndRedirect") == "TRUE",
            "DistinguishedName": entry.dn,
            "EmailAddresses": list(entry.attributes.get("proxyaddresses", ())),
            "ExchangeGuid": content,
            "ForwardingAddress": forwarded.canonical if forwarded else None,
            "ForwardingSmtpAddress": entry.first("msExchGenericForwardingAddress") or None,
            "GrantSendOnBehalfTo": list(entry.attributes.get("publicdelegates", ())),
            "Guid": entry.guid,
            "HiddenFromAddressListsEnabled": entry.first("msExchHideFromAddressLists") == "TRUE",
            "LegacyExchangeDN": entry.first("legacyExchangeDN"),
            "PrimarySmtpAddress": primary,
            "RecipientTypeDetails": "UserMailbox",
            "UseDatabaseQuotaDefaults": entry.first("mDBUseDefaults") != "FALSE",
            "WhenMailboxCreated": on.now,
        },
        entry.canonical,
    )  # fmt: skip


def get_cas_mailbox(on: Organization, *, identity: str, domain_controller: str) -> Iterator[PsObject]:
    entry = on.mailbox(identity, "GetCASMailbox", domain_controller)
    yield properties({**PROTOCOLS, **on.protocols.get(entry.guid, {})}, entry.canonical)


def get_mailbox_statistics(
    on: Organization,
    *,
    identity: str = "",
    database: str = "",
    store_mailbox_identity: str = "",
    domain_controller: str = "dc",
) -> Iterator[PsObject]:
    if identity:
        place = on.place(on.mailbox(identity, "GetMailboxStatistics", domain_controller))
        if place not in on.contents:
            on.warnings.append(f"The user hasn't logged on to mailbox '{identity}', so there is no data to return.")
            return
    else:
        on.database(database, "GetMailboxStatistics")
        place = (database, store_mailbox_identity)
    content = on.contents.get(place)
    if content is None or content.lagging:
        return
    yield properties(
        {
            "DatabaseName": place[0], "MailboxGuid": place[1], "ItemCount": content.items,
            "TotalItemSize": shown(content.size), "LastLogonTime": content.last_logon,
            "LastLoggedOnUserAccount": None, "DisconnectReason": content.reason or None,
            "DisconnectDate": on.now if content.reason else None, "StorageLimitStatus": "BelowLimit",
        }
    )  # fmt: skip


def get_inbox_rule(
    on: Organization, *, mailbox: str, domain_controller: str, include_hidden: bool = False
) -> Iterator[PsObject]:
    entry = on.mailbox(mailbox, "GetInboxRule", domain_controller)
    for rule in on.rules.get(entry.guid, ()):
        if include_hidden or not rule.hidden:
            yield properties(
                {
                    "Name": rule.name, "Enabled": rule.enabled, "ForwardTo": list(rule.forward_to) or None,
                    "RedirectTo": list(rule.redirect_to) or None, "ForwardAsAttachmentTo": None,
                }
            )  # fmt: skip


def get_mailbox_permission(on: Organization, *, identity: str, domain_controller: str) -> Iterator[PsObject]:
    entry = on.mailbox(identity, "GetMailboxPermission", domain_controller)
    own = {"User": "NT AUTHORITY\\SELF", "AccessRights": ["FullAccess", "ReadPermission"]}
    for right in (own, *on.rights.get(entry.guid, ())):
        if "AccessRights" in right:
            yield properties({"Deny": False, "IsInherited": False, **right})


def get_ad_permission(on: Organization, *, identity: str, domain_controller: str) -> Iterator[PsObject]:
    entry = on.mailbox(identity, "GetADPermission", domain_controller)
    for right in on.rights.get(entry.guid, ()):
        if "ExtendedRights" in right:
            yield properties({"Deny": False, "IsInherited": False, "AccessRights": ["ExtendedRight"], **right})


def get_mailbox_export_request(on: Organization, *, batch_name: str, domain_controller: str) -> Iterator[PsObject]:
    assert domain_controller
    yield from (shown_export(export) for export in on.exports if export.batch == batch_name)


def _quota(kilobytes: str) -> str:
    return shown(int(kilobytes) * 1024 if kilobytes else None)


def shown_export(export: Export) -> PsObject:
    return properties(
        {
            "Name": export.name, "BatchName": export.batch, "FilePath": export.path, "Status": export.status,
            "Mailbox": export.mailbox,
        }
    )  # fmt: skip
