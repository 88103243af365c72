"""The service of Windows: how it is registered there, and what runs when the service control manager starts it.

Whatever is Windows's own (pywin32) comes in as modules, for they exist on Windows alone. The program must be the
packed one: a service inside a virtual environment is nothing pywin32 supports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.errors import SyncError
from syncagent.service.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "SyncAgent"
DISPLAY = "syncagent - hộp thư công vụ"
DESCRIPTION = (
    "Giữ hộp thư công vụ đúng với danh sách nhân sự và quy chế; chỉ thực hiện những gì đã duyệt. / Keeps official mail "
    "accounts in step with the personnel roster and the law; carries out only what was approved."
)

_MINUTE = 60_000
_AGAIN_AFTER = (1, 1, 5)
"""After how many minutes Windows starts the service anew when its process died: the first, second and later times."""
_A_DAY = 86_400
_STOPS_WITHIN = 600_000
"""Milliseconds: the longest step waits for one answer of a directory or of Exchange."""


class Win32(NamedTuple):
    """The modules of pywin32 that are used: the control manager, helpers, the host of a service, the event log."""

    service: Any
    util: Any
    manager: Any
    event_log: Any


def win32() -> Win32:
    """Return pywin32's modules.

    Raises:
        ImportError: this is not Windows, or pywin32 is not installed.
    """
    return Win32(*map(import_module, ("win32service", "win32serviceutil", "servicemanager", "win32evtlogutil")))


# ── registered ───────────────────────────────────────────────────────────────


def install(win: Win32, program: str, config: str, account: str = "") -> None:
    r"""Register the service: it starts by itself after the others, and anew if its process dies; nothing starts yet.

    A service that ends by itself with a fault, such as a configuration that must be edited, is not started anew.

    Args:
        win: pywin32.
        program: path of the packed program.
        config: path of the configuration.
        account: a group managed service account (`MIỀN\syncagent$`) or a virtual one; empty for a virtual one of the
            service's own name. Neither has a password that anybody knows.
    """
    service = win.service
    command = f'"{program}" --config "{config}" --log-format json service run'
    scm = service.OpenSCManager(None, None, service.SC_MANAGER_CREATE_SERVICE)
    try:
        made = service.CreateService(
            scm,
            NAME,
            DISPLAY,
            service.SERVICE_ALL_ACCESS,
            service.SERVICE_WIN32_OWN_PROCESS,
            service.SERVICE_AUTO_START,
            service.SERVICE_ERROR_NORMAL,
            command,
            None,
            0,
            None,
            account or f"NT SERVICE\\{NAME}",
            None,
        )
        try:
            service.ChangeServiceConfig2(made, service.SERVICE_CONFIG_DESCRIPTION, DESCRIPTION)
            service.ChangeServiceConfig2(made, service.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, True)  # noqa: FBT003 - their way
            service.ChangeServiceConfig2(
                made,
                service.SERVICE_CONFIG_FAILURE_ACTIONS,
                {
                    "ResetPeriod": _A_DAY,
                    "RebootMsg": "",
                    "Command": "",
                    "Actions": [(service.SC_ACTION_RESTART, minutes * _MINUTE) for minutes in _AGAIN_AFTER],
                },
            )
        finally:
            service.CloseServiceHandle(made)
    finally:
        service.CloseServiceHandle(scm)
    win.event_log.AddSourceToRegistry(NAME, win.manager.__file__)


def uninstall(win: Win32) -> None:
    """Stop the service if it runs, and take its registration and its source of events away; files stay."""
    win.util.RemoveService(NAME)
    win.event_log.RemoveSourceFromRegistry(NAME)


def start(win: Win32) -> None:
    """Have Windows start the service."""
    win.util.StartService(NAME)


def stop(win: Win32) -> None:
    """Have Windows stop the service: it ends after the step under way."""
    win.util.StopService(NAME)


# ── running ──────────────────────────────────────────────────────────────────


def host(win: Win32, serve: Callable[[Signals], None]) -> None:
    """Be the process that the control manager started: hand over the service, and return when it has ended.

    Args:
        win: pywin32.
        serve: runs the service until its signals say stop.
    """
    win.manager.Initialize(NAME, win.manager.__file__)
    win.manager.PrepareToHostSingle(hosted(win, serve))
    win.manager.StartServiceCtrlDispatcher()


def hosted(win: Win32, serve: Callable[[Signals], None]) -> type:
    """Return the class that pywin32 makes an instance of: stop, shutdown and pre-shutdown end it, as SIGTERM does.

    `sc control SyncAgent paramchange` has it read its configuration again, as SIGHUP does.
    """
    service, manager = win.service, win.manager
    signals = Signals()

    class SyncAgent(win.util.ServiceFramework):  # type: ignore[name-defined,misc]  # pywin32 asks for a subclass
        _svc_name_ = NAME
        _svc_display_name_ = DISPLAY
        _svc_description_ = DESCRIPTION

        def GetAcceptedControls(self) -> int:  # noqa: N802 - pywin32's name
            return int(win.util.ServiceFramework.GetAcceptedControls(self) | service.SERVICE_ACCEPT_PARAMCHANGE)

        def SvcStop(self) -> None:  # noqa: N802 - pywin32's name
            self.ReportServiceStatus(service.SERVICE_STOP_PENDING, waitHint=_STOPS_WITHIN)
            signals.ask(stop=True)

        SvcShutdown = SvcStop

        def SvcOtherEx(self, control: int, _kind: int, _data: object) -> None:  # noqa: N802 - pywin32's name
            if control == service.SERVICE_CONTROL_PARAMCHANGE:
                signals.ask(stop=False)

        def SvcDoRun(self) -> None:  # noqa: N802 - pywin32's name
            manager.LogInfoMsg(f"{NAME}: started")
            try:
                serve(signals)
            except SyncError as error:
                # It ends by itself, which Windows does not take for a crash: somebody must edit a file first.
                manager.LogErrorMsg("\r\n".join(error.lines("vi") + error.lines("en")))
            manager.LogInfoMsg(f"{NAME}: stopped")

    return SyncAgent
