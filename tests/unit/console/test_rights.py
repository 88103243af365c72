"""Who may do what: the one table, and how groups and units are read by it."""

from __future__ import annotations

import pytest

from syncagent.console.rights import MATRIX, WHOLE, Grant, Person, Right, Role, grants_of

_PARENTS = {"skhcn-vp": "skhcn", "skhcn-cds": "skhcn"}


def _above(unit: str) -> list[str]:
    return [_PARENTS[unit]] if unit in _PARENTS else []


def _person(*grants: Grant) -> Person:
    return Person("g", "a", "A", grants)


def test_the_table_is_what_the_handbook_says() -> None:
    """Viewers only read; auditors decide nothing; only a second approver completes; nobody changes the audit log."""
    assert MATRIX[Role.VIEWER] == {Right.OVERVIEW, Right.PLAN, Right.PERSON, Right.CALENDAR}
    assert [role for role in Role if Right.APPROVE in MATRIX[role]] == [Role.APPROVER, Role.SECOND_APPROVER]
    assert [role for role in Role if Right.SECOND in MATRIX[role]] == [Role.SECOND_APPROVER]
    assert [role for role in Role if Right.ENTER_REQUEST in MATRIX[role]] == [Role.OPERATOR]
    assert [role for role in Role if Right.AUDIT in MATRIX[role]] == [Role.AUDITOR]
    assert not MATRIX[Role.AUDITOR] & {Right.APPROVE, Right.REJECT, Right.ENTER_REQUEST, Right.STOP}


@pytest.mark.parametrize("right", sorted(WHOLE))
def test_what_concerns_all_units_takes_a_role_for_all(right: Right) -> None:
    """Somebody with single units has none of it, whatever the role; together, several roles of units are no whole."""
    for role in Role:
        held = right in MATRIX[role]
        assert _person(Grant(role, ("*",))).may(right) is held
        assert not _person(Grant(role, ("skhcn",)), Grant(role, ("snv", "s*"))).may(right)


def test_a_role_for_a_unit_holds_below_it_and_nowhere_else() -> None:
    """The unit, its rooms, patterns of keys; another role elsewhere lends nothing; an unknown unit is nobody's."""
    one = _person(Grant(Role.APPROVER, ("skhcn",)), Grant(Role.VIEWER, ("xa*",)))
    approves, sees = one.within(Right.APPROVE, _above), one.within(Right.PLAN, _above)

    assert [unit for unit in ("skhcn", "skhcn-vp", "snv", "xa001", "") if approves(unit)] == ["skhcn", "skhcn-vp"]
    assert [unit for unit in ("skhcn", "skhcn-vp", "snv", "xa001", "") if sees(unit)] == ["skhcn", "skhcn-vp", "xa001"]
    assert not one.everywhere(Right.PLAN)
    assert _person(Grant(Role.VIEWER, ("*",))).everywhere(Right.PLAN)
    assert (one.decides, _person(Grant(Role.VIEWER, ("*",))).decides) == (True, False)


def test_groups_give_roles_and_nothing_else_does() -> None:
    """Each known group counts once; a group the configuration does not name gives nothing."""
    roles = {"CN=a": Grant(Role.VIEWER, ("*",)), "CN=b": Grant(Role.VIEWER, ("*",))}

    assert grants_of({"CN=a", "CN=b", "CN=Domain Admins"}, roles) == (Grant(Role.VIEWER, ("*",)),)
    assert grants_of((), roles) == ()
