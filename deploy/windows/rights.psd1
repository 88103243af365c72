# The rights of the agent's account on Active Directory, as data: read by Grant-SyncAgentRights.ps1 and by the tests.
# Whoever maps more attributes (write: in mappings/directories/*.yaml) adds them here.
@{
    # Written on every account below the branch.
    UserAttributes  = @(
        'cn'
        'name'
        'displayName'
        'sn'
        'givenName'
        'title'
        'department'
        'company'
        'employeeID'
        'sAMAccountName'
        'userPrincipalName'
        'mail'
        'proxyAddresses'
        'mailNickname'
        'msDS-cloudExtensionAttribute20'
        'userAccountControl'
        'pwdLastSet'
        'lockoutTime'
        'mDBOverHardQuotaLimit'
        'publicDelegates'
    )

    # Written on every group below the branch: who is a member.
    GroupAttributes = @(
        'member'
    )

    # Extended right "Reset Password" (MS-ADTS 5.1.3.2.1), on every account below the branch.
    ResetPassword   = '00299570-246d-11d0-a768-00aa006e0529'

    # Optional: extended right "Reanimate Tombstones" (MS-ADTS 5.1.3.2.1), on the domain itself, for no lower place can carry
    # it (3.1.1.5.3.7.1). `syncagent undo` needs it to bring back from the Recycle Bin what it deleted itself. It is given with
    # -Undelete only: alone it lets nobody read, delete or write anything, but who has it may bring back what others deleted,
    # wherever it may create accounts, which is the branch.
    Reanimate       = '45ec5156-db7e-47bb-b53f-dbeb2d03c40f'

    # What may be created below the branch, and moved away from its place there. Active Directory has no right to move:
    # who moves an account needs the right to delete it where it stands. The agent itself deletes in the quarantine only.
    Created         = @(
        'user'
        'organizationalUnit'
    )
    Moved           = @(
        'user'
    )
}
