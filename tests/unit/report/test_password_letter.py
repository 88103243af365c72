"""The slip with a password: every letter of every name is in its fonts, and the law stands on it."""

from __future__ import annotations

import logging
import re
import subprocess
import unicodedata
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import world
from fontTools.ttLib import TTFont

from syncagent.report.letter import Office
from syncagent.report.password_letter import Slip, paragraphs, slips
from syncagent.text import Language

SET_AT = datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
NOW = datetime(2026, 7, 2, tzinfo=UTC)
OFFICE = Office("Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Ninh Bình", "SKHCN", "Ninh Bình", "Giám đốc")
PASSWORD = "xK7#mP3@wRt9$VnA"  # noqa: S105 - drawn for this test
SLIP = Slip(
    "Nguyễn Thị Hương Quỳnh", "Sở Nội vụ › Phòng Tổ chức", "quynhnth.snv@ninhbinh.gov.vn", lambda: PASSWORD, SET_AT
)


def _shown(
    tmp_path: Path, *found: Slip, office: Office = OFFICE, law: str = "ninhbinh-2025", lang: Language = "vi"
) -> str:
    """What a reader of the PDF sees, page after page."""
    path = tmp_path / "slip.pdf"
    path.write_bytes(slips(found, world.regulation(law), office, lang, NOW))
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    return "\f".join(re.sub(r"\s+", " ", page) for page in text.split("\f"))


def test_a_slip_says_whose_password_it_is_and_what_the_law_wants(tmp_path: Path) -> None:
    """Both heads, the holder, the password, the article on changing it, the term, and who signs (NB-23, NB-31)."""
    shown = _shown(tmp_path, SLIP)

    for part in (
        "ỦY BAN NHÂN DÂN TỈNH NINH BÌNH",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "Độc lập - Tự do - Hạnh phúc",
        "Ninh Bình, ngày 01 tháng 07 năm 2026",
        "Nguyễn Thị Hương Quỳnh",
        "Sở Nội vụ › Phòng Tổ chức",
        "quynhnth.snv@ninhbinh.gov.vn",
        PASSWORD,
        "09:30 01/07/2026",
        "162/2025/QĐ-UBND",
        "phải đổi mật khẩu mặc định",
        "không được thay đổi sau 01 tháng",
        "NGƯỜI BÀN GIAO",
    ):
        assert part in shown


def test_each_has_a_page_of_its_own(tmp_path: Path) -> None:
    """No page shows two passwords; the second language says the same."""
    other = SLIP._replace(name="Lê Văn Bình", reveal=lambda: "aaaaAAAA1111$$$$")
    pages = _shown(tmp_path, SLIP, other, lang="en").split("\f")

    assert (PASSWORD in pages[0], "aaaaAAAA1111$$$$" in pages[0]) == (True, False)
    assert (PASSWORD in pages[1], "aaaaAAAA1111$$$$" in pages[1]) == (False, True)
    assert "must be changed" in pages[1].lower() or "must change" in pages[1].lower()
    assert pages[2:] == [""]


def test_what_is_not_known_is_left_to_fill(tmp_path: Path) -> None:
    """Without an office and a name there are dots; nothing hidden and no identity number stands on paper."""
    shown = _shown(
        tmp_path, SLIP._replace(name="", unit="Phòng\u202e 001099012345"), office=Office(), law="binhdinh-kkt-2017"
    )

    assert "……………, ngày 01" in shown
    assert "001099012345" not in shown
    assert "U+202E" in shown
    assert "sau 01 tháng" not in shown


@pytest.mark.parametrize("law", ["ninhbinh-2025", "danang-2017", "bentre-2016", "hcmc-quan4-2013", "binhdinh-kkt-2017"])
def test_no_letter_of_any_text_is_missing(law: str, caplog: pytest.LogCaptureFixture) -> None:
    """fpdf2 says which glyphs a font lacks: none, in the words of any of the five texts, in capitals either."""
    office = Office(*(part.upper() for part in OFFICE))
    with caplog.at_level(logging.WARNING):
        for lang in ("vi", "en"):
            slips([SLIP._replace(name="H'Hen Niê Ƀlŏ Čư Ñ")], world.regulation(law), office, lang, NOW)

    assert caplog.records == []
    assert world.regulation(law).document in paragraphs(world.regulation(law))[0].vi


def test_the_fonts_hold_every_vietnamese_letter_and_every_character_of_a_password() -> None:
    """134 letters beyond ASCII, both cases; the licence lies beside them, and they are small."""
    letters = "".join(
        base + mark
        for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
        for mark in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    )
    wanted = {ord(letter) for letter in unicodedata.normalize("NFC", letters)} | {ord("đ"), ord("Đ")}
    folder = Path(str(files("syncagent.report"))) / "fonts"
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.ttf")}

    assert sizes.keys() == {"serif.ttf", "serif-bold.ttf", "mono.ttf"}
    assert sum(sizes.values()) < 150_000
    for name in ("serif.ttf", "serif-bold.ttf"):
        assert wanted <= TTFont(folder / name).getBestCmap().keys()
    assert set(range(0x20, 0x7F)) <= TTFont(folder / "mono.ttf").getBestCmap().keys()
    assert "SIL OPEN FONT LICENSE" in (folder / "LICENSE.txt").read_text(encoding="utf-8").upper()


def test_a_slip_does_not_show_its_password() -> None:
    """Not in its repr."""
    assert PASSWORD not in repr(SLIP)
