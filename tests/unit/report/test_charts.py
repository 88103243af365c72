"""Charts of a plan: every number of the plan is in them, none is hidden by length or colour."""

from __future__ import annotations

import re
from dataclasses import replace

import plans
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.action import ActionKind
from syncagent.core.plan import Plan
from syncagent.report import as_html
from syncagent.report.charts import LONGEST, MOST, Chart, charts
from syncagent.report.inputs import unit_names
from syncagent.report.outline import by_agency, by_unit, deletions
from syncagent.report.weight import Weight


def _charts(plan: Plan) -> dict[str, Chart]:
    found = charts(plan, by_agency(by_unit(plan.actions, unit_names(plan))), deletions(plan))
    return {chart.name: chart for chart in found}


def _html(plan: Plan) -> str:
    return as_html.render(plan, plans.envelope(plan), "en", unit_names(plan))


@given(st.integers(1, 400))
def test_bars_add_up_to_the_plan(size: int) -> None:
    """By kind and by agency every action is counted once, by week every deletion of the calendar, however many."""
    plan = plans.large(size)
    found = _charts(plan)
    coming = sum(len(month.deletions) for month in deletions(plan))

    assert sum(bar.amount for bar in found["kind"].bars) == size
    assert sum(bar.amount for bar in found["agency"].bars) == size
    assert sum(bar.amount for bar in found["week"].bars) == coming if coming else "week" not in found
    assert all(len(chart.bars) <= MOST + 1 for chart in found.values())


def test_the_longest_bar_is_the_most_and_the_rest_is_a_number() -> None:
    """A bar's length is its share of the most; what is left over has no bar, for it would dwarf them all."""
    bars = _charts(plans.large(600))["agency"].bars

    assert [bar.length for bar in bars[:MOST]] == [100.0] * MOST
    assert (bars[MOST].label.en, bars[MOST].length, bars[MOST].amount) == ("the rest, 116 of them", 0, 535)


def test_deletions_are_counted_by_the_week_of_their_monday() -> None:
    """Deletions of Tuesday 10 March and of Sunday 15 March are of one week, that of Monday 16 March is of the next."""
    one = plans.action(1, ActionKind.DELETE)
    made = plans.plan([
        replace(one, id=f"a{day}", due=plans.TODAY.replace(day=day)) for day in (10, 15, 16)
    ])  # fmt: skip

    bars = _charts(made)["week"].bars

    assert [(bar.label.en, bar.amount) for bar in bars] == [
        ("week of Monday 2026-03-09", 2), ("week of Monday 2026-03-16", 1),
    ]  # fmt: skip
    assert {bar.weight for bar in bars} == {Weight.DELETE}


def test_an_adoption_is_drawn_as_a_closing_only_if_all_are() -> None:
    """Adoptions that leave a mailbox open are no closings, although one among them closes."""
    adoptions = [action for action in plans.one_of_each() if action.kind is ActionKind.ADOPT]
    closing = [action for action in adoptions if action.destructive]

    assert len(adoptions) > len(closing) > 0
    assert _charts(plans.plan(adoptions))["kind"].bars[0].weight is Weight.CHANGE
    assert _charts(plans.plan(closing))["kind"].bars[0].weight is Weight.CLOSE


def test_a_chart_can_be_heard_and_read_as_a_table() -> None:
    """Each drawing has a title and a description that its role points to, and a table of the same numbers."""
    page = _html(plans.full())
    found = _charts(plans.full())

    for name, chart in found.items():
        figure = page[page.index(f'id="chart-{name}-title"') : page.index("</figure>", page.index(f"chart-{name}-t"))]
        cells = re.findall(r'<td class="num">(\d+)</td>', figure)
        assert f'role="img" aria-labelledby="chart-{name}-title chart-{name}-says"' in page
        assert f'<desc id="chart-{name}-says">{chart.says.en}</desc>' in figure
        assert cells == [str(bar.amount) for bar in chart.bars]
    assert list(found) == ["kind", "agency", "week"]


def test_an_empty_plan_has_no_chart() -> None:
    """Nothing is drawn of nothing."""
    assert 'id="charts"' not in _html(plans.plan())


def test_hostile_labels_are_cut_and_never_markup() -> None:
    """A label of any length fits; what would be invisible is spelled out before it is cut."""
    bars = _charts(plans.hostile())["agency"].bars
    page = _html(plans.hostile())

    assert max(len(bar.short.vi) for bar in bars) <= LONGEST
    assert not [bar for bar in bars if "\u202e" in bar.short.vi]
    assert "<svg onload" not in page
