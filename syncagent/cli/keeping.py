"""Verbs about the secrets of the configuration: init, set, list, rotate. No value is ever an argument, or shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.cli.face import Face


@click.group(help="Kho bí mật của cấu hình / The encrypted store of the configuration's secrets.")
def secret() -> None:
    """Group the verbs about secrets."""


@secret.command(help="Tạo kho bí mật, và khóa của kho nếu chưa có / Make the store, and its key if there is none.")
@click.pass_obj
def init(face: Face) -> None:
    """Make the store."""
    from secrets import token_bytes

    from syncagent.cli.log import event
    from syncagent.keys import secrets_of
    from syncagent.runs.secrets import init as make

    path, place = secrets_of(*face.settings())
    face.start_log()
    key_id = make(path, place, token_bytes)
    event("secrets-made", key_id=key_id)
    face.say(
        Text(
            f"Đã tạo kho bí mật {path.name}, khóa {key_id}. Ghi bí mật bằng: syncagent secret set TÊN",
            f"The store of secrets {path.name} is made, key {key_id}. Keep a secret with: syncagent secret set NAME",
        )
    )


@secret.command(
    "set",
    help="Ghi một bí mật; giá trị được hỏi, hoặc lấy từ tệp hay đầu vào chuẩn, không bao giờ từ dòng lệnh / Keep a "
    "secret; its value is asked for, or comes from a file or standard input, never from the command line.",
)
@click.argument("name")
@click.option("--file", "file", metavar="FILE", help="Lấy giá trị từ tệp / Take the value from a file.")
@click.pass_obj
def set_(face: Face, name: str, file: str | None) -> None:
    """Keep a secret."""
    from secrets import token_bytes

    from syncagent.cli.log import event
    from syncagent.cli.passphrase import value
    from syncagent.keys import secrets_of
    from syncagent.runs.secrets import put

    path, place = secrets_of(*face.settings())
    face.start_log()
    put(path, place, name, value(file), token_bytes)
    event("kept", called=name)
    face.say(
        Text(
            f"Đã ghi “{name}”. Trong cấu hình, dùng: {{secret: {name}}}",
            f"“{name}” is kept. In the configuration write: {{secret: {name}}}",
        )
    )


@secret.command("list", help="Tên các bí mật / The names of the secrets.")
@click.pass_obj
def list_(face: Face) -> None:
    """List the names."""
    from syncagent.keys import secrets_of
    from syncagent.runs.secrets import names

    path, place = secrets_of(*face.settings())
    for name in names(path, place):
        click.echo(name)


@secret.command(help="Đổi khóa của kho và niêm phong lại mọi giá trị / Seal every value anew under a new key.")
@click.pass_obj
def rotate(face: Face) -> None:
    """Change the key."""
    from secrets import token_bytes

    from syncagent.cli.log import event
    from syncagent.keys import secrets_of
    from syncagent.runs.secrets import rotate as change

    path, place = secrets_of(*face.settings())
    face.start_log()
    key_id = change(path, place, token_bytes)
    event("secrets-rotated", key_id=key_id)
    face.say(
        Text(
            f"Mọi giá trị nay được niêm phong bằng khóa mới {key_id}; khóa cũ không mở được kho nữa.",
            f"Every value is sealed under the new key {key_id}; the old one no longer opens the store.",
        )
    )


VERBS = (secret,)
