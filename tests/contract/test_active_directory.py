"""What only an Active Directory can show: protection, deletion in a quarantine, evidence from all of its servers."""

from __future__ import annotations

import re
import subprocess
from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from contract.conftest import Desk, live_desk, mapping
from contract.first_entries import PASSWORD
from servers.client import ldap, load
from servers.fixtures import FreshBase, FreshSamba
from servers.pki import Authority
from servers.place import own_address
from servers.quirky import ADDED_TO_AN_UNDELETE, quirky_wire
from servers.samba import Samba
from servers.samba_template import Template
from servers.wire import Wire

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.live.target import LiveTarget
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.examination import Health
from syncagent.core.outcome import Outcome, Result
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import State
from syncagent.sample.accounts import Entry
from syncagent.text import Text
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

RIGHTS = Path(__file__).parents[2] / "deploy/windows/rights.psd1"
SHOW_DELETED = ("-E", "!1.2.840.113556.1.4.417")


@dataclass
class Ad:
    """A desk over Active Directory; what is deleted goes through `quarantine`."""

    desk: Desk
    samba: Samba
    root: str
    quarantine: str

    def created(self) -> Account:
        self.desk.apply(self.desk.create("P1"), marker="before")
        return self.desk.account()

    def by_hand(self, ldif: str) -> None:
        ldap(self.samba, "ldapmodify", ldif=ldif)

    def allow(self, dn: str, aces: str) -> None:
        """Add access entries by Samba's own tool."""
        at = ("-H", f"{self.samba.folder}/private/sam.ldb", f"--configfile={self.samba.folder}/etc/smb.conf")
        command = ["samba-tool", "dsacl", "set", f"--objectdn={dn}", f"--sddl={aces}", *at]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, ended.stderr

    def found(self, base: str, condition: str = "(objectClass=*)", *words: str) -> str:
        return ldap(self.samba, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", *words, "-b", base, condition)

    def whole(self) -> Snapshot:
        """Everything the domain holds, as it is read by default."""
        target = self.desk.opened()
        assert isinstance(target, LiveTarget)
        return replace(target, root="").read()


@pytest.fixture
def ad(samba: Samba, fresh_base: FreshBase) -> Ad:
    return _ad(samba, fresh_base(samba), fresh_base(samba))


@pytest.fixture
def own_ad(fresh_samba: FreshSamba) -> Ad:
    """One for tests that change who has which right."""
    samba = fresh_samba()
    places = [f"OU={name},{samba.base_dn}" for name in ("Tinh", "Cach ly")]
    load(samba, [Entry(place, {"objectClass": ("organizationalUnit",)}) for place in places])
    return _ad(samba, *places)


def _ad(samba: Samba, root: str, quarantine: str) -> Ad:
    bind = Simple(samba.admin, Secret(samba.password))
    desk = live_desk(samba, mapping("active-directory"), root, ActiveDirectory(quarantine), bind)
    return Ad(desk, samba, root, quarantine)


# ── the whole domain ─────────────────────────────────────────────────────────


def test_a_whole_domain_is_read_from_its_naming_context(ad: Ad) -> None:
    """Rules of the domain entry, log-ins of computers and groups, and who may not be touched are all there."""
    found = ad.whole()

    [domain] = [policy for policy in found.password_policies if policy.dn.lower() == ad.samba.base_dn.lower()]
    assert {"lockout_threshold", "lockout_duration", "shortest_password"} <= {str(one) for one in domain.settings}
    assert found.logins["dc1$"].startswith("CN=DC1,")
    by_login = {account.login: account for account in found.accounts}
    assert by_login["hoatt"].protected is None
    assert all(by_login[login].protected for login in ("Administrator", "krbtgt"))


@pytest.mark.parametrize("way", ["adminCount", "nested group", "primary group"])
def test_a_protected_account_is_seen_and_never_deleted(ad: Ad, way: str) -> None:
    """F16: adminCount, a group in Domain Admins, Domain Admins as primary group; an approved deletion is refused."""
    found = ad.created()
    admins = f"CN=Domain Admins,CN=Users,{ad.samba.base_dn}"
    modify = "dn: {}\nchangetype: modify\n{}\n"
    if way == "adminCount":
        ad.by_hand(modify.format(found.dn, "add: adminCount\nadminCount: 1"))
    elif way == "nested group":
        group = f"CN=IT,{ad.root}"
        load(ad.samba, [Entry(group, {"objectClass": ("group",), "member": (found.dn,)})])
        ad.by_hand(modify.format(admins, f"add: member\nmember: {group}"))
    else:
        ad.by_hand(modify.format(admins, f"add: member\nmember: {found.dn}"))
        ad.by_hand(modify.format(found.dn, "replace: primaryGroupID\nprimaryGroupID: 512"))

    account = next(one for one in ad.whole().accounts if one.guid == found.guid)
    outcome = ad.desk.apply(ad.desk.delete(found))[0]

    assert account.protected
    assert outcome.result is Result.FAILED
    assert "protected" in outcome.says.en
    assert ad.desk.account().dn == found.dn


# ── deletion ─────────────────────────────────────────────────────────────────


def test_an_account_is_deleted_in_the_quarantine_with_its_devices(ad: Ad) -> None:
    """Design §4.9: moved, deleted there, proved by the tombstone; the mobile devices below go with it (exchange §2)."""
    found = ad.created()
    devices = f"CN=ExchangeActiveSyncDevices,{found.dn}"
    load(
        ad.samba,
        [
            Entry(devices, {"objectClass": ("msExchActiveSyncDevices",)}),
            Entry(f"CN=iPhone§1,{devices}", {"objectClass": ("msExchActiveSyncDevice",)}),
        ],
    )

    outcome = ad.desk.apply(ad.desk.delete(found))[0]

    dead = ad.found(ad.samba.base_dn, "(sAMAccountName=thanhnn)", *SHOW_DELETED)
    assert (outcome.result, outcome.guid, outcome.dn) == (Result.DONE, found.guid, found.dn)
    assert f"lastKnownParent: {ad.quarantine}" in dead
    assert "isDeleted: TRUE" in dead
    assert found.guid in dead
    assert ad.found(ad.quarantine).count("dn: ") == 1
    assert [account.login for account in ad.desk.shown().accounts] == ["hoatt"]


def test_without_a_quarantine_nothing_is_deleted(ad: Ad) -> None:
    """Where no place for it is named, an approved deletion fails and says what to do."""
    found = ad.created()
    target = ad.desk.opened()
    assert isinstance(target, LiveTarget)

    outcome = replace(target, kind=ActiveDirectory()).carry_out([ad.desk.delete(found)], "m")[0]

    assert outcome.result is Result.FAILED
    assert "quarantine" in outcome.says.vi
    assert ad.desk.account().dn == found.dn


def test_a_deletion_that_stopped_in_the_quarantine_is_taken_up(ad: Ad) -> None:
    """After a crash between move and deletion the action has not happened, and carrying it out again ends it."""
    found = ad.created()
    delete = ad.desk.delete(found)
    ad.by_hand(
        f"dn: {found.dn}\nchangetype: modrdn\nnewrdn: CN={found.guid}\ndeleteoldrdn: 1\nnewsuperior: {ad.quarantine}\n"
    )

    before = ad.desk.resolve(delete)
    outcome = ad.desk.apply(delete)[0]

    assert before is None
    assert (outcome.result, outcome.dn) == (Result.DONE, found.dn)
    assert ad.desk.resolve(delete) == outcome


def test_protection_from_accidental_deletion_is_a_stop(own_ad: Ad) -> None:
    """An administrator forbade it on the entry: no access entry is ever stripped, and the account stays where it is."""
    found = own_ad.created()
    helper = Helper.of(own_ad)
    helper.is_trusted()
    helper.may_see_the_deleted()
    own_ad.allow(found.dn, "(D;;SDDT;;;WD)")
    own_ad.allow(f"OU=skhcn,OU=Mail,{own_ad.root}", "(D;;DC;;;WD)")

    outcome = helper.target().carry_out([own_ad.desk.delete(found)], "m")[0]

    assert outcome.result is Result.FAILED
    assert "LDAP 50" in outcome.says.en
    assert own_ad.desk.account().dn == found.dn


# ── the least of rights ──────────────────────────────────────────────────────


@dataclass
class Helper:
    """A service account: at first without any right beyond everybody's, then with those that we tell sites to give."""

    ad: Ad
    name: str
    sid: str

    @classmethod
    def of(cls, ad: Ad) -> Helper:
        login = "dichvu"
        name = f"{login}@ninhbinh.gov.vn"
        attributes: dict[str, tuple[str | bytes, ...]] = {
            "objectClass": ("user",),
            "sAMAccountName": (login,),
            "userPrincipalName": (name,),
            "userAccountControl": ("512",),
            "unicodePwd": (f'"{PASSWORD}"'.encode("utf-16-le"),),
        }
        load(ad.samba, [Entry(f"CN={login},CN=Users,{ad.samba.base_dn}", attributes)])
        raw = b64decode(ad.found(ad.samba.base_dn, f"(sAMAccountName={login})").partition("objectSid:: ")[2].split()[0])
        parts = (raw[at : at + 4] for at in range(8, len(raw), 4))
        return cls(ad, name, "-".join(("S-1-5", *(str(int.from_bytes(part, "little")) for part in parts))))

    def target(self) -> LiveTarget:
        target = self.ad.desk.opened()
        assert isinstance(target, LiveTarget)
        return replace(target, bind=Simple(self.name, Secret(PASSWORD)))

    def is_trusted(self) -> None:
        """Give the rights of deploy/windows/rights.psd1, as the script there does."""
        user, group = self._class("user"), self._class("group")
        written = "".join(f"(OA;CIIO;WP;{self._attribute(one)};{user};{self.sid})" for one in _rights("UserAttributes"))
        aces = [f"(OA;CI;CC;{self._class(one)};;{self.sid})" for one in _rights("Created")]
        aces += [f"(OA;CI;DC;{self._class(one)};;{self.sid})" for one in _rights("Moved")]
        aces += [f"(OA;CIIO;WP;{self._attribute(one)};{group};{self.sid})" for one in _rights("GroupAttributes")]
        aces += [f"(OA;CIIO;CR;{one};{user};{self.sid})" for one in _rights("ResetPassword")]
        self.ad.allow(self.ad.root, "".join(aces) + written)
        within = f"(OA;CI;CCDC;{user};;{self.sid})(OA;CIIO;SDDTDC;;{user};{self.sid})"
        self.ad.allow(self.ad.quarantine, within + written)

    def may_undelete(self) -> None:
        """Give the right that is not given by default, on the domain, as the script does with -Undelete."""
        [right] = _rights("Reanimate")
        self.ad.allow(self.ad.samba.base_dn, f"(OA;;CR;{right};;{self.sid})")

    def may_write_what_samba_adds(self, dn: str) -> None:
        """Give what Samba alone asks for, since the wire hands it as edits what Windows does by itself."""
        aces = (f"(OA;;WP;{self._attribute(one)};;{self.sid})" for one in ADDED_TO_AN_UNDELETE)
        self.ad.allow(dn, "".join(aces))

    def may_see_the_deleted(self) -> None:
        """Give the right on a container that Samba's tool does not see; `dsacls` of Windows does."""
        sddl = f"O:BAG:BAD:PAI(A;;RPLC;;;{self.sid})(A;;RPLC;;;BA)(A;;GA;;;SY)"
        script = (
            "import sys, base64; from samba.dcerpc import security; from samba.ndr import ndr_pack; "
            "sid = security.dom_sid(sys.argv[2].rpartition('-')[0]); "
            "print(base64.b64encode(ndr_pack(security.descriptor.from_sddl(sys.argv[1], sid))).decode())"
        )
        command = ["/usr/bin/python3", "-c", script, sddl, self.sid]
        ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        place = f"CN=Deleted Objects,{self.ad.samba.base_dn}"
        replaced = (
            f"dn: {place}\nchangetype: modify\nreplace: nTSecurityDescriptor\nnTSecurityDescriptor:: {ended.stdout}"
        )
        at = ("-H", f"{self.ad.samba.folder}/private/sam.ldb", "--controls=show_deleted:1")
        subprocess.run(["ldbmodify", *at], check=True, capture_output=True, text=True, input=replaced, timeout=60)

    def _class(self, name: str) -> str:
        return self._schema(f"(&(objectClass=classSchema)(lDAPDisplayName={name}))")

    def _attribute(self, name: str) -> str:
        return self._schema(f"(&(objectClass=attributeSchema)(lDAPDisplayName={name}))")

    def _schema(self, condition: str) -> str:
        found = self.ad.found(f"CN=Schema,CN=Configuration,{self.ad.samba.base_dn}", condition)
        return str(UUID(bytes_le=b64decode(found.partition("schemaIDGUID:: ")[2].split()[0])))


def _rights(name: str) -> list[str]:
    """Return one list of the data file."""
    found = re.search(rf"^    {name} *= (?:@\(([^)]*)\)|('[^']*'))", RIGHTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return re.findall(r"'([^']+)'", found[1] or found[2])


def test_the_rights_we_ask_for_are_enough_for_a_whole_life(own_ad: Ad) -> None:
    """Least privilege (exchange §2): the service account creates, moves, locks, sets passwords, deletes."""
    helper = Helper.of(own_ad)
    helper.is_trusted()
    helper.may_see_the_deleted()
    target = helper.target()
    desk = Desk(lambda: target, own_ad.desk.directory, own_ad.desk.base, drawn=own_ad.desk.drawn)

    def done(action: Action) -> Account | None:
        outcome = desk.apply(action)[0]
        assert (outcome.result, outcome.says.en) == (Result.DONE, "")
        return next((one for one in desk.shown().accounts if one.guid == outcome.guid), None)

    found = done(desk.create())
    assert found
    stamp = desk.marked(found, unit="stc", aliases=(desk.alias(found.address),))
    elsewhere = f"CN=Nguyễn Thành,OU=stc,{desk.base}"
    address = "thanhnn.stc@ninhbinh.gov.vn"
    facts = desk.facts("Nguyễn Thành")
    found = done(desk.change(ActionKind.READDRESS, found, stamp, address=address, to=elsewhere, facts=facts))
    assert found
    entry, group = next((entry, dn) for entry, dn in desk.shown().shared.items() if "Tin" in dn)
    right = Change(Operation.GRANT, group, {"member": ((), (found.dn,))}, entry=entry)
    done(desk.action(ActionKind.RESTORE, (right,), found.stamp, found.ref, ""))
    found = done(desk.change(ActionKind.LOCK, found, desk.marked(found, state=State.LOCKED)))
    assert found
    reset = desk.change(ActionKind.RESET_PASSWORD, found, desk.marked(found, why="x"), default_password=True)
    found = done(replace(reset, changes=tuple(replace(one, sets_password=True) for one in reset.changes)))
    assert found
    found = done(desk.change(ActionKind.DISABLE, found, desk.marked(found, state=State.DISABLED)))
    assert found

    gone = done(desk.delete(found))

    assert gone is None


def test_without_rights_nothing_is_written_and_the_reason_is_said(own_ad: Ad) -> None:
    """What the service account may not do fails, names the entry, and changes nothing."""
    found = own_ad.created()
    helper = Helper.of(own_ad)
    lock = own_ad.desk.change(ActionKind.LOCK, found, own_ad.desk.marked(found, state=State.LOCKED))

    outcome = helper.target().carry_out([lock], "m")[0]

    assert outcome.result is Result.FAILED
    assert "LDAP 50" in outcome.says.en
    assert found.dn in outcome.says.en
    assert own_ad.desk.account() == found


def test_a_deleted_account_comes_back_with_the_right_to_reanimate_and_not_without(
    own_ad: Ad, authority: Authority
) -> None:
    """Least privilege (MS-ADTS 3.1.1.5.3.7.1): without it the undelete fails, typed, and the grave is as it was."""
    helper = Helper.of(own_ad)
    helper.is_trusted()
    helper.may_see_the_deleted()
    with own_address() as at, quirky_wire(own_ad.samba, at, authority.issue(at)) as wire:
        target = helper.target()
        target = replace(target, server=replace(target.server, urls=(wire.ldap_url,)))
        desk = Desk(lambda: target, own_ad.desk.directory, own_ad.desk.base, drawn=own_ad.desk.drawn)
        assert desk.apply(desk.create("P1"), marker="before")[0].result is Result.DONE
        found = desk.account()
        helper.may_write_what_samba_adds(found.dn)
        assert desk.apply(desk.delete(found))[0].result is Result.DONE
        change = Change(Operation.UNDELETE, found.dn, {"title": ((), found.attributes["title"])})
        there = desk.action(ActionKind.RESTORE, (change,), found.stamp, found.ref, found.address)
        grave = own_ad.found(own_ad.samba.base_dn, "(sAMAccountName=thanhnn)", *SHOW_DELETED)

        refused = desk.apply(there)[0]
        untouched = own_ad.found(own_ad.samba.base_dn, "(sAMAccountName=thanhnn)", *SHOW_DELETED)
        open_still = desk.resolve(there)
        helper.may_undelete()
        done = desk.apply(there)[0]

        assert (refused.result, "LDAP 50" in refused.says.en) == (Result.FAILED, True)
        assert (untouched, open_still) == (grave, None)
        assert (done.result, done.guid, done.says.en) == (Result.DONE, found.guid, "")
        assert desk.account().attributes == found.attributes


def test_a_deletion_that_could_not_be_proved_is_not_begun(own_ad: Ad) -> None:
    """Whoever cannot see deleted objects is refused before anything is moved."""
    found = own_ad.created()
    helper = Helper.of(own_ad)
    helper.is_trusted()

    outcome = helper.target().carry_out([own_ad.desk.delete(found)], "m")[0]

    assert outcome.result is Result.FAILED
    assert "Deleted Objects" in outcome.says.vi
    assert own_ad.desk.account().dn == found.dn


def test_doctor_names_the_rights_that_lack(own_ad: Ad) -> None:
    """Before anything is planned, whoever sets up the account learns what it may not do, and where."""
    own_ad.created()
    helper = Helper.of(own_ad)
    today = datetime.now(UTC)
    bare = {one.what.en: one for one in helper.target().examine(today)}
    helper.is_trusted()
    half = {one.what.en: one for one in helper.target().examine(today)}
    helper.may_see_the_deleted()

    whole = {one.what.en: one for one in helper.target().examine(today)}

    assert bare["Rights"].health is Health.FAULT
    lacking = bare["Rights"].says.en
    assert [
        name for name in ("user,", "useraccountcontrol", "pwdlastset", own_ad.desk.base) if name not in lacking
    ] == []
    assert (half["Rights"].health, half["Deletion"].health) == (Health.GOOD, Health.FAULT)
    assert "Deleted Objects" in half["Deletion"].says.vi
    assert Health.FAULT not in {one.health for one in whole.values()}
    assert whole["Deletion"].health is Health.GOOD
    assert helper.name in whole["Connection"].says.en


def test_doctor_says_whose_clock_is_wrong(ad: Ad) -> None:
    """F11: terms and log-ins are compared by the clock; a minute apart is too much."""
    seen = {one.what.en: one for one in ad.desk.opened().examine(datetime.now(UTC) + timedelta(seconds=90))}

    assert seen["Clock"].health is Health.FAULT
    assert seen["Complete reading"].health is Health.GOOD


def test_without_the_recycle_bin_nothing_is_left_to_bring_back(fresh_samba: FreshSamba) -> None:
    """MS-ADTS 3.1.1.5.5.1.1: a tombstone keeps little more than its identity; that is said, and nothing is written."""
    samba = fresh_samba(Template.PLAIN)
    places = [f"OU={name},{samba.base_dn}" for name in ("Tinh", "Cach ly")]
    load(samba, [Entry(place, {"objectClass": ("organizationalUnit",)}) for place in places])
    ad = _ad(samba, *places)
    found = ad.created()
    ad.desk.apply(ad.desk.delete(found))

    left = ad.desk.opened().remains([found.ref, found.ref._replace(guid="00000000-0000-0000-0000-0000000000aa")])

    said = [one.en if isinstance(one, Text) else "" for one in left.values()]
    doctor = {one.what.en: one for one in ad.desk.opened().examine(datetime.now(UTC))}
    assert (doctor["Deletion"].health, "Recycle Bin is off" in doctor["Deletion"].says.en) == (Health.DOUBT, True)
    assert "Recycle Bin was not on" in said[0]
    assert "its time there is over" in said[1]


def test_a_deleted_account_comes_back_as_itself(quirky: Wire, samba: Samba, fresh_base: FreshBase) -> None:
    """Undelete (MS-ADTS 3.1.1.5.3.7): the identity, the values and the groups it had; done once, found done after."""
    root, quarantine = fresh_base(samba), fresh_base(samba)
    bind = Simple(samba.admin, Secret(samba.password))
    kind = ActiveDirectory(quarantine)
    desk = live_desk(samba, mapping("active-directory"), root, kind, bind, quirky.ldap_url)
    ad = Ad(desk, samba, root, quarantine)
    found = ad.created()
    group = f"CN=Tin,{root}"
    load(samba, [Entry(group, {"objectClass": ("group",), "member": (found.dn,)})])
    target = desk.opened()
    held = {name: ((), found.attributes[name]) for name in ("title", desk.directory.stamp)}
    change = Change(Operation.UNDELETE, found.dn, held)
    there = desk.action(ActionKind.RESTORE, (change,), found.stamp, found.ref, found.address)
    refused = target.carry_out([there], "m")[0]
    ad.desk.apply(ad.desk.delete(found))

    left = target.remains([found.ref])[found.guid]
    assert isinstance(left, Account)
    mark = {"title": (found.attributes["title"], ("Trưởng phòng",))}
    whole = replace(there, changes=(change, Change(Operation.MODIFY, found.dn, mark)))
    edited = replace(there, changes=(replace(change, attributes={"title": ((), ("khác",))}),))
    other = target.carry_out([edited], "m")[0]
    before = target.resolve(there, "m")
    outcome = target.carry_out([there], "m")[0]
    after = target.resolve(there, "m")
    cut_off = target.resolve(whole, "m")
    again = target.carry_out([there], "m")[0]

    back = next(one for one in ad.desk.shown().accounts if one.guid == found.guid)
    assert (refused.result, other.result, again.result) == (Result.CONFLICT,) * 3
    assert before == there
    assert outcome.result is Result.DONE
    assert cut_off == replace(whole, changes=whole.changes[1:])
    assert isinstance(after, Outcome)
    assert (after.result, after.guid) == (Result.DONE, found.guid)
    assert (back.dn, back.login, back.address, back.stamp) == (found.dn, found.login, found.address, found.stamp)
    in_group = ad.found(samba.base_dn, f"(&(cn=Tin)(member=<GUID={found.guid}>))")
    assert group in in_group


# ── lock-outs ────────────────────────────────────────────────────────────────


def test_who_is_let_in_is_not_kept_out_by_wrong_attempts_before(fresh_samba: FreshSamba) -> None:
    """MsDS-User-Account-Control-Computed says who is locked out after wrong passwords; an unlock ends that, too."""
    samba = fresh_samba()
    desk = live_desk(
        samba,
        mapping("active-directory"),
        samba.base_dn,
        ActiveDirectory(),
        Simple(samba.admin, Secret(samba.password)),
    )
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    policy = f"dn: {samba.base_dn}\nchangetype: modify\nreplace: lockoutThreshold\nlockoutThreshold: 3\n"
    ldap(samba, "ldapmodify", ldif=policy)
    for _ in range(4):
        ldap(samba, "ldapsearch", "-b", "", "-s", "base", who=found.address, password=f"sai {PASSWORD}", code=49)
    computed = ("-s", "base", "(objectClass=*)", "msDS-User-Account-Control-Computed", "lockoutTime")
    out = ldap(samba, "ldapsearch", "-LLL", "-b", found.dn, *computed)
    desk.apply(desk.change(ActionKind.LOCK, found, desk.marked(found, state=State.LOCKED)))
    found = desk.account()

    outcome = desk.apply(desk.change(ActionKind.UNLOCK, found, desk.marked(found, state=State.ACTIVE)))[0]

    assert "Computed: 8388624" in out  # 0x10 locked out, 0x800000 must change
    assert outcome.result is Result.DONE
    assert "lockoutTime: 0\n" in ldap(samba, "ldapsearch", "-LLL", "-b", found.dn, *computed)


# ── evidence from every domain controller ────────────────────────────────────


@pytest.fixture
def two(fresh_samba: FreshSamba) -> tuple[Desk, Samba, Samba]:
    """Two domain controllers with the same accounts, and a target that lists both."""
    first = fresh_samba()
    bind = Simple(first.admin, Secret(first.password))
    desk = live_desk(first, mapping("active-directory"), first.base_dn, ActiveDirectory(), bind)
    first.stop()
    second = fresh_samba(first.folder)
    first.restart()
    target = desk.opened()
    assert isinstance(target, LiveTarget)
    both = replace(target, server=Server((first.ldaps_url, second.ldaps_url), first.ca))
    return Desk(lambda: replace(both), desk.directory, desk.base, born=desk.born), first, second


def test_the_latest_log_on_of_all_domain_controllers_counts(two: tuple[Desk, Samba, Samba]) -> None:
    """LastLogon is not replicated: a log-on that only the second one saw is evidence of use (exchange §1.6)."""
    desk, _, second = two
    before = desk.stranger().attributes.get("lastLogon")
    second.log_on("hoatt", PASSWORD)

    found = desk.stranger()

    assert before in {None, ("0",)}
    assert int(found.attributes["lastLogon"][0]) > 0
    assert found.last_use
    assert (found.last_use.on, found.last_use.accuracy_days) == (desk.born, 0)


def test_a_silent_domain_controller_leaves_no_evidence(two: tuple[Desk, Samba, Samba]) -> None:
    """It may have seen a log-on this morning: nothing is concluded of anybody, and the snapshot says who was silent."""
    desk, _, second = two
    second.kill()

    found = desk.opened().read()

    assert found.watermark["silent"] == second.ldaps_url
    assert [account.last_use for account in found.accounts] == [None] * len(found.accounts)


def test_a_log_on_since_the_last_read_is_learnt_from_whoever_saw_it(two: tuple[Desk, Samba, Samba]) -> None:
    """A log-on gives an account no update number: both servers are asked for it, and nothing else is read again."""
    desk, first, second = two
    target = desk.opened()
    target.read()
    times = []
    for server in (first, second, first):
        server.log_on("hoatt", PASSWORD)

        found = target.read()

        times.append(next(int(a.attributes["lastLogon"][0]) for a in found.accounts if a.login == "hoatt"))
        assert found.watermark["read"] == "incremental"
        assert replace(found, watermark={}) == desk.shown()
    assert 0 < times[0] < times[1] < times[2]


def test_a_silent_domain_controller_makes_every_read_whole(two: tuple[Desk, Samba, Samba]) -> None:
    """What it may have seen is not known to the next read either; once it answers, evidence is complete again."""
    desk, _, second = two
    target = desk.opened()
    target.read()
    second.stop()
    silent = target.read()
    second.restart()

    again, after = target.read(), target.read()

    assert silent.watermark["because"] == again.watermark["because"] == "a server was silent about last use"
    assert "silent" not in again.watermark
    assert after.watermark["read"] == "incremental"
