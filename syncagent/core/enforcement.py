"""What directories enforce on passwords and log-ins, compared with the text; and the locks they impose by themselves.

Findings only: policies are people's to change, and a lock is ended by the agency's letter (NB 7.3), not by the agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.password_policy import Setting, corrections, written_number
from syncagent.core.regulation import Bound
from syncagent.core.stamp import State
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from syncagent.core.case import Case, Step
    from syncagent.core.password_policy import PasswordPolicy
    from syncagent.core.policy import Policy
    from syncagent.core.regulation import Enforced
    from syncagent.core.snapshot import Snapshot

_MINUTES_OF_A_DAY = 1440


class _Words(NamedTuple):
    """What a setting is called, how its number is counted, and what the number 0 means."""

    name: Text
    unit: Text
    none: Text


_WORDS = {
    Setting.LOCKOUT_THRESHOLD: _Words(
        Text("số lần nhập sai mật khẩu liên tiếp thì khóa", "the wrong passwords in a row that lock"),
        Text("lần", "attempts"),
        Text("không bao giờ khóa", "never locks"),
    ),
    Setting.LOCKOUT_DURATION: _Words(
        Text("thời gian khóa", "how long a lock lasts"),
        Text("phút", "minutes"),
        Text("không tự hết hạn", "never ends by itself"),
    ),
    Setting.SHORTEST_PASSWORD: _Words(
        Text("độ dài mật khẩu", "the length of passwords"),
        Text("ký tự", "characters"),
        Text("không giới hạn", "no minimum"),
    ),
    Setting.PASSWORD_AGE: _Words(
        Text("thời hạn của mật khẩu", "the age of passwords"),
        Text("ngày", "days"),
        Text("không bao giờ hết hạn", "never expires"),
    ),
    Setting.COMPLEXITY: _Words(
        Text("buộc mật khẩu phức tạp", "complex passwords"), Text("có", "on"), Text("không", "off")
    ),
    Setting.MUST_CHANGE: _Words(
        Text("buộc đổi mật khẩu do quản trị viên cấp", "passwords set by an administrator must be changed"),
        Text("có", "on"),
        Text("không", "off"),
    ),
}
_SWITCHES = frozenset({Setting.COMPLEXITY, Setting.MUST_CHANGE})
_MEANT = {
    Bound.MINIMUM: Text("tối thiểu ", "at least "),
    Bound.EXACT: Text("đúng ", "exactly "),
    Bound.MAXIMUM: Text("tối đa ", "at most "),
}


def policy_findings(snapshots: Sequence[Snapshot], policy: Policy) -> Iterator[Finding]:
    """Yield where a directory enforces something else than the text orders; policies that govern nobody are silent."""
    for snapshot in snapshots:
        for found in snapshot.password_policies:
            if found.accounts is None or found.accounts:
                yield from _differing(snapshot, found, policy)


def _differing(snapshot: Snapshot, found: PasswordPolicy, policy: Policy) -> Iterator[Finding]:
    for setting, rule in sorted(policy.regulation.enforced.items()):
        number = found.settings.get(setting)
        if number is None or rule.satisfied_by(number):
            continue
        own = found.source.of_all
        whose = _whose(found)
        has, wants = _counted(setting, number), _wanted(rule)
        name, cite, set_in = _WORDS[setting].name, rule.cite, found.source.set_in
        lines = "; ".join(_corrected(found, rule))
        yield Finding(
            FindingCode.POLICY_DIFFERS,
            Severity.WARNING,
            f"{snapshot.target}:{setting}" if own else f"{snapshot.target}:{setting}:{found.dn}",
            Text(
                f"Thư mục “{snapshot.target}”, chính sách {found.dn}{whose.vi}: {name.vi} là “{has.vi}”; "
                f"{cite.article} đòi hỏi “{wants.vi}”. {cite.text.vi} Sửa ở {set_in.vi}, "
                f"hoặc bằng ldapmodify, replace {lines}.",
                f"Directory “{snapshot.target}”, policy {found.dn}{whose.en}: {name.en}: “{has.en}”; {cite.article} "
                f"wants “{wants.en}”. {cite.text.en} Set it in {set_in.en}, or with ldapmodify, replace {lines}.",
            ),
            candidates=() if own else (found.dn,),
        )


def _corrected(found: PasswordPolicy, rule: Enforced) -> tuple[str, ...]:
    number = written_number(found, rule.setting)
    return corrections(found, rule.setting, rule.value, written=number is not None and rule.satisfied_by(number))


def _whose(found: PasswordPolicy) -> Text:
    if found.accounts is None:
        return Text("", "")
    count = len(found.accounts)
    return Text(f" (áp dụng cho {count} tài khoản)", f" (governs accounts: {count})")


def _counted(setting: Setting, number: int) -> Text:
    words = _WORDS[setting]
    if number == 0:
        return words.none
    if setting in _SWITCHES:
        return words.unit
    english = words.unit.en.removesuffix("s") if number == 1 else words.unit.en
    return Text(f"{number} {words.unit.vi}", f"{number} {english}")


def _wanted(rule: Enforced) -> Text:
    counted = _counted(rule.setting, rule.value)
    if rule.value == 0 or rule.setting in _SWITCHES:
        return counted
    meant = _MEANT[rule.bound]
    return Text(meant.vi + counted.vi, meant.en + counted.en)


# ── locks ────────────────────────────────────────────────────────────────────


def lock_findings(
    cases: Mapping[str, Case], steps: Mapping[str, Step], snapshots: Sequence[Snapshot]
) -> Iterator[Finding]:
    """Yield whom a directory itself has locked out, unless the mailbox is closed anyway or opened today by a letter."""
    by_name = {snapshot.target: snapshot for snapshot in snapshots}
    for subject, case in cases.items():
        account, stamp = case.account, case.stamp
        if account is None or account.locked_out is None or stamp is None or stamp.state is not State.ACTIVE:
            continue
        if not account.enabled or steps[subject].kind is ActionKind.UNLOCK:
            continue
        minutes = _lasts(by_name[account.target], account.guid)
        rule = case.policy.regulation.enforced.get(Setting.LOCKOUT_DURATION)
        if rule:
            yield _against(case, account.locked_out, minutes, rule)
        elif _may_hold(account.locked_out, minutes, case.today):
            yield _unruled(case, account.locked_out, minutes)


def _lasts(snapshot: Snapshot, guid: str) -> int | None:
    """Return for how many minutes an account stays locked (0: without end); None if nobody can tell."""
    theirs = [found for found in snapshot.password_policies if found.accounts and guid in found.accounts]
    theirs = theirs or [found for found in snapshot.password_policies if found.accounts is None]
    return theirs[0].settings.get(Setting.LOCKOUT_DURATION) if len(theirs) == 1 else None


def _may_hold(since: date, minutes: int | None, today: date) -> bool:
    """Whether a lock may still hold today; the directory forgets it only at the next log-in (MS-ADA1, lockoutTime)."""
    return not minutes or (today - since).days <= -(-minutes // _MINUTES_OF_A_DAY)


def _ends(minutes: int | None) -> Text:
    if not minutes:
        return Text("", "")
    return Text(f", khóa này tự hết sau {minutes} phút", f", a lock that ends by itself after {minutes} min")


def _against(case: Case, since: date, minutes: int | None, rule: Enforced) -> Finding:
    """Say that the directory locked somebody where the text says how a lock ends (NB-19, NB-24; Điều 7.2.a, 7.3)."""
    cite, ends = rule.cite, _ends(minutes)
    case.consider(cite, cite.text, applies=True)
    return case.finding(
        FindingCode.LOCKED_BY_DIRECTORY,
        Text(
            f"Thư mục khóa tài khoản của {case.subject} ngày {vi(since)} do nhập sai mật khẩu nhiều lần{ends.vi}. "
            f"{cite.article}: {cite.text.vi} Khi có văn bản của cơ quan, hãy ghi một yêu cầu mở khóa "
            "(unlock).",
            f"The directory locked the account of {case.subject} on {since} for wrong passwords{ends.en}. "
            f"{cite.article}: {cite.text.en} Once the agency has written, record an unlock request.",
        ),
    )


def _unruled(case: Case, since: date, minutes: int | None) -> Finding:
    """Say that the directory locked somebody where the text has no rule on such locks."""
    ends = _ends(minutes)
    return case.finding(
        FindingCode.LOCKED_BY_DIRECTORY,
        Text(
            f"Thư mục khóa tài khoản của {case.subject} ngày {vi(since)} do nhập sai mật khẩu nhiều lần{ends.vi}; quy "
            "chế không quy định việc này. Muốn mở, hãy ghi một yêu cầu mở khóa (unlock) hoặc mở bằng tay.",
            f"The directory locked the account of {case.subject} on {since} for wrong passwords{ends.en}; the text has "
            "no rule on it. To open it, record an unlock request or do so by hand.",
        ),
        Severity.WARNING,
    )
