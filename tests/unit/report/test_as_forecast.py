"""A forecast lists the days on which something happens, and to whom."""

from __future__ import annotations

from dataclasses import replace

import world

from syncagent.report import as_forecast


def test_each_day_lists_its_actions_with_their_rules() -> None:
    """Day, kind, subject, address and rules; a brake that would trip is announced."""
    accounts, ledger = world.settled([world.row()])
    strict = world.policy(brakes=replace(world.brakes(), unit_count=1))
    plan = world.plan_of([world.leaver()], accounts, ledger=ledger, with_policy=strict)

    shown = as_forecast.render([plan], "vi")

    assert "10/03/2026  1 thao tác" in shown
    assert "phanh: Đơn vị “Sở Khoa học và Công nghệ”" in shown
    assert "khóa gửi/nhận" in shown
    assert "P1" in shown
    assert "NB-27" in shown
    assert "2026-03-10  1 actions" in as_forecast.render([plan], "en")


def test_an_empty_forecast_says_so() -> None:
    """Silence is said aloud."""
    assert as_forecast.render([], "vi") == "Không có gì đến hạn."


def test_a_forecast_is_a_table_too() -> None:
    """A row for each action, with its day and article; the brakes that would hold a day are said below."""
    accounts, ledger = world.settled([world.row()])
    strict = world.policy(brakes=replace(world.brakes(), unit_count=1))
    plan = world.plan_of([world.leaver()], accounts, ledger=ledger, with_policy=strict)

    table = as_forecast.table([plan])

    [row] = [[cell.vi for cell in row] for row in table.rows]
    assert row[:2] == ["10/03/2026", "khóa gửi/nhận"]
    assert row[4:7] == ["P1", plan.actions[0].address, "NB-27"]
    assert len(row) == len(table.columns)
    assert table.notes[0].vi.startswith("10/03/2026: phanh: Đơn vị “Sở Khoa học và Công nghệ”")
