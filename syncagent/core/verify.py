"""What accounts show that differs from the text: quotas, sizes of messages, forwarding.

Findings only: how mail is forwarded or a quota set is for people to put right (NB-08, NB-29, NB-49).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.core.directory import is_address
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.regulation import Bound
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.match import Matches
    from syncagent.core.policy import Policy
    from syncagent.core.regulation import ForwardRules, QuotaRules
    from syncagent.core.request import Request
    from syncagent.core.snapshot import Snapshot

_PLAIN, _ENCODED = 57, 78
"""Bytes of an attachment on a line of a message, and those the line takes with its end (RFC 2045, §6.8)."""


def account_findings(
    matches: Matches,
    snapshots: Sequence[Snapshot],
    requests: Mapping[str, Sequence[Request]],
    policy: Policy,
    today: date,
) -> Iterator[Finding]:
    """Yield what the managed accounts show against the text; `requests` are the open ones of each subject."""
    sizes, forwarding = policy.regulation.quota, policy.regulation.forwarding
    sending_on: dict[str, Account] = {}
    for subject, owned in matches.current.items():
        if owned.stamp is None:
            continue
        account = owned.account
        if sizes and account.quota_mb is not None and not sizes.satisfied_by(account.quota_mb):
            decided = _decided(requests.get(subject, ()), today) if sizes.excepts else None
            yield _sized(subject, account, account.quota_mb, sizes, decided)
        if sizes and account.message_mb is not None and account.message_mb * _PLAIN > sizes.attachment_mb * _ENCODED:
            yield _sends(subject, account, account.message_mb, sizes)
        if account.forwards_to:
            sending_on[subject] = account
    if forwarding and sending_on:
        entries = _entries_forwarded_to(sending_on.values(), snapshots)
        for subject, account in sending_on.items():
            addresses = [address for to in account.forwards_to for address in _addresses(to, entries)]
            if outside := [address for address in addresses if not _allowed(address, forwarding)]:
                yield _forwards(subject, account, outside, forwarding)


_MEANT = {
    Bound.MINIMUM: Text("dưới mức tối thiểu", "the minimum of"),
    Bound.EXACT: Text("không đúng mức quy định", "the size of"),
    Bound.MAXIMUM: Text("vượt mức tối đa", "the maximum of"),
}


def _decided(requests: Iterable[Request], today: date) -> Request | None:
    """Return the decision on another size that holds today: special cases of BT-08, Điều 5."""
    holding = [one for one in requests if one.excuses_size and (one.until is None or one.until >= today)]
    return holding[-1] if holding else None


def _sized(subject: str, account: Account, quota_mb: int, rules: QuotaRules, decided: Request | None) -> Finding:
    """Say that a mailbox is smaller or larger than the text allows; the agent only ever sizes new ones (NB-49)."""
    below = rules.bound is Bound.MINIMUM
    meant = _MEANT[rules.bound]
    by = Text(f"; theo {decided.document}", f"; by {decided.document}") if decided else Text("", "")
    return Finding(
        FindingCode.BELOW_MINIMUM_QUOTA if below else FindingCode.POLICY_DIFFERS,
        Severity.INFO if decided else Severity.WARNING,
        subject,
        Text(
            f"Hộp thư {account.address} có {quota_mb} MB, {meant.vi} {rules.size_mb} MB ({rules.cite.article}{by.vi}).",
            f"Mailbox {account.address} has {quota_mb} MB, against {meant.en} {rules.size_mb} MB "
            f"({rules.cite.article}{by.en}).",
        ),
    )


def _sends(subject: str, account: Account, message_mb: int, rules: QuotaRules) -> Finding:
    """Say that larger attachments than the text allows fit into a message (NB-29, Q4-06, DN-18, BT-08)."""
    enough = rules.attachment_mb * _ENCODED // _PLAIN
    return Finding(
        FindingCode.POLICY_DIFFERS,
        Severity.WARNING,
        subject,
        Text(
            f"Hộp thư {account.address} gửi được thư đến {message_mb} MB, đủ cho tệp gửi kèm lớn hơn mức tối đa "
            f"{rules.attachment_mb} MB ({rules.cite.article}). Giới hạn riêng của hộp thư này nên là {enough} MB.",
            f"Mailbox {account.address} may send messages of {message_mb} MB, enough for attachments larger than the "
            f"maximum of {rules.attachment_mb} MB ({rules.cite.article}). Its own limit should be {enough} MB.",
        ),
    )


# ── forwarding ───────────────────────────────────────────────────────────────


def _entries_forwarded_to(accounts: Iterable[Account], snapshots: Sequence[Snapshot]) -> Mapping[str, list[str]]:
    """Return the addresses of the entries to which mail is forwarded, by `core.dn.same`."""
    wanted = {names_of.same(to) for account in accounts for to in account.forwards_to if not is_address(to)}
    found: dict[str, list[str]] = defaultdict(list)
    if wanted:
        for snapshot in snapshots:
            for account in snapshot.accounts:
                if (name := names_of.same(account.dn)) in wanted:
                    found[name].append(account.address)
            for address, dn in snapshot.addresses.items():
                if (name := names_of.same(dn)) in wanted:
                    found[name].append(address)
    return found


def _addresses(to: str, entries: Mapping[str, list[str]]) -> list[str]:
    """Return where forwarded mail goes; an entry that was not read, or has no address, stands for itself."""
    return [to] if is_address(to) else sorted(filter(None, entries.get(names_of.same(to), ()))) or [to]


def _allowed(address: str, rules: ForwardRules) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain.endswith(allowed) if allowed.startswith(".") else domain == allowed for allowed in rules.allowed)


def _forwards(subject: str, account: Account, outside: list[str], rules: ForwardRules) -> Finding:
    listed = ", ".join(outside)
    domains = ", ".join(f"*{domain}" if domain.startswith(".") else domain for domain in rules.allowed)
    return Finding(
        FindingCode.FORWARD_OUTSIDE,
        Severity.REVIEW,
        subject,
        Text(
            f"Hộp thư {account.address} tự động chuyển thư đến {listed}, ngoài những nơi được phép: {domains} "
            f"({rules.cite.article}). Cần người xử lý; phần mềm không tự gỡ.",
            f"Mailbox {account.address} forwards to {listed}, where it must not; allowed: {domains} "
            f"({rules.cite.article}). A person must settle it; the agent does not.",
        ),
        candidates=tuple(outside),
    )
