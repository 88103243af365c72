"""Doctor: try everything the agent depends on, change nothing, and say of each thing how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.examination import Examination, Health
from syncagent.errors import LeaseHeld, SyncError
from syncagent.store import officers
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.runs.agent import Agent


class Diagnosis(NamedTuple):
    """What was seen of each target, by name, and of the agent's own state under an empty name."""

    found: Mapping[str, tuple[Examination, ...]]

    @property
    def faulty(self) -> bool:
        """Whether something keeps the agent from working."""
        return any(one.health is Health.FAULT for found in self.found.values() for one in found)


def doctor(agent: Agent) -> Diagnosis:
    """Examine the state and every target; one that fails does not keep the others from being looked at."""
    found = {"": (*_state(agent), *_handing_over(agent))}
    for name, target in sorted(agent.targets.items()):
        seen: list[Examination] = []
        try:
            seen.extend(target.examine(agent.clock()))
        except SyncError as error:
            at = f"{error.where}: " if error.where else ""
            says = Text(f"{at}{error.says.vi}", f"{at}{error.says.en}")
            seen.append(Examination(Text("Truy cập", "Access"), Health.FAULT, says))
        found[name] = tuple(seen)
    return Diagnosis(found)


def _handing_over(agent: Agent) -> Iterator[Examination]:
    """Yield who hands over the passwords that no unit's own officer does; files hold none."""
    if not any(target.live for target in agent.policy.targets.values()):
        return
    what = Text("Giao mật khẩu", "Handing over passwords")
    with agent.store.reading() as connection:
        office = officers.in_office(connection).get(officers.OFFICE)
    if office:
        yield Examination(what, Health.GOOD, Text(f"{office.name}.", f"{office.name}."))
        return
    yield Examination(
        what,
        Health.DOUBT,
        Text(
            "chưa có ai giao mật khẩu của đơn vị không có người giao riêng: thao tác đặt mật khẩu ở đó không được thực "
            f"hiện. Đăng ký: syncagent handover officer add {officers.OFFICE} TÊN --public-key KHÓA",
            "nobody hands over the passwords of units without an officer of their own: actions that set one there are "
            f"not tried. Register: syncagent handover officer add {officers.OFFICE} NAME --public-key HEX",
        ),
    )


def _state(agent: Agent) -> Iterator[Examination]:
    what = Text("Trạng thái", "State")
    try:
        faults = agent.store.examine()
        with agent.store.lease():
            pass
    except LeaseHeld:
        busy = Text("Một lần thực hiện đang chạy trên trạng thái này.", "An apply is running on this state.")
        yield Examination(what, Health.DOUBT, busy)
        return
    except SyncError as error:
        yield Examination(what, Health.FAULT, error.says)
        return
    if faults:
        listed = "; ".join(faults)
        yield Examination(
            what,
            Health.FAULT,
            Text(
                f"Cơ sở dữ liệu hỏng: {listed}. Hãy khôi phục từ bản sao lưu.",
                f"The database is damaged: {listed}. Restore it from the backup.",
            ),
        )
    else:
        yield Examination(what, Health.GOOD, Text("Mở được, nguyên vẹn, ghi được.", "Opens, is whole, can be written."))
