"""A wave of a merger carried out through the command: the new accounts, the old addresses, and the old side."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from merging import CONFIG, FOLDER, NEW

from syncagent.sample.merging import three_provinces
from syncagent.wiring import now

TODAY = now().date()
LATER = date(2028, 6, 1)
COMMUNES = (FOLDER / "communes.csv").read_text(encoding="utf-8")
SMALL = three_provinces(20, 7, COMMUNES, TODAY)


@pytest.fixture
def here(tmp_path: Path) -> Desk:
    """A folder with three exports, two of which are carried out in, the new roster and an empty new directory."""
    return made_folder(tmp_path)


def made_folder(folder: Path) -> Desk:
    """Write the files of the merger into a folder."""
    for name, text in {**SMALL.files(), "syncagent.yaml": CONFIG, "new.ldif": NEW, "identity.key": "ab" * 32}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "identity.key").chmod(0o600)
    return Desk(folder)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the first wave was carried out; tests work in copies of it."""
    folder = tmp_path_factory.mktemp("moved")
    desk = made_folder(folder)
    plan_wave(desk, 1)
    carry_out(desk)
    return folder


@pytest.fixture
def after(moved: Path, tmp_path: Path) -> Desk:
    """A copy of that folder."""
    shutil.copytree(moved, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def plan_wave(here: Desk, wave: int, as_of: date = TODAY) -> dict[str, Any]:
    """Plan a wave and return its plan as data."""
    here.run("migrate", "plan", "--wave", str(wave), "--as-of", as_of.isoformat())
    found: dict[str, Any] = json.loads(here.run("show", "latest", "--format", "json").stdout)
    return found


def carry_out(here: Desk, *, apply: bool = True) -> None:
    """Two people approve the newest plan with its brakes and order, and it is applied, unless that is to come."""
    shown = here.run("--lang", "en", "show", "latest").stdout
    trips = re.findall(r"--accept-brake (\S+=\d+)", shown)
    words = [word for trip in dict.fromkeys(trips) for word in ("--accept-brake", trip)]
    for by in ("Lê Văn Bình", "Trần Thị Sáu"):
        here.run("approve", "latest", "--by", by, "--order", "45/SKHCN", *words)
    if apply:
        here.run("apply", "latest")


def entries(here: Desk, name: str) -> dict[str, str]:
    """Return the text of each entry of an LDIF file by its DN, unfolded."""
    text = (here.folder / name).read_text(encoding="utf-8").replace("\n ", "")
    parts = (part for part in text.split("\n\n") if part.startswith("dn:"))
    return {part.partition("\n")[0].removeprefix("dn: "): part for part in parts}


def test_a_wave_opens_the_new_accounts_with_the_old_addresses_and_closes_the_old_ones(after: Desk) -> None:
    """The new account first, with the old address as alias; then the old one is locked and sends mail on, or closed."""
    plan = json.loads(after.run("show", "latest", "--format", "json").stdout)

    assert plan["wave"] == 1
    kinds = [(one["target"], one["kind"]) for one in plan["actions"]]
    assert {("main", "create"), ("namdinh", "lock"), ("ninhbinh", "disable")} <= set(kinds)
    targets = [target for target, _ in kinds]
    assert targets == sorted(targets)
    assert {one["unit"].partition("-")[0] for one in plan["actions"]} == {"skhcn"}
    closed = next(one for one in plan["actions"] if one["target"] == "namdinh" and one["kind"] == "lock")
    made = next(one for one in plan["actions"] if one["id"] in closed["needs"])
    assert (made["person_id"], made["target"]) == (closed["person_id"], "main")
    assert closed["because"][0]["article"] == "Điều 13 khoản 2 điểm a"
    new = next(part for part in entries(after, "new.ldif").values() if f"mail: {made['address']}\n" in f"{part}\n")
    assert f"proxyAddresses: smtp:{closed['address']}" in new
    old = entries(after, "namdinh.ldif")[closed["account"]["dn"]]
    assert f"zimbraPrefMailForwardingAddress: {made['address']}" in old
    assert "zimbraAccountStatus: locked" in old
    assert "zimbraMailStatus: enabled" in old
    gone = [part for part in entries(after, "ninhbinh.ldif").values() if "mailAccess: REJECT" in part]
    assert len(gone) == sum(target == "ninhbinh" for target in targets)
    assert not {old.address for old in SMALL.accounts["hanam"]} & {one["address"] for one in plan["actions"]}


@pytest.mark.long
def test_waves_carried_out_leave_nothing_to_do(after: Desk) -> None:
    """Law 1, for every wave and for the day's plan, which keeps the old addresses and never touches an old system."""
    for wave in (3, 2):
        plan_wave(after, wave)
        carry_out(after)
    again = [plan_wave(after, wave)["actions"] for wave in (1, 2, 3)]
    day = after.plan(TODAY.isoformat())
    after.run("migrate", "certify", "c.json")

    assert again == [[], [], []]
    assert day["actions"] == []
    after.run("migrate", "verify", "c.json")
    after.run("audit", "verify", "--against", "namdinh")


def test_an_old_address_is_given_up_on_its_day_by_the_days_plan(after: Desk) -> None:
    """The alias stands in the mark of the new account with its last day; the daily plan takes it away after it."""

    def losing(plan: dict[str, Any]) -> list[str]:
        changed = [change["attributes"].get("proxyAddresses") for one in plan["actions"] for change in one["changes"]]
        return [value for found in changed if found for value in found["before"] if value not in found["after"]]

    last, gone = losing(after.plan("2027-12-31")), losing(after.plan("2028-01-01"))

    assert last == []
    assert gone
    assert all(re.fullmatch(r"smtp:.+@(hanam|namdinh|ninhbinh)\.gov\.vn", value) for value in gone)


def test_an_old_account_is_deleted_once_its_mail_is_accounted_for_and_stays_in_the_certificate(after: Desk) -> None:
    """Three months after it was disabled, by two people and an order; every account keeps its one end (Điều 13)."""
    closed = {
        one["address"]
        for one in json.loads(after.run("show", "latest", "--format", "json").stdout)["actions"]
        if one["target"] == "ninhbinh"
    }
    first, second = sorted(closed)[:2]
    rows = (
        f"system,about,how,folder,messages,size,copied,copied_size,document\nninhbinh,{first},moved,INBOX,3,90,3,90,\n"
    )
    rows += f"ninhbinh,{second},không giữ,,,,,,8/QĐ-SKHCN\n"
    (after.folder / "mail.csv").write_text(rows, encoding="utf-8")
    (after.folder / "wrong.csv").write_text(rows + "ninhbinh,nobody@x.vn,moved,INBOX,1,1,1,1,\n", encoding="utf-8")
    before = after.run("--lang", "en", "migrate", "status").stdout
    after.run("migrate", "mail", "record", "wrong.csv", expect=3)
    after.run("migrate", "mail", "record", "mail.csv", "--by", "Lê Văn Bình")
    listed = after.run("migrate", "mail", "status", "--format", "csv").stdout
    day = TODAY + timedelta(days=100)
    plan = plan_wave(after, 1, day)
    carry_out(after)
    status = after.run("--lang", "en", "migrate", "status").stdout
    after.run("migrate", "certify", "c.json")
    after.run("migrate", "verify", "c.json")

    deleted = [one for one in plan["actions"] if one["kind"] == "delete"]
    assert {one["address"] for one in deleted} == {first, second}
    assert {(one["review"], one["needs_order"], one["target"]) for one in deleted} == {("two", True, "ninhbinh")}
    assert listed.count("đã đóng") == 2
    assert "mail: " + first not in (after.folder / "ninhbinh.ldif").read_text(encoding="utf-8")
    assert status == before


@pytest.mark.long
def test_what_sends_mail_on_is_closed_after_its_day_and_not_deleted_while_its_mail_is_open(after: Desk) -> None:
    """Locked until the day; disabled after it; three months later nothing is deleted, for no mail is accounted for."""
    on_the_day = [one for one in plan_wave(after, 1, date(2027, 6, 30))["actions"] if one["target"] == "namdinh"]
    closing = plan_wave(after, 1, date(2027, 7, 1))
    carry_out(after)
    again = [one for one in plan_wave(after, 1, date(2027, 7, 2))["actions"] if one["target"] != "main"]
    much_later = plan_wave(after, 1, LATER)

    assert on_the_day == []
    old = [one for one in closing["actions"] if one["target"] != "main"]
    assert {(one["target"], one["kind"]) for one in old} == {("namdinh", "disable")}
    assert {tuple(one["changes"][0]["attributes"]["zimbraPrefMailForwardingAddress"]["after"]) for one in old} == {()}
    assert again == []
    assert [one for one in much_later["actions"] if one["kind"] == "delete"] == []
    says = [one["message"]["vi"] for one in much_later["findings"] if one["code"] == "held"]
    assert any("hồ sơ dữ liệu thư" in one for one in says)


@pytest.mark.long
def test_a_hold_and_a_lost_mark_keep_an_old_account(after: Desk) -> None:
    """What is on hold is not closed; what lost our mark since is not ours any more, and is a finding."""
    address = next(one["address"] for one in plan_wave(after, 2)["actions"] if one["target"] == "ninhbinh")
    after.run("hold", address, "--document", "9/TB-CA", "--by", "Lê Văn Bình")
    held = plan_wave(after, 2)
    other = next(dn for dn, part in entries(after, "ninhbinh.ldif").items() if "description" in part)
    text = (after.folder / "ninhbinh.ldif").read_text(encoding="utf-8").replace("\n ", "")
    mark = next(line for line in entries(after, "ninhbinh.ldif")[other].splitlines() if line.startswith("description"))
    (after.folder / "ninhbinh.ldif").write_text(text.replace(f"{mark}\n", ""), encoding="utf-8")
    lost = plan_wave(after, 1)

    assert address not in {one["address"] for one in held["actions"]}
    assert lost["actions"] == []
    assert [one["candidates"] for one in lost["findings"] if one["code"] == "stamp-differs"] == [[other]]


@pytest.mark.long
def test_declared_numbers_are_the_brake_of_a_wave(here: Desk) -> None:
    """What differs stops the plan until somebody accepts the exact number; what agrees needs nobody to."""
    undeclared = plan_wave(here, 1)
    records = map(json.loads, here.run("audit", "log", "--format", "json").stdout.splitlines())
    counts = next(one["facts"] for one in records if one["kind"] == "merger-plan")
    numbers = {
        fate: n for fate, n in counts.items() if fate in {"converted", "merged-into", "retired", "held", "excluded"}
    }
    listed = ", ".join(f"{fate}: {n}" for fate, n in numbers.items())
    here.edit("syncagent.yaml", "- {units: [skhcn]}", f"- {{units: [skhcn], counts: {{{listed}}}}}")
    agreed = plan_wave(here, 1)
    here.edit("syncagent.yaml", f"converted: {numbers['converted']}", f"converted: {numbers['converted'] + 1}")
    differs = plan_wave(here, 1)
    refused = here.run("--lang", "en", "approve", "latest", "--by", "Lê Văn Bình", "--order", "1", expect=5)

    assert {trip["brake"] for trip in undeclared["brakes"]["tripped"]} >= {"unit-share"}
    assert agreed["brakes"]["tripped"] == []
    assert [(one["brake"], one["count"]) for one in differs["brakes"]["tripped"]] == [
        ("wave-converted", numbers["converted"])
    ]
    assert f"--accept-brake wave-converted={numbers['converted']}" in refused.stderr


@pytest.mark.long
def test_a_wave_is_taken_back_until_its_accounts_are_deleted(after: Desk) -> None:
    """The old accounts are open again as they were, but for our mark; the new ones are closed, not deleted."""
    made = json.loads(after.run("show", "latest", "--format", "json").stdout)
    undo = json.loads(after.run("undo", "latest", "--format", "json").stdout)
    carry_out(after)

    assert len(undo["actions"]) == len(made["actions"])
    back = {"create": "disable", "lock": "unlock", "disable": "restore"}
    assert sorted((one["target"], one["kind"]) for one in undo["actions"]) == sorted(
        (one["target"], back[one["kind"]]) for one in made["actions"]
    )
    marks = re.compile(r"(?m)^(description|zimbraNotes): .*\n?")
    for name in ("namdinh.ldif", "ninhbinh.ldif"):
        now_ = {dn: sorted(marks.sub("", part).splitlines()) for dn, part in entries(after, name).items()}
        (after.folder / "before.ldif").write_text(SMALL.files()[name], encoding="utf-8")
        assert now_ == {dn: sorted(part.splitlines()) for dn, part in entries(after, "before.ldif").items()}
    assert [one for one in plan_wave(after, 1)["actions"] if one["target"] != "main"] == []


def settled(here: Desk) -> dict[str, dict[str, list[str]]]:
    """Every entry of the new system and of the old ones, without our marks: when and why is another matter."""
    marks = re.compile(r"(?m)^(description|zimbraNotes|msDS-cloudExtensionAttribute20|pwdLastSet|unicodePwd)::? .*\n?")
    return {
        name: {dn: sorted(marks.sub("", part).splitlines()) for dn, part in entries(here, name).items()}
        for name in ("new.ldif", "namdinh.ldif", "ninhbinh.ldif")
    }


def test_merged_taken_back_and_merged_again_ends_where_it_began(after: Desk) -> None:
    """The drill of a merger: the second try opens the same accounts again, with the same addresses, by Điều 13.2.a."""
    merged = settled(after)
    after.run("undo", "latest")
    carry_out(after)
    apart = settled(after)
    day = after.plan(TODAY.isoformat())
    again = plan_wave(after, 1)
    carry_out(after)

    assert apart != merged
    assert [one for one in day["actions"] if one["unit"].startswith("skhcn")] == []
    assert {one["code"] for one in day["findings"]} >= {"needs-order"}
    opened = [one for one in again["actions"] if one["target"] == "main"]
    assert {one["kind"] for one in opened} == {"restore"}
    assert {one["because"][-1]["article"] for one in opened} == {"Điều 13 khoản 2 điểm a"}
    assert settled(after) == merged
    assert plan_wave(after, 1)["actions"] == []


def test_a_frozen_wave_stands_still_and_its_mail_is_redirected(after: Desk) -> None:
    """Nothing of it is planned until somebody lets it go on; the table for the old server holds every old address."""
    after.run("migrate", "freeze", "--wave", "1", "--reason", "chờ kiểm tra", "--by", "Lê Văn Bình")
    frozen = after.run("--lang", "en", "migrate", "plan", "--wave", "1", expect=5).stderr
    after.run("migrate", "resume", "--wave", "1", "--by", "Lê Văn Bình")
    after.run("migrate", "resume", "--wave", "1", "--by", "Lê Văn Bình", expect=5)
    table = after.run("migrate", "map", "--format", "postfix", "--system", "hanam").stdout.splitlines()
    contacts = after.run("migrate", "map", "--format", "exchange").stdout.splitlines()
    other = after.run("--lang", "en", "migrate", "plan", "--wave", "2").stderr

    assert "Wave 1 is frozen (chờ kiểm tra)" in frozen
    assert table
    assert all(re.fullmatch(r"\S+@hanam\.gov\.vn \S+@ninhbinh\.gov\.vn", line) for line in table)
    assert contacts[0] == "Name,EmailAddress,ExternalEmailAddress"
    assert len(contacts) > len(table)
    assert re.search(r"Estimate: \d+ min, by \d\d actions of the last 1 applies", other)


@pytest.mark.long
def test_a_newcomer_can_follow_the_how_to(tmp_path: Path) -> None:
    """`init --merger` writes three provinces; what it says next works as it stands, and the second wave is planned."""
    said = Desk(tmp_path).run("--lang", "en", "init", "ba-tinh", "--merger").stdout
    here = Desk(tmp_path / "ba-tinh")
    here.run("migrate", "assess")
    plan = plan_wave(here, 1)
    carry_out(here)

    assert "syncagent migrate plan --wave 1" in said
    assert {one["target"] for one in plan["actions"]} == {"main", "namdinh", "ninhbinh"}
    assert plan_wave(here, 1)["actions"] == []
    Desk(tmp_path).run("init", "ba-tinh", "--merger", expect=5)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("path: hanam.csv}, domain: hanam.gov.vn}", "path: hanam.csv}, domain: hanam.gov.vn, writes: true}", "csv"),
        ("    hanam: {dir", "    main: {dir", "both a target"),
    ],
)
def test_what_cannot_be_written_is_told_at_once(here: Desk, before: str, after: str, says: str) -> None:
    """An export that nothing can be written to, and a name of two systems."""
    here.edit("syncagent.yaml", before, after)

    assert says in here.run("--lang", "en", "migrate", "status", expect=3).stderr
