"""The slip by which somebody is handed a new password: one page for each, in Vietnamese or English, as PDF.

The fonts are subsets of Noto (SIL Open Font License) that hold every Vietnamese letter; `tests/docs/fonts.py` makes
them. The page says by which article and by when the password must be changed.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.privacy import hide_identity_numbers
from syncagent.core.regulation import Condition
from syncagent.report.visible import visible
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from fpdf import FPDF

    from syncagent.core.regulation import Regulation
    from syncagent.report.letter import Office
    from syncagent.text import Language

_BLANK: Final = "……………"
_MARGIN, _RIGHT, _TOP, _LINE = 25, 15, 20, 6.5  # millimetres; Nghị định 30/2020/NĐ-CP, Phụ lục I
_HALF, _SIZE, _HEAD, _FIGURE = 85, 12.5, 15, 19

_STATE = Text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
_MOTTO = Text("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
_TITLE = Text("PHIẾU BÀN GIAO MẬT KHẨU THƯ ĐIỆN TỬ CÔNG VỤ", "HAND-OVER OF AN OFFICIAL MAIL PASSWORD")
_GIVER = Text("NGƯỜI BÀN GIAO", "HANDED OVER BY")
_TAKER = Text("NGƯỜI NHẬN", "RECEIVED BY")
_SIGN = Text("(Ký, ghi rõ họ và tên)", "(Signature and full name)")
_CONFIDENTIAL = Text(
    "Phiếu này chứa mật khẩu: giao tận tay người nhận, không sao chụp, không gửi qua thư điện tử hoặc mạng xã hội; "
    "hủy phiếu ngay sau khi đổi mật khẩu.",
    "This slip holds a password: hand it to the holder in person, do not copy or send it, and destroy it as soon as "
    "the password has been changed.",
)


class Slip(NamedTuple):
    """A password on paper: whose mailbox, of which unit, what reveals the password, and when it was set (local)."""

    name: str
    unit: str
    address: str
    reveal: Callable[[], str]
    set_at: datetime


def slips(found: Sequence[Slip], regulation: Regulation, office: Office, language: Language, now: datetime) -> bytes:
    """Given passwords, return a PDF with a page for each."""
    from fpdf import FPDF  # noqa: PLC0415 - a third of a second that other verbs must not pay

    pdf = FPDF(format="A4")
    pdf.set_creation_date(now)
    pdf.set_lang(language)
    pdf.set_title(_TITLE.within(language))
    pdf.set_margins(_MARGIN, _TOP, _RIGHT)
    pdf.set_auto_page_break(auto=False)
    fonts = files("syncagent.report") / "fonts"
    for family, style, name in (("serif", "", "serif"), ("serif", "B", "serif-bold"), ("mono", "", "mono")):
        pdf.add_font(family, style, str(fonts / f"{name}.ttf"))
    for slip in found:
        _page(pdf, slip, regulation, office, language)
    return bytes(pdf.output())


def _page(pdf: FPDF, slip: Slip, regulation: Regulation, office: Office, language: Language) -> None:
    pdf.add_page()
    _heads(pdf, slip, office, language)
    _line(pdf, _TITLE.within(language), style="B", size=_HEAD, align="C")
    pdf.ln(4)
    for label, value in _whose(slip):
        pdf.set_font("serif", "", _SIZE)
        pdf.cell(48, _LINE, f"{label.within(language)}:")
        pdf.set_font("serif", "B", _SIZE)
        pdf.multi_cell(0, _LINE, _safe(value), align="L", new_x="LMARGIN", new_y="NEXT")
    _password(pdf, slip, language)
    for paragraph in paragraphs(regulation):
        _line(pdf, paragraph.within(language), align="J")
        pdf.ln(1.5)
    _line(pdf, _CONFIDENTIAL.within(language), style="B", align="J")
    _signatures(pdf, language)


def _heads(pdf: FPDF, slip: Slip, office: Office, language: Language) -> None:
    """Write the agency on the left and the state with its motto on the right."""
    top = pdf.get_y()
    left: Iterable[tuple[str, str]] = ((office.above.upper(), ""), (office.name.upper() or _BLANK, "B"))
    for line, style in left:
        if line:
            _cell(pdf, _MARGIN - 5, line, style, size=11)
    ends = pdf.get_y()
    pdf.set_y(top)
    for line, style in ((_STATE.within(language), "B"), (_MOTTO.within(language), "B")):
        _cell(pdf, _MARGIN - 5 + _HALF, line, style, size=11, width=_HALF + 10)
    day = slip.set_at.date()
    dated = Text(
        f"{office.place or _BLANK}, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
        f"{office.place or _BLANK}, {day}",
    )
    _cell(pdf, _MARGIN - 5 + _HALF, dated.within(language), "", size=11, width=_HALF + 10)
    pdf.set_y(max(ends, pdf.get_y()) + 8)


def _cell(pdf: FPDF, x: float, text: str, style: str, *, size: float, width: float = _HALF) -> None:
    pdf.set_x(x)
    pdf.set_font("serif", style, size)
    pdf.multi_cell(width, 5.2, _safe(text), align="C", new_x="LMARGIN", new_y="NEXT")


def _line(pdf: FPDF, text: str, *, style: str = "", size: float = _SIZE, align: str = "L") -> None:
    pdf.set_font("serif", style, size)
    pdf.multi_cell(0, _LINE, _safe(text), align=align, new_x="LMARGIN", new_y="NEXT")


def _whose(slip: Slip) -> tuple[tuple[Text, str], ...]:
    return (
        (Text("Cấp cho", "For"), slip.name or _BLANK),
        (Text("Đơn vị", "Unit"), slip.unit),
        (Text("Hộp thư", "Mailbox"), slip.address),
        (Text("Đặt mật khẩu lúc", "Set at"), f"{slip.set_at:%H:%M} {vi(slip.set_at.date())}"),
    )


def _password(pdf: FPDF, slip: Slip, language: Language) -> None:
    """Write the password in a frame, every character of one width, so that none is taken for another."""
    pdf.ln(2)
    pdf.set_font("serif", "", _SIZE)
    pdf.cell(0, _LINE, Text("Mật khẩu mặc định:", "Default password:").within(language), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("mono", "", _FIGURE)
    pdf.cell(0, 14, slip.reveal(), border=1, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


def paragraphs(regulation: Regulation) -> tuple[Text, ...]:
    """Return what the holder must know: that the password is changed, by which article, within which term, and how."""
    of = regulation.document
    must, quality = regulation.passwords.must_change, regulation.passwords.quality
    ground = Text(
        f"Căn cứ {must.article} {regulation.title.vi} ({of}): {must.text.vi}",
        f"{must.article} of the {regulation.title.en} ({of}): {must.text.en}",
    )
    terms = [
        Text(f"{clause.cite.article}: {clause.cite.text.vi}", f"{clause.cite.article}: {clause.cite.text.en}")
        for clause in regulation.terms
        if clause.condition is Condition.DEFAULT_PASSWORD
    ]
    return (
        ground,
        *terms,
        Text(f"{quality.article}: {quality.text.vi}", f"{quality.article}: {quality.text.en}"),
        Text(
            "Đăng nhập lần đầu bằng mật khẩu trên, rồi đổi ngay sang mật khẩu của riêng mình.",
            "Log in once with the password above, and change it at once to one of your own.",
        ),
    )


def _signatures(pdf: FPDF, language: Language) -> None:
    pdf.ln(8)
    top = pdf.get_y()
    for column, who in enumerate((_GIVER, _TAKER)):
        pdf.set_y(top)
        _cell(pdf, _MARGIN + column * _HALF, who.within(language), "B", size=_SIZE, width=_HALF)
        _cell(pdf, _MARGIN + column * _HALF, _SIGN.within(language), "", size=11, width=_HALF)


def _safe(text: str) -> str:
    """Return a text in which nothing is hidden and no identification number stands."""
    return visible(hide_identity_numbers(text, lambda _: "…"))
