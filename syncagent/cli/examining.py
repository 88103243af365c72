"""The verb that looks at everything and changes nothing: doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.cli.face import Face

_FAULTY = 6


@click.command(
    help="Khám từng thư mục mà không ghi gì: TLS, đăng nhập, quyền, lược đồ, đồng hồ, đọc đủ trang / Try each target "
    "read-only: TLS, bind, rights, schema, controls, clock, complete paging."
)
@click.pass_obj
def doctor(face: Face) -> int:
    """Examine the state and the targets."""
    from syncagent.core.examination import Health
    from syncagent.runs.doctor import doctor as ask

    marks = {
        Health.GOOD: (Text("tốt", "good"), "green"),
        Health.DOUBT: (Text("cần xem", "look"), "yellow"),
        Health.FAULT: (Text("lỗi", "fault"), "red"),
    }
    with face.agent() as agent:
        found = ask(agent)
    for name, seen in found.found.items():
        face.say(Text(name or "Phần mềm", name or "Agent"))
        for one in seen:
            word, color = marks[one.health]
            mark = click.style(f"{word.within(face.language):>7}", fg=color) if face.color else None
            shown = mark or f"{word.within(face.language):>7}"
            click.echo(f"  {shown}  {one.what.within(face.language)}: {one.says.within(face.language)}")
    return _FAULTY if found.faulty else 0


VERBS = (doctor,)
