#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
    Cài SyncAgent làm dịch vụ Windows / Install SyncAgent as a service of Windows.
.DESCRIPTION
    Chép bản đóng gói vào Program Files, tạo thư mục dữ liệu chỉ quản trị viên và tài khoản của dịch vụ đọc được, đăng ký
    dịch vụ. Không chạy dịch vụ: sửa cấu hình và thử bằng "syncagent check" trước.
    Copies the packed program to Program Files, makes the data folder that only administrators and the account of the
    service can read, registers the service. It does not start it: edit the configuration and try "syncagent check".
.PARAMETER Source
    Thư mục bản đóng gói, có syncagent.exe / Folder of the packed program, with syncagent.exe.
.PARAMETER Account
    Tài khoản gMSA, ví dụ MIEN\syncagent$; bỏ trống là NT SERVICE\SyncAgent / A group managed service account; empty for
    the virtual account.
.EXAMPLE
    .\Install-SyncAgent.ps1 -Source D:\syncagent -Account 'NINHBINH\syncagent$' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Source,
    [string] $Account = ''
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$service = 'SyncAgent'
$program = Join-Path $env:ProgramFiles 'SyncAgent'
$data = Join-Path $env:ProgramData 'syncagent'
$config = Join-Path $data 'syncagent.yaml'
$executable = Join-Path $program 'syncagent.exe'

if (-not (Test-Path (Join-Path $Source 'syncagent.exe'))) {
    throw "Không thấy syncagent.exe trong $Source / There is no syncagent.exe in $Source"
}

$known = Get-Service -Name $service -ErrorAction SilentlyContinue
if ($known -and $known.Status -ne 'Stopped') {
    if ($PSCmdlet.ShouldProcess($service, 'Stop, after the step under way')) {
        Stop-Service -Name $service
        $known.WaitForStatus('Stopped', '00:10:00')
    }
}

if ($PSCmdlet.ShouldProcess($program, 'Replace the program')) {
    if (Test-Path $program) {
        $before = "$program.before"
        if (Test-Path $before) { Remove-Item $before -Recurse }
        Rename-Item $program $before   # the way back of an upgrade
    }
    Copy-Item $Source $program -Recurse
}

if ($PSCmdlet.ShouldProcess($data, 'Make the data folder')) {
    foreach ($name in '', 'log', 'credentials', 'mappings') {
        $null = New-Item -ItemType Directory -Force -Path (Join-Path $data $name)
    }
}

if (-not $known) {
    if (-not (Test-Path $config)) {
        if ($PSCmdlet.ShouldProcess($config, 'Write a sample configuration')) {
            & $executable init (Join-Path $data 'mau')
            Copy-Item (Join-Path $data 'mau\syncagent.yaml') $config
        }
    }
    if ($PSCmdlet.ShouldProcess($service, 'Register')) {
        $words = @('--config', $config, 'service', 'install')
        if ($Account) { $words += @('--account', $Account) }
        & $executable @words
        if ($LASTEXITCODE -ne 0) { throw "syncagent service install: $LASTEXITCODE" }
    }
}

# The state, the signing key and the secrets lie in the data folder: nobody else may read it, nothing is inherited.
$reader = if ($Account) { $Account } else { "NT SERVICE\$service" }
if ($PSCmdlet.ShouldProcess($data, "Only administrators, the system and $reader")) {
    & icacls.exe $data /inheritance:r /grant:r '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' "${reader}:(OI)(CI)M"
    if ($LASTEXITCODE -ne 0) { throw "icacls: $LASTEXITCODE" }
}

Write-Output "Xong / Done. 1. $config  2. syncagent check  3. syncagent service start"
