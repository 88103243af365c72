"""What accounts and directories show that differs from the text: quotas, forwarding, lockout rules.

Findings only: how mail is forwarded or a quota set is for people to put right (NB-08, NB-19, NB-29).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.regulation import Bound
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.core.account import Account
    from syncagent.core.match import Matches
    from syncagent.core.policy import Policy
    from syncagent.core.regulation import ForwardRules, QuotaRules
    from syncagent.core.snapshot import Snapshot


def account_findings(matches: Matches, policy: Policy) -> Iterator[Finding]:
    """Yield what the managed accounts show against the text."""
    regulation = policy.regulation
    for subject, owned in matches.current.items():
        if owned.stamp is None:
            continue
        account = owned.account
        if regulation.quota and account.quota_mb is not None and not regulation.quota.satisfied_by(account.quota_mb):
            yield _sized(subject, account, account.quota_mb, regulation.quota)
        if regulation.forwarding:
            outside = [to for to in account.forwards_to if not _allowed(to, regulation.forwarding)]
            if outside:
                yield _forwards(subject, account, outside, regulation.forwarding)


def policy_findings(snapshots: Sequence[Snapshot], policy: Policy) -> Iterator[Finding]:
    """Yield where a directory enforces something else than the text orders."""
    for snapshot in snapshots:
        for name, rule in sorted(policy.regulation.enforced.items()):
            found = snapshot.enforced.get(name)
            if found is not None and not rule.satisfied_by(found):
                yield Finding(
                    FindingCode.POLICY_DIFFERS,
                    Severity.WARNING,
                    f"{snapshot.target}:{name}",
                    Text(
                        f"Thư mục “{snapshot.target}” đặt {name} = {found}; {rule.cite.article} đòi hỏi {rule.value}. "
                        f"{rule.cite.text.vi}",
                        f"Directory “{snapshot.target}” sets {name} = {found}; {rule.cite.article} wants {rule.value}. "
                        f"{rule.cite.text.en}",
                    ),
                )


_MEANT = {
    Bound.MINIMUM: Text("mức tối thiểu", "the minimum of"),
    Bound.EXACT: Text("mức quy định", "the size of"),
    Bound.MAXIMUM: Text("mức tối đa", "the maximum of"),
}


def _sized(subject: str, account: Account, quota_mb: int, rules: QuotaRules) -> Finding:
    """Say that a mailbox is smaller or larger than the text allows; the agent only ever sizes new ones (NB-49)."""
    below = rules.bound is Bound.MINIMUM
    meant = _MEANT[rules.bound]
    return Finding(
        FindingCode.BELOW_MINIMUM_QUOTA if below else FindingCode.POLICY_DIFFERS,
        Severity.WARNING,
        subject,
        Text(
            f"Hộp thư {account.address} có {quota_mb} MB, không đúng {meant.vi} {rules.size_mb} MB "
            f"({rules.cite.article}).",
            f"Mailbox {account.address} has {quota_mb} MB, against {meant.en} {rules.size_mb} MB "
            f"({rules.cite.article}).",
        ),
    )


def _allowed(address: str, rules: ForwardRules) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain.endswith(allowed) if allowed.startswith(".") else domain == allowed for allowed in rules.allowed)


def _forwards(subject: str, account: Account, outside: list[str], rules: ForwardRules) -> Finding:
    listed = ", ".join(outside)
    return Finding(
        FindingCode.FORWARD_OUTSIDE,
        Severity.REVIEW,
        subject,
        Text(
            f"Hộp thư {account.address} tự động chuyển thư đến {listed}, ngoài những nơi được phép "
            f"({rules.cite.article}). Cần người xử lý; phần mềm không tự gỡ.",
            f"Mailbox {account.address} forwards to {listed}, where it must not ({rules.cite.article}). "
            "A person must settle it; the agent does not.",
        ),
        candidates=tuple(outside),
    )
