"""The verbs that let a wave of a merger stand still and go on."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from syncagent.cli.passphrase import PASSPHRASE_FILE
from syncagent.cli.trusting import KEY_FILE, unlocked
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.cli.face import Face

_WAVE = click.option("--wave", required=True, type=int, metavar="N", help="Số thứ tự đợt / Number of the wave.")
_BY = click.option("--by", default=getpass.getuser, metavar="NAME", help="Người quyết định / Who decides.")


@click.command(help="Dừng một đợt: không lập kế hoạch, không thực hiện / Freeze a wave: nothing is planned or applied.")
@_WAVE
@click.option("--reason", required=True, metavar="WHY", help="Lý do / Why.")
@_BY
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def freeze(face: Face, wave: int, reason: str, by: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Let a wave stand still."""
    from syncagent.runs.migrate_freeze import freeze as stop

    with face.agent() as agent:
        stop(agent, wave, by, reason, unlocked(key_file, passphrase_file))
    face.say(Text(f"Đã dừng đợt {wave}.", f"Wave {wave} is frozen."))


@click.command(help="Cho một đợt đã dừng chạy tiếp / Let a frozen wave go on.")
@_WAVE
@_BY
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def resume(face: Face, wave: int, by: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Let a wave go on."""
    from syncagent.runs.migrate_freeze import resume as go_on

    with face.agent() as agent:
        go_on(agent, wave, by, unlocked(key_file, passphrase_file))
    face.say(Text(f"Đợt {wave} được chạy tiếp.", f"Wave {wave} goes on."))
