#Requires -Version 5.1
<#
.SYNOPSIS
    Gives the agent's accounts the roles they need in Exchange, and no others.

.DESCRIPTION
    Makes custom roles cut from Exchange's own, role groups over one organizational unit, and a throttling policy that
    limits sessions and destructive cmdlets. Run this in the Exchange Management Shell as a member of Organization
    Management, first with -WhatIf. Running it again changes nothing.

.PARAMETER Account
    The account that the agent uses every day.

.PARAMETER PurgeAccount
    A second account, for purges alone; without it nothing can be purged.

.PARAMETER OrganizationalUnit
    Where the accounts with mailboxes are, as a canonical name: recipients elsewhere cannot be changed.

.PARAMETER DestructivePerHour
    How many destructive cmdlets an hour Exchange lets through; Set-Mailbox counts as one.

.EXAMPLE
    .\Grant-SyncAgentExchangeRoles.ps1 -Account svc-syncagent -PurgeAccount svc-syncagent-purge `
        -OrganizationalUnit 'ninhbinh.gov.vn/Mail' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)] [ValidateNotNullOrEmpty()] [string] $Account,
    [string] $PurgeAccount,
    [Parameter(Mandatory)] [ValidateNotNullOrEmpty()] [string] $OrganizationalUnit,
    [ValidateRange(10, 100000)] [int] $DestructivePerHour = 2000
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$roles = Import-PowerShellDataFile -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'exchange-roles.psd1')

function Test-Parent {
    param([Parameter(Mandatory)] [string] $Parent, [Parameter(Mandatory)] [string[]] $Cmdlets)
    foreach ($cmdlet in $Cmdlets) {
        $holders = @(Get-ManagementRole -Cmdlet $cmdlet | ForEach-Object { $_.Name })
        if ($holders -notcontains $Parent) {
            throw "$cmdlet is not in the role '$Parent' here, but in: $($holders -join ', '). Correct exchange-roles.psd1."
        }
    }
}

function New-CutRole {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Parent,
        [Parameter(Mandatory)] [string[]] $Cmdlets
    )
    if ($null -eq (Get-ManagementRole | Where-Object { $_.Name -eq $Name })) {
        New-ManagementRole -Name $Name -Parent $Parent | Out-Null
    }
    foreach ($entry in @(Get-ManagementRoleEntry -Identity "$Name\*")) {
        if ($Cmdlets -notcontains $entry.Name) {
            Remove-ManagementRoleEntry -Identity "$Name\$($entry.Name)" -Confirm:$false
        }
    }
    foreach ($cmdlet in $roles.Withheld.Keys) {
        if ($Cmdlets -contains $cmdlet) {
            foreach ($parameter in $roles.Withheld[$cmdlet]) {
                $entry = Get-ManagementRoleEntry -Identity "$Name\$cmdlet"
                if ($entry.Parameters -contains $parameter) {
                    Set-ManagementRoleEntry -Identity "$Name\$cmdlet" -Parameters $parameter -RemoveParameter
                }
            }
        }
    }
}

function Grant-Group {
    param(
        [Parameter(Mandatory)] [string] $Group,
        [Parameter(Mandatory)] [hashtable] $Cut,
        [Parameter(Mandatory)] [string] $Member
    )
    $names = @(
        foreach ($parent in $Cut.Keys) {
            Test-Parent -Parent $parent -Cmdlets $Cut[$parent]
            $name = "$Group - $parent"
            if ($PSCmdlet.ShouldProcess($name, "role with $($Cut[$parent] -join ', ')")) {
                New-CutRole -Name $name -Parent $parent -Cmdlets $Cut[$parent]
            }
            $name
        }
    )
    if ($PSCmdlet.ShouldProcess($Group, "role group over $OrganizationalUnit with $Member")) {
        if ($null -eq (Get-RoleGroup | Where-Object { $_.Name -eq $Group })) {
            New-RoleGroup -Name $Group -Roles $names -RecipientOrganizationalUnitScope $OrganizationalUnit | Out-Null
        }
        $members = @(Get-RoleGroupMember -Identity $Group | ForEach-Object { $_.SamAccountName })
        if ($members -notcontains $Member) { Add-RoleGroupMember -Identity $Group -Member $Member }
    }
}

function Set-Limits {
    param([Parameter(Mandatory)] [string] $Member)
    $limits = @{
        PowerShellMaxConcurrency                     = 4
        PowerShellMaxDestructiveCmdlets              = $DestructivePerHour
        PowerShellMaxDestructiveCmdletsTimePeriod    = 3600
    }
    if ($PSCmdlet.ShouldProcess($Member, 'throttling policy syncagent, remote PowerShell')) {
        if ($null -eq (Get-ThrottlingPolicy | Where-Object { $_.Name -eq 'syncagent' })) {
            New-ThrottlingPolicy -Name 'syncagent' @limits | Out-Null
        }
        else { Set-ThrottlingPolicy -Identity 'syncagent' @limits }
        Set-ThrottlingPolicyAssociation -Identity $Member -ThrottlingPolicy 'syncagent'
        Set-User -Identity $Member -RemotePowerShellEnabled $true
    }
}

Grant-Group -Group 'syncagent' -Cut $roles.Everyday -Member $Account
Set-Limits -Member $Account
if ($PurgeAccount) {
    if ($PurgeAccount -eq $Account) { throw 'Purges need an account of their own.' }
    Grant-Group -Group 'syncagent purge' -Cut $roles.Purge -Member $PurgeAccount
    Set-Limits -Member $PurgeAccount
}
