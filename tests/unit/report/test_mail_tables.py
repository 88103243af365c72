"""Tables of old mail and redirect tables: what stands in them, in which order, and what is left out."""

from __future__ import annotations

from merging import merge, old
from world import TODAY, row

from syncagent.core.mail_record import Box, MailEnd, MailRecord, compared
from syncagent.report import mail_tables as tables
from syncagent.report import redirects
from syncagent.report.table import Table

AN = row("NB1", "Nguyễn Văn An", previous_address="an@hanam.gov.vn")
BINH = row("NB2", "Trần Thị Bình", "snv", previous_address="binh@namdinh.gov.vn")
CHI = row("NB3", "Lê Thị Chi", "snv", previous_address="chi@hanam.gov.vn")
FOUND = merge(
    [AN, BINH, CHI],
    [
        old("hanam", "an@hanam.gov.vn", aliases="a@hanam.gov.vn"), old("namdinh", "binh@namdinh.gov.vn"),
        old("hanam", "chi@hanam.gov.vn"), old("hanam", "ai@hanam.gov.vn", "Không rõ"),
    ],
)  # fmt: skip
NEW = {
    "an@hanam.gov.vn": "annv.skhcn@ninhbinh.gov.vn",
    "a@hanam.gov.vn": "annv.skhcn@ninhbinh.gov.vn",
    "binh@namdinh.gov.vn": "binhtt.snv@ninhbinh.gov.vn",
    "chi@hanam.gov.vn": "chilt.snv@ninhbinh.gov.vn",
}


def cells(table: Table) -> list[list[str]]:
    return [[cell.en for cell in one] for one in table.rows]


def test_open_records_come_first_and_say_what_is_missing() -> None:
    """No record, an open one, a closed one; counted by system."""
    whole = compared([Box("INBOX", ("a",), 1)], [Box("INBOX", ("a",), 1)])
    lacking = compared([Box("INBOX", ("a",), 1)], [])
    of = [FOUND.of(address) for address in ("an@hanam.gov.vn", "binh@namdinh.gov.vn", "chi@hanam.gov.vn")]
    rows = list(zip(of, (whole, lacking, None), strict=True))
    kept = [(FOUND.of("ai@hanam.gov.vn"), MailRecord(MailEnd.NOT_KEPT, document="8/QĐ"))]

    shown = cells(tables.mail([*rows, *kept], TODAY))

    assert [one[1] for one in shown] == [
        "chi@hanam.gov.vn", "binh@namdinh.gov.vn", "ai@hanam.gov.vn", "an@hanam.gov.vn",
    ]  # fmt: skip
    assert [one[6] for one in shown] == ["open", "open", "closed", "closed"]
    assert [one[7] for one in shown] == ["no record", "folder “INBOX” is not there", "–", "–"]
    assert shown[2][2:4] == ["–", "not kept"]
    assert shown[3][3:6] == ["moved", "1", "1"]
    assert cells(tables.mail_sums(rows)) == [["hanam", "1", "0", "1"], ["namdinh", "0", "1", "0"]]


def test_every_old_address_that_moves_is_in_the_redirect_table() -> None:
    """Aliases, too, and of accounts that were deleted since; what nobody has or what does not move is not."""
    gone = [
        {"system": "namdinh", "address": "cu@namdinh.gov.vn", "new": "annv.skhcn@ninhbinh.gov.vn"},
        {"system": "namdinh", "address": "bo@namdinh.gov.vn", "new": ""},
    ]

    table = redirects.moves(FOUND.fates, gone)

    assert table == NEW | {"cu@namdinh.gov.vn": "annv.skhcn@ninhbinh.gov.vn"}
    assert list(redirects.moves(FOUND.fates, (), "namdinh")) == ["binh@namdinh.gov.vn"]
    assert redirects.postfix({"a@b": "c@d"}) == "a@b c@d\n"
    assert redirects.exchange({"a@b": "c@d"}) == "Name,EmailAddress,ExternalEmailAddress\r\na.b,a@b,c@d\r\n"


def test_an_address_of_two_leads_nowhere() -> None:
    """Mail is never sent to whoever it may not be for; an address that stays the same needs no redirect."""
    gone = [
        {"system": "hanam", "address": "an@hanam.gov.vn", "new": "other@ninhbinh.gov.vn"},
        {"system": "ninhbinh", "address": "x@ninhbinh.gov.vn", "new": "X@ninhbinh.gov.vn"},
    ]

    table = redirects.moves(FOUND.fates, gone)

    assert "an@hanam.gov.vn" not in table
    assert "x@ninhbinh.gov.vn" not in table
