"""The tables of a merger: what the old systems hold, where names meet, what units are asked, what becomes of whom.

They name people by key, name, unit and address. Identity numbers and days of birth are not among them: a suggestion
says only whether they agree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from syncagent.core.merger import Fate
from syncagent.core.questions import HEADINGS, WORDS, Question
from syncagent.report import merger_words as words
from syncagent.report.table import NONE, Table, counted, on_day, said
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from syncagent.core.collisions import Collisions
    from syncagent.core.crosswalk import OldUnit
    from syncagent.core.fates import Fated, Fates
    from syncagent.core.inquiry import Asked, Effort
    from syncagent.core.inventory import Flaw
    from syncagent.core.merger import AccountId, Merger, Population
    from syncagent.core.pairing import Pairings, Suggestion
    from syncagent.core.unit import Units
    from syncagent.report.table import Row

_SYSTEM, _UNIT = Text("Hệ thống", "System"), Text("Đơn vị", "Unit")
_OLD, _NEW = Text("Địa chỉ cũ", "Old address"), Text("Địa chỉ mới", "New address")
_FATE, _WHY = Text("Kết quả", "Fate"), Text("Lý do", "Why")
_TOTAL = Text("Tổng", "Total")
_BLANK = said("")
"""A cell that somebody fills in."""
Gone = Mapping[str, Any]
"""An account that a wave has deleted, as the last plan before had it (`core.conservation.row_of`)."""


# ── what there is ────────────────────────────────────────────────────────────


def inventory(merger: Merger, population: Population, pairings: Pairings) -> Table:
    """Count what each old system holds, and how far it is known whose that is."""
    columns = (
        _SYSTEM, Text("Tài khoản", "Accounts"), Text("Của đơn vị", "Of units"), Text("Đăng nhập được", "Can log in"),
        Text("Nhận thư", "Receive"), Text("Có căn cứ", "Proved"), Text("Mâu thuẫn", "Contested"),
        Text("Có gợi ý", "Suggested"), Text("Chưa rõ", "Unknown"), Text("Quy chế cũ", "Old text"),
    )  # fmt: skip
    rows: list[Row] = []
    for system, legacy in merger.legacies.items():
        theirs = {name: account for name, account in population.accounts.items() if name.system == system}
        known = [
            sum(name in part for name in theirs) for part in (pairings.proved, pairings.contested, pairings.suggested)
        ]
        protected = sum(account.protected is not None for account in theirs.values())
        numbers = (
            len(theirs),
            sum(name in pairings.mailboxes for name in theirs),
            sum(account.enabled for account in theirs.values()),
            sum(account.receives for account in theirs.values()),
            *known,
            len(theirs) - sum(known) - protected,
        )
        rows.append((said(system), *map(counted, numbers), said(legacy.regulation) if legacy.regulation else NONE))
    only = Text(
        "“Có gợi ý” là giống tên, ngày sinh hoặc đơn vị: không bao giờ tự ghép, thủ trưởng đơn vị quyết định.",
        "“Suggested” means alike in name, birthday or unit: nothing is paired by that, the head of the unit decides.",
    )
    return Table(Text("Kiểm kê ba hệ thống cũ", "What the old systems hold"), columns, tuple(rows), (only,))


def quality(merger: Merger, wrong: Mapping[AccountId, Sequence[Flaw]]) -> Table:
    """Count what is wrong with the data of each old system."""
    counts = Counter((flaw, name.system) for name, flaws in wrong.items() for flaw in flaws)
    systems = [*merger.legacies]
    rows = tuple(
        (label, *(counted(counts[flaw, system]) for system in systems))
        for flaw, label in words.FLAWS.items()
        if any(counts[flaw, system] for system in systems)
    )
    columns = (Text("Điều cần làm sạch", "What is wrong"), *map(said, systems))
    return Table(Text("Chất lượng dữ liệu", "Data quality"), columns, rows, ())


def matrix(met: Collisions) -> Table:
    """Count the names before the @ that different holders have, for each two namespaces."""
    rows = tuple(
        (_space(one), *(counted(met.matrix.get((one, other), met.matrix.get((other, one), 0))) for other in met.spaces))
        for one in met.spaces
    )
    columns = (Text("Không gian tên", "Namespace"), *map(_space, met.spaces))
    only = Text(
        "Số tên đứng trước @ mà hai nơi dành cho những người khác nhau; đường chéo: trùng ngay trong một hệ thống.",
        "How many names before the @ two namespaces give to different holders; the diagonal is within one of them.",
    )
    return Table(Text("Ma trận trùng tên", "Where names meet"), columns, rows, (only,))


def same_addresses(met: Collisions) -> Table:
    """List the addresses that are one and the same for different holders: these are settled before anything moves."""
    rows = tuple(
        (said(one.address), _space(one.space), said(one.owner), Text("bí danh", "alias") if one.alias else NONE)
        for collision in met.found
        if collision.same
        for one in collision.held
    )
    columns = (Text("Địa chỉ", "Address"), Text("Nơi", "Where"), Text("Của", "Whose"), Text("Loại", "Kind"))
    return Table(Text("Địa chỉ trùng hoàn toàn", "Addresses of two holders"), columns, rows, ())


def open_units(units: Iterable[OldUnit]) -> Table:
    """List the old units whose successor somebody must decide."""
    rows = tuple(
        (
            said(unit.key), said(unit.name), said(unit.within) if unit.within else NONE, words.SHARES[unit.share],
            said("; ".join(unit.successors)) if unit.successors else NONE,
        )
        for unit in units
    )  # fmt: skip
    columns = (
        Text("Mã", "Key"), Text("Đơn vị cũ", "Old unit"), Text("Thuộc", "Within"), Text("Tình trạng", "State"),
        Text("Có thể là", "May be"),
    )  # fmt: skip
    return Table(Text("Đơn vị cũ chưa có quyết định", "Old units to be decided"), columns, rows, ())


# ── what is asked ────────────────────────────────────────────────────────────


def efforts(found: Iterable[Effort], units: Units) -> Table:
    """List how many questions each unit has, and the estimated time."""
    kinds = list(Question)
    rows = tuple(
        (
            _unit(one.unit, units),
            *(counted(one.questions.get(kind, 0)) for kind in kinds),
            counted(sum(one.questions.values())),
            Text(f"{one.minutes // 60}:{one.minutes % 60:02d}", f"{one.minutes // 60}:{one.minutes % 60:02d}"),
        )
        for one in found
    )
    columns = (
        _UNIT,
        *(words.QUESTIONS[kind] for kind in kinds),
        _TOTAL,
        Text("Ước tính (giờ:phút)", "Estimate (h:mm)"),
    )
    return Table(Text("Việc của từng đơn vị", "What each unit has to do"), columns, rows, ())


def questions(asked: Iterable[Asked], units: Units, unit: str, undecided: Iterable[OldUnit] = ()) -> Table:
    """Return the file of one unit: its questions, with empty columns for the answers that an import reads back."""
    rows = [
        (
            said(one.system), said(one.about), words.QUESTIONS[one.question], said(one.name), said(one.old_unit),
            _hints(one), _BLANK, _BLANK, _BLANK,
        )
        for one in asked
    ]  # fmt: skip
    rows += [
        (
            said(old.system), said(old.key), words.SHARES[old.share], said(old.name), said(old.within),
            said("; ".join(old.successors)), _BLANK, _BLANK, _BLANK,
        )
        for old in undecided
    ]  # fmt: skip
    answers = ", ".join(text.vi for text in WORDS.values())
    english = ", ".join(text.en for text in WORDS.values())
    how = Text(
        f"Cột “Trả lời” nhận một trong: {answers}. Cột “Của ai”: mã người, hoặc unit:MÃ của đơn vị; với “trở thành”: "
        "mã đơn vị mới. Dòng để trống là chưa trả lời.",
        f"“Answer” is one of: {english}. “Whose”: a person's key, or unit:KEY; for “became” the key of the new unit. "
        "An empty row is not answered yet.",
    )
    name = _unit(unit, units)
    title = Text(f"Xác nhận tài khoản cũ – {name.vi}", f"Old accounts to be confirmed – {name.en}")
    return Table(title, tuple(HEADINGS.values()), tuple(rows), (how,))


# ── what becomes of whom ─────────────────────────────────────────────────────


def wave(found: Fates, number: int, merger: Merger, units: Units) -> Table:
    """List what one wave moves: every old account with its fate, then those who had none."""
    rows: list[Row] = [
        (
            said(one.name.system), said(_address(one)), said(one.subject) if one.subject else NONE,
            _unit(one.unit, units), words.FATES[one.fate], words.REASONS[one.why],
            said(one.new) if one.new else NONE, _until(one, merger),
        )
        for one in found.accounts
    ]  # fmt: skip
    rows += [
        (
            NONE, NONE, said(one.subject), _unit(one.unit, units), words.FATES[Fate.ISSUED],
            Text("chưa có tài khoản cũ", "had no old account"), said(one.new) if one.new else NONE, NONE,
        )
        for one in found.newcomers
    ]  # fmt: skip
    columns = (
        _SYSTEM,
        _OLD,
        Text("Của", "Whose"),
        _UNIT,
        _FATE,
        _WHY,
        _NEW,
        Text("Địa chỉ cũ nhận đến", "Old one until"),
    )
    title = Text(f"Kế hoạch đợt {number}", f"Plan of wave {number}")
    return Table(title, columns, tuple(rows), (_classified(),))


def counts(found: Fates, title: Text, declared: Mapping[Fate, int] | None = None, gone: Iterable[Gone] = ()) -> Table:
    """Count the accounts of each fate, those that waves deleted too; beside the declared numbers if there are some."""
    real = found.counts() + Counter(Fate(row["fate"]) for row in gone)
    rows = [
        (words.FATES[fate], counted(real[fate]), *((counted(declared.get(fate, 0)),) if declared else ()))
        for fate in Fate
    ]
    total = sum(real.values())
    rows.append((_TOTAL, counted(total), *((counted(sum(declared.values())),) if declared else ())))
    columns = (_FATE, Text("Tài khoản", "Accounts"), *((Text("Đã khai", "Declared"),) if declared else ()))
    new = Text(
        f"Ngoài ra {len(found.newcomers)} người và đơn vị chưa từng có tài khoản cũ được cấp mới.",
        f"Beside these, {len(found.newcomers)} people and units without an old account get a new one.",
    )
    return Table(title, columns, tuple(rows), (new,))


def sums(found: Fates, merger: Merger, units: Units, gone: Iterable[Gone] = ()) -> tuple[Table, ...]:
    """Count the accounts of each fate by system, wave and unit, those that waves deleted among them."""
    every = [(one.name.system, one.wave, one.unit, one.fate) for one in found.accounts]
    every += [(row["system"], row["wave"], row["unit"], Fate(row["fate"])) for row in gone]
    waves = {0: words.NO_WAVE, **{n: Text(f"Đợt {n}", f"Wave {n}") for n in range(1, len(merger.waves) + 1)}}
    agencies = {unit: _agency(unit, units) for _, _, unit, _ in every}
    return (
        _sum(Text("Theo hệ thống", "By system"), _SYSTEM, ((said(system), fate) for system, _, _, fate in every)),
        _sum(Text("Theo đợt", "By wave"), Text("Đợt", "Wave"), ((waves[wave], fate) for _, wave, _, fate in every)),
        _sum(Text("Theo đơn vị mới", "By new unit"), _UNIT, ((agencies[unit], fate) for _, _, unit, fate in every)),
    )


def _sum(title: Text, what: Text, rows: Iterable[tuple[Text, Fate]]) -> Table:
    found: dict[Text, Counter[Fate]] = defaultdict(Counter)
    for name, fate in rows:
        found[name][fate] += 1
    cells = tuple(
        (name, *(counted(theirs[fate]) for fate in Fate), counted(sum(theirs.values())))
        for name, theirs in sorted(found.items())
    )
    return Table(title, (what, *words.FATES.values(), _TOTAL), cells, ())


def address_map(found: Fates, merger: Merger) -> Table:
    """List for every old address where it leads: the table that is published and loaded by other systems."""
    rows = [
        (
            said(old), said(one.new) if one.new else NONE, words.FATES[one.fate], said(one.name.system),
            on_day(merger.aliases_until) if old in one.aliases else NONE,
        )
        for one in found.accounts
        for old in (one.account.addresses or (one.name.guid,))
    ]  # fmt: skip
    columns = (_OLD, _NEW, _FATE, _SYSTEM, Text("Nhận đến hết", "Receives until"))
    return Table(Text("Bảng đổi địa chỉ", "Old and new addresses"), columns, tuple(rows), ())


def still_open(vanished: Iterable[AccountId], missing: Iterable[str], found: Fates) -> Table:
    """List what keeps a merger from being complete."""
    waiting = Counter(one.why for one in found.accounts if one.fate is Fate.HELD)
    unplaced = sum(one.wave == 0 for one in found.accounts)
    rows: list[Row] = [(words.REASONS[why], counted(count)) for why, count in sorted(waiting.items())]
    gone = list(vanished)
    if gone:
        rows.append(
            (Text("tài khoản đã biết nhưng không còn trong hệ thống cũ", "known once, and gone"), counted(len(gone)))
        )
    rows += [(Text(f"chưa khai báo hệ thống {name}", f"system {name} is not configured"), NONE) for name in missing]
    if unplaced:
        rows.append((Text("tài khoản chưa xếp vào đợt nào", "accounts of no wave"), counted(unplaced)))
    return Table(
        Text("Việc còn mở", "What is open"), (Text("Việc", "What"), Text("Số lượng", "Count")), tuple(rows), ()
    )


def on_day_of(table: Table, today: date) -> Table:
    """Return a table whose title says for which day it is."""
    return replace(table, title=Text(f"{table.title.vi}, ngày {vi(today)}", f"{table.title.en}, on {today}"))


# ── cells ────────────────────────────────────────────────────────────────────


def _address(one: Fated) -> str:
    return one.account.address or one.name.guid


def _until(one: Fated, merger: Merger) -> Text:
    return on_day(merger.aliases_until) if one.aliases else NONE


def _space(name: str) -> Text:
    return words.SPACES.get(name, said(name))


def _unit(unit: str, units: Units) -> Text:
    return said(units.full_name(unit)) if unit in units else words.CENTRAL


def _agency(unit: str, units: Units) -> Text:
    found = units.agency(unit)
    return said(found.name) if found else words.CENTRAL


def _hints(one: Asked) -> Text:
    """Return what may help: people who resemble the holder with the score, or the candidates."""
    if one.suggestions:
        listed = [_hint(suggestion) for suggestion in one.suggestions]
        return Text("; ".join(text.vi for text in listed), "; ".join(text.en for text in listed))
    return said("; ".join(one.candidates or ((one.subject,) if one.subject else ())))


def _hint(suggestion: Suggestion) -> Text:
    agrees = [words.LIKENESSES[one] for one in suggestion.agrees]
    head = f"{suggestion.subject} ({suggestion.score}/100"
    return Text(f"{head}: {', '.join(one.vi for one in agrees)})", f"{head}: {', '.join(one.en for one in agrees)})")


def _classified() -> Text:
    return Text(
        "Đây là phân loại; thao tác nằm trong kế hoạch của đợt, phải được duyệt. Điều 13 không cho phép tự xóa tài "
        "khoản nào.",
        "This is a classification; what is done stands in the plan of the wave, and is approved. Điều 13 allows no "
        "deletion by itself.",
    )
