"""The agencies, rooms and communes of the sample province.

The list of agencies follows Nghị định 45/2025/NĐ-CP and Nghị định 150/2025/NĐ-CP; their rooms are usual ones.
Of all abbreviations only `skhcn` and `ttcdstt` (under `skhcn`) stand in the regulation (Điều 5), the others
are proposals.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.unit import Unit, UnitKind
from syncagent.core.where import Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from syncagent.core.document import Document

COLUMNS = (
    "unit", "name", "abbreviation", "suffix", "parent", "kind", "status", "successor", "effective_date",
    "decision_number", "decision_date", "signed_by", "mailbox", "mailbox_holder", "contact",
)  # fmt: skip
"""The columns of `units.csv` (contract §4)."""


class Room(NamedTuple):
    """A department: its abbreviation, its name, and whether it has a mailbox of its own."""

    abbreviation: str
    name: str
    mailbox: bool


@dataclass(frozen=True, slots=True)
class Agency:
    """A sở-level agency or a commune with its rooms; `weight` is its share of all people.

    `head` and `deputy` are what its leaders are called; `muong` says that many Mường live there.
    """

    key: str
    name: str
    kind: UnitKind
    head: str
    deputy: str
    rooms: tuple[Room, ...]
    weight: float
    muong: bool = False

    def room_key(self, room: Room) -> str:
        """Return the key of one of its rooms."""
        return f"{self.key}-{room.abbreviation}"

    def units(self, since: date, document: Document) -> Iterator[Unit]:
        """Yield the agency and its rooms as rows of the roster, made by one decision."""
        yield Unit(
            self.key, self.name, Where("units.csv"), self.key, kind=self.kind, effective_date=since,
            document=document, mailbox=True,
        )  # fmt: skip
        for room in self.rooms:
            yield Unit(
                self.room_key(room), room.name, Where("units.csv"), room.abbreviation, parent=self.key,
                kind=UnitKind.DEPARTMENT, effective_date=since, document=document, mailbox=room.mailbox,
            )  # fmt: skip


_DIRECTOR = ("Giám đốc", "Phó Giám đốc")
_PROVINCIAL = """
skhcn 5.0 Sở Khoa học và Công nghệ
  vp Văn phòng
  qlkh Phòng Quản lý khoa học
  qlcn Phòng Quản lý công nghệ và Đổi mới sáng tạo
  cds Phòng Chuyển đổi số
  bcvt Phòng Bưu chính - Viễn thông
  tdc Phòng Tiêu chuẩn - Đo lường - Chất lượng
  ttcdstt Trung tâm Chuyển đổi số và Truyền thông
snv 4.0 Sở Nội vụ
  vp Văn phòng
  tcbm Phòng Tổ chức bộ máy và Biên chế
  ccvc Phòng Công chức, viên chức
  xdcq Phòng Xây dựng chính quyền
  ldvl Phòng Lao động - Việc làm
  ncc Phòng Người có công
  ttdvvl Trung tâm Dịch vụ việc làm
stc 5.0 Sở Tài chính
  vp Văn phòng
  qlns Phòng Quản lý ngân sách
  tchcsn Phòng Tài chính hành chính sự nghiệp
  qldt Phòng Quản lý đầu tư
  dkkd Phòng Đăng ký kinh doanh
  qlgcs Phòng Quản lý giá và Công sản
  thqh Phòng Tổng hợp, quy hoạch
vpubnd 4.0 Văn phòng Ủy ban nhân dân tỉnh
  hctc Phòng Hành chính - Tổ chức
  th Phòng Tổng hợp
  kt Phòng Kinh tế
  nc Phòng Nội chính
  khvx Phòng Khoa giáo - Văn xã
  btcd Ban Tiếp công dân
  ttpvhcc Trung tâm Phục vụ hành chính công
snnmt 6.0 Sở Nông nghiệp và Môi trường
  vp Văn phòng
  khtc Phòng Kế hoạch - Tài chính
  qldd Phòng Quản lý đất đai
  qlmt Phòng Quản lý môi trường
  cctl Chi cục Thủy lợi
  cckl Chi cục Kiểm lâm
  ccttbvtv Chi cục Trồng trọt và Bảo vệ thực vật
  ccqld Chi cục Quản lý đất đai
sxd 4.5 Sở Xây dựng
  vp Văn phòng
  qhkt Phòng Quy hoạch - Kiến trúc
  qlxd Phòng Quản lý xây dựng
  qln Phòng Quản lý nhà và thị trường bất động sản
  htgt Phòng Hạ tầng giao thông
  qlvt Phòng Quản lý vận tải
syt 4.5 Sở Y tế
  vp Văn phòng
  nvy Phòng Nghiệp vụ Y
  nvd Phòng Nghiệp vụ Dược
  btxh Phòng Bảo trợ xã hội
  tccb Phòng Tổ chức cán bộ
  khtc Phòng Kế hoạch - Tài chính
  ksbt Trung tâm Kiểm soát bệnh tật
sgddt 3.5 Sở Giáo dục và Đào tạo
  vp Văn phòng
  gdmn Phòng Giáo dục mầm non
  gdpt Phòng Giáo dục phổ thông
  gdnn Phòng Giáo dục nghề nghiệp và thường xuyên
  tccb Phòng Tổ chức cán bộ
  khtc Phòng Kế hoạch - Tài chính
stp 2.5 Sở Tư pháp
  vp Văn phòng
  xdvb Phòng Xây dựng và Kiểm tra văn bản
  hctp Phòng Hành chính tư pháp
  bttp Phòng Bổ trợ tư pháp
  tgpl Trung tâm Trợ giúp pháp lý
sct 3.5 Sở Công Thương
  vp Văn phòng
  qltm Phòng Quản lý thương mại
  qlcn Phòng Quản lý công nghiệp
  qlnl Phòng Quản lý năng lượng
  qltt Chi cục Quản lý thị trường
svhtt 3.5 Sở Văn hóa và Thể thao
  vp Văn phòng
  qlvh Phòng Quản lý văn hóa
  qltt Phòng Quản lý thể dục thể thao
  bcxb Phòng Báo chí - Xuất bản
  bt Bảo tàng tỉnh
  tv Thư viện tỉnh
thanhtra 3.5 Thanh tra tỉnh
  vp Văn phòng
  nv1 Phòng Nghiệp vụ 1
  nv2 Phòng Nghiệp vụ 2
  nv3 Phòng Nghiệp vụ 3
  nv4 Phòng Nghiệp vụ 4
  gstd Phòng Giám sát, thẩm định và xử lý sau thanh tra
sdl 2.0 Sở Du lịch
  vp Văn phòng
  qldl Phòng Quản lý du lịch
  qhpt Phòng Quy hoạch và Phát triển
  xtdl Trung tâm Xúc tiến du lịch
sdttg 1.8 Sở Dân tộc và Tôn giáo
  vp Văn phòng
  csdt Phòng Chính sách dân tộc
  tg Phòng Tôn giáo
sngv 1.5 Sở Ngoại vụ
  vp Văn phòng
  ls Phòng Lãnh sự
  htqt Phòng Hợp tác quốc tế
bqlkcn 2.0 Ban Quản lý các khu công nghiệp tỉnh
  vp Văn phòng
  qldt Phòng Quản lý đầu tư
  qhxd Phòng Quy hoạch - Xây dựng
  qldn Phòng Quản lý doanh nghiệp
"""
"""Each agency: key, share of all people, name; below it its rooms: abbreviation, name."""
_LEADERS = {
    "vpubnd": ("Chánh Văn phòng", "Phó Chánh Văn phòng"),
    "thanhtra": ("Chánh Thanh tra", "Phó Chánh Thanh tra"),
    "bqlkcn": ("Trưởng ban", "Phó Trưởng ban"),
}

_WARD_ECONOMY = Room("kthtdt", "Phòng Kinh tế, Hạ tầng và Đô thị", mailbox=False)
_COMMUNE_ECONOMY = Room("kt", "Phòng Kinh tế", mailbox=False)
_MUONG = frozenset({"cucphuong", "phulong", "thanhson", "nhoquan", "quynhluu", "phuson"})
_WITH_MAILBOX = ("Trung tâm", "Chi cục", "Thư viện", "Bảo tàng", "Ban ")

_SMALLEST = 4
_PEOPLE_PER_PROVINCIAL = 25
_PEOPLE_PER_COMMUNE = 12


def agencies(size: int, communes: str) -> list[Agency]:
    """Given how many people there are and the table of communes, return the agencies they work in.

    All of them from about 1,600 people on; a smaller province has fewer, so that none is empty. Communes are
    taken evenly over the table.

    Args:
        size: how many people.
        communes: CSV text with the columns `code, type, name, full_name, abbreviation`.

    Raises:
        KeyError: the table lacks a column.
    """
    provincial = _provincial(_PROVINCIAL)
    local = [_commune(row) for row in csv.DictReader(communes.splitlines())]
    few = min(len(provincial), max(_SMALLEST, size // _PEOPLE_PER_PROVINCIAL))
    many = min(len(local), max(_SMALLEST, size // _PEOPLE_PER_COMMUNE))
    return provincial[:few] + [local[number * len(local) // many] for number in range(many)]


def titles(room: str) -> tuple[str, str]:
    """Given the name of a room, return what its head and the head's deputy are called."""
    for start, head in (
        ("Văn phòng", "Chánh Văn phòng"),
        ("Chi cục", "Chi cục trưởng"),
        ("Ban ", "Trưởng ban"),
    ):
        if room.startswith(start):
            return head, f"Phó {head}"
    return ("Trưởng phòng", "Phó Trưởng phòng") if room.startswith("Phòng") else _DIRECTOR


def unit_row(unit: Unit) -> dict[str, str]:
    """Return the unit as a row of `units.csv`."""
    day, signed = unit.effective_date, unit.document.signed_on
    return {
        "unit": unit.unit,
        "name": unit.name,
        "abbreviation": unit.abbreviation,
        "suffix": unit.suffix,
        "parent": unit.parent,
        "kind": str(unit.kind),
        "status": str(unit.status),
        "successor": unit.successor,
        "effective_date": day.isoformat() if day else "",
        "decision_number": unit.document.number,
        "decision_date": signed.isoformat() if signed else "",
        "signed_by": unit.document.signer,
        "mailbox": "yes" if unit.mailbox else "no",
        "mailbox_holder": "; ".join(unit.mailbox_holders),
        "contact": unit.contact,
    }


def _provincial(table: str) -> list[Agency]:
    found: list[Agency] = []
    for line in table.strip().splitlines():
        key, rest = line.split(maxsplit=1)
        if line.startswith(" "):
            room = Room(key, rest, mailbox=rest.startswith(_WITH_MAILBOX))
            found[-1] = replace(found[-1], rooms=(*found[-1].rooms, room))
        else:
            weight, _, name = rest.partition(" ")
            head, deputy = _LEADERS.get(key, _DIRECTOR)
            found.append(Agency(key, name, UnitKind.AGENCY, head, deputy, (), float(weight)))
    return found


def _commune(row: dict[str, str]) -> Agency:
    ward = row["type"] == "Phường"
    code = int(row["code"])
    rooms = [
        Room("vp", "Văn phòng HĐND và UBND", mailbox=False),
        _WARD_ECONOMY if ward else _COMMUNE_ECONOMY,
        Room("vhxh", "Phòng Văn hóa - Xã hội", mailbox=False),
    ]
    if ward or code % 4:
        rooms.append(Room("hcc", "Trung tâm Phục vụ hành chính công", mailbox=code // 3 % 3 == 0))
    key = row["abbreviation"]
    kind = "phường" if ward else "xã"
    name = f"Ủy ban nhân dân {kind} {row['name']}"
    weight = 1.25 if ward else 0.9 + code % 7 / 20
    leaders = ("Chủ tịch", "Phó Chủ tịch")
    return Agency(key, name, UnitKind.COMMUNE, *leaders, tuple(rooms), weight, muong=key in _MUONG)
