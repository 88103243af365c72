"""The service of Windows against a stand-in for pywin32: nothing of it runs on this platform."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from syncagent.errors import Misconfigured
from syncagent.service import windows
from syncagent.service.signals import Signals
from syncagent.service.windows import Win32
from syncagent.text import Text

CONTROL = 0x40


class Windows:
    """What the control manager was told, call by call; `account` of a service as it was registered."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.open = 0

    def note(self, name: str, answer: object = None) -> Callable[..., Any]:
        def noted(*words: object) -> object:
            self.told.append((name, *words))
            return answer

        return noted

    def opened(self, name: str) -> Callable[..., Any]:
        def noted(*words: object) -> object:
            self.open += 1
            self.told.append((name, *words))
            return name

        return noted

    def _closed(self, _: object) -> None:
        self.open -= 1

    def modules(self) -> Win32:
        names = (
            "SC_MANAGER_CREATE_SERVICE SERVICE_ALL_ACCESS SERVICE_WIN32_OWN_PROCESS SERVICE_AUTO_START "
            "SERVICE_ERROR_NORMAL SERVICE_CONFIG_DESCRIPTION SERVICE_CONFIG_DELAYED_AUTO_START_INFO "
            "SERVICE_CONFIG_FAILURE_ACTIONS SC_ACTION_RESTART SERVICE_STOP_PENDING"
        )
        service = SimpleNamespace(
            **{name: name for name in names.split()},
            SERVICE_ACCEPT_PARAMCHANGE=8,
            SERVICE_CONTROL_PARAMCHANGE=CONTROL,
            OpenSCManager=self.opened("OpenSCManager"),
            CreateService=self.opened("CreateService"),
            ChangeServiceConfig2=self.note("ChangeServiceConfig2"),
            CloseServiceHandle=self._closed,
        )

        class ServiceFramework:
            def ReportServiceStatus(framework, status: str, waitHint: int) -> None:  # noqa: N802, N803, N805 - pywin32's
                self.told.append((status, waitHint))

            def GetAcceptedControls(framework) -> int:  # noqa: N802, N805 - pywin32's
                return 1

        util = SimpleNamespace(
            ServiceFramework=ServiceFramework,
            **{name: self.note(name) for name in ("RemoveService", "StartService", "StopService")},
        )
        manager = SimpleNamespace(
            __file__="servicemanager.pyd",
            **{
                name: self.note(name)
                for name in (
                    "Initialize", "PrepareToHostSingle", "StartServiceCtrlDispatcher", "LogInfoMsg", "LogErrorMsg",
                )
            },
        )  # fmt: skip
        sources = ("AddSourceToRegistry", "RemoveSourceFromRegistry")
        return Win32(service, util, manager, SimpleNamespace(**{name: self.note(name) for name in sources}))


@pytest.mark.parametrize(
    ("account", "runs_as"), [("", "NT SERVICE\\SyncAgent"), ("NINHBINH\\syncagent$", "NINHBINH\\syncagent$")]
)
def test_it_is_registered_quoted_delayed_and_started_anew_only_after_a_crash(account: str, runs_as: str) -> None:
    """A path with a blank is quoted, or another program could be started instead; no account has a known password."""
    seen = Windows()

    windows.install(seen.modules(), r"C:\Program Files\SyncAgent\syncagent.exe", r"C:\ProgramData\s\a.yaml", account)

    made = next(one for one in seen.told if one[0] == "CreateService")
    assert made[2] == "SyncAgent"
    assert made[8] == (
        r'"C:\Program Files\SyncAgent\syncagent.exe" --config "C:\ProgramData\s\a.yaml" --log-format json service run'
    )
    assert made[12:] == (runs_as, None)
    changed = {one[2]: one[3] for one in seen.told if one[0] == "ChangeServiceConfig2"}
    assert changed["SERVICE_CONFIG_DELAYED_AUTO_START_INFO"] is True
    assert [after for _, after in changed["SERVICE_CONFIG_FAILURE_ACTIONS"]["Actions"]] == [60_000, 60_000, 300_000]
    assert "SERVICE_CONFIG_FAILURE_ACTIONS_FLAG" not in changed
    assert seen.told[-1] == ("AddSourceToRegistry", "SyncAgent", "servicemanager.pyd")
    assert seen.open == 0


def test_it_is_started_stopped_and_taken_away_by_its_name() -> None:
    """Each verb asks the control manager; the source of events goes with the service."""
    seen = Windows()
    win = seen.modules()

    for verb in (windows.start, windows.stop, windows.uninstall):
        verb(win)

    assert [one[0] for one in seen.told] == ["StartService", "StopService", "RemoveService", "RemoveSourceFromRegistry"]
    assert {one[1] for one in seen.told} == {"SyncAgent"}


def test_stop_and_shutdown_end_it_and_a_changed_parameter_has_it_read_again() -> None:
    """As SIGTERM and SIGHUP do; a stop is given the time that the longest step may take."""
    seen = Windows()
    heard: list[Signals] = []
    one = windows.hosted(seen.modules(), heard.append)()

    one.SvcDoRun()
    signals = heard[0]
    one.SvcOtherEx(1, 0, None)
    assert not signals.reload
    one.SvcOtherEx(CONTROL, 0, None)
    assert (signals.reload, signals.stop) == (True, False)
    one.SvcShutdown()

    assert signals.stop
    assert one.GetAcceptedControls() == 1 | 8
    assert [told[0] for told in seen.told] == ["LogInfoMsg", "LogInfoMsg", "SERVICE_STOP_PENDING"]
    assert seen.told[-1][1] == 600_000


def test_what_must_be_edited_stands_in_the_event_log_in_both_languages() -> None:
    """A service that cannot start says why where an administrator of Windows looks."""
    seen = Windows()

    def faulty(_: Signals) -> None:
        raise Misconfigured(Text("thiếu khóa", "a key is missing"), where="syncagent.yaml:7")

    windows.hosted(seen.modules(), faulty)().SvcDoRun()

    assert ("LogErrorMsg", "syncagent.yaml:7: thiếu khóa\r\nsyncagent.yaml:7: a key is missing") in seen.told


def test_the_process_that_windows_started_hands_the_service_over() -> None:
    """In the order that pywin32 asks for: the source of events, the class, the dispatcher."""
    seen = Windows()

    windows.host(seen.modules(), lambda _: None)

    assert [one[0] for one in seen.told] == ["Initialize", "PrepareToHostSingle", "StartServiceCtrlDispatcher"]


def test_in_another_thread_signals_are_asked_for_and_not_caught() -> None:
    """Windows runs a service beside the main thread, where Python takes no handler."""
    signals = Signals()
    woke: list[bool] = []

    def serve() -> None:
        with signals.heard():
            begun.set()
            while not signals.stop:
                signals.wait(30)
            woke.append(True)

    begun = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    assert begun.wait(10)
    signals.ask(stop=True)
    thread.join(10)

    assert woke == [True]
