"""The state of affairs, line by line, as `status` prints it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from syncagent.core.duties import Report
from syncagent.core.periods import Period
from syncagent.core.spoken import RESULTS
from syncagent.report.due import ground, working_day
from syncagent.report.table import period_name, said, title_of
from syncagent.runs.audit import read_only
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from syncagent.core.duties import Duty
    from syncagent.runs.status import Status
    from syncagent.store.runs import Run

_VERBS: Final[Mapping[str, Text]] = {
    "plan": Text("lập kế hoạch", "plan"),
    "apply": Text("thực hiện", "apply"),
    "report": Text("lập báo cáo", "report"),
}
_COUNTED: Final[Mapping[str, Text]] = {
    "actions": Text("thao tác", "actions"),
    "findings": Text("phát hiện", "findings"),
    "skips": Text("giữ nguyên", "left alone"),
    "rows": Text("số dòng", "rows"),
    **{str(result): words for result, words in RESULTS.items()},
}


def lines(found: Status, zone: tzinfo) -> list[Text]:
    """Given the state of affairs, return it line by line; moments are shown in the zone."""
    shown = [Text(f"Trạng thái {found.lineage}", f"State {found.lineage}")]
    if found.doubts:
        shown.append(read_only(found.doubts).says)
    shown += _applying(found)
    if not found.plan_id:
        shown.append(Text("Chưa có kế hoạch nào.", "There is no plan yet."))
    elif found.refused:
        shown.append(Text(f"Kế hoạch {found.plan_id}: {found.refused.vi}", f"Plan {found.plan_id}: {found.refused.en}"))
    else:
        shown.append(
            Text(
                f"Kế hoạch {found.plan_id}: {found.ready} thao tác sẵn sàng, {len(found.pending)} chờ duyệt.",
                f"Plan {found.plan_id}: {found.ready} actions ready, {len(found.pending)} wait for approval.",
            )
        )
        shown += [Text(f"  {a}: {why.vi}", f"  {a}: {why.en}") for a, why in list(found.pending.items())[:10]]
    shown.append(Text(f"Lịch xóa ({len(found.deletions)}):", f"Deletion calendar ({len(found.deletions)}):"))
    shown += [
        Text(
            f"  {vi(one.on)}  {one.subject}  khóa từ {vi(one.since)}  {one.document}",
            f"  {one.on}  {one.subject}  disabled since {one.since}  {one.document}",
        )
        for one in found.deletions
    ]
    if found.reports:
        shown.append(Text("Báo cáo đến hạn:", "Reports due:"))
        shown += [_due_line(duty, missing, found.today) for duty, missing in found.reports]
    shown += _serving(found, zone)
    waiting, late = found.requests
    shown.append(
        Text(
            f"Yêu cầu chờ trả lời: {waiting}, trong đó quá hạn: {late} (syncagent request list).",
            f"Requests waiting for an answer: {waiting}, late: {late} (syncagent request list).",
        )
    )
    if found.holds:
        shown.append(Text("Đang giữ nguyên:", "On hold:"))
        shown += [Text(f"  {h.subject}  {h.document}", f"  {h.subject}  {h.document}") for h in found.holds]
    if found.quarantined:
        listed = ", ".join(found.quarantined)
        shown.append(Text(f"Cách ly: {listed}", f"Quarantined: {listed}"))
    shown.append(Text("Các lần chạy gần đây:", "Last runs:"))
    return [*shown, *(_run_line(run, zone) for run in found.runs)]


def _serving(found: Status, zone: tzinfo) -> list[Text]:
    """Return whether the service runs, which of its jobs have failed, why, and when each is tried again."""
    shown: list[Text] = []
    if found.leader:
        host, since = found.leader.host, found.leader.since.astimezone(zone)
        if found.led:
            vi_led, en_led = (
                f"đang chạy trên {host} từ {since:%d/%m/%Y %H:%M}",
                f"runs on {host} since {since:%Y-%m-%d %H:%M}",
            )
        else:
            vi_led, en_led = f"không chạy (lần cuối trên {host})", f"does not run (last on {host})"
        shown.append(Text(f"Dịch vụ {vi_led}.", f"The service {en_led}."))
    for job, one in sorted(found.jobs.items()):
        if one.failures:
            state = Text("đang bị cách ly", "is quarantined") if one.quarantined else Text("không chạy được", "failed")
            again = one.next_try.astimezone(zone) if one.next_try else None
            shown.append(
                Text(
                    f"Việc “{job}” của dịch vụ {state.vi} ({one.failures} lần liền): {one.says.vi}"
                    + (f" Thử lại lúc {again:%d/%m/%Y %H:%M}." if again else ""),
                    f"Job “{job}” of the service {state.en} ({one.failures} in a row): {one.says.en}"
                    + (f" Next try: {again:%Y-%m-%d %H:%M}." if again else ""),
                )
            )
    return shown


def _applying(found: Status) -> list[Text]:
    """Return what is being applied, was interrupted, is stopped, or waits for a person."""
    shown: list[Text] = []
    if found.applying:
        shown.append(Text("Một kế hoạch đang được thực hiện.", "A plan is being applied."))
    elif found.interrupted:
        listed = ", ".join(found.interrupted)
        shown.append(
            Text(
                f"Bị gián đoạn khi thực hiện: {listed}. Chạy lại syncagent apply để làm tiếp, hoặc plan để xác định.",
                f"Interrupted while applying: {listed}. Run syncagent apply again to go on, or plan to settle it.",
            )
        )
    if found.stopped:
        shown.append(Text(f"Không thực hiện gì: {found.stopped.vi}.", f"Nothing is applied: {found.stopped.en}."))
    if found.for_people:
        count = len(found.for_people)
        shown.append(Text(f"Cần người xem ({count}):", f"A person must look ({count}):"))
        shown += [
            Text(f"  {p} {o.action_id}: {o.says.vi}", f"  {p} {o.action_id}: {o.says.en}") for p, o in found.for_people
        ]
    return shown


def _run_line(run: Run, zone: tzinfo) -> Text:
    ended = datetime.fromisoformat(run.ended_at).astimezone(zone)
    counts = [(_COUNTED.get(name, said(name)), count) for name, count in run.summary.items()]
    verb, of = _VERBS.get(run.verb, said(run.verb)), said(run.plan_id)
    if run.verb == "report":
        of = _reported(run.plan_id)
    return Text(
        f"  {ended:%d/%m/%Y %H:%M}  {verb.vi}  {of.vi}  {', '.join(f'{word.vi} {count}' for word, count in counts)}",
        f"  {ended:%Y-%m-%d %H:%M}  {verb.en}  {of.en}  {', '.join(f'{word.en} {count}' for word, count in counts)}",
    )


def _reported(made: str) -> Text:
    """Return which report was made, for which period and for which day (`store.runs.Run`)."""
    name, period, day = made.split(" ")
    title, of = _titled(Report(name)), period_name(Period.parse(period))
    return Text(f"{title.vi}, {of.vi}, ngày {vi(date.fromisoformat(day))}", f"{title.en}, {of.en}, on {day}")


def _due_line(duty: Duty, missing: Sequence[Report], today: date) -> Text:
    late = Text("QUÁ HẠN, chưa lập: ", "OVERDUE, not made: ") if duty.day < today else Text("", "")
    period, by, cite = period_name(duty.period), working_day(duty), ground(duty.clause)
    named = [_titled(report) for report in missing]
    reports = Text("; ".join(one.vi for one in named), "; ".join(one.en for one in named))
    before = Text(f"  làm trước hết ngày {by.vi}", f"  by the end of {by.en}")
    before = Text("", "") if duty.working == duty.day else before
    return Text(
        f"  {vi(duty.day)}  {late.vi}{reports.vi}, {period.vi}  {cite.vi}{before.vi}",
        f"  {duty.day}  {late.en}{reports.en}, {period.en}  {cite.en}{before.en}",
    )


def _titled(report: Report) -> Text:
    """Return what a report is called, and what is typed for it in brackets."""
    title = title_of(report)
    return Text(f"{title.vi} ({report})", f"{title.en} ({report})")
