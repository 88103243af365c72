"""A column map is strict, names the line of each fault, and never makes one spelling mean two things."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from syncagent.core.person import Event, PersonType, Status
from syncagent.core.request import RequestKind
from syncagent.core.unit import UnitKind, UnitStatus
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import (
    Answer,
    ColumnMap,
    PeopleColumn,
    RequestColumn,
    UnitColumn,
    read_columns,
    spelling,
)

ROSTERS = Path(__file__).parents[3] / "mappings" / "rosters"
HEAD = "version: 1\nname: test\n"


def _shipped(name: str) -> ColumnMap:
    return read_columns((ROSTERS / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")


def _fault(text: str) -> Misconfigured:
    with pytest.raises(Misconfigured) as refused:
        read_columns(HEAD + text, "columns.yaml")
    return refused.value


@pytest.mark.parametrize("name", ["canonical", "cbccvc-vi"])
def test_canonical_headings_and_words_always_count(name: str) -> None:
    """Whatever a map adds, the names of the documentation are understood."""
    columns = _shipped(name)

    for part, known in (
        (columns.people, PeopleColumn),
        (columns.units, UnitColumn),
        (columns.requests, RequestColumn),
    ):
        assert all(part.headings[spelling(column)] == column for column in get_args(known))
        assert set(part.required) <= set(get_args(known))
    for table, kind in (
        (columns.people.words["status"], Status),
        (columns.people.words["event"], Event),
        (columns.people.words["type"], PersonType),
        (columns.people.words["primary"], Answer),
        (columns.units.words["kind"], UnitKind),
        (columns.units.words["status"], UnitStatus),
        (columns.units.words["mailbox"], Answer),
        (columns.requests.words["kind"], RequestKind),
    ):
        assert all(table[spelling(member.value)] is member for member in kind)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Số hiệu", "person_id"),
        ("SỐ ĐỊNH DANH CÁ NHÂN", "person_id"),
        ("Họ và tên", "full_name"),
        ("Họ tên khai sinh", "full_name"),
        ("Ho  va ten *", "full_name"),
        ("Họ và tên:", "full_name"),
        ("Ngày sinh", "birth_date"),
        ("Chức vụ", "position"),
        ("Chức danh", "position"),
        ("Đơn vị", "unit"),
        ("Mã đơn vị", "unit"),
        ("Trạng thái", "status"),
        ("Sự kiện", "event"),
        ("Số quyết định", "decision_number"),
        ("Ngày quyết định", "decision_date"),
        ("Ngày ký", "decision_date"),
        ("Ngày hiệu lực", "effective_date"),
        ("Cơ quan ký", "signed_by"),
        ("Người ký", "signed_by"),
        ("Điện thoại", "phone"),
        ("Thư điện tử cũ", "previous_address"),
    ],
)
def test_headings_of_vietnamese_personnel_lists(heading: str, column: str) -> None:
    """Headings of form 2C/TCTW-98 and of common exports are known, whatever their case, marks and blanks."""
    assert _shipped("cbccvc-vi").people.headings[spelling(heading)] == column


@pytest.mark.parametrize(
    ("word", "event"),
    [
        ("tuyển dụng", Event.RECRUITED),
        ("tiếp nhận", Event.RECEIVED),
        ("hợp đồng lao động", Event.CONTRACTED),
        ("điều động", Event.TRANSFERRED),
        ("chuyển công tác", Event.TRANSFERRED),
        ("chuyển công tác ra ngoài hệ thống", Event.MOVED_OUT),
        ("chuyển ngành", Event.MOVED_OUT),
        ("luân chuyển", Event.ROTATED),
        ("biệt phái", Event.SECONDED),
        ("nghỉ hưu", Event.RETIRED),
        ("thôi việc", Event.RESIGNED),
        ("nghỉ việc", Event.RESIGNED),
        ("buộc thôi việc", Event.DISMISSED),
        ("từ trần", Event.DIED),
        ("nghỉ thai sản", Event.MATERNITY_LEAVE),
        ("nghỉ không hưởng lương", Event.UNPAID_LEAVE),
        ("tạm đình chỉ công tác", Event.SUSPENDED),
        ("cử đi học", Event.STUDY),
        ("bổ nhiệm", Event.APPOINTED),
        ("cải chính họ tên", Event.RENAMED),
        ("TUYEN_DUNG", Event.RECRUITED),
        ("CHUYEN_RA_NGOAI", Event.MOVED_OUT),
        ("TU_TRAN", Event.DIED),
    ],
)
def test_event_words_of_decisions(word: str, event: Event) -> None:
    """Every event of domain §4.3 is understood in the words of the decisions, and as the codes of exports."""
    assert _shipped("cbccvc-vi").people.words["event"][spelling(word)] is event


def test_every_meaning_has_a_vietnamese_word() -> None:
    """No event, status, type or kind can be written in English only."""
    columns = _shipped("cbccvc-vi")

    for part in (columns.people, columns.units, columns.requests):
        for table in part.words.values():
            vietnamese = {meaning for word, meaning in table.items() if word != spelling(meaning.value)}
            assert vietnamese == set(table.values())


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("people:\n  heading: {}\n", 4, "unknown key"),
        ("people:\n  headings:\n    salary: [Lương]\n", 5, "salary"),
        ("people:\n  headings:\n    unit: Đơn vị\n", 5, "list"),
        ("people:\n  values:\n    status:\n      Nghỉ: gone\n", 6, "'gone' is not a valid Status"),
        ("people:\n  values:\n    unit: {}\n", 5, "unknown key"),
        ("people:\n  encoding: viscii\n", 4, "'tcvn3' or 'vni'"),
        ("people:\n  encodings:\n    full_name: utf-8\n", 5, "'tcvn3' or 'vni'"),
        ('people:\n  dates: ["%d/%m"]\n', 4, "%d, %m and %Y"),
        ('people:\n  dates: ["%d/%m/%Y %H"]\n', 4, "%d, %m and %Y"),
        ("requests:\n  values:\n    kind: {1: create}\n", 5, "string"),
    ],
)
def test_faults_are_named_with_their_line(text: str, line: int, says: str) -> None:
    """An unknown key, column, word, encoding or date form is an error at its line."""
    fault = _fault(text)

    assert fault.where == f"columns.yaml:{line}"
    assert says in fault.says.en


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people:\n  headings: {unit: [Mã], position: [ma]}\n", "“ma” has two meanings: unit and position"),
        ("units:\n  headings: {name: [unit]}\n", "“unit” has two meanings: unit and name"),
        (
            "units:\n  values: {status: {Nhập: merged, nhap: active}}\n",
            "“nhap” has two meanings: merged and active",
        ),
        ("units:\n  values: {mailbox: {no: yes}}\n", "“no” has two meanings: no and yes"),
    ],
)
def test_one_spelling_has_one_meaning(text: str, says: str) -> None:
    """Two headings or words that compare equal cannot mean different things, canonical ones included."""
    assert says in _fault(text).says.en


def test_what_is_declared_of_encodings_and_dates() -> None:
    """A part may be declared as a whole, single columns otherwise; nothing is declared by default."""
    columns = read_columns(
        HEAD + 'people:\n  encoding: tcvn3\n  encodings: {contact: vni}\n  dates: ["%d.%m.%Y"]\n',
        "columns.yaml",
    )

    assert columns.people.encodings["full_name"] == "tcvn3"
    assert columns.people.encodings["contact"] == "vni"
    assert len(columns.people.encodings) == len(get_args(PeopleColumn))
    assert columns.people.dates == ("%d.%m.%Y",)
    assert not columns.units.encodings


def test_the_version_is_required() -> None:
    """A file without version, or of another one, is refused."""
    with pytest.raises(Misconfigured, match="version"):
        read_columns("name: test\n", "columns.yaml")
    with pytest.raises(Misconfigured, match="version"):
        read_columns("version: 2\nname: test\n", "columns.yaml")
