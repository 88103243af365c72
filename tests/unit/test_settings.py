"""The configuration file: what contract §3 shows is read, anything else is an error with its line."""

from __future__ import annotations

import os
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from syncagent.cli.starting import sample_files
from syncagent.connectors.copies import FileCopy, SyslogCopy
from syncagent.core.merger import Fate
from syncagent.errors import Misconfigured
from syncagent.files import find_mapping, find_settings, shipped_mappings
from syncagent.keys import secrets_of
from syncagent.mail_settings import ObmSettings
from syncagent.report.letter import Office
from syncagent.runs import secrets
from syncagent.sample.sample import Sample
from syncagent.secret_ref import KeyRef, SecretRef, read_secret
from syncagent.settings import read_settings
from syncagent.targets import legacy_of
from syncagent.trust import kept
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.trust.secret import Secret
from syncagent.wiring import copies_of, merger_of, office_of, policy_of, regulation_named

CONTRACT = """\
version: 1
regulation: ninhbinh-2025
timezone: Asia/Ho_Chi_Minh
language: vi
roster:
  people:   {source: csv, path: people.csv}
  units:    {source: csv, path: units.csv}
  requests: {source: csv, path: requests.csv}
  columns: canonical
  freshness: 3 days
targets:
  main:
    directory: {kind: ldif, path: directory.ldif, schema: active-directory,
                base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
    mail: {kind: none}
    units: ["*"]
state: sqlite:///syncagent.db
approval: {delete: two, disable: one, others: one}
ownership: {adopt: review}
internal_move: readdress
"""


def _file(folder: Path, text: str = CONTRACT) -> Path:
    path = folder / "syncagent.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_contracts_own_example_is_read(tmp_path: Path) -> None:
    """Contract §3, word for word, without the brakes it abbreviates."""
    found = read_settings(_file(tmp_path))

    assert found.targets["main"].directory.base == "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"
    assert found.roster.greatest_age == timedelta(days=3)
    assert (found.approval.delete, found.approval.disable, found.approval.others) == ("two", "one", "one")
    assert str(found.zone) == "Asia/Ho_Chi_Minh"


OBM = CONTRACT.replace(
    """directory: {kind: ldif, path: directory.ldif, schema: active-directory,
                base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
    mail: {kind: none}""",
    """directory:
      kind: openldap
      servers: [ldaps://ldap.danang.gov.vn]
      base: "ou=users,dc=danang.gov.vn,dc=local"
      bind: {name: "cn=syncagent,dc=local", password: {env: LDAP}}
    mail:
      kind: obm
      url: https://obm.danang.gov.vn/provisioning/v1
      domain: danang.gov.vn
      account: syncagent
      password: {env: API}
      mail_server: mail1
      imap: {server: imap.danang.gov.vn, password: {env: CYRUS}}""",
)


def test_obm_is_a_directory_and_its_api(tmp_path: Path) -> None:
    """Decision 051: its own mapping, new mailboxes on the host of the settings, the others by default."""
    settings = read_settings(_file(tmp_path, OBM))

    target = policy_of(settings, tmp_path).targets["main"]
    mail = settings.targets["main"].mail

    assert isinstance(mail, ObmSettings)
    assert (mail.version, mail.imap.account, mail.imap.port, mail.archive) == ("3.1.3", "cyrus", 993, None)
    assert target.directory.name == "obm"
    assert target.directory.provisioning
    assert target.directory.provisioning.new == {"profile": "user", "mail_server": "mail1"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("kind: openldap", "kind: active-directory", "behind openldap only"),
        ("ou=users,dc=danang", "ou=nhanvien,dc=danang", "are below ou=users,dc=danang.gov.vn,dc=local"),
        ("https://obm", "http://obm", "url"),
        ("account: syncagent", "account: syncagent@danang.gov.vn", "account"),
        ("      mail_server: mail1\n", "", "mail_server"),
        ("      mail_server: mail1", "      mail_server: mail1\n      own: 'an'", "own"),
    ],
)
def test_what_obm_cannot_be_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    """A password would go in the clear, or another directory would be read: said with the line, before anything."""
    with pytest.raises(Misconfigured, match=says) as refused:
        read_settings(_file(tmp_path, OBM.replace(before, after)))

    assert refused.value.where.startswith("syncagent.yaml:")


def test_faults_of_obm_are_said_in_both_languages(tmp_path: Path) -> None:
    """Whoever writes the file reads Vietnamese first."""
    with pytest.raises(Misconfigured) as refused:
        read_settings(_file(tmp_path, OBM.replace("kind: openldap", "kind: active-directory")))

    assert refused.value.says.vi == "targets.main: OBM chỉ đi với openldap, không phải active-directory."


def test_obm_needs_a_mapping_of_its_own(tmp_path: Path) -> None:
    """A mapping of a directory that the agent writes itself would be asked of nobody."""
    text = OBM.replace("kind: openldap\n", "kind: openldap\n      schema: openldap\n")

    with pytest.raises(Misconfigured, match="provisioning") as refused:
        policy_of(read_settings(_file(tmp_path, text)), tmp_path)

    assert refused.value.where == "openldap.yaml"


def test_what_may_be_left_out(tmp_path: Path) -> None:
    """The shortest configuration has a regulation, a roster and one target; the rest has defaults."""
    lines = CONTRACT.splitlines()
    short = [
        line for line in lines if not line.startswith(("timezone", "language", "state", "approval", "ownership", "int"))
    ]

    found = read_settings(_file(tmp_path, "\n".join(short) + "\n"))

    assert found.state == "sqlite:///syncagent.db"
    assert found.ownership.adopt == "review"
    assert found.internal_move is None


def test_approval_in_one_word(tmp_path: Path) -> None:
    """`approval: none` stands for all three."""
    text = CONTRACT.replace("approval: {delete: two, disable: one, others: one}", "approval: none")

    assert read_settings(_file(tmp_path, text)).approval.delete == "none"


def test_the_letterhead_is_optional_and_may_be_short(tmp_path: Path) -> None:
    """Nghị định 30/2020: the agency's name is needed, the rest is filled in by hand; without it all of it is."""
    office = CONTRACT + "office: {name: Sở Khoa học và Công nghệ, place: Ninh Bình}\n"

    assert office_of(read_settings(_file(tmp_path))) == Office()
    assert office_of(read_settings(_file(tmp_path, office))) == Office("Sở Khoa học và Công nghệ", place="Ninh Bình")
    with pytest.raises(Misconfigured, match=r"office\.name"):
        read_settings(_file(tmp_path, CONTRACT + "office: {place: Ninh Bình}\n"))


def test_a_reading_the_text_does_not_allow_is_named_with_its_line(tmp_path: Path) -> None:
    """Bến Tre Điều 12.1.e knows a new mailbox only: the fault says file, line, what was written and what may be."""
    path = tmp_path / "ours.yaml"
    path.write_text(CONTRACT.replace("ninhbinh-2025", "bentre-2016"), encoding="utf-8")
    line = next(n for n, text in enumerate(CONTRACT.splitlines(), 1) if text.startswith("internal_move"))

    with pytest.raises(Misconfigured) as refused:
        policy_of(read_settings(path), tmp_path)

    assert refused.value.where == f"ours.yaml:{line}"
    assert "bentre-2016 không cho phép readdress, chỉ cho phép reissue" in refused.value.says.vi


def test_the_starter_says_which_text_allows_which_reading(tmp_path: Path) -> None:
    """The comment beside internal_move agrees with every regulation that is shipped, and the file is read."""
    text = sample_files(Sample([], [], [], [], {}), "none")["syncagent.yaml"]
    listed = {
        name: said.replace(" ", "").split(",")
        for names, said in re.findall(r"(?m)^#   ([a-z0-9, -]+): ([a-z, ]+)$", text)
        for name in names.split(", ")
    }

    read_settings(_file(tmp_path, text))
    folder = shipped_mappings() / "regulations"
    assert listed == {
        path.stem: [str(one) for one in regulation_named(tmp_path, path.stem).mover.readings]
        for path in folder.glob("*.yaml")
    }


def test_a_span_in_hours(tmp_path: Path) -> None:
    """Freshness in hours."""
    assert read_settings(_file(tmp_path, CONTRACT.replace("3 days", "36 hours"))).roster.greatest_age == timedelta(
        hours=36
    )


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    """Two faults, two lines."""
    text = CONTRACT.replace("language: vi", "language: fr").replace("kind: none", "kind: post")

    with pytest.raises(Misconfigured) as caught:
        read_settings(_file(tmp_path, text))

    assert [line.split(" ")[0] for line in caught.value.lines("vi")] == ["syncagent.yaml:4:", "syncagent.yaml:15:"]


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "a: 1\na: 2\n", "\tversion: 1\n", ""])
def test_what_is_no_configuration(tmp_path: Path, text: str) -> None:
    """A list, open brackets, a key twice, tabs, nothing: an error with a line, never a traceback."""
    with pytest.raises(Misconfigured) as caught:
        read_settings(_file(tmp_path, text))

    assert caught.value.where.startswith("syncagent.yaml:")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    """Named as unreadable."""
    path = tmp_path / "syncagent.yaml"
    path.write_bytes(b"language: \xff\xfe\n")

    with pytest.raises(Misconfigured, match="UTF-8"):
        read_settings(path)


def test_where_a_configuration_is_looked_for(tmp_path: Path) -> None:
    """As named, else from the environment, else here, else in the system's place; else the places are listed."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    ours, named = _file(here), _file(there)

    assert find_settings(str(named), {}, here) == named
    assert find_settings(None, {"SYNCAGENT_CONFIG": str(named)}, here) == named
    assert find_settings(None, {}, here) == ours
    (there / "syncagent").mkdir()
    windows = _file(there / "syncagent")
    assert find_settings(None, {"PROGRAMDATA": str(there)}, tmp_path) == windows
    with pytest.raises(Misconfigured, match="syncagent init"):
        find_settings(None, {}, tmp_path)
    with pytest.raises(Misconfigured, match=r"nowhere\.yaml"):
        find_settings("nowhere.yaml", {}, here)
    with pytest.raises(Misconfigured):
        find_settings(None, {"SYNCAGENT_CONFIG": str(tmp_path / "gone")}, here)


def test_a_mapping_beside_the_configuration_goes_before_the_shipped_one(tmp_path: Path) -> None:
    """Contract §1: beside the configuration, then /etc, then shipped; a path is taken as written."""
    shipped = shipped_mappings() / "regulations" / "ninhbinh-2025.yaml"
    assert find_mapping(tmp_path, "regulations", "ninhbinh-2025") == shipped
    own = tmp_path / "mappings" / "regulations" / "ninhbinh-2025.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("version: 1\n", encoding="utf-8")

    assert find_mapping(tmp_path, "regulations", "ninhbinh-2025") == own
    assert find_mapping(tmp_path, "regulations", "./other.yaml") == tmp_path / "other.yaml"
    with pytest.raises(Misconfigured, match="ninhbinh-2025"):
        find_mapping(tmp_path, "regulations", "hanoi")


def test_where_a_secret_is(tmp_path: Path) -> None:
    """A file only its owner reads, the environment, or a systemd credential; never the configuration itself."""
    path = tmp_path / "key"
    path.write_text("secret\n", encoding="utf-8")
    path.chmod(0o600)

    assert read_secret(SecretRef(file="key"), tmp_path, {}) == Secret("secret")
    assert read_secret(SecretRef(env="KEY"), tmp_path, {"KEY": "other"}) == Secret("other")
    assert read_secret(SecretRef(credential="key"), tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == Secret(
        "secret"
    )
    for missing in (SecretRef(file="gone"), SecretRef(env="GONE"), SecretRef(credential="gone")):
        with pytest.raises(Misconfigured):
            read_secret(missing, tmp_path, {})


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The message says which command puts it right."""
    path = tmp_path / "key"
    path.write_text("secret", encoding="utf-8")
    path.chmod(0o640)

    with pytest.raises(Misconfigured, match="chmod 600 key"):
        read_secret(SecretRef(file="key"), tmp_path, {})


@pytest.mark.parametrize("words", [{}, {"file": "a", "env": "B"}, {"secret": "a", "keyring": "a"}])
def test_a_secret_is_in_exactly_one_place(words: dict[str, str]) -> None:
    """None, or two, and nobody knows which counts; the store's key cannot be in the store."""
    with pytest.raises(ValueError, match="exactly one"):
        SecretRef(**words)
    with pytest.raises(ValueError, match=r"exactly one|secret"):
        KeyRef(**words)


def test_store_and_key_ring_are_places_of_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is opened by the key that the configuration names, here in the key ring."""
    ring = {"store": "", "ad": "from the ring"}
    monkeypatch.setattr(kept, "from_key_ring", lambda name: Secret(ring[name]))
    monkeypatch.setattr(kept, "into_key_ring", lambda name, value: ring.update({name: value.reveal()}))
    monkeypatch.setattr(kept, "is_in_key_ring", lambda name: bool(ring[name]))
    settings = read_settings(_file(tmp_path, CONTRACT + "secrets: {file: our.secrets, key: {keyring: store}}\n"))
    named = SecretRef.model_validate({"secret": "db"})
    with pytest.raises(Misconfigured, match="secret init"):
        read_secret(named, tmp_path, {}, settings.secrets)
    path, place = secrets_of(settings, tmp_path)
    secrets.init(path, place, lambda size: b"\1" * size)
    secrets.put(path, place, "db", Secret("from the store"), lambda size: b"\2" * size)

    assert read_secret(named, tmp_path, {}, settings.secrets).reveal() == "from the store"
    assert read_secret(SecretRef(keyring="ad"), tmp_path, {}).reveal() == "from the ring"
    assert ring["store"] == "01" * 32
    assert path == tmp_path / "our.secrets"


# ── directory servers ────────────────────────────────────────────────────────

SERVER = CONTRACT.replace(
    """    directory: {kind: ldif, path: directory.ldif, schema: active-directory,
                base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
""",
    """    directory:
      kind: active-directory
      servers: [ldaps://dc1.ninhbinh.gov.vn, ldaps://dc2.ninhbinh.gov.vn]
      base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"
      bind: {name: syncagent@ninhbinh.gov.vn, password: {credential: ad}}
      quarantine: "OU=Quarantine,DC=ninhbinh,DC=gov,DC=vn"
""",
)


def test_a_directory_on_servers(tmp_path: Path) -> None:
    """Contract §3: the kind tells a file from servers; secrets stand elsewhere."""
    directory = read_settings(_file(tmp_path, SERVER)).targets["main"].directory

    assert directory.kind == "active-directory"
    assert directory.servers == ["ldaps://dc1.ninhbinh.gov.vn", "ldaps://dc2.ninhbinh.gov.vn"]
    assert directory.bind.password == SecretRef(credential="ad")
    assert directory.schema_ is None


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("kind: active-directory", "kind: ldap", 14, "targets.main.directory.kind"),
        (
            "      servers: [ldaps://dc1.ninhbinh.gov.vn, ldaps://dc2.ninhbinh.gov.vn]\n",
            "",
            13,
            "directory.servers: this",
        ),
        ("quarantine:", "quarantined:", 18, "directory.quarantined: unknown key"),
        ("kind: active-directory", "kind: openldap", 13, "quarantine is for active-directory only"),
        ("name: syncagent@ninhbinh.gov.vn, ", "", 17, "simple needs name and password"),
        ("{name:", "{method: kerberos, name:", 17, "kerberos takes no password"),
        ("{credential: ad}}", "{credential: ad}, key: k.pem}", 17, "certificate and key belong together"),
        ("approval: {delete: two, disable: one, others: one}", "approval: none", 1, "main is a server"),
    ],
)
def test_a_faulty_server_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """Contract §3 and §6: an error names the key and the line; nobody but people approves on a server."""
    assert old in SERVER

    with pytest.raises(Misconfigured) as caught:
        read_settings(_file(tmp_path, SERVER.replace(old, new)))

    shown = [f"{error.where} {error.says.en}" for error in (caught.value, *caught.value.also)]
    assert any(text.startswith(f"syncagent.yaml:{line} ") and says in text for text in shown), shown


def test_the_second_places_of_checkpoints(tmp_path: Path) -> None:
    """A file beside the configuration or elsewhere, a syslog server by name or address; none if left out."""
    copies = "[{file: copy.jsonl}, {syslog: udp://10.1.2.3:514}, {syslog: 'tcp://[fd00::1]:6514'}]"

    found = read_settings(_file(tmp_path, f"{CONTRACT}audit: {{copies: {copies}}}\n"))

    assert copies_of(found, tmp_path) == (
        FileCopy(tmp_path / "copy.jsonl"),
        SyslogCopy("udp", "10.1.2.3", 514),
        SyslogCopy("tcp", "fd00::1", 6514),
    )
    assert copies_of(read_settings(_file(tmp_path)), tmp_path) == ()


@pytest.mark.parametrize(
    "copy",
    ["{}", "{file: a, syslog: 'udp://h:1'}", "{syslog: 'http://h:1'}", "{syslog: 'udp://h'}", "{syslog: 'tcp://h:0'}"],
)
def test_a_second_place_that_is_none(tmp_path: Path, copy: str) -> None:
    """Neither or both, another scheme, no port: said with the line, before anything runs."""
    with pytest.raises(Misconfigured) as caught:
        read_settings(_file(tmp_path, f"{CONTRACT}audit: {{copies: [{copy}]}}\n"))

    assert ":21" in str(caught.value)


# ── the merger ───────────────────────────────────────────────────────────────

MERGER = """\
migration:
  merger: ninhbinh-2025
  aliases_until: 2026-12-31
  legacy:
    hanam: {directory: {kind: csv, path: hanam.csv}, domain: hanam.gov.vn}
    namdinh: {directory: {kind: ldif, path: namdinh.ldif, schema: zimbra, base: "dc=vn"}, domain: namdinh.gov.vn}
    ninhbinh:
      directory: {kind: openldap, servers: ["ldaps://old"], base: "dc=vn", bind: {method: external}}
      domain: ninhbinh.gov.vn
      regulation: bentre-2016
  waves:
    - {units: [skhcn, "s*"], counts: {converted: 12, held: 1}}
"""


def test_the_old_systems_of_a_merger_can_only_be_read(tmp_path: Path) -> None:
    """Any kind of directory, an export as CSV or as Zimbra's LDIF; none of them is a target."""
    settings = read_settings(_file(tmp_path, CONTRACT + MERGER))

    merger = merger_of(settings, tmp_path)

    assert merger is not None
    assert merger.target == "main"
    assert {name: (one.directory.name, one.regulation) for name, one in merger.legacies.items()} == {
        "hanam": ("csv-export", ""), "namdinh": ("zimbra", ""), "ninhbinh": ("openldap", "bentre-2016"),
    }  # fmt: skip
    assert dict(merger.waves[0].counts) == {Fate.CONVERTED: 12, Fate.HELD: 1}
    policy = policy_of(settings, tmp_path)
    assert set(policy.targets) == {"main"}
    read, written = legacy_of(settings, tmp_path, merger, Pseudonyms(b"x" * 32))
    assert (sorted(read), written) == (["hanam", "namdinh", "ninhbinh"], {})


def test_a_configuration_without_a_merger_has_none(tmp_path: Path) -> None:
    """Nothing changes for a province that merges with nobody."""
    assert merger_of(read_settings(_file(tmp_path)), tmp_path) is None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("merger: ninhbinh-2025", "merger: nowhere", "there are: ninhbinh-2025"),
        ("merger: ninhbinh-2025", "merger: ./mine", "No such file"),
        ("domain: hanam.gov.vn", "domain: hanam.vn", "no system hanam with domain hanam.vn"),
        ("    hanam: {", "    haiphong: {", "no system haiphong"),
        ("bentre-2016", "bentre", "no “bentre”"),
        ("merger: ninhbinh-2025", "merger: ninhbinh-2025\n  target: other", "migration.target names one of main"),
        ("converted: 12", "moved: 12", "migration.waves.0.counts.moved"),
    ],
)
def test_a_merger_that_does_not_fit_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    """A misspelt system or domain would otherwise look like one that holds nothing."""
    path = _file(tmp_path, CONTRACT + MERGER.replace(before, after))

    with pytest.raises(Misconfigured, match=re.escape(says)):
        merger_of(read_settings(path), tmp_path)


def test_a_merger_beside_the_configuration_goes_before_the_shipped_one(tmp_path: Path) -> None:
    """Whoever corrects the crosswalk puts a folder of the same name there."""
    mine = tmp_path / "mappings/mergers/ninhbinh-2025"
    shutil.copytree(shipped_mappings() / "mergers/ninhbinh-2025", mine)
    text = (mine / "merger.yaml").read_text(encoding="utf-8").replace("202/2025/QH15", "1/2027/QH16")
    (mine / "merger.yaml").write_text(text, encoding="utf-8")

    merger = merger_of(read_settings(_file(tmp_path, CONTRACT + MERGER)), tmp_path)

    assert merger is not None
    assert merger.crosswalk.document == "Nghị quyết 1/2027/QH16"


def test_every_unit_that_a_target_names_has_its_line(tmp_path: Path) -> None:
    """Errors name file and line (contract §3): a list may stand on one line or on many."""
    second = """\
  obm:
    directory: {kind: ldif, path: obm.ldif, schema: openldap, base: "ou=users,dc=danang"}
    units:
      - skhcn
      - "x*"
"""
    settings = read_settings(_file(tmp_path, CONTRACT.replace("state: sqlite", f"{second}state: sqlite")))

    assert settings.routes() == {
        "main": {"*": "syncagent.yaml:16"}, "obm": {"skhcn": "syncagent.yaml:20", "x*": "syncagent.yaml:21"},
    }  # fmt: skip
    assert read_settings(_file(tmp_path)).routes() == {"main": {}}
