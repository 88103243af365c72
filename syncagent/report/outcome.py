"""What an answer says of one request: what was done, or why not and what the agency can do.

A letter leaves the house. It names only whom the sender may ask for, says nothing of a hold or of an account's
protection, and never holds a password.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from syncagent.core.action import ActionKind
from syncagent.core.answer import WANTS_SHUT
from syncagent.core.finding import FindingCode
from syncagent.core.orders import ENDS, missing
from syncagent.core.regulation import Asker
from syncagent.core.request import RequestKind, Stage
from syncagent.core.stamp import State
from syncagent.report import words
from syncagent.report.asked import called
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.action import Action
    from syncagent.core.answer import Progress
    from syncagent.core.regulation import Regulation
    from syncagent.core.survey import View

_STRANGERS: Final = frozenset({Stage.REJECTED, Stage.NOBODY, Stage.NUMBER_USED, Stage.COMING})
"""Stages in which nobody has shown that the sender may ask for this subject."""

_LATER: Final = Text(
    "đang được xem xét; kết quả sẽ được thông báo sau.", "is under consideration; the outcome will follow."
)
_WHERE_FROM: Final[Mapping[Asker, Text]] = {
    Asker.OPERATORS: Text(
        "Việc này thực hiện theo văn bản của cơ quan quản lý, vận hành hệ thống.",
        "This is done on a document of the agency that runs the system.",
    ),
    Asker.UNIT_LETTER: Text(
        "Đề nghị gửi công văn của đơn vị quản lý; thư điện tử không thay được công văn.",
        "Please send a letter of the managing unit; mail does not take its place.",
    ),
    Asker.UNIT_MAILBOX: Text(
        "Đề nghị gửi lại từ hộp thư điện tử của chính đơn vị quản lý.", "Please send it from the unit's own mailbox."
    ),
    Asker.UNIT_IN_WRITING: Text(
        "Đề nghị gửi từ hộp thư công vụ của đơn vị quản lý (có chữ ký số hoặc bản quét có chữ ký, con dấu), hoặc bằng "
        "văn bản của đơn vị đó.",
        "Please send it from the managing unit's official mailbox (signed, or a scan with signature and seal), or as "
        "its letter.",
    ),
    Asker.OWN_UNITS: Text(
        "Đề nghị cơ quan quản lý người hoặc đơn vị đó gửi yêu cầu.",
        "Please let the agency that manages the subject ask for it.",
    ),
    Asker.HOLDER: Text(
        "Đề nghị chính người sử dụng hoặc cơ quan quản lý thông báo.",
        "Please let the holder, or the agency that manages the subject, tell of it.",
    ),
}


def who(view: View, one: Progress) -> str:
    """Return how a letter names whom a request concerns: by name and unit, or just as the sender wrote it."""
    case = view.cases.get(one.subject)
    name = called(view, one)
    if one.stage in _STRANGERS or not name:
        return f"“{one.request.subject}”"
    return f"{name} ({addressee(view, case.unit.unit)})" if case and case.person else name


def addressee(view: View, unit: str) -> str:
    """Return a unit as a letter names it, with those above it; the key itself if nobody knows the unit."""
    return ", ".join(above.name for above in view.roster.units.line(unit)) or unit


def outcome(view: View, one: Progress, done: Action | None) -> Text:
    """Given a request and the action that carried it out, return what its answer says."""
    match one.stage:
        case Stage.DONE:
            return _done(view, one, done)
        case Stage.PLANNED:
            return _planned(one)
        case Stage.WAITING:
            return _waiting(view, one)
        case Stage.IN_EFFECT | Stage.LAPSED | Stage.NOTHING_LEFT:
            return _settled(one)
        case Stage.NOT_AS_ASKED | Stage.OVERTAKEN:
            return _overtaken(view, one)
        case Stage.REJECTED:
            return _rejected(view, one)
        case Stage.NOT_KNOWN:
            return _not_known(view)
        case Stage.NOBODY:
            return Text(
                "không tìm thấy người, đơn vị hoặc hộp thư nào như vậy. Đề nghị kiểm tra và gửi lại, ghi rõ địa chỉ "
                "hộp thư, mã đơn vị hoặc số hiệu cán bộ.",
                "there is no such person, unit or mailbox. Please check and send it again with the address, the unit's "
                "key or the staff number.",
            )
        case Stage.COMING | Stage.NUMBER_USED:
            return _LATER
    assert_never(one.stage)


# ── what was done ────────────────────────────────────────────────────────────


_ACTS: Final[Mapping[ActionKind, Text]] = {
    ActionKind.CREATE: Text("cấp hộp thư mới, địa chỉ {box}", "a mailbox was issued: {box}"),
    ActionKind.READDRESS: Text("đổi địa chỉ từ {before} thành {box}", "the address was changed from {before} to {box}"),
    ActionKind.LOCK: Text(
        "tạm khóa hộp thư {box}; hộp thư vẫn nhận thư đến", "the mailbox {box} was locked; it still receives mail"
    ),
    ActionKind.UNLOCK: Text("mở khóa hộp thư {box}", "the mailbox {box} was opened"),
    ActionKind.RESTORE: Text("khôi phục hộp thư {box}", "the mailbox {box} was given back"),
    ActionKind.DISABLE: Text(
        "khóa chức năng gửi, nhận của hộp thư {box}", "sending and receiving of {box} were disabled"
    ),
    ActionKind.WITHDRAW: Text(
        "thu hồi hộp thư {box}; dữ liệu được giữ lại", "the mailbox {box} was withdrawn; its data are kept"
    ),
    ActionKind.DELETE: Text("xóa hộp thư {box} cùng dữ liệu", "the mailbox {box} was deleted with its data"),
    ActionKind.RESET_PASSWORD: Text("đặt lại mật khẩu của hộp thư {box}", "a new password was set for {box}"),
    ActionKind.ADOPT: Text("tiếp nhận quản lý hộp thư {box}", "the mailbox {box} was taken over"),
    ActionKind.UPDATE: Text("cập nhật thông tin hộp thư {box}", "the details of {box} were brought up to date"),
    ActionKind.MOVE: Text("chuyển hộp thư {box} về đơn vị mới", "the mailbox {box} was moved to its new unit"),
    ActionKind.HAND_OVER: Text("bàn giao hộp thư {box}", "the mailbox {box} was handed over"),
}


_OPENING: Final = frozenset({ActionKind.CREATE, ActionKind.RESTORE})
_LOCKED: Final = Text(
    "hộp thư đang tạm khóa theo văn bản, vẫn nhận thư đến", "it is locked on a written order and still receives mail"
)


def _done(view: View, one: Progress, done: Action | None) -> Text:
    """Return what was done, on which day, to which mailbox; a password is handed over another way."""
    day = one.done_on or view.today
    if done is None:
        return Text(f"đã được thực hiện ngày {vi(day)}.", f"was carried out on {day}.")
    places = {"box": done.address, "before": done.previous_address}
    act = Text(_ACTS[done.kind].vi.format(**places), _ACTS[done.kind].en.format(**places))
    if done.kind in _OPENING and done.stamp and done.stamp.state is State.LOCKED:
        act = Text(f"{act.vi}; {_LOCKED.vi}", f"{act.en}; {_LOCKED.en}")
    says = Text(f"đã {act.vi} (ngày {vi(day)}).", f"{act.en} (on {day}).")
    if not done.sets_password:
        return says
    regulation = view.policy.regulation
    rule = regulation.passwords.must_change if done.kind is ActionKind.CREATE else regulation.restored_password
    return Text(
        f"{says.vi} Mật khẩu mặc định được bàn giao riêng, không ghi trong văn bản này; người sử dụng phải đổi mật "
        f"khẩu trong lần đăng nhập đầu tiên ({rule.article}).",
        f"{says.en} The default password is handed over separately and stands in no letter; the holder changes it at "
        f"the first login ({rule.article}).",
    )


def _overtaken(view: View, one: Progress) -> Text:
    """Return how a mailbox stands that something else shut, or opened, when it was asked for (DN-16, Điều 4.4)."""
    owned = view.matches.current.get(one.subject)
    shut = owned is not None and owned.stamp is not None and owned.stamp.state in _SHUT
    if one.request.kind in WANTS_SHUT and one.address and not shut:
        return Text(
            f"không được thực hiện vì hộp thư {one.address} đã được cấp hoặc mở lại theo căn cứ khác. Nếu vẫn có nhu "
            "cầu, đề nghị gửi văn bản mới.",
            f"was not carried out: the mailbox {one.address} was issued or opened again for another reason. If it is "
            "still wanted, please send a newer letter.",
        )
    if shut and one.request.kind not in ENDS:
        return _not_as_asked(view, one)
    return _settled(replace(one, stage=Stage.NOTHING_LEFT))


def _planned(one: Progress) -> Text:
    kinds = [words.KINDS[action.kind] for action in one.actions]
    return Text(
        f"được chấp nhận, đã đưa vào kế hoạch ({', '.join(kind.vi for kind in kinds)}) và được thực hiện sau khi kế "
        "hoạch được duyệt; kết quả sẽ được thông báo khi hoàn tất.",
        f"is accepted and planned ({', '.join(kind.en for kind in kinds)}), to be carried out once the plan is "
        "approved; the outcome will follow.",
    )


def _settled(one: Progress) -> Text:
    """Return what is to be said where nothing is left to do."""
    if one.stage is Stage.NOTHING_LEFT and not one.address:
        return Text("hiện không có hộp thư nào; không phải thực hiện.", "there is no mailbox; nothing is left to do.")
    if one.stage is Stage.NOTHING_LEFT:
        return Text(
            f"hộp thư {one.address} đang ở đúng tình trạng được đề nghị, không phải thực hiện thêm.",
            f"the mailbox {one.address} is as the request wants it; nothing is left to do.",
        )
    if one.stage is Stage.LAPSED:
        return Text("đã được ghi nhận; nay không còn hiệu lực.", "was noted; it is no longer in effect.")
    if one.request.kind is RequestKind.AGREE_ADDRESS:
        return Text(f"địa chỉ {one.address} đã được cấp.", f"the address {one.address} was issued.")
    until = one.request.until
    return Text(
        f"đã được ghi nhận và có hiệu lực{f' đến hết ngày {vi(until)}' if until else ''}.",
        f"was noted and is in effect{f' until {until}' if until else ''}.",
    )


# ── why not ──────────────────────────────────────────────────────────────────


def _waiting(view: View, one: Progress) -> Text:
    """Return why nothing was done yet, where the agency itself can do something about it."""
    regulation = view.policy.regulation
    found = {finding.code: finding for finding in one.findings}
    if clash := found.get(FindingCode.ADDRESS_CLASH):
        return _clash(view, one, clash.candidates)
    if FindingCode.NEEDS_GIVEN_NAME in found:
        return Text(
            "chưa xác định được phần tên trong họ tên; đề nghị ghi rõ đâu là tên.",
            "which part of the name is the given name is not clear; please say which.",
        )
    if FindingCode.NEEDS_ORDER in found:
        return _lacking(regulation, one)
    if FindingCode.LEAVER_WITHOUT_DOCUMENT in found:
        article = regulation.leaver.cite.article
        return Text(
            "danh sách nhân sự ghi người này đã rời đi nhưng chưa có văn bản của cấp có thẩm quyền; đề nghị gửi văn "
            f"bản đó ({article}), hoặc xác nhận người này vẫn công tác.",
            "the roster says that this person has left, but there is no document of the authority; please send it "
            f"({article}), or confirm that they still work here.",
        )
    rule = regulation.requests.get(one.request.kind)
    if one.next:
        article = f" ({rule.gate.cite.article})" if rule and rule.gate else ""
        return Text(f"được giải quyết từ ngày {vi(one.next)}{article}.", f"is handled from {one.next} on{article}.")
    return _LATER


def _lacking(regulation: Regulation, one: Progress) -> Text:
    """Return what is missing: number or reason of the letter itself, else a decision, and of which article."""
    kind, closing = one.request.kind, regulation.leaver.cite
    rule = regulation.requests.get(kind)
    lacks = missing(one.request, rule) if rule and kind in ENDS else None
    if rule and lacks:
        return Text(
            f"chưa thực hiện được vì thiếu {lacks.vi}; đề nghị bổ sung ({rule.cite.article}).",
            f"cannot be carried out: {lacks.en} is missing; please supply it ({rule.cite.article}).",
        )
    if rule and rule.needs_decision:
        of = regulation.document
        return Text(
            f"chưa đủ căn cứ; hộp thư được đóng theo {closing.article} ({of}): {closing.text.vi} Đề nghị gửi kèm văn "
            "bản đó.",
            f"lacks its ground; a mailbox is closed by {closing.article} ({of}): {closing.text.en} Please send that "
            "document.",
        )
    return Text(
        "chưa thực hiện được vì thiếu văn bản hoặc quyết định của cấp có thẩm quyền; đề nghị bổ sung "
        f"({regulation.order.article}).",
        "cannot be carried out: the document or decision of the authority is missing; please supply it "
        f"({regulation.order.article}).",
    )


_SHUT: Final[Mapping[State, Text]] = {
    State.LOCKED: Text("đang tạm khóa", "is locked"),
    State.WITHDRAWN: Text("đã bị thu hồi", "was withdrawn"),
    State.DISABLED: Text("đã bị khóa chức năng gửi, nhận", "was closed to sending and receiving"),
}


def _not_as_asked(view: View, one: Progress) -> Text:
    """Return that the mailbox is locked or closed, since when and by which article, and what opens it again.

    A locked mailbox gets a new password when it is unlocked, a closed one when the agency asks for it again.
    """
    stamp = view.matches.current[one.subject].stamp
    assert stamp  # noqa: S101 - a mailbox that is not ours has no state of ours
    regulation = view.policy.regulation
    shut, by = _SHUT[stamp.state], regulation.ground_of(stamp.why, one.subject)
    ground = "; ".join(part for part in (by.article if by else "", stamp.document) if part)
    within = f" ({ground})" if ground else ""
    unlock = regulation.requests.get(RequestKind.UNLOCK)
    case = view.cases.get(one.subject)
    left = bool(case and case.person and case.person.left)
    back = unlock.cite if unlock and stamp.state is State.LOCKED and not left else regulation.returner_of(one.subject)
    if left:
        out = Text(
            "Theo danh sách nhân sự, người này không còn công tác; nếu đã được tiếp nhận lại, đề nghị gửi quyết định "
            f"tiếp nhận ({back.article}).",
            "The roster says that this person has left; if they were received again, please send that decision "
            f"({back.article}).",
        )
    elif stamp.state is State.LOCKED:
        out = Text(
            f"Đề nghị gửi yêu cầu mở khóa; mật khẩu mới được cấp khi mở khóa ({back.article}).",
            f"Please ask for it to be unlocked; a new password is set then ({back.article}).",
        )
    else:
        out = Text(
            f"Nếu có nhu cầu sử dụng lại, đề nghị gửi văn bản đề nghị cấp lại ({back.article}).",
            f"If it is needed again, please ask for it to be issued again ({back.article}).",
        )
    return Text(
        f"chưa thực hiện được: hộp thư {one.address} {shut.vi} từ ngày {vi(stamp.since)}{within}. {out.vi}",
        f"cannot be done: the mailbox {one.address} {shut.en} since {stamp.since}{within}. {out.en}",
    )


def _clash(view: View, one: Progress, candidates: tuple[str, ...]) -> Text:
    """Return which names the agency may choose from, and how it answers (NB-13, Điều 5.4)."""
    article = view.policy.regulation.naming.clash.article
    if one.request.kind is RequestKind.AGREE_ADDRESS:
        return Text(
            f"địa chỉ {one.request.value} chưa dùng được ({article}); đề nghị thống nhất một địa chỉ khác.",
            f"the address {one.request.value} cannot be used ({article}); please agree on another one.",
        )
    if view.policy.regulation.naming.numbered and not candidates:
        return Text(
            f"có người trùng tên yêu cầu cùng ngày ({article}); đề nghị ghi rõ cấp bậc, chức vụ của từng người.",
            f"people of one name asked on one day ({article}); please state the rank of each.",
        )
    listed = ", ".join(candidates)
    choice = Text(f"một trong các địa chỉ: {listed}", f"one of: {listed}") if listed else Text("một tên", "a name")
    return Text(
        f"địa chỉ đặt theo quy chế bị trùng ({article}). Đề nghị thống nhất với người được cấp {choice.vi}, và trả lời "
        f"bằng văn bản, ghi rõ số {one.request.request_id}.",
        f"the address by the rule is taken ({article}). Please agree with the holder on {choice.en}, and answer in "
        f"writing with the number {one.request.request_id}.",
    )


def _rejected(view: View, one: Progress) -> Text:
    rule = view.policy.regulation.asker_of(one.request.kind, one.subject)
    if rule is None:
        return _LATER
    cite, what, of = rule.cite, _WHERE_FROM[rule.who], view.policy.regulation.document
    return Text(
        f"không được chấp nhận theo {cite.article} ({of}): {cite.text.vi} {what.vi}",
        f"is not accepted by {cite.article} ({of}): {cite.text.en} {what.en}",
    )


def _not_known(view: View) -> Text:
    of = view.policy.regulation.document
    return Text(
        f"không thuộc các việc mà {of} quy định thực hiện theo đề nghị.",
        f"is not among what {of} provides for on request.",
    )
