"""What people type beside a decision or a request: cleaned, and refused where it may not be kept."""

from __future__ import annotations

from syncagent.core.names import clean, unreadable
from syncagent.core.privacy import holds_identity_number
from syncagent.errors import Refused
from syncagent.text import Text


def named(by: str) -> str:
    """Return the name of whoever decides or records, cleaned.

    Raises:
        Refused: nobody is named, or nobody can read it, or it holds an identification number.
    """
    name = plain(by)
    if not name:
        raise Refused(
            Text(
                "Thiếu họ tên: hãy ghi --by và họ tên người quyết định hoặc người ghi nhận.",
                "A name is missing: say with --by who decides or records this.",
            )
        )
    if unreadable(name):
        raise Refused(
            Text(
                "Họ tên ghi ở --by có ký tự không đọc được; hãy gõ lại bằng chữ cái thông thường.",
                "The name given with --by holds characters nobody can read; type it again in ordinary letters.",
            )
        )
    return name


def plain(text: str) -> str:
    """Return a text that somebody typed, cleaned.

    Raises:
        Refused: an identification number stands in it, however its digits are written.
    """
    found = clean(text).text
    if holds_identity_number(found):
        raise Refused(
            Text(
                "Không ghi số định danh cá nhân (12 chữ số) vào đây; hãy ghi mã người, số văn bản hoặc lý do không có "
                "số đó. Chưa ghi nhận gì.",
                "A personal identification number (12 digits) must not stand here; write the person's key, the number "
                "of the letter, or the reason without it. Nothing was recorded.",
            )
        )
    return found
