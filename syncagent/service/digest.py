"""What the administrators are written once a day: what waits for them, what failed. Counts, never a single account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.runs.status import status
from syncagent.service.post import Letterbox, deliver
from syncagent.service.schedule import Job
from syncagent.store import jobs
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.runs.agent import Agent
    from syncagent.runs.status import Status
    from syncagent.service.work import Figures
    from syncagent.store.jobs import Standing

_TOMORROW = timedelta(days=1)


def send(box: Letterbox, agent: Agent, figures: Figures) -> None:
    """Write to the administrators if there is anything to say.

    Raises:
        Unavailable: the mail server does not take it.
    """
    found = status(agent)
    with agent.store.reading() as connection:
        told = list(said(found, jobs.standings(connection)))
    figures["sentences"] = len(told)
    if not told:
        return
    head = Text(f"Đồng bộ hộp thư công vụ ngày {vi(found.today)}", f"Official mail accounts, {found.today}")
    subject = Text(f"[syncagent] {head.vi}: {len(told)} việc cần biết", f"[syncagent] {head.en}: {len(told)} to know")
    foot = Text(f"Trạng thái {found.lineage}. Xem: syncagent status", f"State {found.lineage}. See: syncagent status")
    body = "\n\n".join([head.within(box.language), *(f"- {one.within(box.language)}" for one in told)])
    deliver(box, subject.within(box.language), f"{body}\n\n{foot.within(box.language)}\n", agent.clock())


def said(found: Status, fared: Mapping[str, Standing]) -> Iterator[Text]:
    """Given the state of affairs and how the jobs fared, yield what an administrator must know, in sentences."""
    for job, one in sorted(fared.items()):
        if one.failures and job != Job.DIGEST:
            state = Text("đang bị cách ly", "is quarantined") if one.quarantined else Text("không chạy được", "failed")
            yield Text(
                f"Việc “{job}” {state.vi} ({one.failures} lần liền): {one.says.vi}",
                f"Job “{job}” {state.en} ({one.failures} in a row): {one.says.en}",
            )
    if found.doubts:
        yield Text("Nhật ký kiểm toán không khớp; chỉ đọc được.", "The audit log is contradicted; only reading works.")
    if found.stopped:
        yield Text(f"Không thực hiện gì: {found.stopped.vi}.", f"Nothing is applied: {found.stopped.en}.")
    yield from _of_the_plan(found, fared)
    tomorrow = found.today + _TOMORROW
    if count := sum(1 for one in found.deletions if one.on <= tomorrow):
        yield Text(
            f"Từ nay đến hết ngày mai ({vi(tomorrow)}) có {count} hộp thư đến hạn xóa.",
            f"Mailboxes whose deletion falls due by tomorrow ({tomorrow}): {count}.",
        )
    if found.requests.late:
        yield Text(
            f"Yêu cầu bằng văn bản đã quá hạn trả lời: {found.requests.late}.",
            f"Written requests whose answer is late: {found.requests.late}.",
        )
    if late := sum(1 for one in found.reports if one.duty.day < found.today):
        yield Text(f"Báo cáo quá hạn, chưa lập: {late}.", f"Reports that are overdue and not made: {late}.")
    if found.interrupted:
        plans = ", ".join(found.interrupted)
        yield Text(f"Bị gián đoạn khi thực hiện: {plans}.", f"Interrupted while applying: {plans}.")
    if found.for_people:
        count = len(found.for_people)
        yield Text(f"Thao tác cần người xem: {count}.", f"Actions a person must look at: {count}.")


def _of_the_plan(found: Status, fared: Mapping[str, Standing]) -> Iterator[Text]:
    """Yield what the newest plan waits for."""
    if found.refused:
        yield Text(f"Kế hoạch {found.plan_id}: {found.refused.vi}", f"Plan {found.plan_id}: {found.refused.en}")
    elif found.pending:
        count = len(found.pending)
        yield Text(
            f"Kế hoạch {found.plan_id}: {count} thao tác chờ duyệt.",
            f"Plan {found.plan_id}: {count} actions wait for approval.",
        )
    if found.ready:
        yield Text(
            f"Kế hoạch {found.plan_id}: {found.ready} thao tác đã duyệt, chưa thực hiện.",
            f"Plan {found.plan_id}: {found.ready} approved actions are not carried out yet.",
        )
    plan = fared.get(Job.PLAN)
    if plan and (brakes := int(plan.figures.get("brakes", 0))):
        yield Text(f"Phanh đang giữ kế hoạch: {brakes}.", f"Brakes that hold the plan: {brakes}.")
