"""The OBM site of the tests behaves as OBM was seen to behave: its API, its directory, its mailboxes.

Asked with a plain HTTP client, OpenLDAP's own commands and IMAP: the connector and the site cannot share a mistake.
"""

from __future__ import annotations

import imaplib
import json
import ssl
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests
from servers.client import ldap
from servers.cyrus import Cyrus
from servers.obm import Obm
from servers.obm_database import SHOWN, Domain
from servers.obm_http import Fate, wait_until
from servers.obm_tree import IMAP_HOST, user_dn

pytestmark = pytest.mark.server

PREFIX = "org.obm.provisioning.exception.ProcessingException: "


@dataclass
class Caller:
    """Somebody who asks the API of one domain."""

    obm: Obm
    domain: Domain
    login: str = Obm.agent
    password: str = Obm.password

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        url = f"{self.obm.url}/{self.domain.uuid}{path}"
        octets = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        sent = {"data": octets, "headers": {"Content-Type": "application/json"}} if octets else {}
        who = (f"{self.login}@{self.domain.name}", self.password)
        more = {"timeout": 10, **sent, **more}
        return requests.request(method, url, auth=who, verify=str(self.obm.ca), **more)  # noqa: S113 - it is in `more`

    def batch(self) -> int:
        return int(self.ask("POST", "/batches").json()["id"])

    def commit(self, *operations: tuple[Any, ...]) -> dict[str, Any]:
        """Carry out operations (method, path below the batch, body) in one batch, and return the batch at its end."""
        number = self.batch()
        for method, path, *body in operations:
            assert self.ask(method, f"/batches/{number}{path}", *body).status_code == 200
        assert self.ask("PUT", f"/batches/{number}").content == b""
        return self.ended(number)

    def ended(self, number: int) -> dict[str, Any]:
        wait_until(lambda: self.ask("GET", f"/batches/{number}").json()["status"] in {"SUCCESS", "ERROR"})
        found: dict[str, Any] = self.ask("GET", f"/batches/{number}").json()
        return found

    def one(self, *operation: Any) -> str:
        """Carry out one operation, and return its error, empty if it succeeded; the batch says success either way."""
        batch = self.commit(operation)
        assert batch["status"] == "SUCCESS"
        return str(batch["operations"][0]["error"] or "").removeprefix(PREFIX)

    def user(self, ext_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/users/{ext_id}").json()
        return found

    def entry(self, login: str) -> str:
        """Return an entry as ldapsearch prints it, empty if there is none."""
        base = f"ou=users,{user_dn(login, self.domain.name).partition(',ou=users,')[2]}"
        return ldap(self.obm.slapd, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", base, f"(uid={login})", "*", "+")

    def boxes(self, login: str) -> list[str]:
        with imap(self.obm) as line:
            return [
                one.decode().rpartition(" ")[2]
                for pattern in (f"user/{login}@{self.domain.name}", f"user/{login}/*@{self.domain.name}")
                for one in line.list('""', f'"{pattern}"')[1]
                if isinstance(one, bytes)
            ]


def imap(obm: Obm, who: str = "cyrus", password: str = Cyrus.password) -> Any:
    context = ssl.create_default_context(cafile=obm.ca)
    line = imaplib.IMAP4_SSL(obm.cyrus.address, obm.cyrus.port, ssl_context=context, timeout=10)
    try:
        line.login(who, password)
    except imaplib.IMAP4.error:
        line.shutdown()
        raise
    return line


@pytest.fixture
def caller(obm: Obm) -> Caller:
    return Caller(obm, obm.domain())


def joiner(**more: Any) -> dict[str, Any]:
    """Return the JSON of a new user whose login is `an`."""
    told = {"id": str(uuid4()), "login": "an", "lastname": "Nguyễn", "firstname": "Văn An", "profile": "user"}
    return {**told, "password": "Mat-khau.1", **({"mail_server": IMAP_HOST} if "mails" in more else {}), **more}


def with_mail(caller: Caller, **more: Any) -> dict[str, Any]:
    """Make a user with a mailbox, and return what was asked for."""
    body = joiner(**{"mails": [f"an@{caller.domain.name}"], "mail_quota": "500", **more})
    assert caller.one("POST", "/users", body) == ""
    return body


# ── who may ask ──


def test_both_generations_have_their_base(caller: Caller) -> None:
    """§3.1: 3.0 below obm-sync, 3.1.3 at the server's own port and behind the proxy; the root needs nobody."""
    host, new = caller.obm.address, caller.obm.url

    def status(url: str) -> int:
        return requests.get(url, verify=str(caller.obm.ca), timeout=5).status_code

    assert new.endswith("/provisioning/v1")
    assert [status(new + "/"), status(f"http://{host}:8086/v1/")] == [204, 204]
    caller.obm.of_generation((3, 0))
    assert status(f"http://{host}:8086/obm-sync/provisioning/v1/") == 204
    assert status(new + "/") == 404


@pytest.mark.parametrize(("login", "password"), [("", ""), ("agent", "x"), (Obm.agent, "wrong")])
def test_nobody_is_told_401(caller: Caller, login: str, password: str) -> None:
    """§3.2: 401 with the realm and no JSON."""
    caller.login, caller.password = login, password

    answer = caller.ask("GET", "/users")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'BASIC realm="application"'
    assert not answer.headers["Content-Type"].startswith("application/json")


def test_who_may_not_is_told_401_too(obm: Obm) -> None:
    """§3.2: forbidden is 401; a delegated administrator queues but cannot commit; unknown profiles end in 500."""
    caller = Caller(obm, obm.domain("admin_delegue"))
    number = caller.batch()

    assert caller.ask("DELETE", f"/batches/{number}/users/x").status_code == 200
    assert caller.ask("PUT", f"/batches/{number}").status_code == 401
    reader = Caller(obm, obm.domain("user"))
    assert reader.ask("GET", "/users").status_code == 200
    assert reader.ask("POST", "/batches").status_code == 401
    assert Caller(obm, obm.domain("can-bo")).ask("GET", "/users").status_code == 500


def test_an_archived_account_asks_no_more(caller: Caller) -> None:
    """§3.2: archived means 401."""
    next(iter(caller.domain.users.values())).columns["archived"] = True

    assert caller.ask("GET", "/users").status_code == 401


def test_errors_name_the_java_class(caller: Caller) -> None:
    """§3.3: message and type, as captured."""
    told = [
        caller.ask("GET", "/users/x"), caller.ask("GET", "/batches/999999"),
        caller.ask("POST", "/batches/999999/users", {}), caller.ask("GET", "/profiles/9"),
    ]  # fmt: skip

    assert [(one.status_code, one.json()["message"], one.json()["type"].rpartition(".")[2]) for one in told] == [
        (404, "The user with the external id x was not found", "UserNotFoundException"),
        (404, "The batch with the id 999999 was not found", "BatchNotFoundException"),
        (404, None, "WebApplicationException"),
        (404, "No profile with id: 9", "ProfileNotFoundException"),
    ]
    wrong = requests.get(caller.obm.url + "/no-uuid/users", auth=("a@b", "c"), verify=str(caller.obm.ca), timeout=5)
    assert (wrong.status_code, wrong.json()["type"]) == (500, "java.lang.IllegalArgumentException")


# ── batches ──


def test_a_batch_from_begin_to_end(caller: Caller) -> None:
    """§3.5: 201 with its place, nothing before the commit, then success, shown with the body that was sent."""
    made = caller.ask("POST", "/batches")
    number, body = made.json()["id"], joiner()

    assert (made.status_code, made.headers["Location"].endswith(f"/batches/{number}")) == (201, True)
    caller.ask("POST", f"/batches/{number}/users", body)
    waiting = caller.ask("GET", f"/batches/{number}").json()
    assert (waiting["status"], waiting["operationCount"], waiting["operationDone"]) == ("IDLE", 1, 0)
    assert waiting["operations"] == [
        {"status": "IDLE", "entityType": "USER", "entity": body, "operation": "POST", "error": None}
    ]
    assert caller.ask("GET", f"/users/{body['id']}").status_code == 404
    caller.ask("PUT", f"/batches/{number}")
    assert (caller.ended(number)["status"], caller.ended(number)["operationDone"]) == ("SUCCESS", 1)
    assert caller.ask("DELETE", f"/batches/{number}").status_code == 200
    assert caller.ask("GET", f"/batches/{number}").status_code == 404


def test_success_of_a_batch_is_not_success_of_its_operations(caller: Caller) -> None:
    """§3.5: a failing operation stops no other and leaves the batch in success; passwords stay readable in it."""
    body = joiner()

    batch = caller.commit(("PATCH", "/users/nobody", {"title": "x"}), ("POST", "/users", body))

    assert batch["status"] == "SUCCESS"
    assert [one["status"] for one in batch["operations"]] == ["ERROR", "SUCCESS"]
    assert batch["operations"][0]["error"] == (
        PREFIX + "Cannot fetch existing user UserExtId{extId=nobody} from database."
    )
    assert batch["operations"][1]["entity"]["password"] == body["password"]


def test_an_error_of_a_batch_may_mean_success_of_its_operations(caller: Caller) -> None:
    """§3.5: if the maps cannot be rebuilt the changes stand; an empty batch rebuilds them."""
    caller.obm.worker.satellite_works = False
    body = joiner(mails=[f"an@{caller.domain.name}"])
    batch = caller.commit(("POST", "/users", body))

    assert (batch["status"], batch["operations"][0]["status"]) == ("ERROR", "SUCCESS")
    assert body["mails"][0] not in caller.obm.worker.maps.get(caller.domain.name, {})
    caller.obm.worker.satellite_works = True
    assert caller.commit()["status"] == "SUCCESS"
    assert caller.obm.worker.maps[caller.domain.name][body["mails"][0]] == f"an@{caller.domain.name}"


def test_what_is_committed_twice_is_carried_out_twice(caller: Caller) -> None:
    """§3.5: a batch that waits is IDLE, a second PUT queues it again, what is added after a PUT is never done."""
    body, late = with_mail(caller), joiner(login="cham")
    number = caller.batch()
    caller.ask("PATCH", f"/batches/{number}/users/{body['id']}", {"mails": ["x@y"], "mail_server": IMAP_HOST})

    with caller.obm.busy():
        caller.ask("PUT", f"/batches/{number}")
        assert caller.ask("GET", f"/batches/{number}").json()["status"] == "IDLE"
        caller.ask("PUT", f"/batches/{number}")
        assert caller.ask("POST", f"/batches/{number}/users", late).status_code == 200
    caller.ended(number)
    caller.obm.idle()
    assert [one[0] for one in caller.obm.worker.carried_out].count(number) == 2
    assert caller.ask("GET", f"/users/{late['id']}").status_code == 404
    assert caller.ask("POST", f"/batches/{number}/users", late).status_code == 409
    again = caller.ask("PUT", f"/batches/{number}")
    assert (again.status_code, again.json()["type"].rpartition(".")[2]) == (200, "BatchAlreadyCommitedException")


def test_a_worker_that_dies_leaves_operations_idle(caller: Caller) -> None:
    """§3.5: batch ERROR with operations still IDLE is an exception nobody expected."""
    caller.obm.worker.dies_after = 1

    batch = caller.commit(("POST", "/users", joiner()), ("POST", "/users", joiner(login="binh")))

    assert (batch["status"], [one["status"] for one in batch["operations"]]) == ("ERROR", ["SUCCESS", "IDLE"])


# ── users ──


def test_a_user_is_shown_with_every_key(caller: Caller) -> None:
    """§3.4: order of keys, quota as a string, password echoed, or hashed where the site says so."""
    body = with_mail(caller)

    shown = caller.user(body["id"])

    assert tuple(shown) == SHOWN
    assert (shown["mail_quota"], shown["password"], shown["title"], shown["phones"]) == ("500", "Mat-khau.1", None, [])
    caller.obm.echo = "SHA1"
    assert len(caller.user(body["id"])["password"]) == 40


def test_a_new_user_is_in_ldap_and_cyrus(caller: Caller) -> None:
    """§2.3, §1.3: exactly the attributes the API writes; mailbox, folders, quota, right to post; log-in by LDAP."""
    body = with_mail(caller, title="Phó Trưởng phòng", mails=[f"an@{caller.domain.name}", "an.nv"])
    box = f"an@{caller.domain.name}"

    entry = caller.entry("an")

    for line in (
        f"mail: {box}", f"mailAlias: an.nv@{caller.domain.name}", f"mailAlias: an.nv@alias.{caller.domain.name}",
        f"mailBox: {box}", "mailAccess: PERMIT", "webAccess: REJECT", "hiddenUser: FALSE", "gidNumber: 1000",
    ):  # fmt: skip
        assert line in entry.splitlines()
    assert "title:" not in entry
    assert sorted(caller.boxes("an")) == sorted(
        [f"user/an@{caller.domain.name}", *(f"user/an/{one}@{caller.domain.name}" for one in
         ("Trash", "Drafts", "SPAM", "Templates", "Sent"))]
    )  # fmt: skip
    with imap(caller.obm) as admin:
        assert b"STORAGE 0 512000" in admin.getquota(f'"user/{box}"')[1][0]
        assert b"anyone p" in admin.getacl(f'"user/{box}"')[1][0]
    with imap(caller.obm, box, body["password"]) as own:
        assert own.select("INBOX")[0] == "OK"
    assert "maps" not in entry
    assert caller.obm.worker.maps[caller.domain.name][box] == box


def test_put_replaces_and_takes_the_password(caller: Caller) -> None:
    """Q1: what is left out becomes null, the password too, in the database and in LDAP."""
    body = with_mail(caller, title="Chuyên viên")

    said = caller.one("PUT", f"/users/{body['id']}", {k: v for k, v in body.items() if k not in {"password", "title"}})

    assert said == ""
    assert [caller.user(body["id"])[name] for name in ("password", "title")] == [None, None]
    assert "userPassword" not in caller.entry("an")


def test_patch_adds_to_lists_and_ignores_nulls(caller: Caller) -> None:
    """Q2: mails are appended, nulls ignored, telephone numbers always an error."""
    body = with_mail(caller, title="Chuyên viên")
    at = f"/users/{body['id']}"

    assert caller.one("PATCH", at, {"mails": ["b@c.vn"], "mail_server": IMAP_HOST, "title": None}) == ""
    assert caller.user(body["id"])["mails"] == [*body["mails"], "b@c.vn"]
    assert caller.user(body["id"])["title"] == "Chuyên viên"
    assert caller.one("PATCH", at, {"phones": ["0229"]}).startswith("Cannot parse ObmUser object from request body {")


def test_mails_need_the_mail_server(caller: Caller) -> None:
    """Q3: without it another host may be chosen, which cannot be; a mailbox is not taken away by PUT."""
    body = with_mail(caller)
    without = {name: value for name, value in body.items() if name != "mail_server"}

    assert caller.one("PATCH", f"/users/{body['id']}", {"mails": ["b@c.vn"]}) == "Cannot change user mail host"
    assert caller.one("PUT", f"/users/{body['id']}", without) == "Cannot change user mail host"
    boxless = {name: value for name, value in without.items() if name != "mails"}
    assert caller.one("PUT", f"/users/{body['id']}", boxless) == "Cannot change user mail host"


@pytest.mark.parametrize("title", ['Phó phòng "một"', "một\\hai", "một\nhai"])
def test_backslashes_are_doubled(caller: Caller, title: str) -> None:
    """Q4: quotes and line ends break the body, a backslash arrives as two; before 3.1.3 all arrive."""
    body = joiner(title=title)

    said = caller.one("POST", "/users", body)

    arrived = said or caller.user(body["id"]).get("title")
    if "\\" in title:
        assert arrived == "một\\\\hai"
    else:
        assert said.startswith("Cannot parse ObmUser")
    caller.obm.of_generation((3, 0))
    old = joiner(title=title, login="binh")
    assert caller.one("POST", "/users", old) == ""
    assert caller.user(old["id"])["title"] == title


def test_escapes_arrive_literally_and_utf8_as_it_is(caller: Caller) -> None:
    """Q4: the same text as an escape and as UTF-8."""
    escaped, raw = joiner(title="ạ"), joiner(title="ạ", login="binh")
    number = caller.batch()
    caller.ask("POST", f"/batches/{number}/users", None, data=json.dumps(escaped),
               headers={"Content-Type": "application/json"})  # fmt: skip
    caller.ask("POST", f"/batches/{number}/users", raw)
    caller.ask("PUT", f"/batches/{number}")
    caller.ended(number)

    titles = [caller.user(one["id"])["title"] for one in (escaped, raw)]

    assert titles == ["\\u1ea1", "ạ"]


def test_keys_are_looked_for_everywhere(caller: Caller) -> None:
    """Q5: a nested key of the same name counts if it comes first."""
    body = {"nested": {"login": "binh"}, **joiner()}

    assert caller.one("POST", "/users", body) == ""
    assert caller.user(body["id"])["login"] == "binh"


def test_logins_are_not_unique_in_the_database(caller: Caller) -> None:
    """Q6: a second holder of a login is an error of LDAP; of one who is archived, no error at all."""
    first = with_mail(caller)

    said = caller.one("POST", "/users", second := joiner())

    assert said == f"Cannot insert new user 'an' (UserExtId{{extId={second['id']}}}) in LDAP."
    caller.one("DELETE", f"/users/{first['id']}")
    assert caller.one("POST", "/users", second) == ""


def test_addresses_are_unique_with_archived_users_and_groups(caller: Caller) -> None:
    """§3.5: compared exactly, over users (archived too), groups and shares."""
    body = with_mail(caller)
    caller.one("DELETE", f"/users/{body['id']}")
    caller.domain.other_addresses.add("phong@x.vn")
    found = "Cannot create/modify user because similar emails have been found : "

    said = [caller.one("POST", "/users", joiner(login="b", mails=[mail])) for mail in (body["mails"][0], "phong@x.vn")]

    assert said == [f"{found}[{body['mails'][0]}]", f"{found}[phong@x.vn]"]


def test_logins_are_immutable(caller: Caller) -> None:
    """§3.4."""
    body = with_mail(caller)

    assert caller.one("PATCH", f"/users/{body['id']}", {"login": "binh"}) == "Cannot change user login"


@pytest.mark.parametrize("generation", [(3, 0), (3, 1, 3)])
def test_archiving_takes_the_entry_and_keeps_the_mailbox(caller: Caller, generation: tuple[int, ...]) -> None:
    """§1.2: the entry goes, the address leaves the maps, the mailbox stays; back by PATCH from 3.1.3 on."""
    caller.obm.of_generation(generation)
    body = with_mail(caller)
    assert caller.one("DELETE", f"/users/{body['id']}") == ""
    assert (caller.entry("an"), caller.user(body["id"])["archived"], len(caller.boxes("an"))) == ("", True, 6)
    assert body["mails"][0] not in caller.obm.worker.maps[caller.domain.name]

    said = caller.one("PATCH", f"/users/{body['id']}", {"archived": False})

    old = generation == (3, 0)
    assert said == ("Cannot change user archived state" if old else "")
    assert ("userPassword" in caller.entry("an")) is not old
    assert caller.one("DELETE", f"/users/{body['id']}") == caller.one("DELETE", f"/users/{body['id']}") == ""


def test_expunging_destroys(caller: Caller) -> None:
    """§3.6: row, entry and mailbox go, of an archived user as well; of one who is gone it is an error."""
    body = with_mail(caller)
    caller.one("DELETE", f"/users/{body['id']}")

    said = caller.one("DELETE", f"/users/{body['id']}?expunge=true")

    assert (said, caller.boxes("an"), caller.entry("an")) == ("", [], "")
    assert caller.ask("GET", f"/users/{body['id']}").status_code == 404
    assert caller.one("DELETE", f"/users/{body['id']}?expunge=true").startswith("Cannot fetch existing user")


def test_cyrus_may_say_no(caller: Caller) -> None:
    """§1.3: a mailbox that stayed is nobody's error, and whoever is made next under the login adopts it."""
    body = with_mail(caller)
    with imap(caller.obm, f"an@{caller.domain.name}", body["password"]) as own:
        own.append("INBOX", "", None, b"Subject: rieng tu\r\n\r\nx\r\n")
    caller.obm.worker.cyrus_obeys = False
    assert caller.one("DELETE", f"/users/{body['id']}?expunge=true") == ""
    assert len(caller.boxes("an")) == 6

    new = with_mail(caller, password="Mat-khau.2")  # noqa: S106 - a test's

    with imap(caller.obm, f"an@{caller.domain.name}", new["password"]) as own:
        assert own.select("INBOX")[1] == [b"1"]


def test_what_ldap_has_is_not_rolled_back(caller: Caller) -> None:
    """§3.5: with Cyrus down the row is rolled back and the entry stays."""
    caller.obm.worker.cyrus_works = False
    body = joiner(mails=[f"an@{caller.domain.name}"])

    said = caller.one("POST", "/users", body)

    assert said == f"Cannot create cyrus mailbox for user 'an' (UserExtId{{extId={body['id']}}})."
    assert caller.ask("GET", f"/users/{body['id']}").status_code == 404
    assert caller.entry("an") != ""


def test_a_new_password_takes_the_lock(caller: Caller) -> None:
    """Lock matrix: `pwdAccountLockedTime` refuses the log-in, and goes when the API changes the password."""
    body = with_mail(caller)
    box = f"an@{caller.domain.name}"
    lock = f"dn: {user_dn('an', caller.domain.name)}\nchangetype: modify\nreplace: pwdAccountLockedTime\n"
    ldap(
        caller.obm.slapd, "ldapmodify", who=caller.obm.slapd.agent, ldif=lock + "pwdAccountLockedTime: 000001010000Z\n"
    )

    with pytest.raises(imaplib.IMAP4.error):
        imap(caller.obm, box, body["password"])
    caller.one("PATCH", f"/users/{body['id']}", {"password": "Mat-khau.2"})
    assert "pwdAccountLockedTime" not in caller.entry("an")
    with imap(caller.obm, box, "Mat-khau.2") as own:
        assert own.select("INBOX")[0] == "OK"


# ── on the way ──


@pytest.mark.parametrize(
    ("fate", "arrived", "told"),
    [
        (Fate.DROPPED_BEFORE, False, "ConnectionError"),
        (Fate.DROPPED_AFTER, True, "ConnectionError"),
        (Fate.SILENT_BEFORE, False, "ReadTimeout"),
        (Fate.SILENT_AFTER, True, "ReadTimeout"),
        (Fate.UNAUTHORIZED, False, 401),
        (Fate.BROKEN, False, 500),
        (Fate.GATEWAY, True, 502),
        (Fate.TRUNCATED, True, "ChunkedEncodingError"),
        (Fate.CUT, True, 201),
        (Fate.REDIRECTED, False, 302),
    ],
)
def test_faults_are_what_they_say(caller: Caller, fate: Fate, arrived: bool, told: str | int) -> None:  # noqa: FBT001 - a column of the table
    """Each scripted fault happens once, to the request it names, before or after it has had its effect."""
    caller.obm.fails(fate, "POST", "/batches$")
    before = len(caller.obm.database.batches)

    try:
        answer: str | int = caller.ask("POST", "/batches", timeout=0.5, allow_redirects=False).status_code
    except requests.RequestException as error:
        answer = type(error).__name__

    assert (answer, len(caller.obm.database.batches) - before) == (told, int(arrived))
    assert caller.ask("POST", "/batches").status_code == 201
