"""How an account is written in Active Directory and in OpenLDAP, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import world

from syncagent.core.account import Account, LastUse
from syncagent.core.directory import Directory, Shape, decode, encode, identity_text, moment, too_long
from syncagent.core.notation import BitSwitch, Megabytes, Syntax, TimeField, ValueSwitch
from syncagent.core.stamp import AccountKind, Stamp, State
from syncagent.mapping.directory import read_directory
from syncagent.text import Text

Values = tuple[str, ...]

AD = world.directory()
OPENLDAP = read_directory((world.MAPPINGS / "directories/openldap.yaml").read_text(encoding="utf-8"), "openldap.yaml")
ADDRESS = "thanhnn.skhcn@ninhbinh.gov.vn"
FORMER = "thanhnn.snv@ninhbinh.gov.vn"
STAMP = Stamp(AccountKind.PERSONAL, "P1", State.ACTIVE, date(2026, 3, 1), "issued", unit="skhcn")
FACTS = {
    "full_name": "Nguyễn Ngọc Thành",
    "given_name": "Thành",
    "surname": "Nguyễn Ngọc",
    "surname_or_name": "Nguyễn Ngọc",
    "position": "Chuyên viên",
    "unit": "skhcn",
    "unit_name": "Sở Khoa học và Công nghệ",
    "agency_name": "Sở Khoa học và Công nghệ",
    "mail_nickname": "thanhnn.skhcn",
}
UNSEEN = frozenset({"lastLogonTimestamp", "lastLogon", "pwdLastSuccess"})


def _read(values: Mapping[str, Values], directory: Directory = AD, **parts: frozenset[str]) -> Account:
    there = {name: found for name, found in values.items() if found}
    return decode(directory, "main", "CN=x,DC=vn", there, world.ZONE, **parts)


def _shape(state: State = State.ACTIVE, aliases: Values = (), **parts: Any) -> Shape:
    shape = Shape(replace(STAMP, state=state), ADDRESS, aliases)
    return replace(shape, **parts)


# ── times ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("116444736000000000", datetime(1970, 1, 1, tzinfo=UTC)),
        ("134175780000000000", datetime(2026, 3, 10, 1, 0, tzinfo=UTC)),
        ("19999999", datetime(1601, 1, 1, 0, 0, 1, tzinfo=UTC)),
    ],
)
def test_a_filetime_counts_tenths_of_microseconds_from_1601(value: str, when: datetime) -> None:
    """MS-DTYP 2.3.3; the first value is the well-known offset of the Unix epoch."""
    assert moment(value, Syntax.FILETIME) == when


@pytest.mark.parametrize("value", ["", "0", "-1", "9223372036854775807"])
def test_the_filetimes_that_mean_never_are_no_day(value: str) -> None:
    """MS-ADA3: 0 and 0x7FFFFFFFFFFFFFFF mean never, -1 is what is written for now; none is a day in 1601 or 30828."""
    assert moment(value, Syntax.FILETIME) is None


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("20260310010203.0Z", datetime(2026, 3, 10, 1, 2, 3, tzinfo=UTC)),
        ("20260310010203Z", datetime(2026, 3, 10, 1, 2, 3, tzinfo=UTC)),
        ("20260310010203.123456Z", datetime(2026, 3, 10, 1, 2, 3, tzinfo=UTC)),
        ("202603100102Z", datetime(2026, 3, 10, 1, 2, tzinfo=UTC)),
        ("2026031001Z", datetime(2026, 3, 10, 1, 0, tzinfo=UTC)),
    ],
    ids=["Active Directory", "OpenLDAP", "ppolicy", "without seconds", "hours only"],
)
def test_generalized_times_are_read_as_rfc_4517_writes_them(value: str, when: datetime) -> None:
    """RFC 4517 §3.3.13: minutes and seconds may be left out; a shorter time is never another day."""
    assert moment(value, Syntax.GENERALIZED_TIME) == when


def test_no_generalized_time_is_no_day() -> None:
    """An absent attribute."""
    assert moment("", Syntax.GENERALIZED_TIME) is None


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("pwdLastSet", "yesterday"), ("whenCreated", "10/03/2026"), ("lastLogon", "1e9"), ("whenCreated", "20261340")],
)
def test_a_value_that_is_no_time_names_its_attribute(attribute: str, value: str) -> None:
    """A person must be able to find and correct it."""
    with pytest.raises(ValueError, match=f"^{attribute}: "):
        _read({attribute: (value,)})


@pytest.mark.parametrize(
    ("value", "day"),
    [("20260309165959.0Z", date(2026, 3, 9)), ("20260309170000.0Z", date(2026, 3, 10))],
)
def test_a_day_is_a_day_in_the_configured_zone(value: str, day: date) -> None:
    """Contract §6: midnight in Viet Nam is 17:00 UTC of the day before."""
    assert _read({"whenCreated": (value,)}).created == day


# ── identities ───────────────────────────────────────────────────────────────


def test_a_guid_is_read_in_microsofts_mixed_byte_order() -> None:
    """MS-DTYP 2.3.4.2: the first three groups are little-endian; Python's uuid is the witness."""
    raw = bytes(range(16))

    assert identity_text(raw, Syntax.GUID) == str(UUID(bytes_le=raw)) == "03020100-0504-0706-0809-0a0b0c0d0e0f"


def test_a_textual_identity_is_the_text_itself() -> None:
    """RFC 4530: entryUUID is text already."""
    assert identity_text(b"03020100-0504-0706-0809-0a0b0c0d0e0f", Syntax.TEXT).startswith("03020100")


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_guid_of_another_length_is_refused(length: int) -> None:
    """An identity that is cut would name nobody, or somebody else."""
    with pytest.raises(ValueError, match=f"16 bytes, not {length}"):
        identity_text(bytes(length), Syntax.GUID)


# ── reading ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("proxies", "mail", "address", "aliases", "receives"),
    [
        ((f"SMTP:{ADDRESS}", f"smtp:{FORMER}"), ADDRESS, ADDRESS, (FORMER,), True),
        ((f"SMTP:{ADDRESS.upper()}", f"Smtp:{FORMER.upper()}"), "", ADDRESS, (FORMER,), True),
        ((f"HELD:{ADDRESS}", f"held:{FORMER}"), "", ADDRESS, (FORMER,), False),
        ((), ADDRESS.upper(), ADDRESS, (), True),
        ((f"smtp:{ADDRESS}", f"smtp:{FORMER}"), ADDRESS, ADDRESS, (FORMER,), True),
        (("X500:/o=NB/cn=a@b", "SIP:a@b.vn", "EUM:1@c", f"SMTP:{ADDRESS}"), "", ADDRESS, (), True),
        ((), "", "", (), True),
    ],
    ids=["usual", "capitals", "held", "mail only", "mail decides", "foreign kinds", "none"],
)
def test_addresses_are_read_with_their_meaning(
    proxies: Values, mail: str, address: str, aliases: Values, *, receives: bool
) -> None:
    """MS-ADA3 proxyAddresses: SMTP: in capitals is the primary one; held: is ours, for a disabled mailbox (NB-27)."""
    found = _read({"proxyAddresses": proxies, "mail": (mail,) if mail else ()})

    assert (found.address, found.aliases, found.receives) == (address, aliases, receives)


@pytest.mark.parametrize(
    ("bits", "enabled"), [("512", True), ("514", False), ("66048", True), ("66050", False), ("", True)]
)
def test_the_bit_of_a_disabled_account(bits: str, *, enabled: bool) -> None:
    """MS-ADA3 userAccountControl: ACCOUNTDISABLE is 0x2, whatever the other bits say."""
    assert _read({"userAccountControl": (bits,)}).enabled is enabled


@pytest.mark.parametrize(("value", "must"), [("0", True), ("134175780000000000", False), ("", None)])
def test_whether_the_password_must_be_changed(value: str, *, must: bool | None) -> None:
    """MS-ADA3 pwdLastSet: 0 means at the next log-on; where the directory does not say, nobody knows."""
    found = _read({"pwdLastSet": (value,)} if value else {})

    assert found.must_change is must
    assert found.password_set == (date(2026, 3, 10) if must is False else None)


def test_a_directory_without_the_switches_says_nothing() -> None:
    """What a mapping leaves out is unknown, never false."""
    bare = replace(AD, must_change=None, password_set=None, created=None, quota=None, last_use=())

    found = _read({"pwdLastSet": ("0",), "whenCreated": ("20260310010203.0Z",)}, bare)

    assert (found.must_change, found.password_set, found.created, found.quota_mb, found.last_use) == (None,) * 5


@pytest.mark.parametrize(
    ("seen", "last_use"),
    [
        ({"lastLogonTimestamp": ("134175780000000000",)}, LastUse(date(2026, 3, 10), 14)),
        (
            {"lastLogonTimestamp": ("134166276000000000",), "lastLogon": ("134175780000000000",)},
            LastUse(date(2026, 3, 10), 0),
        ),
        (
            {"lastLogonTimestamp": ("134175780000000000",), "lastLogon": ("134175780000000000",)},
            LastUse(date(2026, 3, 10), 0),
        ),
        ({}, LastUse(None, 0)),
        ({"lastLogon": ("0",)}, LastUse(None, 0)),
    ],
    ids=["one", "the later", "the more exact", "never", "never, written out"],
)
def test_the_latest_and_most_exact_evidence_of_use_counts(seen: Mapping[str, Values], last_use: LastUse) -> None:
    """Contract §6: evidence has an accuracy; missing in a complete read means never logged on."""
    assert _read(seen).last_use == last_use


def test_what_no_entry_carries_is_no_evidence() -> None:
    """Contract §6: an unreadable or unmapped attribute means no evidence, and then nothing happens on inactivity."""
    assert _read({}, unseen=UNSEEN).last_use is None


def test_the_marks_of_a_protected_account_are_read() -> None:
    """Design §5: adminCount = 1 is never in a plan."""
    assert _read({"adminCount": ("1",)}).protected == Text("adminCount=1", "adminCount=1")
    assert _read({"adminCount": ("0",)}).protected is None


def test_forwarding_is_read_without_its_prefix() -> None:
    """NB-08: where mail is forwarded to is compared with the domains of the state."""
    forwarding = {"msExchGenericForwardingAddress": ("SMTP:A@Gmail.com", "b@tphcm.gov.vn")}

    assert _read(forwarding).forwards_to == ("a@gmail.com", "b@tphcm.gov.vn")


def test_mail_may_be_forwarded_to_an_entry() -> None:
    """NB-08: altRecipient holds a DN, of which a colon or an @ are part."""
    dn = "CN=Bạn: a@gmail.com,OU=Liên hệ,DC=vn"

    assert _read({"altRecipient": (dn,)}).forwards_to == (dn,)


@pytest.mark.parametrize(("kilobytes", "megabytes"), [("2097152", 2048), ("2097151", 2047), ("512", 0)])
def test_a_quota_is_read_in_megabytes(kilobytes: str, megabytes: int) -> None:
    """NB-29 counts in gigabytes, Exchange in kilobytes; a mailbox just below 2 GB is below."""
    assert _read({"mDBOverHardQuotaLimit": (kilobytes,)}).quota_mb == megabytes
    assert _read({"submissionContLength": (kilobytes,)}).message_mb == megabytes


@pytest.mark.parametrize(
    ("values", "stamp", "damaged"),
    [
        ((), None, False),
        (("Ghi chú của người",), None, False),
        (("Ghi chú", str(STAMP)), STAMP, False),
        (("syncagent/1 kind=personal",), None, True),
        (("syncagent/7 state=unknown",), None, True),
    ],
    ids=["none", "a note", "beside a note", "damaged", "of a later version"],
)
def test_our_stamp_is_found_among_other_values(values: Values, stamp: Stamp | None, *, damaged: bool) -> None:
    """Design §3: the stamp stands in an attribute chosen in the mapping; in OpenLDAP it is one of several values."""
    found = _read({"msDS-cloudExtensionAttribute20": values})

    assert (found.stamp, found.stamp_damaged) == (stamp, damaged)


def test_every_mapped_attribute_is_asked_for() -> None:
    """What is not read cannot be compared; the dictionary is by lower-case name, as LDAP compares."""
    named = AD.attributes()

    assert named["displayname"] == "displayName"
    assert {"objectguid", "employeeid", "pwdlastset", "lastlogon", "admincount", "cn", "mail"} <= set(named)
    assert "pwdlastset" not in replace(AD, must_change=None, password_set=None).attributes()


# ── writing ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "bits", "proxies", "mail"),
    [
        (State.ACTIVE, "512", (f"SMTP:{ADDRESS}", f"smtp:{FORMER}"), (ADDRESS,)),
        (State.LOCKED, "514", (f"SMTP:{ADDRESS}", f"smtp:{FORMER}"), (ADDRESS,)),
        (State.WITHDRAWN, "514", (f"HELD:{ADDRESS}", f"held:{FORMER}"), ()),
        (State.DISABLED, "514", (f"HELD:{ADDRESS}", f"held:{FORMER}"), ()),
    ],
)
def test_each_state_is_written_as_what_it_means(state: State, bits: str, proxies: Values, mail: Values) -> None:
    """Design §3: locked receives (NB-18), disabled neither receives nor gives its address away (NB-27)."""
    wanted = encode(AD, _shape(state, (FORMER,)), {})

    assert wanted["userAccountControl"] == (bits,)
    assert wanted["proxyAddresses"] == proxies
    assert wanted["mail"] == mail


@pytest.mark.parametrize(("found", "locked", "opened"), [("66048", "66050", "66048"), ("66050", "66050", "66048")])
def test_the_other_bits_of_an_account_stay(found: str, locked: str, opened: str) -> None:
    """Design §4.4: what the agent does not own is not touched; 0x10000 is DONT_EXPIRE_PASSWORD."""
    values = {"userAccountControl": (found,)}

    assert encode(AD, _shape(State.LOCKED), values)["userAccountControl"] == (locked,)
    assert encode(AD, _shape(State.ACTIVE), values)["userAccountControl"] == (opened,)


@pytest.mark.parametrize("state", [State.ACTIVE, State.DISABLED])
def test_addresses_of_other_kinds_are_kept(state: State) -> None:
    """Exchange needs X500: addresses for replies to old mail; SIP: belongs to telephony."""
    foreign = ("X500:/o=NB/cn=Recipients/cn=thanhnn", "SIP:thanhnn@ninhbinh.gov.vn")

    wanted = encode(AD, _shape(state), {"proxyAddresses": (*foreign, f"SMTP:{ADDRESS}")})["proxyAddresses"]

    assert set(foreign) <= set(wanted)
    assert len(wanted) == 3


def test_letter_case_that_people_chose_is_kept() -> None:
    """Addresses compare without case; rewriting ThanhNN to thanhnn would be noise in every plan."""
    shown = "ThanhNN.SKHCN@ninhbinh.gov.vn"
    found = {"proxyAddresses": (f"SMTP:{shown}",), "mail": (shown,), "userPrincipalName": (shown,)}

    wanted = encode(AD, _shape(), found)

    assert {name: wanted[name] for name in found} == found


def test_a_prefix_in_another_case_is_put_right() -> None:
    """SMTP: and smtp: mean primary and alias, so their case is no matter of taste."""
    wanted = encode(AD, _shape(), {"proxyAddresses": (f"smtp:{ADDRESS}",)})

    assert wanted["proxyAddresses"] == (f"SMTP:{ADDRESS}",)


@pytest.mark.parametrize(
    ("found", "written"), [((), ("2097152",)), (("1048576",), ("2097152",)), (("2097152",), None), (("5242880",), None)]
)
def test_a_quota_is_never_lowered(found: Values, written: Values | None) -> None:
    """NB-49, Điều 8.1.a: the size of a mailbox is only ever raised; a smaller one could bounce mail."""
    values = {"mDBOverHardQuotaLimit": found} if found else {}

    assert encode(AD, _shape(quota_mb=2048), values).get("mDBOverHardQuotaLimit") == written


def test_the_order_of_values_is_no_difference() -> None:
    """LDAP values are a set; a server may return them in any order."""
    found = (f"smtp:{FORMER}", f"SMTP:{ADDRESS}")

    assert encode(AD, _shape(aliases=(FORMER,)), {"proxyAddresses": found})["proxyAddresses"] == found


def test_only_what_is_known_is_written() -> None:
    """A shape that says nothing of names, key, log-in or quota leaves them as they are found."""
    wanted = encode(AD, _shape(), {})

    assert set(wanted) == {
        "msDS-cloudExtensionAttribute20", "userAccountControl", "proxyAddresses", "mail", "userPrincipalName",
    }  # fmt: skip


def test_a_whole_new_account_is_written() -> None:
    """NB-17 must change, NB-29 two gigabytes, NB-34 the address book, the key that links it to its person."""
    shape = _shape(login="thanhnn.skhcn", key="P1", facts=FACTS, default_password=True, quota_mb=2048)

    wanted = encode(AD, shape, {})

    assert wanted["pwdLastSet"] == ("0",)
    assert wanted["mDBOverHardQuotaLimit"] == ("2097152",)
    assert wanted["sAMAccountName"] == ("thanhnn.skhcn",)
    assert wanted["employeeID"] == ("P1",)
    assert wanted["userPrincipalName"] == (ADDRESS,)
    assert wanted["displayName"] == ("Nguyễn Ngọc Thành",)
    assert wanted["mailNickname"] == ("thanhnn.skhcn",)


def test_a_fact_the_roster_leaves_empty_clears_nothing() -> None:
    """Contract §4: missing is not gone; a title somebody typed by hand stays until the roster names one."""
    wanted = encode(AD, _shape(facts={**FACTS, "position": ""}), {"title": ("Tự ghi",)})

    assert "title" not in wanted


def test_an_equal_stamp_is_not_written_anew() -> None:
    """A stamp that says the same in other words (order, escapes) is no difference."""
    spelled = str(STAMP).replace("kind=personal key=P1", "key=P%31 kind=personal")
    found = {"msDS-cloudExtensionAttribute20": (spelled,)}

    assert "msDS-cloudExtensionAttribute20" not in encode(AD, _shape(), found, STAMP)
    assert encode(AD, _shape(), found, None)["msDS-cloudExtensionAttribute20"] == (str(STAMP),)


def test_without_the_optional_parts_they_are_not_written() -> None:
    """A mapping without switches, principal or quota is complete."""
    bare = replace(AD, must_change=None, principal=None, quota=None)

    wanted = encode(bare, _shape(default_password=True, quota_mb=2048, login="x"), {})

    assert not {"pwdLastSet", "userPrincipalName", "mDBOverHardQuotaLimit"} & set(wanted)


def test_a_principal_that_does_not_follow_the_address_is_set_once() -> None:
    """Single sign-on names may have to stay through a move (domain §1.8 row 36)."""
    fixed = AD.principal
    assert fixed
    staying = replace(AD, principal=fixed._replace(follows_address=False))

    assert "userPrincipalName" not in encode(staying, _shape(), {})
    assert encode(staying, _shape(login="x"), {})["userPrincipalName"] == (ADDRESS,)


def test_values_longer_than_the_schema_allows_are_named() -> None:
    """A directory refuses them, and the whole change with them; 64 is allowed, 65 is not."""
    wanted = {"sn": ("x" * 64,), "title": ("x" * 129,), "department": ("Ở" * 65,), "info": ("x" * 999,)}

    assert too_long(AD, wanted) == {"title": 128, "department": 64}


# ── OpenLDAP ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "locked", "access"),
    [
        (State.ACTIVE, (), ("PERMIT",)),
        (State.LOCKED, ("000001010000Z",), ("PERMIT",)),
        (State.DISABLED, ("000001010000Z",), ("REJECT",)),
        (State.WITHDRAWN, ("000001010000Z",), ("REJECT",)),
    ],
)
def test_openldap_switches_with_values(state: State, locked: Values, access: Values) -> None:
    """RFC draft-behera-ldap-password-policy: 000001010000Z is locked for good; OBM: mailAccess receives or not."""
    wanted = encode(OPENLDAP, _shape(state, (FORMER,)), {})
    found = _read(wanted, OPENLDAP)

    assert wanted["pwdAccountLockedTime"] == locked
    assert wanted["mailAccess"] == access
    assert wanted["mail"] == (ADDRESS,)
    assert wanted["mailAlias"] == (FORMER,)
    assert (found.enabled, found.receives) == (state.can_log_in, state.receives)
    assert (found.address, found.aliases, found.stamp) == (ADDRESS, (FORMER,), replace(STAMP, state=state))


BY_DIRECTORY = "20260309010203Z"
"""When slapd locked somebody after too many wrong passwords."""


@pytest.mark.parametrize(
    ("state", "opens", "after"),
    [
        (State.ACTIVE, False, None),
        (State.ACTIVE, True, ()),
        (State.LOCKED, False, ("000001010000Z",)),
        (State.DISABLED, False, ("000001010000Z",)),
    ],
)
def test_a_lock_that_openldap_imposed_is_not_lifted_in_passing(
    state: State, *, opens: bool, after: Values | None
) -> None:
    """NB-24, Điều 7.3.a: only the agency's letter ends it; an update of somebody's title never does."""
    found = {"pwdAccountLockedTime": (BY_DIRECTORY,)}

    assert encode(OPENLDAP, _shape(state, opens=opens), found).get("pwdAccountLockedTime") == after


def test_a_lock_of_an_administrator_is_lifted_by_the_state() -> None:
    """draft-behera-ldap-password-policy: 000001010000Z is nobody's wrong password."""
    found = {"pwdAccountLockedTime": ("000001010000Z",)}

    assert encode(OPENLDAP, _shape(), found)["pwdAccountLockedTime"] == ()


@pytest.mark.parametrize(
    ("value", "opens", "after"),
    [
        ("134174916000000000", True, ("0",)), ("134174916000000000", False, None), ("0", True, None), ("", True, None),
    ],
)  # fmt: skip
def test_a_lock_of_active_directory_ends_with_a_zero(value: str, *, opens: bool, after: Values | None) -> None:
    """MS-ADA1, lockoutTime: the only value that can be written is 0, and it unlocks."""
    found = {"lockoutTime": (value,)} if value else {}

    assert encode(AD, _shape(opens=opens), found).get("lockoutTime") == after


def test_a_lock_in_an_attribute_of_its_own_goes() -> None:
    """A directory may hold the switch of a log-in and its own locks in two attributes of generalised time or value."""
    apart = replace(
        OPENLDAP, log_in=ValueSwitch("locked", "no", "yes"), locked_out=TimeField("lockedAt", Syntax.GENERALIZED_TIME)
    )

    wanted = encode(apart, _shape(opens=True), {"lockedAt": (BY_DIRECTORY,), "locked": ("yes",)})

    assert (wanted["lockedAt"], wanted["locked"]) == ((), ("no",))


@pytest.mark.parametrize(
    ("directory", "attribute", "value", "day"),
    [
        (AD, "lockoutTime", "134174916000000000", date(2026, 3, 9)),
        (AD, "lockoutTime", "0", None),
        (OPENLDAP, "pwdAccountLockedTime", "20260309170000Z", date(2026, 3, 10)),
        (OPENLDAP, "pwdAccountLockedTime", "000001010000Z", None),
        (replace(AD, locked_out=None), "lockoutTime", "134174916000000000", None),
    ],
)
def test_the_day_of_a_lock_for_wrong_passwords_is_read(
    directory: Directory, attribute: str, value: str, day: date | None
) -> None:
    """A day in the configured zone; the lock of an administrator is no lock of the directory's own."""
    found = _read({attribute: (value,)}, directory)

    assert found.locked_out == day
    assert _read({}, directory).locked_out is None


def test_other_lines_of_a_description_stay() -> None:
    """The stamp is one value of several; the others belong to people."""
    old = replace(STAMP, state=State.LOCKED)
    found = {"description": ("Phòng 12", str(old), "Trực thứ bảy")}

    assert encode(OPENLDAP, _shape(), found, old)["description"] == ("Phòng 12", "Trực thứ bảy", str(STAMP))


def test_openldap_must_change_is_absent_or_true() -> None:
    """pwdReset: TRUE, or not there at all."""
    assert encode(OPENLDAP, _shape(default_password=True), {})["pwdReset"] == ("TRUE",)
    assert _read({"pwdReset": ("TRUE",)}, OPENLDAP).must_change is True
    assert _read({}, OPENLDAP).must_change is False


def test_openldap_dates_are_generalized_times() -> None:
    """The times of the overlays ppolicy and lastbind, as slapd writes them."""
    found = _read(
        {
            "pwdChangedTime": ("20260309170000Z",),
            "pwdLastSuccess": ("20260308010203.5Z",),
            "createTimestamp": ("20200101000000Z",),
        },
        OPENLDAP,
    )

    assert found.password_set == date(2026, 3, 10)
    assert found.last_use == LastUse(date(2026, 3, 8), 0)
    assert found.created == date(2020, 1, 1)


def test_a_switch_may_be_off_by_absence() -> None:
    """A value switch with an empty word stands for absence, on whichever side."""
    absent = replace(AD, log_in=ValueSwitch("shadowFlag", on="1", off=""))

    assert encode(absent, _shape(State.LOCKED), {})["shadowFlag"] == ()
    assert encode(absent, _shape(State.ACTIVE), {})["shadowFlag"] == ("1",)
    assert not _read({}, absent).enabled


def test_the_parts_of_a_mapping_are_plain_records() -> None:
    """A new kind of directory is data: none of its parts needs code."""
    assert AD.log_in == BitSwitch("userAccountControl", off=2, new=512)
    assert AD.quota == Megabytes("mDBOverHardQuotaLimit", 1024)
    assert AD.created == TimeField("whenCreated", Syntax.GENERALIZED_TIME)
    assert OPENLDAP.identity_syntax is Syntax.TEXT
