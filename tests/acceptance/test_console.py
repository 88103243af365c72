"""The console over the installed service: pages by role and unit, forged requests, what cannot be read."""

from __future__ import annotations

import random
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from live import TODAY, Province
from plans import HOSTILE
from reviewing import CAST, PASSWORD, STOP, Client, Member, Reviewed, enrol, reviewed
from servers.client import ldap
from servers.pki import Authority
from servers.samba import Samba
from signers import BOTH, PASSPHRASE, give_key

from syncagent.console.rights import MATRIX, WHOLE, Right, Role
from syncagent.console.table import PAGES

pytestmark = pytest.mark.server

OF_UNIT = (
    Member("xemmot", "Ngô Xem Một", "viewer", ("skhcn",)),
    Member("hanhmot", "Ngô Hành Một", "operator", ("skhcn",)),
    Member("duyetmot", "Lê Văn Bình", "approver", ("skhcn",)),
    Member("haimot", "Phạm Thị Dung", "second-approver", ("skhcn",)),
    Member("toanmot", "Ngô Toán Một", "auditor", ("skhcn",)),
    Member("lang", "Ngô Lặng", "viewer", ("khong-co",)),
)


@dataclass
class Stage:
    """A console, its plan, and somebody's browser for each of the cast."""

    console: Reviewed
    base: str
    plan_id: str
    elsewhere: dict[str, str]
    here: dict[str, str]
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def stage(samba: Samba, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One province for all tests here; its service only plans."""
    base = f"OU=Console,{samba.base_dn}"
    ldap(samba, "ldapadd", ldif=f"dn: {base}\nobjectClass: organizationalUnit\nou: Console\n")
    province = Province.make(tmp_path_factory.mktemp("console") / "desk", 100, samba, base, "active-directory")
    groups = enrol(samba, base, (*CAST, *OF_UNIT, Member("ngoai", "Ngô Ngoài", "viewer")))
    groups = "\n".join(line for line in groups.splitlines() if "-ngoai," not in line) + "\n"
    plan = province.desk.plan(TODAY.isoformat())
    named = [action for action in plan["actions"] if action["person_id"]]
    mine = {a["person_id"]: a["address"] for a in named if a["unit"].split("-")[0] == "skhcn"}
    others = {a["person_id"]: a["address"] for a in named if a["unit"].split("-")[0] != "skhcn"}
    with reviewed(province, authority, groups, "  schedule: {plan: every 9 days}\n") as console:
        clients = {member.login: console.client(member.login) for member in (*CAST, *OF_UNIT)}
        yield Stage(console, base, plan["plan_id"], others, mine, clients)
    ldap(samba, "ldapdelete", "-r", base)


def test_every_page_is_for_the_roles_and_units_the_matrix_says(stage: Stage) -> None:
    """Each page × role × units: 403 exactly where the one table withholds the right, and never anything but that."""
    wrong = []
    for member in (*CAST, *OF_UNIT):
        client = stage.clients[member.login]
        for one in PAGES:
            if one.right is None:
                continue
            path = one.path.replace("{plan}", stage.plan_id)
            status = client.get(path)[0] if one.method == "GET" else client.post(path)[0]
            whole = one.right not in WHOLE or member.units == ("*",)
            allowed = one.right in MATRIX[Role(member.role)] and whole
            if (status == 403) is allowed or status >= 500:
                wrong.append((member.login, one.method, path, status))

    assert wrong == []


def test_without_a_session_there_is_nothing_but_the_door(stage: Stage) -> None:
    """Pages lead to the log-in, forms are refused, and an id that nobody was given is worth nothing."""
    nobody = stage.console.client()
    nobody.cookies["__Host-syncagent"] = "x" * 43
    found = {
        (one.method, one.path): (nobody.get(one.path)[0] if one.method == "GET" else nobody.post(one.path)[0])
        for one in PAGES
        if one.right
    }

    assert {status for (method, _), status in found.items() if method == "GET"} == {303}
    assert {status for (method, _), status in found.items() if method == "POST"} == {403}


def test_whoever_has_some_units_reads_nothing_of_others(stage: Stage) -> None:
    """No page shows a person or an address of another unit: not in lists, filters, findings, forms, nor by name."""
    paths = [
        "/", "/plans", f"/plans/{stage.plan_id}", f"/plans/{stage.plan_id}?all=1", f"/plans/{stage.plan_id}?unit=snv",
        f"/plans/{stage.plan_id}?unit=snv&page=2", f"/plans/{stage.plan_id}/use", "/requests", "/calendar",
        "/calendar.ics", *(f"/people?q={person}" for person in list(stage.elsewhere)[:4]),
    ]  # fmt: skip
    leaks = []
    for login in ("xemmot", "hanhmot", "duyetmot", "haimot", "toanmot", "lang"):
        client = stage.clients[login]
        for path in paths:
            text = client.get(path)[1].replace(path.rpartition("=")[2], "")
            leaks += [(login, path, one) for one in stage.elsewhere.values() if one in text]
            if path != "/requests":  # a unit's own letter may name anybody
                leaks += [(login, path, one) for one in stage.elsewhere if one in text and one not in path]
    whole = stage.clients["xem"].get(f"/plans/{stage.plan_id}?all=1")[1]

    assert leaks == []
    assert any(address in whole for address in stage.elsewhere.values())
    assert set(stage.here) <= set(re.findall(r"NB\d+", stage.clients["xemmot"].get(f"/plans/{stage.plan_id}")[1]))


def test_an_approver_of_some_units_signs_for_those_only(stage: Stage) -> None:
    """“All” is all of theirs; an action of another unit in the form is refused; nobody rejects for others."""
    client, path = stage.clients["duyetmot"], f"/plans/{stage.plan_id}/sign"
    text = client.post(path, mode="all")[2]
    whole = stage.clients["binh"].get(f"/plans/{stage.plan_id}?unit=snv")[1]
    other = re.findall(r'name="id" value="(a\d+)"', whole)[0]
    smuggled, _, told = client.post(path, ("id", other), mode="ticked")
    rejecting = client.post(path, mode="reject")[0]
    unit = client.post(path, mode="unit", unit="snv")[0]

    assert all(address in text for address in stage.here.values())
    assert not [address for address in stage.elsewhere.values() if address in text]
    assert (smuggled, rejecting, unit) == (409, 409, 409)
    assert other in told


def test_every_failure_to_log_in_looks_and_lasts_the_same(stage: Stage) -> None:
    """Wrong password, nobody's name, no group, an injected filter, empty password: one text, one time class."""
    answers, seconds = set(), []
    tries = (
        ("xem", "sai"), ("khong-ai", PASSWORD), ("ngoai", PASSWORD), ("xem)(|(cn=*", PASSWORD), ("*", PASSWORD),
        ("dung", ""), ("xem", "\0"), ("", ""), ("x" * 300, "y"),
    )  # fmt: skip
    for login, password in tries:
        client = stage.console.client()
        began = time.monotonic()
        status, _, text = client.post("/login", login=login, password=password)
        seconds.append(time.monotonic() - began)
        if password != "\0":  # noqa: S105 - a NUL, refused before
            answers.add((status, text))
            assert "__Host-syncagent" not in client.cookies

    assert len(answers) == 1
    assert min(seconds[:6]) >= 1.0
    assert max(seconds) < 3.0


def test_attempts_end_before_the_directory_locks_the_account(stage: Stage) -> None:
    """After `tries` failures the right password does not open either, and the directory has not seen one more."""
    member, client = OF_UNIT[5], stage.console.client()
    for _ in range(5):
        client.post("/login", login=member.login, password="sai")  # noqa: S106 - wrong on purpose
    refused, right = client.log_in(member.login), stage.clients[member.login].get("/")[0]
    found = ldap(
        stage.console.province.server, "ldapsearch", "-LLL", "-b", f"CN={member.login},{stage.base}", "-s", "base",
        "(objectClass=*)", "badPwdCount",
    )  # fmt: skip

    assert (refused, right) == (401, 200)
    assert int(re.findall(r"badPwdCount: (\d+)", found)[0]) <= 4


def test_a_form_from_elsewhere_changes_nothing(stage: Stage) -> None:
    """Another origin, none, another host, no word of the session: refused, whoever is logged in."""
    client = stage.clients["vanhanh"]
    here = f"https://127.0.0.1:{stage.console.port}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"word={client.word}&reason=x".encode()
    sent = [
        client.send("POST", "/stop", body, **form, Origin="https://evil.example")[0],
        client.send("POST", "/stop", body, **form)[0],
        client.send("POST", "/stop", body, **form, **{"Sec-Fetch-Site": "cross-site", "Origin": here})[0],
        client.send("POST", "/stop", body, **form, **{"Sec-Fetch-Site": "same-site", "Origin": here})[0],
        client.send("POST", "/stop", b"reason=x", **form, Origin=here)[0],
        client.send("GET", "/", Host="evil.example")[0],
    ]

    assert sent == [403, 403, 403, 403, 403, 400]
    assert "stopped" not in client.get("/stop")[1]
    assert stage.console.service.figures().get("syncagent_stopped", 0) == 0


def test_every_answer_forbids_scripts_frames_and_keeping(stage: Stage) -> None:
    """The policy allows no script, the cookie is for us alone, nothing is kept; errors and refusals included."""
    for path in ("/login", "/", "/nowhere", "/plans/none", "/audit", "/static/console.css"):
        _, headers, text = stage.clients["xem"].send("GET", path)
        assert "script-src" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert path.startswith("/static") or headers["cache-control"] == "no-store"
        assert "<script" not in text
        assert " style=" not in text
    fresh = stage.console.client()
    _, headers, _ = fresh.post("/login", login="toan", password=PASSWORD)
    cookie = headers["set-cookie"]
    assert cookie.startswith("__Host-syncagent=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/"))
    fresh.get("/")
    assert fresh.post("/logout")[0] == 303
    fresh.cookies["__Host-syncagent"] = cookie.partition("=")[2].partition(";")[0]
    assert fresh.get("/")[0] == 303


def _signed(stage: Stage, client: Client, owner: str, passphrase: str = PASSPHRASE, password: str = PASSWORD) -> str:
    """Sign for everything that is theirs, with somebody's key; return the page that comes."""
    give_key(stage.console.province.desk, owner)
    page = client.post(f"/plans/{stage.plan_id}/sign", mode="all")[2]
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    key = (stage.console.province.desk.folder / f"{owner}.key").read_bytes()
    parts = {"word": client.word, "mode": "all", "unit": "", "mark": mark, "order": "1/A", "passphrase": passphrase}
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {**parts, "password": password}.items()
    )
    body += b'--b\r\nContent-Disposition: form-data; name="key"; filename="k.key"\r\n\r\n' + key + b"\r\n--b--\r\n"
    told = {"Content-Type": "multipart/form-data; boundary=b", "Origin": f"https://127.0.0.1:{client.port}"}
    status, _, text = client.send("POST", f"/plans/{stage.plan_id}/decide", body, **told)
    return "signed" if status == 303 else re.sub(r"<[^>]+>", " ", text)


def test_a_signature_takes_the_owner_the_password_and_the_passphrase(stage: Stage) -> None:
    """Another's key, wrong passphrase or password: nothing is recorded. An approver completes nothing for two."""
    one, two = stage.clients["duyetmot"], stage.clients["haimot"]
    others_key = _signed(stage, one, BOTH[1])
    wrong_passphrase = _signed(stage, one, BOTH[0], passphrase="sai mật khẩu rồi")  # noqa: S106 - wrong on purpose
    wrong_password = _signed(stage, one, BOTH[0], password="sai")  # noqa: S106 - same
    before = stage.console.province.desk.run("audit", "log", "--kind", "approve").stdout
    second = _signed(stage, two, BOTH[1])
    completes = _signed(stage, one, BOTH[0])
    after = stage.console.province.desk.run("audit", "log", "--kind", "approve").stdout

    assert "chưa được đăng ký với tên" in others_key
    assert "Mật khẩu của khóa không đúng" in wrong_passphrase
    assert "Không đăng nhập được" in wrong_password
    assert before.count("approve") == 0
    assert second == "signed"
    assert "người duyệt thứ hai" in completes
    assert after.count("approve") == 1
    assert PASSPHRASE not in stage.console.service.log + after


def test_who_lost_the_group_or_the_account_signs_nothing(stage: Stage) -> None:
    """Rights are those of the moment of signing: out of the group, or disabled, and the session is over as well."""
    client, server = stage.clients["dung"], stage.console.province.server
    user = f"CN=dung,{stage.base}"
    group = f"CN=syncagent-dung,{stage.base}"
    ldap(server, "ldapmodify", ldif=f"dn: {group}\nchangetype: modify\ndelete: member\nmember: {user}\n")
    told = _signed(stage, client, BOTH[1])
    out = client.get("/")[0]
    ldap(server, "ldapmodify", ldif=f"dn: {group}\nchangetype: modify\nadd: member\nmember: {user}\n")
    again = stage.console.client("dung")
    ldap(
        server,
        "ldapmodify",
        ldif=f"dn: {user}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n",
    )
    disabled, gone = _signed(stage, again, BOTH[1]), again.get("/")[0]
    ldap(
        server,
        "ldapmodify",
        ldif=f"dn: {user}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 512\n",
    )

    assert "Không đăng nhập được" in told
    assert "Không đăng nhập được" in disabled
    assert (out, gone) == (303, 303)


class _Active(HTMLParser):
    """What a page would run or fetch: elements that do, and attributes that are code; a field's text is neither."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in {"script", "img", "svg", "iframe", "object", "embed", "base"} else []
        self.found += [
            name
            for name, value in attrs
            if name.startswith("on") or (name != "value" and (value or "").strip().lower().startswith("javascript:"))
        ]


def _active(text: str) -> list[str]:
    parser = _Active()
    parser.feed(text)
    return parser.found


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.long)])
def test_requests_of_chance_bring_no_fault_and_no_other_unit(stage: Stage, count: int) -> None:
    """Random paths, queries, forms and hostile names: no 5xx, nothing of another unit, no new element."""
    chance = random.Random(7)  # noqa: S311 - reproducible
    words = [*HOSTILE, "skhcn", "snv", "*", "../..", "latest", stage.plan_id, "a0001", "-1", "9" * 30, "💣", "%00", ""]
    names = [
        "q",
        "unit",
        "kind",
        "page",
        "open",
        "hard",
        "full",
        "since",
        "subject",
        "lang",
        "all",
        "id",
        "mode",
        "number",
    ]
    logins = ["xemmot", "hanhmot", "duyetmot", "toanmot", "xem", "vanhanh", "toan"]
    bad: list[object] = []
    for _ in range(count):
        one, login = chance.choice(PAGES), chance.choice(logins)
        if one.path in {"/logout", "/stop", "/login"} or one.path.endswith("/decide"):
            continue
        client = stage.clients[login]
        path = one.path.replace("{plan}", chance.choice(["latest", stage.plan_id, "none", "%3Cx%3E"])).replace(
            "{name}", "x"
        )
        fields = [(chance.choice(names), chance.choice(words)) for _ in range(chance.randrange(4))]
        if one.method == "GET":
            status, text = client.get(f"{path}?{urlencode(fields)}" if fields else path)
        else:
            status, _, text = client.post(path, *fields)
        if status >= 500:
            bad.append((login, one.method, path, fields, status))
        if login.endswith("mot"):
            bad += [(login, path, fields, a) for a in stage.elsewhere.values() if a in text]
        bad += [(login, path, fields, what) for what in _active(text)]

    assert bad == []
    assert "console-crashed" not in stage.console.service.log


def test_break_glass_can_only_stop(stage: Stage) -> None:
    """The secret opens nothing else; what it stops stays stopped, and is recorded. No page takes the switch off."""
    nobody = stage.console.client()
    wrong = nobody.post("/stop", secret="nope", reason="thử")[0]  # noqa: S106 - wrong on purpose
    right = nobody.post("/stop", secret=STOP, reason="cháy")[0]
    log = stage.console.province.desk.run("audit", "log", "--kind", "stop").stdout
    refused = stage.console.province.desk.run("apply", "latest", expect=5)

    assert (wrong, right) == (403, 200)
    assert nobody.get("/")[0] == 303
    assert "break-glass" in log
    assert "cháy" in refused.stderr
    assert not [one for one in PAGES if one.right is Right.STOP]


def test_a_reload_keeps_everybody_logged_in(stage: Stage) -> None:
    """SIGHUP with another configuration: the same port answers, sessions go on; a faulty one changes nothing."""
    service, client = stage.console.service, stage.clients["xem"]
    desk = stage.console.province.desk
    desk.edit("syncagent.yaml", "language: vi", "language: en")
    service.process.send_signal(signal.SIGHUP)
    service.until(lambda: any("STATUS=reloaded" in one for one in service.told), "the new configuration")
    english = client.get("/")
    desk.edit("syncagent.yaml", "role: auditor", "role: emperor")
    service.process.send_signal(signal.SIGHUP)
    service.until(lambda: any("faulty" in one for one in service.told), "the refusal")

    assert english[0] == 200
    assert "Overview" in english[1]
    assert client.get("/")[0] == 200
    assert stage.clients["toan"].get("/audit")[0] == 200
