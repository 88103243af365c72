<#
.SYNOPSIS
    Carries out named operations on the mailboxes of an Exchange organization.

.DESCRIPTION
    Runs on a management host; bootstrap.ps1 starts it with what came on standard input. Cmdlets are Exchange's own, over
    a session of the account in the document, so that Exchange's roles (RBAC) decide what may be done. What is to be
    done is decided elsewhere: here each operation is a fixed sequence of cmdlets whose parameters are values, never text
    that is run.

    Values travel as base64 of UTF-8, those of one property joined by commas: nothing that a JSON serializer, a console or
    a code page does to text can touch them. Each operation is answered at once by a line that carries the nonce.
#>
param($Document, [string] $Nonce)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

$cmdlets = @(
    'Disable-Mailbox', 'Enable-Mailbox', 'Get-ADPermission', 'Get-CASMailbox', 'Get-InboxRule', 'Get-Mailbox',
    'Get-MailboxExportRequest', 'Get-MailboxPermission', 'Get-MailboxStatistics', 'New-MailboxExportRequest',
    'Remove-StoreMailbox', 'Set-CASMailbox', 'Set-Mailbox', 'Update-StoreMailboxState'
)

# ── what may be written, by operation ──

$protocols = @(
    'ActiveSyncEnabled', 'ECPEnabled', 'EwsEnabled', 'ImapEnabled', 'MAPIBlockOutlookRpcHttp', 'MAPIEnabled',
    'MapiHttpEnabled', 'OWAEnabled', 'OWAforDevicesEnabled', 'PopEnabled'
)
$listing = @('HiddenFromAddressListsEnabled')
$naming = @('Alias', 'EmailAddresses', 'EmailAddressPolicyEnabled')
$limits = @(
    'IssueWarningQuota', 'MaxReceiveSize', 'MaxSendSize', 'ProhibitSendQuota', 'ProhibitSendReceiveQuota',
    'RecipientLimits', 'UseDatabaseQuotaDefaults'
)
$delivery = @(
    'AcceptMessagesOnlyFromSendersOrMembers', 'DeliverToMailboxAndForward', 'ForwardingAddress', 'ForwardingSmtpAddress',
    'RequireSenderAuthenticationEnabled'
)
$creation = @('Alias', 'Database', 'PrimarySmtpAddress')

# ── what is read ──

$ofMailbox = $naming + $limits + $delivery + $listing + @(
    'ArchiveDatabase', 'ArchiveGuid', 'Database', 'DistinguishedName', 'ExchangeGuid', 'GrantSendOnBehalfTo', 'Guid',
    'InPlaceHolds', 'LegacyExchangeDN', 'LitigationHoldEnabled', 'PrimarySmtpAddress', 'RecipientTypeDetails',
    'RetentionHoldEnabled', 'WhenMailboxCreated'
)
$ofUse = @(
    'DatabaseName', 'DisconnectDate', 'DisconnectReason', 'ItemCount', 'LastLogonTime', 'LastLoggedOnUserAccount',
    'MailboxGuid', 'StorageLimitStatus', 'TotalItemSize'
)
$ofRule = @('Enabled', 'ForwardAsAttachmentTo', 'ForwardTo', 'Name', 'RedirectTo')
$ofRight = @('AccessRights', 'Deny', 'ExtendedRights', 'IsInherited', 'User')
$ofExport = @('BatchName', 'FilePath', 'Mailbox', 'Name', 'Status')

function ConvertTo-Octets {
    param([string] $Text)
    [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text))
}

function ConvertFrom-Octets {
    param([string] $Octets)
    [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Octets))
}

# Given a value of a property, return its items: dates in UTC as ISO 8601, all else as Exchange shows it.
function ConvertTo-Items {
    param($Value)
    $items = @(
        foreach ($item in @($Value)) {
            if ($null -ne $item) {
                if ($item -is [datetime]) { $item = $item.ToUniversalTime().ToString('o') }
                ConvertTo-Octets -Text ([string] $item)
            }
        }
    )
    [string]::Join(',', $items)
}

# Given an object and names, return those of its properties that it has; what this release lacks is passed over.
function Select-Properties {
    param($From, [string[]] $Names)
    $found = @{}
    foreach ($name in $Names) {
        $property = $From.PSObject.Properties[$name]
        if ($null -ne $property) { $found[$name] = ConvertTo-Items -Value $property.Value }
    }
    $found
}

# Given typed values, return them as parameters of a cmdlet; refuses what the operation may not write.
function ConvertTo-Parameters {
    param($Given, [string[]] $Allowed)
    $parameters = @{}
    foreach ($entry in @($Given)) {
        if ($Allowed -cnotcontains $entry.name) { throw 'A property that this operation may not write.' }
        switch -CaseSensitive ($entry.type) {
            'flag' { $parameters[$entry.name] = $entry.value -ceq 'True' }
            'none' { $parameters[$entry.name] = $null }
            'text' { $parameters[$entry.name] = ConvertFrom-Octets -Octets $entry.value }
            'list' {
                $parameters[$entry.name] = [string[]] @(
                    foreach ($item in $entry.value.Split(',')) { ConvertFrom-Octets -Octets $item }
                )
            }
            default { throw 'A type that is not known.' }
        }
    }
    $parameters
}

function Read-Mailbox {
    param($Operation)
    $at = @{ Identity = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
    $found = Select-Properties -From (Get-Mailbox @at) -Names $ofMailbox
    $found + (Select-Properties -From (Get-CASMailbox @at) -Names $protocols)
}

# Whether every value that was looked at before is still there, octet for octet.
function Test-Unchanged {
    param($Seen, [hashtable] $Now)
    foreach ($entry in @($Seen)) {
        if ($Now[$entry.name] -cne $entry.value) { return $false }
    }
    $true
}

# Sets what is given, in Set-Mailbox and Set-CASMailbox as each property has its place, and reads everything back.
function Write-Mailbox {
    param($Operation, [string[]] $Mailbox, [string[]] $Access, [hashtable] $Answer)
    $at = @{ Identity = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
    $set = ConvertTo-Parameters -Given $Operation.mailbox -Allowed $Mailbox
    $open = ConvertTo-Parameters -Given $Operation.access -Allowed $Access
    $first = @()
    $second = @()
    if ($set.Count -gt 0) { Set-Mailbox @at @set -WarningVariable 'first' }
    if ($open.Count -gt 0) { Set-CASMailbox @at @open -WarningVariable 'second' }
    $Answer['warnings'] = ConvertTo-Items -Value (@($first) + @($second))
    $Answer['after'] = Read-Mailbox -Operation $Operation
    $Answer['status'] = 'done'
}

# The same, if every value that was looked at before is still there.
function Update-Mailbox {
    param($Operation, [string[]] $Mailbox, [string[]] $Access, [hashtable] $Answer)
    $Answer['before'] = Read-Mailbox -Operation $Operation
    if (Test-Unchanged -Seen $Operation.seen -Now $Answer['before']) {
        Write-Mailbox -Operation $Operation -Mailbox $Mailbox -Access $Access -Answer $Answer
    }
    else { $Answer['status'] = 'stale' }
}

function New-MailboxOf {
    param($Operation, [hashtable] $Answer)
    $at = @{ Identity = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
    $created = ConvertTo-Parameters -Given $Operation.creation -Allowed $creation
    $null = Enable-Mailbox @at @created
    Write-Mailbox -Operation $Operation -Mailbox ($naming + $limits + $delivery + $listing) -Access $protocols -Answer $Answer
}

# Irreversible after the databases' retention: only for a purge that was decided, never for somebody who left.
function Disconnect-Content {
    param($Operation, [hashtable] $Answer)
    $at = @{ Identity = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
    $Answer['before'] = Read-Mailbox -Operation $Operation
    if (Test-Unchanged -Seen $Operation.seen -Now $Answer['before']) {
        Disable-Mailbox @at -Confirm:$false
        $Answer['status'] = 'done'
    }
    else { $Answer['status'] = 'stale' }
}

# Answers with each object on a line of its own.
function Out-Parts {
    param($Operation, $Found, [string[]] $Names)
    foreach ($one in @($Found)) {
        if ($null -ne $one) {
            Out-Answer -Answer @{ id = $Operation.id; status = 'part'; after = (Select-Properties -From $one -Names $Names) }
        }
    }
}

function Out-Answer {
    param([hashtable] $Answer)
    $json = ConvertTo-Json -InputObject $Answer -Compress -Depth 4
    [Console]::Out.Write('@@')
    [Console]::Out.Write($Nonce)
    [Console]::Out.Write('@@')
    [Console]::Out.WriteLine((ConvertTo-Octets -Text $json))
    [Console]::Out.Flush()
}

function Get-Digest {
    param($Operation)
    $drive = @{ Name = 'SyncagentArchive'; PSProvider = 'FileSystem'; Root = (ConvertFrom-Octets -Octets $Operation.folder) }
    $null = New-PSDrive @drive -Credential $credential -ErrorAction Stop
    try {
        $path = Join-Path -Path 'SyncagentArchive:' -ChildPath (ConvertFrom-Octets -Octets $Operation.file)
        Get-FileHash -LiteralPath $path -Algorithm 'SHA256' -ErrorAction Stop
    }
    finally { Remove-PSDrive -Name 'SyncagentArchive' -ErrorAction SilentlyContinue }
}

function Invoke-Operation {
    param($Operation, [hashtable] $Answer)
    $write = @{ Operation = $Operation; Answer = $Answer }
    $at = @{ Identity = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
    switch -CaseSensitive ($Operation.operation) {
        'lock' { Update-Mailbox @write -Mailbox @() -Access $protocols }
        'unlock' { Update-Mailbox @write -Mailbox @() -Access $protocols }
        'disable' { Update-Mailbox @write -Mailbox ($limits + $delivery + $listing) -Access $protocols }
        'restore' { Update-Mailbox @write -Mailbox ($limits + $delivery + $listing) -Access $protocols }
        'readdress' { Update-Mailbox @write -Mailbox $naming -Access @() }
        'set_limits' { Update-Mailbox @write -Mailbox $limits -Access @() }
        'hide' { Update-Mailbox @write -Mailbox $listing -Access @() }
        'enable' { New-MailboxOf @write }
        'read' {
            $Answer['after'] = Read-Mailbox -Operation $Operation
            $Answer['status'] = 'done'
        }
        'cmdlets' {
            Out-Parts -Operation $Operation -Found (Get-Command -Name $cmdlets -ErrorAction SilentlyContinue) -Names @('Name')
            $Answer['status'] = 'done'
        }
        'use' {
            Out-Parts -Operation $Operation -Found (Get-MailboxStatistics @at) -Names $ofUse
            $Answer['status'] = 'done'
        }
        'rules' {
            $of = @{ Mailbox = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
            Out-Parts -Operation $Operation -Found (Get-InboxRule @of -IncludeHidden) -Names $ofRule
            $Answer['status'] = 'done'
        }
        'rights' {
            Out-Parts -Operation $Operation -Found (Get-MailboxPermission @at) -Names $ofRight
            $of = @{ Identity = (ConvertFrom-Octets -Octets $Operation.dn); DomainController = $Document.dc; ErrorAction = 'Stop' }
            Out-Parts -Operation $Operation -Found (Get-ADPermission @of) -Names $ofRight
            $Answer['status'] = 'done'
        }
        'archive' {
            $request = ConvertTo-Parameters -Given $Operation.request -Allowed @('BatchName', 'FilePath', 'IsArchive', 'Name')
            $of = @{ Mailbox = $Operation.guid; DomainController = $Document.dc; ErrorAction = 'Stop' }
            Out-Parts -Operation $Operation -Found (New-MailboxExportRequest @of @request) -Names $ofExport
            $Answer['status'] = 'done'
        }
        'archived' {
            $of = @{ BatchName = (ConvertFrom-Octets -Octets $Operation.batch); DomainController = $Document.dc; ErrorAction = 'Stop' }
            Out-Parts -Operation $Operation -Found (Get-MailboxExportRequest @of) -Names $ofExport
            $Answer['status'] = 'done'
        }
        'digest' {
            Out-Parts -Operation $Operation -Found (Get-Digest -Operation $Operation) -Names @('Algorithm', 'Hash')
            $Answer['status'] = 'done'
        }
        'disconnect' { Disconnect-Content @write }
        'store' {
            $of = @{ Database = (ConvertFrom-Octets -Octets $Operation.database); ErrorAction = 'Stop' }
            Out-Parts -Operation $Operation -Found (Get-MailboxStatistics @of -StoreMailboxIdentity $Operation.content) -Names $ofUse
            $Answer['status'] = 'done'
        }
        'refresh' {
            $of = @{ Database = (ConvertFrom-Octets -Octets $Operation.database); ErrorAction = 'Stop' }
            Update-StoreMailboxState @of -Identity $Operation.content -Confirm:$false
            $Answer['status'] = 'done'
        }
        'erase' {
            $of = @{ Database = (ConvertFrom-Octets -Octets $Operation.database); Identity = $Operation.content; ErrorAction = 'Stop' }
            Remove-StoreMailbox @of -MailboxState 'Disabled' -Confirm:$false
            $Answer['status'] = 'done'
        }
        default { throw 'An operation that is not known.' }
    }
}

function Out-Failure {
    param([hashtable] $Answer, $Failure)
    $Answer['status'] = 'failed'
    $Answer['fqid'] = [string] $Failure.FullyQualifiedErrorId
    $Answer['category'] = [string] $Failure.CategoryInfo.Category
    $Answer['message'] = [string] $Failure.Exception.Message
    Out-Answer -Answer $Answer
}

# Opens the session; what fails here has carried out nothing, and says so.
$session = $null
$isOpen = $false
try {
    try {
        $secret = ConvertTo-SecureString -String (ConvertFrom-Octets -Octets $Document.password) -AsPlainText -Force
        $name = ConvertFrom-Octets -Octets $Document.user
        $credential = New-Object -TypeName 'System.Management.Automation.PSCredential' -ArgumentList $name, $secret
        $english = New-PSSessionOption -Culture 'en-US' -UICulture 'en-US'
        $there = @{ ConfigurationName = 'Microsoft.Exchange'; ConnectionUri = $Document.uri; Authentication = 'Kerberos' }
        $session = New-PSSession @there -Credential $credential -SessionOption $english -ErrorAction Stop
        $import = @{ CommandName = $cmdlets; AllowClobber = $true; DisableNameChecking = $true }
        $null = Import-PSSession -Session $session @import -ErrorAction SilentlyContinue
        $isOpen = $true
    }
    catch { Out-Failure -Answer @{ id = 'session' } -Failure $_ }
    if ($isOpen) {
        $count = 0
        foreach ($operation in @($Document.operations)) {
            $answer = @{ id = $operation.id; status = 'failed' }
            try {
                Invoke-Operation -Operation $operation -Answer $answer
                Out-Answer -Answer $answer
            }
            catch { Out-Failure -Answer $answer -Failure $_ }
            $count += 1
        }
        Out-Answer -Answer @{ id = 'end'; status = 'done'; count = $count }
    }
}
finally {
    if ($null -ne $session) { Remove-PSSession -Session $session -ErrorAction SilentlyContinue }
}
