#Requires -Version 5.1
#Requires -Modules ActiveDirectory
<#
.SYNOPSIS
    Gives the agent's account the rights it needs on Active Directory, and no others.

.DESCRIPTION
    On the branch with the mail accounts: create accounts and organizational units, write the attributes listed in
    rights.psd1, reset passwords, move accounts, and write who is a member of groups there. In the quarantine: delete
    accounts. On CN=Deleted Objects: see what was deleted, as proof. With -Undelete, on the domain: bring deleted
    accounts back.

    The account becomes a member of nothing. Run this as a member of Domain Admins, first with -WhatIf. Running it again
    changes nothing.

.PARAMETER Account
    The agent's account: a user or a group managed service account, by sAMAccountName.

.PARAMETER Branch
    The distinguished name of the organizational unit that is `base` in the configuration.

.PARAMETER Quarantine
    The distinguished name of the organizational unit in which accounts are deleted; without it none is.

.PARAMETER Undelete
    Also gives the right "Reanimate Tombstones" on the domain, without which `syncagent undo` cannot bring back from the
    Recycle Bin what it deleted: that action then fails, and nothing is written.

.EXAMPLE
    .\Grant-SyncAgentRights.ps1 -Account svc-syncagent -Branch 'OU=Mail,DC=ninhbinh,DC=gov,DC=vn' `
        -Quarantine 'OU=Cach ly,DC=ninhbinh,DC=gov,DC=vn' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)] [ValidateNotNullOrEmpty()] [string] $Account,
    [Parameter(Mandatory)] [ValidateNotNullOrEmpty()] [string] $Branch,
    [string] $Quarantine,
    [switch] $Undelete
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module ActiveDirectory

$rights = Import-PowerShellDataFile -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'rights.psd1')
$rootDse = Get-ADRootDSE
$principals = @(Get-ADObject -Filter { sAMAccountName -eq $Account } -Properties objectSid)
if ($principals.Count -ne 1) { throw "There is not exactly one account $Account." }
$sid = [System.Security.Principal.SecurityIdentifier] $principals[0].objectSid

function Get-SchemaGuid {
    param([Parameter(Mandatory)] [string] $Name)
    $found = @(Get-ADObject -SearchBase $rootDse.schemaNamingContext -Filter { lDAPDisplayName -eq $Name } -Properties schemaIDGUID)
    if ($found.Count -ne 1) { return $null }
    [guid] $found[0].schemaIDGUID
}

function New-Rule {
    param(
        [Parameter(Mandatory)] [System.DirectoryServices.ActiveDirectoryRights] $Right,
        [guid] $Object = [guid]::Empty,
        [Parameter(Mandatory)] [System.DirectoryServices.ActiveDirectorySecurityInheritance] $Inheritance,
        [guid] $Below = [guid]::Empty
    )
    $allow = [System.Security.AccessControl.AccessControlType]::Allow
    New-Object -TypeName System.DirectoryServices.ActiveDirectoryAccessRule -ArgumentList $sid, $Right, $allow, $Object, $Inheritance, $Below
}

function Add-Rules {
    param(
        [Parameter(Mandatory)] [string] $Place,
        [Parameter(Mandatory)] [System.DirectoryServices.ActiveDirectoryAccessRule[]] $Rules
    )
    $path = "AD:\$Place"
    $acl = Get-Acl -Path $path
    foreach ($rule in $Rules) { $acl.AddAccessRule($rule) }
    if ($PSCmdlet.ShouldProcess($Place, "$($Rules.Count) access rules for $Account")) {
        Set-Acl -Path $path -AclObject $acl
    }
}

function Get-WriteRules {
    param([Parameter(Mandatory)] [string[]] $Attributes, [Parameter(Mandatory)] [guid] $Class)
    foreach ($name in $Attributes) {
        $attribute = Get-SchemaGuid -Name $name
        if ($null -eq $attribute) { Write-Warning "The schema has no attribute ${name}: passed over."; continue }
        New-Rule -Right 'WriteProperty' -Object $attribute -Inheritance 'Descendents' -Below $Class
    }
}

$user = Get-SchemaGuid -Name 'user'
$group = Get-SchemaGuid -Name 'group'
$written = @(Get-WriteRules -Attributes $rights.UserAttributes -Class $user)

$onBranch = @(
    foreach ($name in $rights.Created) {
        New-Rule -Right 'CreateChild' -Object (Get-SchemaGuid -Name $name) -Inheritance 'All'
    }
    foreach ($name in $rights.Moved) {
        New-Rule -Right 'DeleteChild' -Object (Get-SchemaGuid -Name $name) -Inheritance 'All'
    }
    New-Rule -Right 'ExtendedRight' -Object ([guid] $rights.ResetPassword) -Inheritance 'Descendents' -Below $user
    Get-WriteRules -Attributes $rights.GroupAttributes -Class $group
)
Add-Rules -Place $Branch -Rules ($onBranch + $written)

if ($Undelete) {
    $reanimate = New-Rule -Right 'ExtendedRight' -Object ([guid] $rights.Reanimate) -Inheritance 'None'
    Add-Rules -Place $rootDse.defaultNamingContext -Rules @($reanimate)
}

if ($Quarantine) {
    $inQuarantine = @(
        New-Rule -Right 'CreateChild, DeleteChild' -Object $user -Inheritance 'All'
        New-Rule -Right 'Delete, DeleteTree, DeleteChild' -Inheritance 'Descendents' -Below $user
    )
    Add-Rules -Place $Quarantine -Rules ($inQuarantine + $written)

    # The container of deleted objects has no inheritance and belongs to the system: only dsacls reaches it.
    $deleted = "CN=Deleted Objects,$($rootDse.defaultNamingContext)"
    if ($PSCmdlet.ShouldProcess($deleted, "take ownership, and let $Account list and read it")) {
        & "$env:SystemRoot\System32\dsacls.exe" $deleted '/takeownership' | Out-Null
        if ($LASTEXITCODE -ne 0) { throw "dsacls could not take ownership of $deleted." }
        $domain = (Get-ADDomain).NetBIOSName
        & "$env:SystemRoot\System32\dsacls.exe" $deleted '/g' "$domain\${Account}:LCRP" | Out-Null
        if ($LASTEXITCODE -ne 0) { throw "dsacls could not give the right on $deleted." }
    }
}
