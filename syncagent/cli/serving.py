"""The verbs by which the agent works by itself: serve, and the service of the operating system."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.cli.face import Face
    from syncagent.service.signals import Signals
    from syncagent.service.windows import Win32


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


@click.group(
    help="Dịch vụ của hệ điều hành: đăng ký, gỡ, chạy, dừng trên Windows; trên Linux in tệp đơn vị systemd / "
    "The operating system's service: install, uninstall, start, stop on Windows; on Linux systemd's unit and commands."
)
def service() -> None:
    """The service of the operating system."""


@service.command(
    help="Đăng ký dịch vụ Windows; trên Linux in tệp đơn vị / Register the service of Windows; on Linux print the unit."
)
@click.option(
    "--account",
    default="",
    metavar="NAME",
    help="Windows: tài khoản gMSA, ví dụ MIEN\\syncagent$; bỏ trống là NT SERVICE\\SyncAgent / A group managed service "
    "account; empty for the virtual one.",
)
@click.pass_obj
def install(face: Face, account: str) -> None:
    """Register the service."""
    config = face.config_file().resolve()
    if win := _windows():
        from syncagent.service import windows

        windows.install(win, _packed(), str(config), account)
        face.say(Text("Đã đăng ký dịch vụ SyncAgent.", "Service SyncAgent is registered."))
        return
    from syncagent.files import read_text, shipped_unit

    program = Path(sys.argv[0]).resolve()
    unit = read_text(shipped_unit())
    unit = unit.replace("/usr/bin/syncagent", str(program)).replace("/etc/syncagent/syncagent.yaml", str(config))
    click.echo(unit)
    face.warn(
        Text(
            "Lưu thành /etc/systemd/system/syncagent.service, tạo người dùng syncagent, rồi: systemctl enable --now "
            "syncagent. Gói .deb làm sẵn mọi việc này.",
            "Save it as /etc/systemd/system/syncagent.service, make the user syncagent, then: systemctl enable --now "
            "syncagent. The .deb does all of that.",
        )
    )


@service.command(help="Gỡ đăng ký dịch vụ Windows; tệp còn nguyên / Take the service of Windows away; files stay.")
@click.pass_obj
def uninstall(face: Face) -> None:
    """Take the registration away."""
    _ask(face, "uninstall", "systemctl disable --now syncagent")


@service.command(help="Chạy dịch vụ Windows / Start the service of Windows.")
@click.pass_obj
def start(face: Face) -> None:
    """Start it."""
    _ask(face, "start", "systemctl start syncagent")


@service.command(
    help="Dừng dịch vụ Windows, sau bước đang làm / Stop the service of Windows, after the step under way."
)
@click.pass_obj
def stop(face: Face) -> None:
    """Stop it."""
    _ask(face, "stop", "systemctl stop syncagent")


@service.command("run", hidden=True, help="Do Windows gọi / Called by Windows.")
@click.pass_obj
def hosted(face: Face) -> None:
    """Be the process that Windows started."""
    import gc
    import os

    win = _windows()
    if win is None:
        raise Refused(
            Text(
                "Lệnh này do Windows gọi. Trên hệ thống khác: syncagent serve",
                "Windows calls this verb. Elsewhere: syncagent serve",
            )
        )
    from syncagent.cli.log_file import LogFile
    from syncagent.service import windows
    from syncagent.service.service import Service
    from syncagent.wiring import now

    folder = Path(os.environ["PROGRAMDATA"]) / "syncagent" / "log"
    sys.stdout = sys.stderr = LogFile(folder, lambda: now().date())
    gc.enable()
    face.start_log()

    def serving(signals: Signals) -> None:
        Service(face.loaded, signals=signals).run()

    windows.host(win, serving)


def _ask(face: Face, what: str, elsewhere: str) -> None:
    """Ask the control manager for something, or say what does the same where there is none."""
    win = _windows()
    if win is None:
        click.echo(elsewhere)
        return
    from syncagent.service import windows

    {"uninstall": windows.uninstall, "start": windows.start, "stop": windows.stop}[what](win)
    face.say(Text(f"Đã yêu cầu: {what} SyncAgent.", f"Asked for: {what} SyncAgent."))


def _windows() -> Win32 | None:
    if platform.system() != "Windows":
        return None
    from syncagent.service.windows import win32

    return win32()


def _packed() -> str:
    """Return the path of the packed program.

    Raises:
        Refused: this is no packed program.
    """
    if getattr(sys, "frozen", False):
        return sys.executable
    raise Refused(
        Text(
            "Chỉ bản đóng gói (syncagent.exe) đăng ký được dịch vụ: pywin32 không chạy dịch vụ trong môi trường ảo. "
            "Xem docs/how-to/install-on-windows.md.",
            "Only the packed program (syncagent.exe) can be registered: pywin32 runs no service out of a virtual "
            "environment. See docs/how-to/install-on-windows.md.",
        )
    )


VERBS = (serve, service)
