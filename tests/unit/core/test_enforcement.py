"""What directories enforce against the text, and the locks they impose, are findings with the way out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest
import world

from syncagent.core.enforcement import policy_findings
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.password_policy import PasswordPolicy, Setting, decode_policy
from syncagent.core.plan import Plan
from syncagent.mapping.directory import read_directory

OPENLDAP = read_directory((world.MAPPINGS / "directories/openldap.yaml").read_text(encoding="utf-8"), "openldap.yaml")
DOMAIN, FINE = world.directory().password_policies
DN = "DC=ninhbinh,DC=gov,DC=vn"
PSO = f"CN=Lãnh đạo,CN=Password Settings Container,CN=System,{DN}"
RIGHT = {
    "lockoutThreshold": "13", "lockoutDuration": "0", "minPwdLength": "9", "maxPwdAge": "-155520000000000",
    "pwdProperties": "1",
}  # fmt: skip
THIRTY_MINUTES = "-18000000000"


def _domain(**values: str) -> PasswordPolicy:
    return decode_policy(DOMAIN, DN, {name: (value,) for name, value in {**RIGHT, **values}.items()})


def _fine(accounts: Iterable[str], **values: str) -> PasswordPolicy:
    named = {f"msDS-{name}": (value,) for name, value in values.items()}
    return replace(decode_policy(FINE, PSO, named), accounts=frozenset(accounts))


def _found(*policies: PasswordPolicy, law: str = "ninhbinh-2025") -> list[Finding]:
    return list(policy_findings([world.snapshot(password_policies=policies)], world.policy(law)))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, []),
        ({"minPwdLength": "14", "lockoutDuration": "-9223372036854775808"}, []),
        ({"maxPwdAge": "-156384000000000"}, []),
        ({"lockoutThreshold": "12"}, ["lockout_threshold"]),
        ({"lockoutThreshold": "14"}, ["lockout_threshold"]),
        ({"lockoutThreshold": "0", "minPwdLength": "8"}, ["lockout_threshold", "shortest_password"]),
        ({"lockoutDuration": THIRTY_MINUTES}, ["lockout_duration"]),
        ({"maxPwdAge": "-157248000000000"}, ["password_age"]),
        ({"maxPwdAge": "-9223372036854775808"}, ["password_age"]),
        ({"pwdProperties": "0"}, ["complexity"]),
    ],
)
def test_what_a_domain_enforces_is_compared_with_the_text(values: Mapping[str, str], named: list[str]) -> None:
    """NB-19 the thirteenth failure, NB-24 a lock without end, NB-31 nine characters of all kinds, NB-30 six months."""
    found = _found(_domain(**values))

    assert [f.subject for f in found] == [f"main:{name}" for name in named]
    assert all((f.code, f.severity, f.candidates) == (FindingCode.POLICY_DIFFERS, Severity.WARNING, ()) for f in found)
    assert all("Điều" in f.message.vi and "Điều" in f.message.en for f in found)


@pytest.mark.parametrize(
    ("law", "length", "days", "named"),
    [
        ("hcmc-quan4-2013", "8", 89, []),
        ("hcmc-quan4-2013", "7", 90, ["password_age", "shortest_password"]),
        ("danang-2017", "12", 89, []),
        ("danang-2017", "11", 184, ["password_age", "shortest_password"]),
        ("bentre-2016", "1", 1000, []),
        ("binhdinh-kkt-2017", "1", 1000, []),
    ],
)
def test_each_text_wants_what_it_says(law: str, length: str, days: int, named: list[str]) -> None:
    """Q4-17, Q4-20, DN-21, DN-24; Bến Tre encourages only (BT-25), Bình Định refers to another decision (BD-04)."""
    found = _found(_domain(minPwdLength=length, maxPwdAge=str(-days * 864_000_000_000), lockoutThreshold="3"), law=law)

    assert [f.subject for f in found] == [f"main:{name}" for name in named]


def test_what_a_directory_does_not_say_shows_nothing() -> None:
    """No evidence, no finding."""
    assert _found(decode_policy(DOMAIN, DN, {})) == []


def test_a_fine_grained_policy_is_named_with_those_it_governs() -> None:
    """NB-19: whoever puts it right reads which policy, its number, what the text wants, and what to write where."""
    (found,) = _found(_domain(), _fine(["g1", "g2"], LockoutThreshold="5"))

    assert (found.subject, found.candidates) == (f"main:lockout_threshold:{PSO}", (PSO,))
    for says, parts in (
        (found.message.vi, ("2 tài khoản", "“5 lần”", "“đúng 13 lần”", "Điều 7 khoản 2 điểm a")),
        (found.message.en, ("accounts: 2", "“5 attempts”", "“exactly 13 attempts”", "Điều 7 khoản 2 điểm a")),
    ):
        assert [part for part in (*parts, PSO, "msDS-LockoutThreshold: 13") if part not in says] == []


def test_a_policy_that_governs_nobody_is_silent() -> None:
    """Only what is in force for somebody can differ from the text."""
    assert _found(_fine([], LockoutThreshold="5")) == []


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"lockoutThreshold": "0"}, ("không bao giờ khóa", "never locks")),
        ({"lockoutThreshold": "1"}, ("1 lần", "1 attempt”")),
        ({"lockoutDuration": THIRTY_MINUTES}, ("30 phút", "30 minutes")),
        ({"lockoutDuration": THIRTY_MINUTES}, ("không tự hết hạn", "never ends by itself")),
        ({"minPwdLength": "8"}, ("tối thiểu 9 ký tự", "at least 9 characters")),
        ({"maxPwdAge": "0"}, ("không bao giờ hết hạn", "never expires")),
        ({"maxPwdAge": "0"}, ("tối đa 181 ngày", "at most 181 days")),
        (
            {"pwdProperties": "0"},
            ("là “không”; Điều 8 khoản 2 điểm b đòi hỏi “có”", "“off”; Điều 8 khoản 2 điểm b wants “on”"),
        ),
    ],
)
def test_numbers_are_said_in_the_units_people_read(values: Mapping[str, str], shown: tuple[str, str]) -> None:
    """Attempts, minutes, characters, days; never intervals of a ten-millionth of a second alone."""
    (found,) = _found(_domain(**values))

    assert shown[0] in found.message.vi
    assert shown[1] in found.message.en


def test_a_policy_of_open_ldap_forces_the_change_of_issued_passwords() -> None:
    """NB-30, Điều 8.2.a: pwdReset has no effect where pwdMustChange is not set; the finding says what to write."""
    values = {
        "pwdLockout": ("TRUE",), "pwdMaxFailure": ("13",), "pwdMinLength": ("12",), "pwdMaxAge": ("15552000",),
    }  # fmt: skip
    found = _found(decode_policy(OPENLDAP.password_policies[0], "cn=chung,dc=vn", values))

    assert [f.subject.split(":")[1] for f in found] == ["must_change", "shortest_password"]
    assert found[0].message.vi.endswith("replace pwdMustChange: TRUE.")
    assert found[1].message.vi.endswith("replace pwdCheckQuality: 2.")


# ── locks ────────────────────────────────────────────────────────────────────

MONDAY = date(2026, 3, 9)
LOCKED_ON_MONDAY = "134174916000000000"
"""01:00 UTC on 9 March 2026, 08:00 in Viet Nam."""


def _plan(
    *policies: PasswordPolicy,
    law: str = "ninhbinh-2025",
    today: date = world.TODAY,
    request: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Plan:
    policy = world.policy(law)
    row = world.row()
    (account,), ledger = world.settled([row], with_policy=policy, today=date(2026, 3, 2))
    found = world.changed(
        account, pwdLastSet="134169000000000000", **{"lockoutTime": LOCKED_ON_MONDAY, **(attributes or {})}
    )
    asked = [world.request(request, "P1", today, from_unit="skhcn", reason="x")] if request else []
    return world.plan_of(
        [row], [found], requests=asked, ledger=ledger, today=today, with_policy=policy, password_policies=policies
    )


def _locks(plan: Plan) -> list[Finding]:
    return [f for f in plan.findings if f.code is FindingCode.LOCKED_BY_DIRECTORY]


@pytest.mark.parametrize("today", [MONDAY, date(2026, 3, 27)])
def test_a_lock_of_the_directory_waits_for_the_agencys_letter(today: date) -> None:
    """NB-24, Điều 7.3.a: however long ago, and the agent ends it neither by itself nor silently."""
    plan = _plan(_domain(), today=today)

    (found,) = _locks(plan)
    assert plan.actions == ()
    assert (found.subject, found.severity) == ("P1", Severity.REVIEW)
    assert "09/03/2026" in found.message.vi
    assert "Điều 7 khoản 3 điểm a" in found.message.vi
    assert "tự hết" not in found.message.vi.replace("không được tự hết hạn", "")


def test_a_lock_that_ended_by_itself_is_said_to_have() -> None:
    """NB-24: a lock of half an hour opens the mailbox without a letter, which the text does not allow."""
    (found,) = _locks(_plan(_domain(lockoutDuration=THIRTY_MINUTES)))

    assert "tự hết sau 30 phút" in found.message.vi
    assert "after 30 min" in found.message.en


@pytest.mark.parametrize(("fine", "ends"), [(THIRTY_MINUTES, True), ("0", False)])
def test_how_long_a_lock_lasts_is_for_the_accounts_own_policy_to_say(fine: str, *, ends: bool) -> None:
    """A fine-grained policy goes before that of the domain."""
    (account,), _ = world.settled([world.row()], today=date(2026, 3, 2))
    other = replace(_fine(["another"], LockoutDuration="-600000000"), dn="CN=khác")

    (found,) = _locks(_plan(_domain(), other, _fine([account.guid], LockoutDuration=fine)))

    assert ("tự hết sau 30 phút" in found.message.vi) is ends


@pytest.mark.parametrize(
    ("policies", "today", "said"),
    [
        ((), date(2026, 3, 27), True),
        ((_domain(),), date(2026, 3, 27), True),
        ((_domain(), _domain()), date(2026, 3, 27), True),
        ((_domain(lockoutDuration=THIRTY_MINUTES),), date(2026, 3, 10), True),
        ((_domain(lockoutDuration=THIRTY_MINUTES),), date(2026, 3, 11), False),
        ((_domain(lockoutDuration="-1728600000000"),), date(2026, 3, 12), True),
        ((_domain(lockoutDuration="-1728600000000"),), date(2026, 3, 13), False),
    ],
    ids=["nobody knows", "without end", "several", "next day", "over", "two days and a minute", "over, too"],
)
def test_where_the_text_is_silent_a_lock_is_said_while_it_may_hold(
    policies: tuple[PasswordPolicy, ...], today: date, *, said: bool
) -> None:
    """Đà Nẵng has no rule on wrong passwords; lockoutTime stays until the next log-in, long after (MS-ADA1)."""
    found = _locks(_plan(*policies, law="danang-2017", today=today))

    assert [(f.subject, f.severity) for f in found] == [("P1", Severity.WARNING)] * said
    assert all("09/03/2026" in f.message.vi and "2026-03-09" in f.message.en for f in found)


@pytest.mark.parametrize("attributes", [{"lockoutTime": "0"}, {"userAccountControl": "514"}])
def test_an_open_or_closed_account_is_not_locked_by_the_directory(attributes: Mapping[str, str]) -> None:
    """No lock, or one that makes no difference: the account is closed by hand, which is said for itself."""
    found = _locks(_plan(_domain(), attributes=attributes))

    assert [f for f in found if "mật khẩu" in f.message.vi] == []


def test_an_account_that_is_not_ours_is_not_judged() -> None:
    """Design §4.4: it is adopted first; the lock stays and is said the next day."""
    plan = _plan(_domain(), attributes={world.directory().stamp: ""})

    assert [str(action.kind) for action in plan.actions] == ["adopt"]
    assert "lockoutTime" not in plan.actions[0].changes[0].attributes
    assert _locks(plan) == []


def test_the_agencys_letter_ends_the_lock() -> None:
    """NB-24 to NB-26, Điều 7.3: opened, with a new password that is changed at the first access."""
    plan = _plan(_domain(), request="unlock")
    action = world.only(plan)

    assert (str(action.kind), action.changes[0].sets_password) == ("unlock", True)
    assert action.changes[0].attributes["lockoutTime"] == ((LOCKED_ON_MONDAY,), ("0",))
    assert action.changes[0].attributes["pwdLastSet"][1] == ("0",)
    assert _locks(plan) == []


def test_a_lock_ended_by_a_letter_is_ended_once() -> None:
    """Law 1: the next plan finds nothing to do, for the directory shows no lock and the letter is carried out."""
    row = world.row()
    (account,), ledger = world.settled([row], today=date(2026, 3, 2))
    locked = world.changed(account, lockoutTime=LOCKED_ON_MONDAY)
    letter = world.request("unlock", "P1", world.TODAY)
    plan = world.plan_of([row], [locked], requests=[letter], ledger=ledger)

    accounts, after = world.applied(plan, [locked], ledger, world.TODAY)
    again = world.plan_of([row], accounts, requests=[letter], ledger=after)

    assert world.kinds(plan) == ["unlock"]
    assert (accounts[0].locked_out, again.actions, _locks(again)) == (None, (), [])


def test_taking_over_a_mailbox_with_a_letter_ends_the_lock_too() -> None:
    """Contract §5: one adoption brings the account fully in step, the letter of NB-24 included."""
    plan = _plan(_domain(), request="unlock", attributes={world.directory().stamp: ""})
    action = world.only(plan)

    assert (str(action.kind), action.changes[0].sets_password) == ("adopt", True)
    assert action.changes[0].attributes["lockoutTime"] == ((LOCKED_ON_MONDAY,), ("0",))


def test_a_new_password_alone_does_not_end_the_lock() -> None:
    """NB-43 sets a password anew; opening takes the request to restore (NB-24)."""
    plan = _plan(_domain(), request="reset_password")
    action = world.only(plan)

    assert str(action.kind) == "reset_password"
    assert "lockoutTime" not in action.changes[0].attributes
    assert len(_locks(plan)) == 1


def test_a_letter_from_before_the_lock_does_not_end_it() -> None:
    """NB-24: the letter asks to end this lock."""
    policy = world.policy()
    (account,), ledger = world.settled([world.row()], today=date(2026, 3, 2))
    locked = world.changed(account, lockoutTime=LOCKED_ON_MONDAY)
    letter = world.request("unlock", "P1", date(2026, 3, 8))

    plan = world.plan_of([world.row()], [locked], requests=[letter], ledger=ledger, with_policy=policy)

    assert plan.actions == ()
    assert len(_locks(plan)) == 1
    assert Setting.LOCKOUT_DURATION in policy.regulation.enforced
