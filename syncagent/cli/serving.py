"""The verb by which the agent works by itself: serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from syncagent.cli.face import Face


@click.command(
    help="Chạy dịch vụ: lập kế hoạch theo lịch; chỉ thực hiện những gì đã duyệt, trong khung giờ đã cấu hình / Run the "
    "service: plans by schedule; carries out only what was approved, in the window that is configured."
)
@click.pass_obj
def serve(face: Face) -> None:
    """Serve until a signal ends it."""
    import gc
    import os

    from syncagent.service.notify import Notifier
    from syncagent.service.service import Service

    gc.enable()  # other verbs end before it pays
    face.start_log()
    Service(face.loaded, notifier=Notifier.of(os.environ)).run()


VERBS = (serve,)
