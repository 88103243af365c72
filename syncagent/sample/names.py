"""Names as people of the Red River delta bear them, drawn by how frequent they are.

Namesakes come by themselves: Nguyễn, Văn, Thị and a few dozen given names give one local part to several
people of one agency, which is what the naming rules must cope with.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random


class FullName(NamedTuple):
    """A name as the roster writes it; `given_name` where a person decided which syllables are the tên."""

    text: str
    given_name: str = ""


class Frequencies:
    """Words and how often each is drawn, given as `word weight, word weight, …`; `-` stands for no word."""

    def __init__(self, table: str) -> None:
        parts = [" ".join(part.split()).rpartition(" ") for part in table.split(",")]
        self._words = tuple("" if word == "-" else word for word, _, _ in parts)
        self._cumulated = tuple(accumulate(float(weight) for _, _, weight in parts))

    def draw(self, rng: Random) -> str:
        """Return one of the words."""
        return rng.choices(self._words, cum_weights=self._cumulated)[0]


_SURNAMES = Frequencies("""
    Nguyễn 31.5, Trần 10.9, Lê 8.9, Phạm 7.1, Hoàng 3.7, Huỳnh 0.6, Vũ 3.9, Võ 0.8, Phan 2.8, Đặng
    2.6, Bùi 2.9, Đỗ 2.6, Hồ 1.3, Ngô 1.5, Dương 1.2, Lý 0.5, Đinh 2.4, Trịnh 1.2, Đoàn 1.1, Tạ 0.8,
    Mai 1.0, Trương 1.2, Lương 0.9, Hà 0.8, Đào 1.1, Cao 0.8, Tống 0.5, Lã 0.4, Lại 0.5, Phùng 0.5,
    Chu 0.5, Tô 0.4, Quách 0.3, An 0.2, Doãn 0.2, Kiều 0.2, Thiều 0.1
""")
_MUONG_SURNAMES = Frequencies("Bùi 34, Đinh 30, Quách 22, Hà 8, Phạm 6")

_MEN_MIDDLE = Frequencies("""
    Văn 28, Đức 7, Hữu 5, Quang 6, Minh 6, Xuân 5, Ngọc 5, Đình 5, Thanh 4, Công 4, Mạnh 4, Tiến 3,
    Thế 3, Trọng 3, Duy 3, Quốc 3, Việt 2, Anh 2, Hoàng 2, Tuấn 2, Trung 2, Hải 1, Bá 1, Viết 1,
    Khắc 1, - 3
""")
_WOMEN_MIDDLE = Frequencies("""
    Thị 42, Thị Thu 4, Thị Thanh 4, Thị Hồng 4, Thị Ngọc 3, Thị Minh 3, Thị Kim 3, Thị Bích 2, Thị
    Mai 2, Thị Phương 3, Thị Thùy 2, Thu 4, Thanh 4, Ngọc 4, Minh 2, Hồng 2, Phương 2, Thùy 2, Hải
    1, Lan 1, Khánh 2, Diệu 1, Bảo 1, Thị Ánh 1, Thị Như 1
""")
_MEN = Frequencies("""
    Hùng 4.2, Dũng 4, Tuấn 4.4, Cường 3.6, Thắng 3, Hải 3.2, Sơn 3, Nam 2.6, Long 2.4, Minh 2.8, Anh
    3, Đức 2.6, Thành 2.8, Thanh 1.6, Bình 2, Hòa 1.8, Hoà 0.4, Trung 2.2, Hiếu 2, Hưng 2, Kiên 1.8,
    Khánh 1.2, Lâm 1.4, Mạnh 1.8, Nghĩa 1.4, Phong 1.4, Phúc 1.4, Phương 1.2, Quân 1.6, Quang 1.6,
    Quý 1, Quyết 0.8, Tâm 1.2, Tân 1, Thái 1.4, Thịnh 1.2, Tiến 2, Toàn 1.6, Tùng 1.8, Trường 1.4,
    Tú 1.4, Việt 1.4, Vinh 1.4, Vũ 1, Hậu 0.8, Duy 1, Đạt 1.4, Giang 1.2, Hoàng 1.6, Huy 1.6, Lực
    0.6, Lợi 0.6, Ngọc 1, Thuận 0.8, Tuân 0.8, Chiến 1.2, Chung 0.8, Công 0.8, Điệp 0.6, Đông 0.8,
    Hạnh 0.4, Khoa 0.8, Luân 0.6, Nhật 0.6, Ước 0.2, Ý 0.1
""")
_WOMEN = Frequencies("""
    Hương 4.4, Lan 3.6, Hoa 3.2, Hằng 3.4, Hà 3.6, Thủy 3, Thúy 1.6, Thùy 1, Hạnh 2.6, Huyền 3, Linh
    3, Mai 2.8, Nga 2.6, Ngọc 2, Nhung 2.6, Oanh 2.2, Phương 3.2, Phượng 1.4, Quyên 1.2, Tâm 1.8,
    Thảo 2.4, Thu 2.4, Trang 3.4, Tuyết 1.6, Vân 2.4, Yến 2.4, Anh 2.8, Ánh 1.4, Bích 0.8, Châm 0.6,
    Chi 0.8, Dung 2, Duyên 1.2, Giang 1.4, Hiền 2.8, Hòa 1.6, Hoài 0.8, Hồng 1.8, Huệ 2, Khánh 0.6,
    Liên 1.8, Loan 1.8, Lý 0.8, Miền 0.2, Minh 1, My 0.6, Nguyệt 1.6, Nhàn 0.8, Thanh 1.4, Thơm 1,
    Tươi 0.6, Xuân 0.8, Xuyến 0.4, Vui 0.3, Ước 0.1
""")

RARE = (
    FullName("H'Hen Niê", "H'Hen"),
    FullName("Y Phôn Êban", "Phôn"),
    FullName("K'Brơi"),
    FullName("Giàng A Páo"),
    FullName("Vừ A Dính"),
    FullName("Ksor Phước", "Phước"),
    FullName("Lò Thị Mai"),
    FullName("Y Ƀăm Êƀan", "Ƀăm"),
    FullName("Maria Nguyễn Thị Hương"),
    FullName("Công Tằng Tôn Nữ Mỹ Anh"),
)
"""Rarer forms: Ê Đê, Cơ Ho, Mông, Gia Rai, Thái, and two long ones."""

_CLANS = ("Niê", "Êban", "Ayun", "Byă", "Mlô", "Knul")
_MUONG_SHARE = 0.45


def draw(rng: Random, *, muong: bool = False) -> FullName:
    """Given a source of chance, return a name; `muong` for communes where many people are Mường."""
    surnames = _MUONG_SURNAMES if muong and rng.random() < _MUONG_SHARE else _SURNAMES
    middles, givens = rng.choice(((_MEN_MIDDLE, _MEN), (_WOMEN_MIDDLE, _WOMEN)))
    parts = (surnames.draw(rng), middles.draw(rng), givens.draw(rng))
    return FullName(" ".join(part for part in parts if part))


def draw_uncertain(rng: Random) -> FullName:
    """Return an Ê Đê or Cơ Ho name, with the tên a person decided on: the last syllable misleads."""
    man, woman, clan = _MEN.draw(rng), _WOMEN.draw(rng), rng.choice(_CLANS)
    return rng.choice(
        (
            FullName(f"H'{woman} {clan}", f"H'{woman}"),
            FullName(f"Y {man} {clan}", man),
            FullName(f"K'{man}", f"K'{man}"),
        )
    )
