"""The answer to a request as a letter to print (Nghị định 30/2020/NĐ-CP, Phụ lục I), as plain text, and as a mail.

A draft: the number, the day and the signature are filled in by whoever signs. A mail program opens the mail as one
that has not been sent (`X-Unsent`).
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.privacy import hide_identity_numbers
from syncagent.core.unit import unit_key
from syncagent.report.asked import ASKED
from syncagent.report.markup import environment
from syncagent.report.outcome import addressee, outcome, who
from syncagent.report.visible import visible
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.core.action import Action
    from syncagent.core.answer import Progress
    from syncagent.core.request import Request
    from syncagent.core.survey import View
    from syncagent.text import Language

_MAILBOX: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BLANK: Final = "……………"

_FORM: Final[Mapping[str, Text]] = {
    "state": Text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM"),
    "motto": Text("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness"),
    "number": Text("Số:", "No.:"),
    "about": Text("V/v", "Re:"),
    "to": Text("Kính gửi:", "To:"),
    "recipients": Text("Nơi nhận:", "Recipients:"),
    "as-above": Text("Như trên", "As above"),
    "filed": Text("Lưu: VT", "Filed: records office"),
    "signer": Text("THỦ TRƯỞNG CƠ QUAN", "HEAD OF THE AGENCY"),
    "end": Text("Đề nghị Quý cơ quan, đơn vị biết, phối hợp thực hiện./.", "For your information and action."),
}


class Office(NamedTuple):
    """Who answers: the agency, the one above it, the sign of its letters, its place, and who signs; empty: to fill."""

    name: str = ""
    above: str = ""
    symbol: str = ""
    place: str = ""
    signer: str = ""


class Letter(NamedTuple):
    """An answer before it has a form; `number` is empty while it has none, `mailbox` if nobody knows where to."""

    office: Office
    number: str
    year: int
    about: Text
    to: str
    mailbox: str
    opening: Text
    items: tuple[Text, ...]
    requests: tuple[str, ...]


def letter(
    view: View, requests: Sequence[Progress], done: Mapping[str, Action], office: Office, number: str = ""
) -> Letter:
    """Given the requests of one sender and the actions that carried some of them out, return the answer to them."""
    first = requests[0].request
    return Letter(
        office=office,
        number=number,
        year=view.today.year,
        about=_about(requests),
        to=addressee(view, first.from_unit),
        mailbox=_mailbox(view, first),
        opening=_opening(view, [one.request for one in requests], office),
        items=tuple(_item(view, one, done.get(one.request.request_id)) for one in requests),
        requests=tuple(one.request.request_id for one in requests),
    )


def _about(requests: Sequence[Progress]) -> Text:
    kinds = list(dict.fromkeys(one.request.kind for one in requests))
    asked = ASKED[kinds[0]] if len(kinds) == 1 else Text("về hộp thư công vụ", "act on official mailboxes")
    return Text(f"trả lời đề nghị {asked.vi}", f"answer to the request to {asked.en}")


def _mailbox(view: View, request: Request) -> str:
    """Return where the answer is mailed to: to whence it came, else to the unit's own mailbox."""
    if _MAILBOX.fullmatch(request.from_address):
        return request.from_address
    owned = view.matches.current.get(unit_key(request.from_unit))
    receives = owned is not None and owned.stamp is not None and owned.stamp.state.receives
    return owned.account.address if owned and receives else ""


def _opening(view: View, requests: Sequence[Request], office: Office) -> Text:
    """Return what is answered, and by which article within which time."""
    regulation = view.policy.regulation
    received = list(dict.fromkeys(_received(request) for request in requests))
    name = office.name or _BLANK
    articles = dict.fromkeys(
        rule.cite.article
        for rule in (regulation.answer_of(request.kind) for request in requests)
        if rule.within or rule is not regulation.answer
    )
    order = f"{'; '.join(articles)} " if articles else ""
    of = Text(f"{order}{regulation.title.vi}", f"{order}{regulation.title.en}")
    return Text(
        f"{name} nhận được {'; '.join(one.vi for one in received)}. Căn cứ {of.vi} ({regulation.document}), {name} trả "
        "lời như sau:",
        f"{name} received {'; '.join(one.en for one in received)}. By {of.en} ({regulation.document}), {name} answers:",
    )


def _received(request: Request) -> Text:
    if not request.document_number:
        return Text(f"đề nghị ngày {vi(request.received_on)}", f"the request of {request.received_on}")
    if signed := request.document_date:
        return Text(
            f"Văn bản số {request.document_number} ngày {vi(signed)}", f"letter {request.document_number} of {signed}"
        )
    return Text(
        f"Văn bản số {request.document_number} (nhận ngày {vi(request.received_on)})",
        f"letter {request.document_number} (received on {request.received_on})",
    )


def _item(view: View, one: Progress, done: Action | None) -> Text:
    asked, says, whom = ASKED[one.request.kind], outcome(view, one, done), who(view, one)
    return Text(
        f"{asked.vi[0].upper()}{asked.vi[1:]}, {whom}: {says.vi}",
        f"{asked.en[0].upper()}{asked.en[1:]}, {whom}: {says.en}",
    )


# ── forms ────────────────────────────────────────────────────────────────────


def page(found: Letter, language: Language) -> str:
    """Given an answer, return the letter as one HTML page that needs no script and prints on A4."""
    office = found.office
    return (
        environment("syncagent.report", _safe)
        .get_template("letter.html.jinja")
        .render(
            lang=language,
            form={name: text.within(language) for name, text in _FORM.items()},
            office=office,
            number=found.number or f"……/{office.symbol or _BLANK}",
            place=office.place or _BLANK,
            signer=office.signer.upper() or _FORM["signer"].within(language),
            about=found.about.within(language),
            to=found.to or _BLANK,
            opening=found.opening.within(language),
            items=[item.within(language) for item in found.items],
            year=found.year,
            blank=_BLANK,
            title=f"{found.about.within(language)} ({', '.join(found.requests)})",
        )
    )


def plain(found: Letter, language: Language) -> str:
    """Given an answer, return it as text, as a mail says it."""
    items = [item.within(language) for item in found.items]
    numbered = items if len(items) == 1 else [f"{number}. {item}" for number, item in enumerate(items, start=1)]
    say = {name: text.within(language) for name, text in _FORM.items()}
    lines = [
        f"{say['to']} {found.to or _BLANK}",
        found.opening.within(language),
        *numbered,
        say["end"],
        found.office.name,
    ]
    return _safe("\n\n".join(line for line in lines if line)) + "\n"


def mail(found: Letter, language: Language) -> bytes:
    """Given an answer, return it as a mail to be opened, completed and sent by a person."""
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    if found.mailbox:
        message["To"] = found.mailbox
    about = found.about.within(language)
    message["Subject"] = _safe(f"{about[0].upper()}{about[1:]} ({', '.join(found.requests)})")
    message.set_content(plain(found, language), charset="utf-8", cte="base64")
    message["Content-Language"] = language
    return message.as_bytes()


def _safe(text: str) -> str:
    """Return a text in which nothing is hidden and no identification number stands; its lines stay lines."""
    lines = hide_identity_numbers(text, lambda _: "…").split("\n")
    return "\n".join(visible(line) for line in lines)
