"""The manual page, from the command line itself: `man syncagent` says what `--help` says."""

from __future__ import annotations

import click

from syncagent.cli.main import syncagent

_CODES = (
    (0, "đã xong / done"),
    (1, "lỗi của chương trình / a bug"),
    (2, "gõ lệnh chưa đúng / typed wrong"),
    (3, "phải sửa một tệp trước / a file must be edited first"),
    (4, "dữ liệu đáng ngờ, không quyết định gì / the data are doubtful, nothing is decided"),
    (5, "không được phép như thế / refused"),
    (6, "thư mục hoặc hệ thống thư không làm được / a directory or mail system could not"),
    (7, "một máy khác đang giữ quyền / another host holds the lease"),
    (10, "plan --exit-code: còn thay đổi / changes are pending"),
)
_FILES = (
    ("./syncagent.yaml, /etc/syncagent/syncagent.yaml", "cấu hình / the configuration"),
    ("/etc/syncagent/mappings", "quy chế và ánh xạ riêng / regulations and mappings of one's own"),
    ("/var/lib/syncagent", "trạng thái của dịch vụ / the state of the service"),
)


def _plain(text: str) -> str:
    """Escape a text for roff: no line of it is a request, every hyphen is the one that is typed."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


def _options(command: click.Command) -> list[str]:
    lines = []
    for one in command.params:
        if isinstance(one, click.Option) and one.help:
            names = ", ".join(one.opts) + (f" {one.metavar}" if one.metavar else "")
            lines += [".TP", f".B {_plain(names)}", _plain(one.help)]
    return lines


def page(verbs: list[tuple[str, click.Command]]) -> str:
    """Return the page in the man macros; no date and no version stand in it, so it changes only with the verbs."""
    lines = [
        '.TH SYNCAGENT 1 "" "syncagent" "User Commands"',
        ".SH NAME",
        "syncagent \\- hộp thư công vụ đúng với danh sách nhân sự và quy chế / official mail accounts in step",
        ".SH SYNOPSIS",
        ".B syncagent",
        "[\\-\\-config FILE] [\\-\\-log\\-format console|json] [\\-\\-lang vi|en] VERB ...",
        ".SH DESCRIPTION",
        _plain((syncagent.help or "").replace("\n\n", "\n")),
        ".SH OPTIONS",
        *_options(syncagent),
        ".SH VERBS",
    ]
    for name, command in sorted(verbs):
        usage = " ".join(command.collect_usage_pieces(click.Context(command)))
        lines += [f".SS {_plain(f'{name} {usage}'.strip())}", _plain((command.help or "").strip()), *_options(command)]
    lines += [".SH EXIT STATUS"]
    for code, says in _CODES:
        lines += [".TP", f".B {code}", _plain(says)]
    lines += [".SH FILES"]
    for name, says in _FILES:
        lines += [".TP", f".I {_plain(name)}", _plain(says)]
    return "\n".join([*lines, ""])
