"""A plan as an LDIF file of changes: one record a change, proofs before a deletion, no password, nothing but ASCII."""

from __future__ import annotations

import re
from dataclasses import replace

import plans
import world

from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.ldif import line
from syncagent.core.notation import ValueSwitch
from syncagent.report import as_ldif

DIRECTORY = world.directory()
DN = "CN=Nguyễn Ngọc Thành,OU=Mail,DC=x"


def _of(*changes: Change, directory: object = DIRECTORY) -> str:
    """The records of one action that has these changes, without the head of the file."""
    action = replace(plans.action(1, ActionKind.UPDATE), changes=changes)
    return _file(action, directory=directory).split("\n\n", 2)[2]


def _file(*actions: Action, directory: object = DIRECTORY) -> str:
    plan = plans.plan(list(actions))
    return as_ldif.render(plan, plans.envelope(plan), {action.target: directory for action in actions})  # type: ignore[misc]


def _modify(operation: Operation = Operation.MODIFY, **attributes: tuple[tuple[str, ...], tuple[str, ...]]) -> Change:
    return Change(operation, DN, attributes)


def test_a_value_is_taken_away_before_another_takes_its_place() -> None:
    """RFC 2849 and 4511 4.6: the whole record fails where the old value does not stand; what stays is not touched."""
    shown = _of(_modify(mail=(("a@x",), ("b@x",)), proxyAddresses=(("SMTP:a@x", "smtp:c@x"), ("smtp:c@x",))))

    assert shown == (
        f"{line('dn', DN)}\nchangetype: modify\n"
        "delete: mail\nmail: a@x\n-\nadd: mail\nmail: b@x\n-\n"
        "delete: proxyAddresses\nproxyAddresses: SMTP:a@x\n-\n\n"
    )


def test_a_new_account_stays_closed_until_it_has_a_password() -> None:
    """No password stands in a file; Active Directory opens no account without one, so opening is a remark."""
    made = Change(Operation.ADD, DN, {"userAccountControl": ((), ("512",)), "mail": ((), ("a@x",))}, sets_password=True)
    classes = "".join(f"objectClass: {name}\n" for name in DIRECTORY.add_classes)

    shown, closed = _of(made), _of(replace(made, attributes={"userAccountControl": ((), ("514",))}))

    assert shown.startswith(
        f"{line('dn', DN)}\nchangetype: add\n{classes}userAccountControl: 514\nmail: a@x\n\n# set a new password"
    )
    assert "# delete: userAccountControl\n# userAccountControl: 514\n# -\n# add: userAccountControl\n" in shown
    assert "# then:" not in closed
    assert "changetype: add" in _of(replace(made, sets_password=False))
    assert "userAccountControl: 512" in _of(replace(made, sets_password=False))


def test_a_directory_that_locks_with_a_value_takes_the_account_as_it_is() -> None:
    """OpenLDAP lets nobody in without a password, so the account is added open, and the remark says what it lacks."""
    openldap = replace(DIRECTORY, log_in=ValueSwitch("pwdAccountLockedTime", "", "000001010000Z"))
    made = Change(Operation.ADD, DN, {"objectClass": ((), ("top",)), "mail": ((), ("a@x",))}, sets_password=True)

    shown = _of(made, directory=openldap)

    assert "objectClass: top\nmail: a@x\n\n# set a new password" in shown
    assert "# set" not in _of(replace(made, sets_password=False), directory=openldap)


def test_a_mark_is_proved_before_its_account_is_deleted() -> None:
    """What somebody marked anew since is not deleted: taking the old mark away fails, and the tool stops."""
    marked = _of(_modify(Operation.DELETE, stamp=(("old",), ())))
    bare = _of(_modify(Operation.DELETE, stamp=((), ())))

    assert marked == (
        f"{line('dn', DN)}\nchangetype: modify\ndelete: stamp\nstamp: old\n-\nadd: stamp\nstamp: old\n-\n\n"
        f"{line('dn', DN)}\nchangetype: delete\n\n"
    )
    assert bare == f"{line('dn', DN)}\nchangetype: delete\n\n"


def test_a_renamed_entry_is_changed_under_its_new_name() -> None:
    """RFC 2849: newrdn and newsuperior; attributes that change with the name follow in a record of their own."""
    moved = Change(Operation.RENAME, DN, {}, new_dn="CN=B,OU=Y,DC=x")

    assert _of(moved) == (
        f"{line('dn', DN)}\nchangetype: modrdn\nnewrdn: CN=B\ndeleteoldrdn: 1\nnewsuperior: OU=Y,DC=x\n\n"
    )
    assert _of(replace(moved, attributes={"title": ((), ("T",))})).endswith(
        "dn: CN=B,OU=Y,DC=x\nchangetype: modify\nadd: title\ntitle: T\n-\n\n"
    )


def test_the_flag_to_change_a_password_is_set_without_looking() -> None:
    """Writing pwdLastSet is a command to the server; its old value is no guard."""
    assert DIRECTORY.must_change
    flag = DIRECTORY.must_change.attribute
    reset = Change(Operation.MODIFY, DN, {flag: (("134",), ("0",))}, sets_password=True)

    shown = _of(reset)
    free = _of(_modify(pwdLastSet=(("1",), ("0",))), directory=replace(DIRECTORY, must_change=None))

    assert f"changetype: modify\nreplace: {flag}\n{flag}: 0\n-\n\n# set a new password" in shown
    assert "delete: pwdLastSet" in free


def test_what_is_not_the_directorys_is_a_remark() -> None:
    """Mail systems are asked by their own calls; a target that is gone and a bare password are said, too."""
    enabled = Change(Operation.ENABLE, DN, {}, system="exchange", calls=("Enable-Mailbox -Identity Đ",))
    purged = Change(Operation.PURGE, DN, {})
    back = Change(Operation.UNDELETE, DN, {})
    provided = Change(Operation.MODIFY, DN, {"mail": ((), ("a@x",))}, system="obm")
    action = replace(plans.action(1, ActionKind.UPDATE), changes=(purged,))
    plan = plans.plan([action])

    assert _of(enabled) == ("# not in this file, done by the mail system (exchange):\n# Enable-Mailbox -Identity ?\n\n")
    assert _of(purged).startswith("# not in this file: purge CN=Nguy")
    assert _of(back).startswith("# not in this file: undelete CN=Nguy")
    assert "done by the mail system (obm):\n# modify CN=" in _of(provided)
    assert "is not configured any more" in as_ldif.render(plan, plans.envelope(plan), {})
    assert _of(Change(Operation.MODIFY, DN, {}, sets_password=True)).startswith("# set a new password")


def test_a_container_that_several_need_is_made_once() -> None:
    """Two newcomers of a new unit: a second `add` of the same OU would stop the tool."""
    place = Change(Operation.ENSURE_CONTAINER, "OU=Moi,DC=x", {"objectClass": ((), ("organizationalUnit",))})
    actions = [replace(plans.action(n, ActionKind.UPDATE), changes=(place,)) for n in (1, 2)]

    assert _file(*actions).count("dn: OU=Moi,DC=x\nchangetype: add\nobjectClass: organizationalUnit\n") == 1


def test_a_hostile_name_neither_ends_a_record_nor_begins_one() -> None:
    """Law 11: whatever stands in a name, each line is a value, its continuation, a remark, or part of a record."""
    plan = plans.hostile()

    shown = as_ldif.render(plan, plans.envelope(plan), {action.target: DIRECTORY for action in plan.actions})

    assert shown.isascii()
    assert not shown.replace("\n", "").translate(dict.fromkeys(range(32, 127), ""))
    assert "not in this file: an attribute has no lawful name" in shown
    assert all(
        re.match(r"#|dn:|changetype: |newrdn:|newsuperior:|deleteoldrdn: |(add|delete|replace): |-$| |[\w-]+::? ", one)
        for one in shown.splitlines()
        if one
    )
