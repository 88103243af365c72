"""Doctor: try everything the agent depends on, change nothing, and say of each thing how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.examination import Examination, Health
from syncagent.errors import SyncError
from syncagent.runs.audit import look, read_only
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
    own = tuple(_state(agent))
    if not any(one.health is Health.FAULT for one in own):  # else there is nothing that could be read
        own += (*_audit(agent), *_handing_over(agent))
    found = {"": own}
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
        office = officers.in_office(connection, agent.signer.public).get(officers.OFFICE)
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
        seen = agent.store.examine()
        applied = agent.store.is_applied()
        with agent.store.writing():
            pass
    except SyncError as error:
        yield Examination(what, Health.FAULT, error.says)
        return
    yield from seen
    if applied:
        busy = Text("Một lần thực hiện đang chạy trên trạng thái này.", "An apply is running on this state.")
        yield Examination(what, Health.DOUBT, busy)
    elif not any(one.health is Health.FAULT for one in seen):
        yield Examination(what, Health.GOOD, Text("Mở được, nguyên vẹn, ghi được.", "Opens, is whole, can be written."))


def _audit(agent: Agent) -> Iterator[Examination]:
    what = Text("Nhật ký kiểm toán", "Audit log")
    try:
        found = look(agent)
    except SyncError as error:
        yield Examination(what, Health.FAULT, error.says)
        return
    if found.doubts:
        yield Examination(what, Health.FAULT, read_only(found.doubts).says)
    else:
        size = found.head.size
        says = Text(f"Nguyên vẹn: {size} bản ghi.", f"Whole; records: {size}.")
        yield Examination(what, Health.GOOD, says)
    for unread in found.unread:
        says = Text(f"{unread.where}: {unread.says.vi}", f"{unread.where}: {unread.says.en}")
        yield Examination(what, Health.DOUBT, says)
    if not agent.copies and any(place.live for place in agent.policy.targets.values()):
        says = Text(
            "Mốc kiểm tra không lưu ở nơi thứ hai; sẽ không nhận ra bản sao lưu cũ được khôi phục (audit.copies).",
            "Checkpoints are kept in no second place; a backup that is put back cannot be told (audit.copies).",
        )
        yield Examination(what, Health.DOUBT, says)
