"""What was typed wrong: click says it in English, this file in Vietnamese."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import click

from syncagent.core.privacy import hide_identity_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.text import Language

_BOTH = " / "
"""Between the two languages of a message of our own."""
_TOO_MANY = "Got unexpected extra argument"


def explained(error: click.UsageError, language: Language) -> str:
    """Given a usage error, return how the verb is used and what is wrong, without identification numbers."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    if language == "en":
        shown = StringIO()
        error.show(shown)
        if place := _before_the_verb(error):
            shown.write(f"It stands before the verb: {place}\n")
        return hide_identity_numbers(shown.getvalue().rstrip("\n"), lambda _: "…")
    said = [f"Gõ lệnh chưa đúng: {_wrong(error)}"]
    if context := error.ctx:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        said.insert(0, f"Cách dùng: {context.command_path} {pieces} (xem thêm: {context.command_path} --help)")
    return hide_identity_numbers("\n".join(said), lambda _: "…")


def _wrong(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            if place := _before_the_verb(error):
                return f"tùy chọn “{error.option_name}” đặt trước lệnh: {place}"
            return f"không có tùy chọn “{error.option_name}”{_perhaps(error.possibilities)}."
        case click.exceptions.NoSuchCommand():
            return f"không có lệnh “{error.command_name}”{_perhaps(error.possibilities)}."
        case click.MissingParameter():
            return f"thiếu {_named(error)}{_one_of(error)}."
        case click.BadOptionUsage():
            return f"tùy chọn “{error.option_name}” thiếu giá trị, hoặc không nhận giá trị."
        case click.BadParameter():
            return f"{_named(error)}: {_bad(error)}"
    if error.message.startswith(_TOO_MANY):
        return f"thừa {error.message.partition('(')[2].rstrip(')')}."
    return error.message


def _before_the_verb(error: click.UsageError) -> str:
    """Return where an option of the whole program stands, if that is what was typed after the verb."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return ""
    program = error.ctx.find_root()
    known = {name for parameter in program.command.params for name in parameter.opts}
    verb = error.ctx.command_path.removeprefix(program.command_path).strip()
    return f"{program.command_path} {error.option_name} … {verb}" if error.option_name in known else ""


def _named(error: click.BadParameter) -> str:
    return error.param.get_error_hint(error.ctx).replace("'", "") if error.param and error.ctx else "một giá trị"


def _one_of(error: click.BadParameter) -> str:
    """Return what may be written there, where that is a closed list."""
    kind = error.param.type if error.param else None
    return f", là một trong: {', '.join(kind.choices)}" if isinstance(kind, click.Choice) else ""


def _bad(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if _BOTH in error.message:
        return error.message
    if isinstance(kind, click.Choice):
        return f"chỉ nhận một trong: {', '.join(kind.choices)}."
    if isinstance(kind, click.DateTime):
        return "không phải ngày có thật viết dạng dd/mm/yyyy hoặc yyyy-mm-dd."
    if isinstance(kind, click.IntRange):
        return f"phải là số nguyên từ {kind.min} đến {kind.max}."
    return error.message


def _perhaps(possibilities: Sequence[str] | None) -> str:
    return f"; có phải {', '.join(f'“{one}”' for one in possibilities)}" if possibilities else ""
