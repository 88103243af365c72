"""Which cmdlets of Exchange there are, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from servers import exchange_reading as reading
from servers import exchange_writing as writing

CMDLETS: Final[Mapping[str, Callable[..., Any]]] = {
    "Disable-Mailbox": writing.disable_mailbox,
    "Enable-Mailbox": writing.enable_mailbox,
    "Get-ADPermission": reading.get_ad_permission,
    "Get-CASMailbox": reading.get_cas_mailbox,
    "Get-InboxRule": reading.get_inbox_rule,
    "Get-Mailbox": reading.get_mailbox,
    "Get-MailboxExportRequest": reading.get_mailbox_export_request,
    "Get-MailboxPermission": reading.get_mailbox_permission,
    "Get-MailboxStatistics": reading.get_mailbox_statistics,
    "New-MailboxExportRequest": writing.new_mailbox_export_request,
    "Remove-StoreMailbox": writing.remove_store_mailbox,
    "Set-CASMailbox": writing.set_cas_mailbox,
    "Set-Mailbox": writing.set_mailbox,
    "Update-StoreMailboxState": writing.update_store_mailbox_state,
}
