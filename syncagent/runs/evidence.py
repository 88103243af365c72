"""Evidence: when mailboxes were last used and how large they are, for whoever decides whether they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.account import AccountRef, LastUse
    from syncagent.runs.agent import Agent


class Evidence(NamedTuple):
    """What a directory says of one mailbox: its last use and its limit in MB, None where it does not say."""

    last_use: LastUse | None
    quota_mb: int | None
    enabled: bool


def evidence(agent: Agent, accounts: Iterable[AccountRef]) -> Mapping[str, Evidence]:
    """Return what is known now of accounts, by their permanent identity; those that are not there are left out.

    Raises:
        Doubtful: a directory cannot be read completely.
        TargetError: a directory does not answer.
    """
    wanted = {(account.target, account.guid) for account in accounts}
    found: dict[str, Evidence] = {}
    for name in sorted({target for target, _ in wanted} & agent.targets.keys()):
        for account in agent.targets[name].read().accounts:
            if (name, account.guid) in wanted:
                found[account.guid] = Evidence(account.last_use, account.quota_mb, account.enabled)
    return found
