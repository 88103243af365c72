"""What is asked of Exchange by named operations, tried on the model behind a real WinRM."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from exchange_desk import DATABASE, DOMAIN, NOBODY, Desk, endpoint, exchange_desk, sessions
from exchange_states import LOCKED, OPEN, back, disabled, towards
from servers.client import ldap, load
from servers.exchange import Content as Stored
from servers.exchange import Organization, Rule
from servers.exchange_directory import live_directory
from servers.fixtures import FreshBase
from servers.management_host import How, ManagementHost
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.winrm import ALWAYS, Trouble, WinRm, Wrong, serving

from syncagent.connectors.exchange import document
from syncagent.connectors.exchange.archive import Archive, archive
from syncagent.connectors.exchange.carry import carry_out, resolve
from syncagent.connectors.exchange.driver import Call, Status
from syncagent.connectors.exchange.evidence import Right, forwarding_of, rights_of, usage_of
from syncagent.connectors.exchange.mailbox import Content, read_mailboxes
from syncagent.connectors.exchange.mailboxes import Copies, ExchangeMailboxes
from syncagent.connectors.exchange.order import Effect, Operation, Order
from syncagent.connectors.exchange.properties import Values
from syncagent.connectors.exchange.purge import Decided, Purge, purge
from syncagent.connectors.exchange.winrm import ClientCertificate, Password, WinRmDriver, driven
from syncagent.core.outcome import Result
from syncagent.errors import Misconfigured, Rejected, Unavailable
from syncagent.trust.secret import Secret

NOWHERE = str(UUID(int=99))
Changes = dict[str, tuple[Values, Values]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with own_address() as address, exchange_desk(tmp_path, address) as desk:
        yield desk


def enabling(login: str, **more: Values) -> Changes:
    addresses = (f"SMTP:{login}@{DOMAIN}", f"smtp:{login}.cu@{DOMAIN}", "X500:/o=Cu/cn=an")
    wanted = {"Alias": (login,), "Database": (DATABASE,), "EmailAddresses": addresses, **more}
    return {name: ((), after) for name, after in wanted.items()}


# ── states (reference §1.2) ──


def test_locked_still_receives_and_nobody_opens_it(desk: Desk) -> None:
    """LOCKED: every client protocol off, mail keeps arriving; unlocking gives the previous values back."""
    guid = desk.holder("an")
    desk.exchange.protocols[guid] = {"PopEnabled": False}
    changes = towards(LOCKED, desk.read(guid).values)

    locked = desk.one(Operation.LOCK, guid, changes)
    seen = (desk.exchange.opens(guid), desk.exchange.receives(guid))
    unlocked = desk.one(Operation.UNLOCK, guid, back(changes))

    assert (locked.result, unlocked.result) == (Result.DONE, Result.DONE)
    assert seen == (False, True)
    assert desk.exchange.opens(guid)
    assert desk.read(guid).value("PopEnabled") == ("False",)  # as it was before, not as it is usual


def test_disabled_neither_sends_nor_receives_forwards_nothing_and_is_in_no_list(desk: Desk) -> None:
    """DISABLED, its journalled previous values, and that restoring gives every one of them back."""
    guid = desk.holder("an")
    other = desk.holder("binh")
    set_before: Changes = {
        "ForwardingAddress": ((), (f"{DOMAIN}/Mail/binh",)),
        "MaxSendSize": (("Unlimited",), ("20MB",)),
    }
    assert desk.one(Operation.RESTORE, guid, set_before).result is Result.DONE
    before = desk.read(guid)
    changes = towards(disabled(NOBODY), before.values)

    ended = desk.one(Operation.DISABLE, guid, changes)
    now = desk.read(guid)
    restored = desk.one(
        Operation.RESTORE, guid, back({name: (ended.before[name], ended.after[name]) for name in changes})
    )

    assert (ended.result, restored.result) == (Result.DONE, Result.DONE)
    assert now.value("HiddenFromAddressListsEnabled") == ("True",)
    assert (now.value("ForwardingAddress"), now.value("RecipientLimits")) == ((), ("0",))
    assert desk.read(guid).values == before.values
    assert desk.exchange.receives(other)
    assert desk.exchange.ran["Disable-Mailbox"] == 0


def test_disabled_is_deaf_and_dumb(desk: Desk) -> None:
    """Neither outside mail comes in, nor does any go out."""
    guid = desk.holder("an")

    desk.one(Operation.DISABLE, guid, towards(disabled(NOBODY), desk.read(guid).values))

    assert not desk.exchange.receives(guid)
    assert not desk.exchange.sends(guid)
    assert not desk.exchange.opens(guid)


# ── enable ──


def test_enable_gives_exactly_the_addresses_and_opens_the_mailbox(desk: Desk) -> None:
    """Alias, database, every address with the X500 one, no policy; protocols open even if they were closed before."""
    guid = desk.person("an")
    desk.exchange.protocols[guid] = {"OWAEnabled": False}  # left over from a mailbox before

    effect = desk.one(Operation.ENABLE, guid, enabling("an", ProhibitSendReceiveQuota=("2GB",)))
    now = desk.read(guid)

    assert effect.result is Result.DONE
    assert now.value("EmailAddresses") == (f"SMTP:an@{DOMAIN}", f"smtp:an.cu@{DOMAIN}", "X500:/o=Cu/cn=an")
    assert (now.address, now.value("EmailAddressPolicyEnabled")) == (f"an@{DOMAIN}", ("False",))
    assert {name: now.value(name) for name in OPEN} == OPEN
    assert (now.value("ProhibitSendReceiveQuota"), now.value("UseDatabaseQuotaDefaults")) == (("2GB",), ("False",))


def test_enable_is_done_already_or_a_conflict(desk: Desk) -> None:
    """The same again is done, nothing is sent; another mailbox there is a conflict; nobody there fails."""
    guid = desk.person("an")
    desk.one(Operation.ENABLE, guid, enabling("an"))
    desk.exchange.ran.clear()

    again = desk.one(Operation.ENABLE, guid, enabling("an"))
    other = desk.one(Operation.ENABLE, guid, enabling("khac"))
    nobody = desk.one(Operation.ENABLE, NOWHERE, enabling("ai"))

    assert (again.result, other.result, nobody.result) == (Result.DONE, Result.CONFLICT, Result.FAILED)
    assert not any(name.startswith(("Set-", "Enable-")) for name in desk.exchange.ran if name != "Enable-Mailbox")


def test_enable_needs_a_primary_address(desk: Desk) -> None:
    """Without SMTP: among the addresses, or without any, nothing is asked for."""
    guid = desk.person("an")

    without = desk.one(Operation.ENABLE, guid, {"Alias": ((), ("an",))})
    none_primary = desk.one(Operation.ENABLE, guid, {"EmailAddresses": ((), (f"smtp:an@{DOMAIN}",))})

    assert (without.result, none_primary.result) == (Result.FAILED, Result.FAILED)
    assert not desk.exchange.ran


# ── addresses and limits ──


def test_readdress_keeps_old_addresses_and_turns_the_policy_off(desk: Desk) -> None:
    """The whole list is sent after a fresh read; with a policy on, which would only warn, it still holds."""
    guid = desk.holder("an")
    desk.exchange.kept[guid]["EmailAddressPolicyEnabled"] = True
    old = desk.read(guid).value("EmailAddresses")
    new = (f"SMTP:an.moi@{DOMAIN}", f"smtp:an@{DOMAIN}", "X500:/o=Cu/cn=an")

    effect = desk.one(Operation.READDRESS, guid, {"EmailAddresses": (old, new)}, f"an@{DOMAIN}")
    now = desk.read(guid)

    assert effect.result is Result.DONE
    assert (now.value("EmailAddresses"), now.address) == (new, f"an.moi@{DOMAIN}")
    assert now.value("EmailAddressPolicyEnabled") == ("False",)


def test_an_address_of_somebody_else_is_refused_by_exchange(desk: Desk) -> None:
    """Duplicate proxy addresses: the failure says which, nothing is written."""
    guid, _ = desk.holder("an"), desk.holder("binh")
    old = desk.read(guid).value("EmailAddresses")

    effect = desk.one(Operation.READDRESS, guid, {"EmailAddresses": (old, (*old, f"smtp:BINH@{DOMAIN}"))})

    assert effect.result is Result.FAILED
    assert "already being used" in effect.says.en
    assert desk.read(guid).value("EmailAddresses") == old


def test_limits_are_in_force(desk: Desk) -> None:
    """Quotas switch the database's own off in the same call; sizes compare by what they mean."""
    guid = desk.holder("an")
    wanted = {"ProhibitSendReceiveQuota": ("2048MB",), "IssueWarningQuota": ("1GB",)}

    effect = desk.one(Operation.SET_LIMITS, guid, towards(wanted, desk.read(guid).values))

    assert effect.result is Result.DONE
    assert desk.read(guid).value("ProhibitSendReceiveQuota") == ("2GB",)
    assert desk.read(guid).value("UseDatabaseQuotaDefaults") == ("False",)
    assert towards(wanted, desk.read(guid).values) == {}


# ── conflicts ──


def test_a_value_that_a_human_changed_is_a_conflict(desk: Desk) -> None:
    """Neither the plan's before nor its after: nothing is written, the property is named."""
    guid = desk.holder("an")

    effect = desk.one(Operation.SET_LIMITS, guid, {"RecipientLimits": (("500",), ("200",))})

    assert effect.result is Result.CONFLICT
    assert "RecipientLimits" in effect.says.vi
    assert desk.read(guid).value("RecipientLimits") == ("Unlimited",)


def test_another_address_than_the_plan_saw_is_a_conflict(desk: Desk) -> None:
    """The primary address is a second proof of who it is."""
    guid = desk.holder("an")

    effect = desk.one(Operation.HIDE, guid, {"HiddenFromAddressListsEnabled": (("False",), ("True",))}, f"ai@{DOMAIN}")

    assert effect.result is Result.CONFLICT
    assert desk.read(guid).value("HiddenFromAddressListsEnabled") == ("False",)


def test_a_change_in_the_same_moment_stops_the_script(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our read and the act somebody writes: the script does nothing, and it is looked at anew."""
    guid = desk.holder("an")
    changes = towards(LOCKED, desk.read(guid).values)
    run = WinRmDriver.run
    edits = iter([("PopEnabled", False), ("ImapEnabled", False)])

    def meanwhile(self: WinRmDriver, calls: list[Call]) -> object:
        if calls[0].operation == "lock" and (edit := next(edits, None)):
            desk.exchange.protocols[guid] = {**desk.exchange.protocols.get(guid, {}), edit[0]: edit[1]}
        return run(self, calls)

    monkeypatch.setattr(WinRmDriver, "run", meanwhile)
    effect = desk.one(Operation.LOCK, guid, changes)

    assert effect.result is Result.DONE
    assert desk.exchange.ran["Set-CASMailbox -PopEnabled"] == 0  # what the other one had set was not set again
    assert desk.exchange.ran["Set-CASMailbox -OWAEnabled"] == 1


def test_who_has_no_mailbox_is_a_conflict(desk: Desk) -> None:
    """A plan for a mailbox that is gone."""
    assert desk.one(Operation.LOCK, desk.person("an"), towards(LOCKED, OPEN)).result is Result.CONFLICT


@pytest.mark.parametrize("operation", [one for one in Operation if one is not Operation.ENABLE])
def test_an_operation_changes_its_own_properties_only(desk: Desk, operation: Operation) -> None:
    """What an operation may write is a closed list, on both sides of the wire."""
    guid = desk.holder("an")
    foreign = {"LitigationHoldEnabled": (("False",), ("False",)), "Database": (("a",), ("b",))}
    calls = [Call(str(n), operation, _smuggled(guid, name)) for n, name in enumerate(("Type", "LitigationHoldEnabled"))]

    effects = [desk.one(operation, guid, {name: change}) for name, change in foreign.items()]
    answers = desk.driver.run(calls)

    assert {effect.result for effect in effects} == {Result.FAILED}
    assert {answer.status for answer in answers.values()} == {Status.FAILED}
    assert not [name for name in desk.exchange.ran if name.startswith("Set-")]


def _smuggled(guid: str, name: str) -> dict[str, object]:
    entry = [{"name": name, "type": "flag", "value": "True"}]
    return {"guid": guid, "seen": [], "mailbox": entry, "access": entry}


# ── many ──


def test_many_mailboxes_go_in_two_commands_of_one_shell(desk: Desk) -> None:
    """Issue 6: at least 20 operations share a shell; the reads are one command, the acts another."""
    people = [desk.holder(f"can.bo{n}") for n in range(30)]
    now = read_mailboxes(desk.driver, people)
    orders = [Order(guid, Operation.LOCK, guid, towards(LOCKED, found.values)) for guid, found in now.items() if found]
    before = desk.service.counted()

    effects = carry_out(desk.driver, orders)

    assert {effect.result for effect in effects} == {Result.DONE}
    assert (desk.service.counted() - before)["Command"] == 2
    assert desk.service.opened == 1


def test_orders_for_one_mailbox_go_one_after_the_other(desk: Desk) -> None:
    """The second sees what the first did."""
    guid = desk.holder("an")
    changes = towards(LOCKED, desk.read(guid).values)
    orders = [Order("1", Operation.LOCK, guid, changes), Order("2", Operation.UNLOCK, guid, back(changes))]

    effects = carry_out(desk.driver, orders)

    assert [effect.result for effect in effects] == [Result.DONE, Result.DONE]
    assert desk.exchange.opens(guid)


def test_a_stop_leaves_what_was_not_begun_without_an_effect(desk: Desk) -> None:
    """Asked before each wave."""
    guid = desk.holder("an")
    changes = towards(LOCKED, desk.read(guid).values)
    orders = [Order("1", Operation.LOCK, guid, changes), Order("2", Operation.UNLOCK, guid, back(changes))]
    asked = iter([False, True])

    effects = carry_out(desk.driver, orders, lambda: next(asked))

    assert [effect.id for effect in effects] == ["1"]


def test_one_that_fails_leaves_the_others_alone(desk: Desk) -> None:
    """Outcomes are each order's own."""
    people = [desk.holder(login) for login in ("an", "binh")]
    wrong = {"RecipientLimits": (("Unlimited",), ("nhiều",))}
    right = {"RecipientLimits": (("Unlimited",), ("200",))}

    effects = carry_out(
        desk.driver,
        [Order("1", Operation.SET_LIMITS, people[0], wrong), Order("2", Operation.SET_LIMITS, people[1], right)],
    )

    assert [effect.result for effect in effects] == [Result.FAILED, Result.DONE]


# ── what is left after a lost answer ──


def test_what_is_half_done_and_changed_by_somebody_needs_a_human(desk: Desk) -> None:
    """Resolve: done, what is left, or neither."""
    guid = desk.holder("an")
    order = Order("1", Operation.SET_LIMITS, guid, {"RecipientLimits": (("Unlimited",), ("200",))})

    before = resolve(desk.driver, order)
    desk.exchange.kept[guid]["RecipientLimits"] = "7"
    strange = resolve(desk.driver, order)
    desk.exchange.kept[guid]["RecipientLimits"] = "200"
    after = resolve(desk.driver, order)
    gone = resolve(desk.driver, order._replace(guid=NOWHERE))
    foreign = resolve(desk.driver, Order("1", Operation.ENABLE, guid, enabling("binh")))

    assert before == (order,)
    assert [_result(one) for one in (strange, after, gone, foreign)] == [
        Result.NEEDS_HUMAN, Result.DONE, Result.NEEDS_HUMAN, Result.NEEDS_HUMAN,
    ]  # fmt: skip


def _result(resolved: Effect | tuple[Order, ...]) -> Result | None:
    return resolved.result if isinstance(resolved, Effect) else None


def test_a_role_that_lacks_the_cmdlet_is_named(desk: Desk) -> None:
    """The session has only what RBAC grants: the failure says what to grant, and what the first cmdlet wrote."""
    guid = desk.holder("an")
    desk.service.host.roles -= {"Set-CASMailbox"}

    effect = desk.one(Operation.DISABLE, guid, towards(disabled(NOBODY), desk.read(guid).values))

    assert effect.result is Result.FAILED
    assert "Set-CASMailbox" in effect.says.en
    assert "Written: AcceptMessagesOnlyFromSendersOrMembers" in effect.says.en


def test_a_transient_error_is_said_to_be_one(desk: Desk) -> None:
    """Reading meets an error of the directory behind Exchange: the same later."""
    desk.service.host.wrong["Get-Mailbox"] = How.FAILS_BEFORE

    with pytest.raises(Unavailable):
        desk.read(desk.holder("an"))


# ── evidence ──


def test_evidence_is_read_in_bulk(desk: Desk) -> None:
    """Use, forwarding with hidden rules, holds and rights of many mailboxes: one command each."""
    people = [desk.holder(f"can.bo{n}") for n in range(20)]
    never = desk.person("moi")
    desk.one(Operation.ENABLE, never, enabling("moi"))
    first = people[0]
    desk.exchange.rules[first] = [Rule("Chuyển tiếp", ("a@example.com",), hidden=True), Rule("Sắp xếp")]
    desk.exchange.kept[first] |= {"LitigationHoldEnabled": True, "InPlaceHolds": ["UniHx"]}
    desk.exchange.rights[first] = [
        {"User": "NINHBINH\\binh", "AccessRights": ["FullAccess"]},
        {"User": "NINHBINH\\chi", "ExtendedRights": ["Send-As"]},
        {"User": "NINHBINH\\Domain Admins", "AccessRights": ["FullAccess"], "IsInherited": True},
    ]
    mailboxes = [found for found in read_mailboxes(desk.driver, [*people, never]).values() if found]
    before = desk.service.counted()

    usage = usage_of(desk.driver, [*people, never, NOWHERE])
    forwarding = forwarding_of(desk.driver, mailboxes)
    rights = rights_of(desk.driver, mailboxes)

    assert (desk.service.counted() - before)["Command"] == 3
    assert (usage[first].last_logon[:10], usage[never].last_logon, usage[NOWHERE]) == ("2026-03-10", "", None)  # type: ignore[union-attr]
    assert [(rule.name, rule.to) for rule in forwarding[first].rules] == [("Chuyển tiếp", ("a@example.com",))]
    assert [guid for guid, found in forwarding.items() if found.forwards] == [first]
    assert rights[first] == (Right("NINHBINH\\binh", "FullAccess"), Right("NINHBINH\\chi", "Send-As"))
    assert [one.holds for one in mailboxes if one.holds] == [("LitigationHoldEnabled", "InPlaceHolds UniHx")]


def test_rules_that_send_mail_on_are_read_where_that_is_asked(desk: Desk) -> None:
    """A hidden rule forwards past every property of the mailbox; inside the organization nothing leaves."""
    guid, other = desk.holder("an"), desk.holder("binh")
    desk.exchange.rules[guid] = [
        Rule("Chuyển tiếp", ('"A" [SMTP:a@example.com]', '"B" [EX:/o=x/cn=b]', "c@example.com"), hidden=True),
        Rule("Đã tắt", ("d@example.com",), enabled=False),
    ]
    copies = Copies(decision="12/QĐ")

    found = ExchangeMailboxes(desk.driver, copies, reads_rules=True).read([guid, other])
    without = ExchangeMailboxes(desk.driver, copies).read([guid])

    assert found[guid]["InboxRules"] == ("a@example.com", "c@example.com")
    assert "InboxRules" not in found[other]
    assert "InboxRules" not in without[guid]


# ── archive and purge ──


def purging(desk: Desk, guid: str, because: Archive | Decided) -> Purge:
    mailbox = desk.read(guid)
    return Purge("1", guid, mailbox.address, mailbox.contents, because)


def test_a_purge_after_its_copy_leaves_nothing(desk: Desk) -> None:
    """Copy completed and hashed → disconnect → erase → proof; the account stays."""
    guid = desk.holder("an")
    desk.exchange.kept[guid] |= {"ArchiveGuid": str(UUID(int=5)), "ArchiveDatabase": DATABASE}
    desk.exchange.contents[DATABASE, str(UUID(int=5))] = Stored()
    copies = []
    for _ in range(3):
        copies.append(archive(desk.driver, desk.read(guid), "op-1", r"\\srv\pst"))
        desk.exchange.work()
    order = purging(desk, guid, copies[-1])

    ended = purge(desk.driver, order)

    assert [copy.states[0] for copy in copies] == ["Queued", "InProgress", "Completed"]
    assert sorted(copies[-1].files) == [r"\\srv\pst\op-1-archive.pst", r"\\srv\pst\op-1.pst"]
    assert ended.result is Result.DONE
    assert desk.exchange.contents == {}
    assert desk.exchange.directory.find(guid)
    assert purge(desk.driver, order).result is Result.DONE  # again: proved, nothing to do
    assert desk.exchange.ran["Remove-StoreMailbox"] == 2


@pytest.mark.parametrize(
    "held", [{"LitigationHoldEnabled": True}, {"InPlaceHolds": ["x"]}, {"RetentionHoldEnabled": True}]
)
def test_what_is_held_is_not_purged(desk: Desk, held: dict[str, object]) -> None:
    """Our own gate, for Remove-StoreMailbox has none."""
    guid = desk.holder("an")
    order = purging(desk, guid, Decided("12/QĐ-VP"))
    desk.exchange.kept[guid] |= held

    ended = purge(desk.driver, order)

    assert ended.result is Result.CONFLICT
    assert next(iter(held)) in ended.says.vi
    assert desk.exchange.ran["Disable-Mailbox"] == 0


def test_without_a_sound_copy_or_a_decision_nothing_is_purged(desk: Desk) -> None:
    """Not completed, completed with warnings, another hash, an archive mailbox without a copy, an empty decision."""
    guid = desk.holder("an")
    archive(desk.driver, desk.read(guid), "op-1", r"\\srv\pst")
    for _ in range(2):
        desk.exchange.work()
    whole = archive(desk.driver, desk.read(guid), "op-1", r"\\srv\pst")
    results = [purge(desk.driver, purging(desk, guid, why)) for why in (Decided(" "), Archive("op-1", ("Queued",), {}))]
    desk.exchange.files[r"\\srv\pst\op-1.pst"] += b"x"
    results.append(purge(desk.driver, purging(desk, guid, whole)))
    desk.exchange.exports[0].status = "CompletedWithWarning"
    results.append(purge(desk.driver, purging(desk, guid, whole)))

    assert {result.result for result in results} == {Result.CONFLICT}
    assert desk.exchange.ran["Disable-Mailbox"] == 0


def test_a_purge_is_of_the_mailbox_that_the_plan_saw(desk: Desk) -> None:
    """Another address, or another content: a conflict."""
    guid = desk.holder("an")
    order = purging(desk, guid, Decided("12/QĐ-VP"))

    wrong = [
        order._replace(address=f"ai@{DOMAIN}"),
        order._replace(contents=(Content(DATABASE, NOWHERE),)),
    ]

    assert {purge(desk.driver, one).result for one in wrong} == {Result.CONFLICT}
    assert desk.exchange.ran["Disable-Mailbox"] == 0


def test_a_database_that_lags_is_asked_to_look(desk: Desk) -> None:
    """Update-StoreMailboxState; a content that does not show as disconnected is never erased."""
    guid = desk.holder("an")
    order = purging(desk, guid, Decided("12/QĐ-VP"))
    (content,) = order.contents
    desk.exchange.contents[content].lagging = True
    moved = replace(desk.exchange.contents[content], lagging=False, reason="SoftDeleted")

    ended = purge(desk.driver, order)
    desk.exchange.contents[content] = moved
    later = purge(desk.driver, order)

    assert ended.result is Result.DONE
    assert desk.exchange.ran["Update-StoreMailboxState"] == 1
    assert later.result is Result.UNKNOWN
    assert "SoftDeleted" in later.says.vi


def test_copies_go_to_a_share(desk: Desk) -> None:
    """UNC paths, plain names."""
    mailbox = desk.read(desk.holder("an"))

    for batch, folder in (("op 1", r"\\srv\pst"), ("op-1", "C:\\pst"), ("op-1", r"\\srv"), ("", r"\\srv\pst")):
        with pytest.raises(Rejected):
            archive(desk.driver, mailbox, batch, folder)

    assert not desk.exchange.exports


# ── the driver ──


def test_the_shell_is_given_back_and_taken_anew(desk: Desk) -> None:
    """Close deletes it; what comes after opens another; sessions with Exchange are closed by the script."""
    guid = desk.holder("an")
    desk.read(guid)
    desk.driver.close()
    closed = dict(desk.service.shells)
    desk.read(guid)

    assert closed == {}
    assert desk.service.opened == 2
    assert desk.service.host.sessions == 0


def test_a_shell_left_behind_is_given_back_over_the_next_client(desk: Desk) -> None:
    """After a lost connection the old shell is deleted first, and with it whatever runs in it."""
    guid = desk.holder("an")
    desk.service.expect(Trouble("Receive", Wrong.DROPPED_AFTER))
    with pytest.raises(Unavailable):
        desk.read(guid)
    left = set(desk.service.shells)

    desk.read(guid)

    assert len(left) == 1
    assert not left & set(desk.service.shells)


def test_output_in_small_pieces_is_whole(desk: Desk) -> None:
    """A piece may end inside a sign of base64, which may end inside a letter."""
    guid = desk.holder("an")
    desk.service.piece = 701

    assert desk.read(guid).address == f"an@{DOMAIN}"


def test_slow_output_is_waited_for_until_the_deadline(desk: Desk) -> None:
    """Operation time-outs are no errors; our own deadline ends what never answers."""
    guid = desk.holder("an")
    desk.service.haste = 0.05
    desk.service.expect(Trouble("Receive", Wrong.TIMED_OUT, 5))
    waited = desk.read(guid)
    desk.service.expect(Trouble("Output", Wrong.SILENT, ALWAYS))
    driver = desk.anew(deadline=0.3, operation_timeout=1)

    with pytest.raises(Unavailable):
        read_mailboxes(driver, [guid])
    driver.close()

    assert waited.address


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"sign_in": Password("NINHBINH\\svc-syncagent", Secret("wrong"))}, Misconfigured, "refuses"),
        ({"sign_in": Password("u", Secret("p"), is_ntlm=False)}, Misconfigured, "not sealed"),
        ({"sign_in": ClientCertificate(Path("a"), Path("b"))}, Misconfigured, "not sealed"),
        ({"url": "http://127.0.0.1:1/wsman"}, Unavailable, "cannot be reached"),
    ],
)
def test_who_cannot_be_reached_or_believed_is_named(
    desk: Desk, change: dict[str, object], error: type[Exception], says: str
) -> None:
    """Before anything is carried out; a password never goes unsealed."""
    with pytest.raises(error, match=says):
        desk.anew(**change).run([Call("1", "read", {"guid": NOWHERE})])


def test_a_certificate_is_verified(authority: Authority, tmp_path: Path) -> None:
    """HTTPS: by the authority that is named, and none other; Basic and certificates go over it."""
    own, other = authority.issue("svc-syncagent"), Authority.make(tmp_path / "other")
    call = [Call("1", "cmdlets", {"guid": ""})]
    with own_address() as at:
        service = WinRm(ManagementHost(Organization({}, {})))  # type: ignore[arg-type]
        with serving(service, at, tmp_path, authority.issue(at), authority.path):
            there = endpoint(service, authority.path)
            ways = (
                Password(service.user, Secret(service.password), is_ntlm=False),
                ClientCertificate(own.path, own.key),
            )
            found = []
            for way in (there.sign_in, *ways):
                with driven(replace(there, sign_in=way), sessions(service.host)) as driver:
                    found.append(driver.run(call)["1"])
            with (
                pytest.raises(Misconfigured, match="prove"),
                driven(replace(there, ca_file=other.path), sessions(service.host)) as driver,
            ):
                driver.run(call)

    assert ssl.OPENSSL_VERSION
    assert {answer.status for answer in found} == {Status.DONE}
    assert {len(answer.parts) for answer in found} == {14}


@pytest.mark.parametrize(
    ("change", "error"),
    [({"password": Secret("wrong")}, Misconfigured), ({"uri": "http://no/PowerShell/"}, Unavailable)],
)
def test_a_session_with_exchange_that_is_refused_is_named(
    desk: Desk, change: dict[str, object], error: type[Exception]
) -> None:
    """The host is reached, Exchange is not: nothing was carried out."""
    driver = WinRmDriver(desk.driver.endpoint, replace(desk.driver.sessions, **change))  # type: ignore[arg-type]

    with pytest.raises(error, match="Exchange"):
        driver.run([Call("1", "read", {"guid": NOWHERE})])
    driver.close()

    assert not desk.exchange.ran


def test_a_damaged_document_is_not_carried_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One octet is another on the way: the bootstrap says so, and nothing was carried out."""
    guid = desk.holder("an")
    changes = towards(LOCKED, desk.read(guid).values)
    desk.exchange.ran.clear()

    def spoilt(*given: object, **more: object) -> bytes:
        whole = document.sealed(*given, **more)  # type: ignore[arg-type]
        return whole[:-40] + (b"A" if whole[-40:-39] != b"A" else b"B") + whole[-39:]

    monkeypatch.setattr("syncagent.connectors.exchange.winrm.sealed", spoilt)
    with pytest.raises(Unavailable, match="damaged"):
        desk.one(Operation.LOCK, guid, changes)

    assert not desk.exchange.ran


def test_somebody_who_changes_it_again_and_again_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three looks it is a conflict; nothing was written."""
    guid = desk.holder("an")
    changes = towards(LOCKED, desk.read(guid).values)
    run = WinRmDriver.run

    def meanwhile(self: WinRmDriver, calls: list[Call]) -> object:
        if calls[0].operation == "lock":
            now = desk.exchange.protocols.get(guid, {}).get("PopEnabled", True)
            desk.exchange.protocols[guid] = {"PopEnabled": not now}
        return run(self, calls)

    monkeypatch.setattr(WinRmDriver, "run", meanwhile)
    effect = desk.one(Operation.LOCK, guid, changes)

    assert effect.result is Result.CONFLICT
    assert not [name for name in desk.exchange.ran if name.startswith("Set-")]


def test_no_password_is_on_the_wire_or_in_a_command_line(desk: Desk) -> None:
    """Both passwords go sealed in standard input; the command line is the same for every call."""
    desk.read(desk.holder("an"))
    desk.read(desk.holder("binh"))
    wire = b"".join(desk.service.in_clear)
    lines = {command.line for shell in desk.service.shells.values() for command in shell.values()}

    for secret in (desk.service.password, desk.service.host.password):
        assert not any(spelled.encode() in wire for spelled in Secret(secret).spellings())
        assert secret not in repr(desk.driver)
    assert len(lines) == 1
    assert len(lines.pop()) < 8191


@pytest.mark.server
def test_a_life_on_a_real_directory(samba: Samba, fresh_base: FreshBase, tmp_path: Path) -> None:
    """Enable, readdress, disable, restore, purge: what Exchange stamps stands in a real Active Directory."""
    base = fresh_base(samba)
    load(samba, f"dn: CN=DB01,{base}\nobjectClass: container\n\n")
    load(
        samba,
        "".join(f"dn: CN={name},{base}\nobjectClass: user\nsAMAccountName: ex.{name}\n\n" for name in ("an", "ai")),
    )
    with own_address() as at, live_directory(samba) as directory:
        exchange = Organization(directory, {DATABASE: f"CN=DB01,{base}"})
        guid, nobody = (directory.find(f"ex.{name}") for name in ("an", "ai"))
        assert guid
        assert nobody
        with exchange_desk(tmp_path, at, exchange) as desk:
            desk.one(Operation.ENABLE, guid.guid, enabling("ex.an"))
            old = desk.read(guid.guid).value("EmailAddresses")
            new = (f"SMTP:ex.moi@{DOMAIN}", *(one.replace("SMTP:", "smtp:") for one in old))
            moved = desk.one(Operation.READDRESS, guid.guid, {"EmailAddresses": (old, new)})
            changes = towards(disabled(nobody.canonical), desk.read(guid.guid).values)
            locked = desk.one(Operation.DISABLE, guid.guid, changes)
            stamped = ldap(samba, "ldapsearch", "-b", guid.dn, "-s", "base", "-LLL", "-o", "ldif-wrap=no")
            restored = desk.one(Operation.RESTORE, guid.guid, back(changes))
            purged = purge(desk.driver, purging(desk, guid.guid, Decided("12/QĐ-VP")))
            left = ldap(samba, "ldapsearch", "-b", guid.dn, "-s", "base", "-LLL", "-o", "ldif-wrap=no")

    assert {effect.result for effect in (moved, locked, restored, purged)} == {Result.DONE}
    assert f"mail: ex.moi@{DOMAIN}" in stamped
    assert f"proxyAddresses: smtp:ex.an@{DOMAIN}" in stamped
    assert "msExchHideFromAddressLists: TRUE" in stamped
    assert "proxyAddresses" not in left
