# What the agent's accounts may do in Exchange, as data: read by Grant-SyncAgentExchangeRoles.ps1 and by the tests.
# A custom role is cut from the role of Exchange it stands under, and keeps the cmdlets listed here.
@{
    # Every day: reading, enabling, properties, copies. Nothing here disconnects or deletes a mailbox.
    Everyday = @{
        'Mail Recipients'              = @(
            'Enable-Mailbox'
            'Get-CASMailbox'
            'Get-InboxRule'
            'Get-Mailbox'
            'Get-MailboxPermission'
            'Get-MailboxStatistics'
            'Set-CASMailbox'
            'Set-Mailbox'
        )
        'Active Directory Permissions' = @(
            'Get-ADPermission'
        )
        'Mailbox Import Export'        = @(
            'Get-MailboxExportRequest'
            'New-MailboxExportRequest'
        )
    }

    # The end of a term: a second account, used for purges alone.
    Purge    = @{
        'Mail Recipients'       = @(
            'Disable-Mailbox'
            'Get-CASMailbox'
            'Get-Mailbox'
            'Get-MailboxStatistics'
        )
        'Mailbox Import Export' = @(
            'Get-MailboxExportRequest'
        )
        'Databases'             = @(
            'Remove-StoreMailbox'
            'Update-StoreMailboxState'
        )
    }

    # Taken out of the custom roles: not even by mistake does the agent pass over a hold.
    Withheld = @{
        'Disable-Mailbox' = @(
            'IgnoreLegalHold'
        )
    }
}
