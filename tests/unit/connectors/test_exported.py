"""Exports of old mail systems: CSV with any headings, Zimbra's LDIF with its account statuses. Both are only read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from world import MAPPINGS, ZONE

from syncagent.connectors.exported import ExportedAccounts
from syncagent.connectors.ldif.client import LdifTarget
from syncagent.core.snapshot import Snapshot
from syncagent.errors import Doubtful, Misconfigured
from syncagent.mapping.directory import read_directory

HEAD = "address,name,unit,agency,staff_number,birth_date,aliases,forwards_to,status,receives,last_use,kind,ghi chú\n"
AN = "An.STTTT@hanam.gov.vn,Nguyễn Văn An,Phòng CNTT,Sở Thông tin và Truyền thông,HN7,31/01/1980,a@hanam.gov.vn; b@hanam.gov.vn,,active,yes,2025-05-06,,x\n"  # noqa: E501 - one line of the file
BINH = "binh@hanam.gov.vn,Trần Thị Bình,,,001080000001,,,binh@gmail.com,closed,no,,,\n"


def read(folder: Path, text: str, mapping: str = "") -> Snapshot:
    path = folder / "accounts.csv"
    path.write_text(text, encoding="utf-8")
    mapping = mapping or (MAPPINGS / "directories/csv-export.yaml").read_text(encoding="utf-8")
    directory = read_directory(mapping, "csv-export.yaml")
    return ExportedAccounts("hanam", path, directory, ZONE, lambda _: "id-0000000000000").read()


def test_a_line_is_an_account(tmp_path: Path) -> None:
    """Addresses in lower case, aliases apart, the day of birth known and never shown; other columns are passed over."""
    an, binh = read(tmp_path, HEAD + AN + BINH).accounts

    assert (an.address, an.aliases) == ("an.stttt@hanam.gov.vn", ("a@hanam.gov.vn", "b@hanam.gov.vn"))
    assert (an.enabled, an.receives, an.key) == (True, True, "HN7")
    assert an.last_use is not None
    assert an.last_use.on == date(2025, 5, 6)
    assert an.attributes["agency"] == ("Sở Thông tin và Truyền thông",)
    assert an.birth_date == date(1980, 1, 31)
    assert "1980" not in repr(an)
    assert (binh.enabled, binh.receives, binh.forwards_to) == (False, False, ("binh@gmail.com",))


def test_an_identity_number_goes_no_further(tmp_path: Path) -> None:
    """It is its pseudonym from the first moment on (contract §4)."""
    snapshot = read(tmp_path, HEAD + AN + BINH)

    assert snapshot.accounts[1].key == "id-0000000000000"
    assert "001080000001" not in repr(snapshot)


def test_headings_are_what_the_mapping_says(tmp_path: Path) -> None:
    """A customer's own headings, Vietnamese ones included, are data."""
    mapping = (MAPPINGS / "directories/csv-export.yaml").read_text(encoding="utf-8")
    mapping = mapping.replace("address: address", "address: thu").replace("attribute: address", "attribute: thu")
    mapping = mapping.replace("display: name", "display: hoten").replace("  name: ", "  hoten: ")

    (an,) = read(tmp_path, "Thư,HOTEN\nan@hanam.gov.vn,Nguyễn Văn An\n", mapping).accounts

    assert an.address == "an@hanam.gov.vn"
    assert an.attributes["hoten"] == ("Nguyễn Văn An",)


@pytest.mark.parametrize(
    ("text", "error", "where"),
    [
        (HEAD, Doubtful, "accounts.csv"),
        ("name\nAn\n", Misconfigured, "accounts.csv:1"),
        (HEAD + AN + AN, Misconfigured, "accounts.csv:3"),
        (HEAD + AN.replace("31/01/1980", "31/02/1980"), Misconfigured, "accounts.csv:2"),
        (HEAD + AN.replace("An.STTTT@hanam.gov.vn", ""), Misconfigured, "accounts.csv:2"),
        (HEAD + AN[:-1], Misconfigured, "accounts.csv:2"),
    ],
)
def test_a_damaged_export_is_refused(tmp_path: Path, text: str, error: type[Exception], where: str) -> None:
    """Empty, cut, without addresses, one account twice, a day that is none: nothing is read, and no value is shown."""
    with pytest.raises(error) as caught:
        read(tmp_path, text)

    assert getattr(caught.value, "where", "") == where
    assert "1980" not in str(caught.value)


ZIMBRA = """\
dn: ou=people,dc=namdinh,dc=gov,dc=vn
objectClass: organizationalRole
cn: people

dn: uid={uid},ou=people,dc=namdinh,dc=gov,dc=vn
objectClass: inetOrgPerson
objectClass: zimbraAccount
zimbraId: 11111111-2222-3333-4444-{uid}
uid: {uid}
displayName: {uid}
mail: {uid}@namdinh.gov.vn
mail: alias-{uid}@namdinh.gov.vn
zimbraMailDeliveryAddress: {uid}@namdinh.gov.vn
zimbraMailAlias: alias-{uid}@namdinh.gov.vn
zimbraAccountStatus: {status}
zimbraMailStatus: {mail}
zimbraLastLogonTimestamp: 20250506070809.123Z
zimbraMailQuota: 2147483648
{more}

dn: uid=all,ou=people,dc=namdinh,dc=gov,dc=vn
objectClass: zimbraDistributionList
uid: all
zimbraMailAlias: all@namdinh.gov.vn

"""


@pytest.mark.parametrize(
    ("status", "mail", "enabled", "receives"),
    [
        ("active", "enabled", True, True),
        ("active", "disabled", True, False),
        ("locked", "enabled", False, True),
        ("lockout", "enabled", False, True),
        ("maintenance", "enabled", False, True),
        ("pending", "disabled", False, False),
        ("closed", "disabled", False, False),
    ],
)
def test_zimbras_statuses_say_who_may_log_in_and_who_receives(
    tmp_path: Path, status: str, mail: str, *, enabled: bool, receives: bool
) -> None:
    """Locked accounts receive, closed and pending ones do not; a list's address is known as taken."""
    path = tmp_path / "zimbra.ldif"
    path.write_text(ZIMBRA.format(uid="an", status=status, mail=mail, more="title: x"), encoding="utf-8")
    directory = read_directory((MAPPINGS / "directories/zimbra.yaml").read_text(encoding="utf-8"), "zimbra.yaml")

    snapshot = LdifTarget("namdinh", path, directory, "dc=namdinh,dc=gov,dc=vn", ZONE).read()

    (account,) = snapshot.accounts
    assert (account.enabled, account.receives) == (enabled, receives)
    assert account.addresses == ("an@namdinh.gov.vn", "alias-an@namdinh.gov.vn")
    assert account.quota_mb == 2048
    assert "all@namdinh.gov.vn" in snapshot.addresses


def test_zimbras_own_accounts_are_protected(tmp_path: Path) -> None:
    """Those for spam, address lists and administration are nobody's mailbox."""
    path = tmp_path / "zimbra.ldif"
    text = ZIMBRA.format(uid="spam.x", status="active", mail="enabled", more="zimbraIsSystemResource: TRUE")
    path.write_text(text, encoding="utf-8")
    directory = read_directory((MAPPINGS / "directories/zimbra.yaml").read_text(encoding="utf-8"), "zimbra.yaml")

    (account,) = LdifTarget("namdinh", path, directory, "dc=namdinh,dc=gov,dc=vn", ZONE).read().accounts

    assert account.protected is not None
