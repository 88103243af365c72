"""The five regulations' shapes of personal addresses, over every worked example of the domain.

Ninh Bình Điều 5.3, Đà Nẵng Điều 3.1, Bến Tre Điều 4.2; Quận 4's text defines no user name, so its column is the
recommended reading.
"""

from __future__ import annotations

import pytest

from syncagent.core.addresses import Pattern
from syncagent.core.names import syllables

SCHEMES = ("{ten}{initials}.{suffix}", "{ten}{initials}", "{initials}{ten}.{suffix}", "{initials}{ten}.q4")

EXAMPLES = """\
Nguyễn Ngọc Thành||thanhnn.skhcn|thanhnn|nnthanh.stttt|nnthanh.q4
Nguyễn Văn Dũng||dungnv.skhcn|dungnv|nvdung.stttt|nvdung.q4
Ngô Văn Dũng||dungnv.skhcn|dungnv|nvdung.stttt|nvdung.q4
Nguyễn Thị Ngọc Ánh||anhntn.skhcn|anhntn|ntnanh.stttt|ntnanh.q4
Đặng Thị Hòa||hoadt.skhcn|hoadt|dthoa.stttt|dthoa.q4
Đặng Thị Hoà||hoadt.skhcn|hoadt|dthoa.stttt|dthoa.q4
Lê Ư||ul.skhcn|ul|lu.stttt|lu.q4
Trần Thuý||thuyt.skhcn|thuyt|tthuy.stttt|tthuy.q4
Tôn Nữ Thị Ninh||ninhtnt.skhcn|ninhtnt|tntninh.stttt|tntninh.q4
Công Tằng Tôn Nữ Mỹ Anh||anhcttnm.skhcn|anhcttnm|cttnmanh.stttt|cttnmanh.q4
Nguyễn Phúc Bảo Lộc||locnpb.skhcn|locnpb|npbloc.stttt|npbloc.q4
Giàng A Páo||paoga.skhcn|paoga|gapao.stttt|gapao.q4
Vừ A Dính||dinhva.skhcn|dinhva|vadinh.stttt|vadinh.q4
Lò Thị Mai||mailt.skhcn|mailt|ltmai.stttt|ltmai.q4
Đinh Y Nhung||nhungdy.skhcn|nhungdy|dynhung.stttt|dynhung.q4
Quách Thị Bưởi||buoiqt.skhcn|buoiqt|qtbuoi.stttt|qtbuoi.q4
H'Hen Niê||nieh.skhcn|nieh|hnie.stttt|hnie.q4
H'Hen Niê|H'Hen|hhenn.skhcn|hhenn|nhhen.stttt|nhhen.q4
Y Phôn Êban||ebanyp.skhcn|ebanyp|ypeban.stttt|ypeban.q4
Y Phôn Êban|Phôn|phonye.skhcn|phonye|yephon.stttt|yephon.q4
Ksor Phước||phuock.skhcn|phuock|kphuoc.stttt|kphuoc.q4
K'Brơi||kbroi.skhcn|kbroi|kbroi.stttt|kbroi.q4
Y Ƀăm Êƀan|Ƀăm|bamye.skhcn|bamye|yebam.stttt|yebam.q4
Maria Nguyễn Thị Hương||huongmnt.skhcn|huongmnt|mnthuong.stttt|mnthuong.q4
Đỗ-Nguyễn Anna||annadn.skhcn|annadn|dnanna.stttt|dnanna.q4
ÐỖ VĂN ÐÔNG||dongdv.skhcn|dongdv|dvdong.stttt|dvdong.q4
""".splitlines()


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_worked_example(example: str) -> None:
    """26 names, among them the examples printed in the regulations themselves."""
    full_name, given, *expected = example.split("|")
    name = syllables(full_name, given)

    made = [
        Pattern.parse(scheme).render(name, {"suffix": suffix})
        for scheme, suffix in zip(SCHEMES, ("skhcn", "", "stttt", ""), strict=True)
    ]

    assert made == expected
