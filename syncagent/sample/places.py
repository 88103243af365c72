"""Where the starter of each regulation plays: its agencies, who signs, and since when they are as they are.

Names and abbreviations of the units stand in the texts or are usual ones; all people and decisions are made up.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from syncagent.core.document import Document
from syncagent.core.unit import UnitKind
from syncagent.sample.units import Agency, Room

_DIRECTORS = ("Giám đốc", "Phó Giám đốc")
_CHAIRS = ("Chủ tịch", "Phó Chủ tịch")
_ROOM = ("Trưởng phòng", "Phó Trưởng phòng")


class Place(NamedTuple):
    """Three agencies, the first with a room that has a mailbox, the third a local one.

    `formed` is the day on which the decision `rules` made them; `symbol` and `signer` are of decisions about people,
    `prefix` is of staff numbers. `office` is who answers requests, and who stands above.
    """

    agencies: tuple[Agency, Agency, Agency]
    formed: date
    rules: Document
    symbol: str
    signer: str
    prefix: str
    office: tuple[str, str, str]


NINH_BINH = Place(
    (
        Agency(
            "skhcn", "Sở Khoa học và Công nghệ", UnitKind.AGENCY, *_DIRECTORS,
            (Room("ttcdstt", "Trung tâm Chuyển đổi số và Truyền thông", mailbox=True),), 1,
        ),
        Agency("snv", "Sở Nội vụ", UnitKind.AGENCY, *_DIRECTORS, (), 1),
        Agency("giaothuy", "Ủy ban nhân dân xã Giao Thủy", UnitKind.COMMUNE, *_CHAIRS, (), 1),
    ),
    date(2025, 7, 1),
    Document("541/QĐ-UBND", date(2025, 6, 27), "Chủ tịch Ủy ban nhân dân tỉnh"),
    "SNV", "Giám đốc Sở Nội vụ", "NB",
    ("Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Ninh Bình", "Ninh Bình"),
)  # fmt: skip

PLACES = {
    "ninhbinh-2025": NINH_BINH,
    "danang-2017": Place(
        (
            Agency(
                "stttt", "Sở Thông tin và Truyền thông", UnitKind.AGENCY, *_DIRECTORS,
                (Room("cntt", "Phòng Công nghệ thông tin", mailbox=True),), 1,
            ),
            Agency("snv", "Sở Nội vụ", UnitKind.AGENCY, *_DIRECTORS, (), 1),
            Agency("haichau", "Ủy ban nhân dân quận Hải Châu", UnitKind.AGENCY, *_CHAIRS, (), 1),
        ),
        date(2017, 7, 7),
        Document("3712/QĐ-UBND", date(2017, 7, 7), "Chủ tịch Ủy ban nhân dân thành phố"),
        "SNV", "Giám đốc Sở Nội vụ", "DN",
        ("Sở Thông tin và Truyền thông", "Ủy ban nhân dân thành phố Đà Nẵng", "Đà Nẵng"),
    ),
    "bentre-2016": Place(
        (
            Agency(
                "stttt", "Sở Thông tin và Truyền thông", UnitKind.AGENCY, *_DIRECTORS,
                (Room("cntt", "Phòng Công nghệ thông tin", mailbox=True),), 1,
            ),
            Agency("snv", "Sở Nội vụ", UnitKind.AGENCY, *_DIRECTORS, (), 1),
            Agency("cholach", "Ủy ban nhân dân huyện Chợ Lách", UnitKind.AGENCY, *_CHAIRS, (), 1),
        ),
        date(2016, 1, 31),
        Document("05/2016/QĐ-UBND", date(2016, 1, 21), "Chủ tịch Ủy ban nhân dân tỉnh"),
        "SNV", "Giám đốc Sở Nội vụ", "BT",
        ("Sở Thông tin và Truyền thông", "Ủy ban nhân dân tỉnh Bến Tre", "Bến Tre"),
    ),
    "hcmc-quan4-2013": Place(
        (
            Agency(
                "vanphong", "Văn phòng Ủy ban nhân dân Quận 4", UnitKind.AGENCY,
                "Chánh Văn phòng", "Phó Chánh Văn phòng",
                (Room("totonghop", "Tổ Tổng hợp", mailbox=True),), 1,
            ),
            Agency("noivu", "Phòng Nội vụ", UnitKind.AGENCY, *_ROOM, (), 1),
            Agency("phuong1", "Ủy ban nhân dân Phường 1", UnitKind.COMMUNE, *_CHAIRS, (), 1),
        ),
        date(2013, 7, 1),
        Document("03/2013/QĐ-UBND", date(2013, 6, 24), "Chủ tịch Ủy ban nhân dân Quận 4"),
        "UBND", "Chủ tịch Ủy ban nhân dân Quận 4", "Q4",
        ("Văn phòng Ủy ban nhân dân Quận 4", "Ủy ban nhân dân Quận 4", "Quận 4"),
    ),
    "binhdinh-kkt-2017": Place(
        (
            Agency(
                "kktbinhdinh", "Ban Quản lý Khu kinh tế", UnitKind.AGENCY, "Trưởng ban", "Phó Trưởng ban",
                (Room("vp", "Văn phòng Ban", mailbox=True),), 1,
            ),
            Agency("ttdvkcn", "Trung tâm Dịch vụ công khu công nghiệp", UnitKind.AGENCY, *_DIRECTORS, (), 1),
            Agency("ctptht", "Công ty Phát triển hạ tầng khu kinh tế", UnitKind.AGENCY, *_DIRECTORS, (), 1),
        ),
        date(2017, 10, 6),
        Document("647/QĐ-BQL", date(2017, 10, 6), "Trưởng ban"),
        "BQL", "Trưởng ban", "BD",
        ("Văn phòng Ban", "Ban Quản lý Khu kinh tế", "Bình Định"),
    ),
}  # fmt: skip
"""By regulation."""
