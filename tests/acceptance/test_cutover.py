"""A wave of a merger carried out through the command: the new accounts, the old addresses, and the old side."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from merging import FOLDER

from syncagent.sample.merging import ThreeProvinces, three_provinces
from syncagent.wiring import now

TODAY = now().date()
LATER = date(2028, 6, 1)
COMMUNES = (FOLDER / "communes.csv").read_text(encoding="utf-8")
CONFIG = """\
version: 1
regulation: ninhbinh-2025
roster:
  people: {source: csv, path: people.csv}
  units: {source: csv, path: units.csv}
  freshness: 3000 days
  identity_key: {file: identity.key}
targets:
  main:
    directory: {kind: ldif, path: new.ldif, schema: active-directory, base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
approval: {delete: two, disable: one, others: one}
migration:
  merger: ninhbinh-2025
  aliases_until: 2027-12-31
  forward_until: 2027-06-30
  legacy:
    hanam: {directory: {kind: csv, path: hanam.csv}, domain: hanam.gov.vn}
    namdinh:
      directory: {kind: ldif, path: namdinh.ldif, schema: zimbra, base: "ou=people,dc=namdinh,dc=gov,dc=vn"}
      domain: namdinh.gov.vn
      writes: true
    ninhbinh:
      directory: {kind: ldif, path: ninhbinh.ldif, schema: openldap, base: "ou=users,dc=ninhbinh,dc=gov,dc=vn"}
      domain: ninhbinh.gov.vn
      writes: true
  waves:
    - {units: [skhcn]}
    - {units: [snv]}
    - {units: ["*"]}
"""
NEW = """\
dn: OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: organizationalUnit
OU: Mail

"""


@pytest.fixture
def three() -> ThreeProvinces:
    return three_provinces(24, 7, COMMUNES, TODAY)


@pytest.fixture
def here(tmp_path: Path, three: ThreeProvinces) -> Desk:
    """A folder with three exports, two of which are carried out in, the new roster and an empty new directory."""
    for name, text in {**three.files(), "syncagent.yaml": CONFIG, "new.ldif": NEW, "identity.key": "ab" * 32}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "identity.key").chmod(0o600)
    return Desk(tmp_path)


def plan_wave(here: Desk, wave: int, as_of: date = TODAY) -> dict[str, Any]:
    """Plan a wave and return its plan as data."""
    here.run("migrate", "plan", "--wave", str(wave), "--as-of", as_of.isoformat())
    found: dict[str, Any] = json.loads(here.run("show", "latest", "--format", "json").stdout)
    return found


def carry_out(here: Desk) -> None:
    """Two people approve the newest plan with its brakes and order, and it is applied."""
    shown = here.run("--lang", "en", "show", "latest").stdout
    trips = re.findall(r"--accept-brake (\S+=\d+)", shown)
    words = [word for trip in dict.fromkeys(trips) for word in ("--accept-brake", trip)]
    for by in ("Lê Văn Bình", "Trần Thị Sáu"):
        here.run("approve", "latest", "--by", by, "--order", "45/SKHCN", *words)
    here.run("apply", "latest")


def entries(here: Desk, name: str) -> dict[str, str]:
    """Return the text of each entry of an LDIF file by its DN, unfolded."""
    text = (here.folder / name).read_text(encoding="utf-8").replace("\n ", "")
    return {
        part.partition("\n")[0].removeprefix("dn: "): part for part in text.split("\n\n") if part.startswith("dn: ")
    }


def test_a_wave_opens_the_new_accounts_with_the_old_addresses_and_closes_the_old_ones(
    here: Desk, three: ThreeProvinces
) -> None:
    """The new account first, the old address as its alias; then the old one is locked with its mail sent on, or closed."""
    plan = plan_wave(here, 1)
    carry_out(here)

    assert plan["wave"] == 1
    kinds = [(one["target"], one["kind"]) for one in plan["actions"]]
    assert {("main", "create"), ("namdinh", "lock"), ("ninhbinh", "disable")} <= set(kinds)
    targets = [target for target, _ in kinds]
    assert targets == sorted(targets)
    assert {one["unit"].partition("-")[0] for one in plan["actions"]} == {"skhcn"}
    closed = next(one for one in plan["actions"] if one["target"] == "namdinh" and one["kind"] == "lock")
    made = next(one for one in plan["actions"] if one["subject"] == closed["subject"] and one["target"] == "main")
    assert closed["needs"] == [made["id"]]
    new = next(part for part in entries(here, "new.ldif").values() if f"mail: {made['address']}\n" in f"{part}\n")
    assert f"proxyAddresses: smtp:{closed['address']}" in new
    old = next(part for part in entries(here, "namdinh.ldif").values() if closed["address"] in part)
    assert f"zimbraPrefMailForwardingAddress: {made['address']}" in old
    assert "zimbraAccountStatus: locked" in old
    assert "zimbraMailStatus: enabled" in old
    gone = [part for part in entries(here, "ninhbinh.ldif").values() if "mailAccess: REJECT" in part]
    assert len(gone) == sum(target == "ninhbinh" for target in targets)
    hanam = {old.address for old in three.accounts["hanam"]}
    assert not hanam & {one["address"] for one in plan["actions"]}


def test_a_wave_carried_out_leaves_nothing_to_do(here: Desk) -> None:
    """Law 1, for the wave and for the day's plan, which keeps the old addresses and never touches an old system."""
    before = {name: (here.folder / name).read_bytes() for name in ("namdinh.ldif", "ninhbinh.ldif")}
    for wave in (2, 1, 3):
        plan_wave(here, wave)
        carry_out(here)
    again = [plan_wave(here, wave)["actions"] for wave in (1, 2, 3)]
    day = here.plan(TODAY.isoformat())

    assert again == [[], [], []]
    assert day["actions"] == []
    assert {name: (here.folder / name).read_bytes() for name in before} != before
    assert here.run("migrate", "verify", _certified(here)).returncode == 0
    assert here.run("audit", "verify", "--against", "namdinh").returncode == 0


def _certified(here: Desk) -> str:
    here.run("migrate", "certify", "c.json")
    return "c.json"


def test_an_old_address_is_given_up_on_its_day_by_the_days_plan(here: Desk) -> None:
    """The alias stands in the mark of the new account with its last day; the daily plan takes it away after it."""
    plan_wave(here, 1)
    carry_out(here)
    last = here.plan("2027-12-31")
    after = here.plan("2028-01-01")

    def losing(plan: dict[str, Any]) -> list[str]:
        return [
            one["address"]
            for one in plan["actions"]
            for change in one["changes"]
            for before, now_ in [change["attributes"].get("proxyAddresses", ([], []))]
            if set(before) - set(now_)
        ]

    assert losing(last) == []
    assert losing(after)


def test_what_sends_mail_on_is_closed_after_its_day_and_deleted_by_no_clock_while_mail_is_open(here: Desk) -> None:
    """Locked until the day; disabled after it; three months later nothing is deleted, for no mail is accounted for."""
    plan_wave(here, 1)
    carry_out(here)
    on_the_day = plan_wave(here, 1, date(2027, 6, 30))["actions"]
    after = plan_wave(here, 1, date(2027, 7, 1))
    carry_out(here)
    again = plan_wave(here, 1, date(2027, 7, 2))["actions"]
    much_later = plan_wave(here, 1, LATER)

    assert on_the_day == []
    assert {(one["target"], one["kind"]) for one in after["actions"]} == {("namdinh", "disable")}
    forwards = {
        tuple(one["changes"][0]["attributes"]["zimbraPrefMailForwardingAddress"][1]) for one in after["actions"]
    }
    assert forwards == {()}
    assert again == []
    assert [one for one in much_later["actions"] if one["kind"] == "delete"] == []
    held = [
        one
        for one in much_later["findings"]
        if one["code"] == "held" and "Điều 13" in json.dumps(one, ensure_ascii=False)
    ]
    assert held


def test_a_hold_and_a_lost_mark_keep_an_old_account(here: Desk) -> None:
    """What is on hold is not closed; what lost our mark since is not ours any more, and is a finding."""
    plan = plan_wave(here, 1)
    first = next(one for one in plan["actions"] if one["target"] == "ninhbinh")
    here.run("hold", first["address"], "--document", "9/TB-CA", "--by", "Lê Văn Bình")
    held = plan_wave(here, 1)
    carry_out(here)
    here.run("release", first["address"], "--by", "Lê Văn Bình")
    other = next(one for one in held["actions"] if one["target"] == "ninhbinh")
    marked = entries(here, "ninhbinh.ldif")[other["account"]["dn"]]
    mark = next(line for line in marked.splitlines() if line.startswith("description"))
    text = (here.folder / "ninhbinh.ldif").read_text(encoding="utf-8").replace("\n ", "")
    (here.folder / "ninhbinh.ldif").write_text(text.replace(f"{mark}\n", ""), encoding="utf-8")
    lost = plan_wave(here, 1)

    assert first["address"] not in {one["address"] for one in held["actions"]}
    assert [one["address"] for one in lost["actions"] if one["target"] == "ninhbinh"] == [first["address"]]
    assert other["subject"] in {one["subject"] for one in lost["findings"] if one["code"] == "stamp-differs"}


def test_declared_numbers_are_the_brake_of_a_wave(here: Desk) -> None:
    """What differs stops the plan until somebody accepts the exact number; what agrees needs nobody to."""
    undeclared = plan_wave(here, 1)
    counts = {
        one["facts"]["wave"]: one["facts"]
        for one in map(json.loads, here.run("audit", "log", "--format", "json").stdout.splitlines())
        if one["kind"] == "merger-plan"
    }[1]
    numbers = {
        fate: n for fate, n in counts.items() if fate in {"converted", "merged-into", "retired", "held", "excluded"}
    }
    listed = ", ".join(f"{fate}: {n}" for fate, n in numbers.items())
    here.edit("syncagent.yaml", "- {units: [skhcn]}", f"- {{units: [skhcn], counts: {{{listed}}}}}")
    agreed = plan_wave(here, 1)
    here.edit("syncagent.yaml", f"converted: {numbers['converted']}", f"converted: {numbers['converted'] + 1}")
    differs = plan_wave(here, 1)
    here.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "1")
    refused = here.run("--lang", "en", "apply", "latest", expect=5)

    assert {trip["brake"] for trip in undeclared["brakes"]["tripped"]} >= {"disable-count"}
    assert agreed["brakes"]["tripped"] == []
    assert [(one["brake"], one["count"]) for one in differs["brakes"]["tripped"]] == [
        ("wave-converted", numbers["converted"])
    ]
    assert "wave-converted" in refused.stderr


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
