$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$part = [string]::Join('', @($input)).Trim().Split('.')
$octets = [Convert]::FromBase64String($part[2])
$digest = [Convert]::ToBase64String([Security.Cryptography.SHA256]::Create().ComputeHash($octets))
if ($part.Count -ne 3 -or $digest -cne $part[1]) {
    [Console]::Out.Write('@@')
    [Console]::Out.Write($part[0])
    [Console]::Out.WriteLine('@@damaged')
    exit 2
}
$document = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString($octets))
$script = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($document.script))
& ([ScriptBlock]::Create($script)) $document $part[0]
