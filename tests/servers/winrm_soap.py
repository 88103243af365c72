"""The messages of WS-Management as Windows sends them (MS-WSMV), and the parts of a request that matter."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CMD = f"{SHELL}/cmd"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
_S = "http://www.w3.org/2003/05/soap-envelope"
_A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
_F = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"

TIMED_OUT = 2150858793
NO_SHELL = 2150858843
NO_RESOURCE = 2150858811
TOO_MANY_SHELLS = 2150859173
BUSY = 170
_REASONS = {
    TIMED_OUT: "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.",
    NO_SHELL: "The request for the Windows Remote Shell failed because the shell was not found on the server.",
    NO_RESOURCE: "The WS-Management service cannot process the request. The resource URI is not known.",
    TOO_MANY_SHELLS: "The maximum number of concurrent shells for this user has been exceeded.",
    BUSY: "The requested resource is in use.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `action` is the last word of its action, `timeout` is OperationTimeout in seconds."""

    action: str
    message: str
    resource: str
    shell: str
    timeout: float
    envelope: ET.Element

    @classmethod
    def of(cls, octets: bytes) -> Request:
        """Raises ParseError, ValueError."""
        root = ET.fromstring(octets)  # noqa: S314 - what a test sends
        header = root.find(f"{{{_S}}}Header")
        if header is None:
            raise ValueError("no header")

        def says(namespace: str, name: str) -> str:
            found = header.find(f"{{{namespace}}}{name}")
            return (found.text or "") if found is not None else ""

        shell = header.find(f"{{{_W}}}SelectorSet/{{{_W}}}Selector[@Name='ShellId']")
        action = says(_A, "Action")
        if not action.startswith((f"{SHELL}/", f"{TRANSFER}/")):
            raise ValueError(action)
        timeout = float(says(_W, "OperationTimeout").removeprefix("PT").removesuffix("S") or 60)
        named = (shell.text or "") if shell is not None else ""
        return cls(action.rsplit("/", 1)[1], says(_A, "MessageID"), says(_W, "ResourceURI"), named, timeout, root)

    def part(self, name: str) -> ET.Element:
        """Return an element of the body."""
        found = next(self.envelope.iter(f"{{{SHELL}}}{name}"), None)
        if found is None:
            raise ValueError(f"no {name}")
        return found

    def option(self, name: str) -> str:
        found = self.envelope.find(f".//{{{_W}}}Option[@Name='{name}']")
        return (found.text or "") if found is not None else ""


def answer(request: Request, body: str) -> bytes:
    """Return the answer to a request."""
    namespace = TRANSFER if request.action in {"Create", "Delete"} else SHELL
    return _envelope(f"{namespace}/{request.action}Response", request.message, body)


def fault(request: Request, code: int) -> bytes:
    """Return a fault; the quota is told as Windows 2012 R2 and newer do, by WMI too."""
    message = f"<f:Message>{_REASONS[code]}</f:Message>"
    detail = f'<f:WSManFault xmlns:f="{_F}" Code="{code}" Machine="mgmt01">{message}</f:WSManFault>'
    return _envelope(
        "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault",
        request.message,
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value>"
        "<s:Subcode><s:Value>w:InternalError</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{_REASONS[code]}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>",
    )


def created(shell: str) -> str:
    return (
        f'<x:ResourceCreated xmlns:x="{TRANSFER}"><a:ReferenceParameters><w:SelectorSet>'
        f'<w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>'
    )


def commanded(command: str) -> str:
    return f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"


def received(command: str, output: list[tuple[str, bytes]], code: int | None) -> str:
    """Return the body of what was received: pieces of streams, and the exit code once the command has ended."""
    streams = "".join(
        f'<rsp:Stream Name={quoteattr(name)} CommandId="{command}">{base64.b64encode(piece).decode()}</rsp:Stream>'
        for name, piece in output
    )
    state = "Running" if code is None else "Done"
    ended = "" if code is None else f"<rsp:ExitCode>{code}</rsp:ExitCode>"
    return (
        f"<rsp:ReceiveResponse>{streams}"
        f'<rsp:CommandState CommandId="{command}" State="{SHELL}/CommandState/{state}">{ended}</rsp:CommandState>'
        "</rsp:ReceiveResponse>"
    )


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{_S}" xmlns:a="{_A}" xmlns:w="{_W}" xmlns:rsp="{SHELL}"><s:Header>'
        f"<a:Action>{action}</a:Action><a:MessageID>uuid:{str(uuid4()).upper()}</a:MessageID>"
        f"<a:To>{_A}/role/anonymous</a:To><a:RelatesTo>{escape(relates_to)}</a:RelatesTo>"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
