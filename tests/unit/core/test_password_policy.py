"""The password policies of Active Directory and OpenLDAP, in the units people read, and how to correct them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import world

from syncagent.core.password_policy import PasswordPolicy, Setting, corrections, decode_policy, written_number
from syncagent.mapping.directory import read_directory

OPENLDAP = read_directory((world.MAPPINGS / "directories/openldap.yaml").read_text(encoding="utf-8"), "openldap.yaml")
DOMAIN, FINE = world.directory().password_policies
(PPOLICY,) = OPENLDAP.password_policies
SOURCES = {"domain": DOMAIN, "fine": FINE, "ppolicy": PPOLICY}


def _policy(source: str, values: Mapping[str, str]) -> PasswordPolicy:
    return decode_policy(SOURCES[source], "CN=p", {name: (value,) for name, value in values.items()})


@pytest.mark.parametrize(
    ("values", "minutes"),
    [
        ({"lockoutDuration": "-18000000000"}, 30),
        ({"lockoutDuration": "-18000000001"}, 31),
        ({"lockoutDuration": "-1"}, 1),
        ({"lockoutDuration": "0"}, 0),
        ({"lockoutDuration": "5"}, 0),
        ({"lockoutDuration": "-9223372036854775808"}, 0),
        ({}, None),
    ],
)
def test_a_lock_of_active_directory_ends_after_an_interval_or_never(
    values: Mapping[str, str], minutes: int | None
) -> None:
    """MS-ADTS 3.1.1.4.5.17: zero, what is positive, and the least number never end; a short lock is not endless."""
    assert _policy("domain", values).settings.get(Setting.LOCKOUT_DURATION) == minutes


@pytest.mark.parametrize(
    ("source", "values", "settings"),
    [
        (
            "domain",
            {"lockoutThreshold": "13", "minPwdLength": "9", "maxPwdAge": "-36288000000000", "pwdProperties": "17"},
            {"lockout_threshold": 13, "shortest_password": 9, "password_age": 42, "complexity": 1},
        ),
        ("domain", {"maxPwdAge": "-9223372036854775808", "pwdProperties": "16"}, {"password_age": 0, "complexity": 0}),
        (
            "fine",
            {
                "msDS-LockoutThreshold": "0", "msDS-LockoutDuration": "-9223372036854775808",
                "msDS-MinimumPasswordLength": "15", "msDS-MaximumPasswordAge": "-864000000000",
                "msDS-PasswordComplexityEnabled": "FALSE",
            },
            {
                "lockout_threshold": 0, "lockout_duration": 0, "shortest_password": 15, "password_age": 1,
                "complexity": 0,
            },
        ),
        (
            "ppolicy",
            {
                "pwdLockout": "TRUE", "pwdMaxFailure": "13", "pwdLockoutDuration": "90", "pwdCheckQuality": "1",
                "pwdMinLength": "9", "pwdMaxAge": "15552000", "pwdMustChange": "TRUE",
            },
            {
                "lockout_threshold": 13, "lockout_duration": 2, "shortest_password": 9, "password_age": 180,
                "must_change": 1,
            },
        ),
    ],
    ids=["domain", "never expires", "fine-grained", "ppolicy"],
)  # fmt: skip
def test_each_directory_is_read_in_the_same_units(
    source: str, values: Mapping[str, str], settings: Mapping[str, int]
) -> None:
    """Attempts, minutes, characters, days, on or off; what an entry of Active Directory does not say is left out."""
    assert _policy(source, values).settings == settings


@pytest.mark.parametrize(
    ("values", "settings"),
    [
        ({}, {"lockout_threshold": 0, "shortest_password": 0}),
        ({"pwdMaxFailure": "13", "pwdMinLength": "9"}, {"lockout_threshold": 0, "shortest_password": 0}),
        (
            {"pwdMaxFailure": "13", "pwdLockout": "FALSE", "pwdMinLength": "9", "pwdCheckQuality": "0"},
            {"lockout_threshold": 0, "shortest_password": 0},
        ),
        ({"pwdLockout": "TRUE", "pwdCheckQuality": "2"}, {"lockout_threshold": 0, "shortest_password": 0}),
    ],
)
def test_a_setting_of_ppolicy_needs_its_switch(values: Mapping[str, str], settings: Mapping[str, int]) -> None:
    """slapo-ppolicy(5): without pwdLockout nobody is locked, without pwdCheckQuality no length is checked."""
    found = _policy("ppolicy", values).settings

    assert found == {**settings, "lockout_duration": 0, "password_age": 0, "must_change": 0}


@pytest.mark.parametrize("attribute", ["msDS-LockoutThreshold", "msDS-PasswordSettingsPrecedence"])
def test_what_is_no_number_names_its_attribute(attribute: str) -> None:
    """A person must be able to find and correct it."""
    with pytest.raises(ValueError, match=f"^{attribute}: "):
        _policy("fine", {attribute: "nhiều"})


@pytest.mark.parametrize(
    ("source", "values", "setting", "wanted", "lines"),
    [
        ("domain", {"lockoutThreshold": "5"}, Setting.LOCKOUT_THRESHOLD, 13, ("lockoutThreshold: 13",)),
        (
            "domain", {"lockoutDuration": "-1"}, Setting.LOCKOUT_DURATION, 0,
            ("lockoutDuration: -9223372036854775808",),
        ),
        ("domain", {"lockoutDuration": "0"}, Setting.LOCKOUT_DURATION, 30, ("lockoutDuration: -18000000000",)),
        ("domain", {"pwdProperties": "16"}, Setting.COMPLEXITY, 1, ("pwdProperties: 17",)),
        ("domain", {"pwdProperties": "17"}, Setting.COMPLEXITY, 0, ("pwdProperties: 16",)),
        (
            "fine", {"msDS-PasswordComplexityEnabled": "FALSE"}, Setting.COMPLEXITY, 1,
            ("msDS-PasswordComplexityEnabled: TRUE",),
        ),
        (
            "fine", {"msDS-PasswordComplexityEnabled": "TRUE"}, Setting.COMPLEXITY, 0,
            ("msDS-PasswordComplexityEnabled: FALSE",),
        ),
        ("ppolicy", {}, Setting.PASSWORD_AGE, 184, ("pwdMaxAge: 15897600",)),
        ("ppolicy", {}, Setting.LOCKOUT_THRESHOLD, 13, ("pwdLockout: TRUE", "pwdMaxFailure: 13")),
        ("ppolicy", {"pwdLockout": "TRUE"}, Setting.LOCKOUT_THRESHOLD, 13, ("pwdMaxFailure: 13",)),
    ],
)  # fmt: skip
def test_what_is_wanted_is_said_as_the_directory_writes_it(
    source: str, values: Mapping[str, str], setting: Setting, wanted: int, lines: tuple[str, ...]
) -> None:
    """An administrator can paste it; read again, it is what was wanted."""
    policy = _policy(source, values)
    found = corrections(policy, setting, wanted, written=False)
    corrected = dict(line.split(": ") for line in found)

    assert found == lines
    assert _policy(source, {**values, **corrected}).settings[setting] == wanted


def test_a_number_that_only_lacks_its_switch_stays() -> None:
    """A minimum of fourteen characters is not lowered to nine because nobody checks it."""
    policy = _policy("ppolicy", {"pwdMinLength": "14"})

    assert written_number(policy, Setting.SHORTEST_PASSWORD) == 14
    assert corrections(policy, Setting.SHORTEST_PASSWORD, 9, written=True) == ("pwdCheckQuality: 2",)
