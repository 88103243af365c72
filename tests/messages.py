"""LDAP messages written and read by pyasn1 and ldap3's grammar, so that ours is not tested against itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 uses old names of pyasn1
    from ldap3.protocol import rfc4511
    from ldap3.protocol.rfc2696 import RealSearchControlValue
    from ldap3.utils.asn1 import encode
from pyasn1.codec.ber.decoder import decode

PAGED = "1.2.840.113556.1.4.319"


def read(data: bytes) -> Any:
    """Return the one LDAPMessage in the data.

    Raises:
        ValueError: there is something else in them.
    """
    found, rest = decode(data, asn1Spec=rfc4511.LDAPMessage())
    if rest:
        raise ValueError("something after a message")
    return found


def entry(number: int, dn: str, attributes: Mapping[str, Sequence[bytes]]) -> bytes:
    """Return a searchResEntry."""
    found = rfc4511.SearchResultEntry()
    found["object"] = rfc4511.LDAPDN(dn)
    listed = rfc4511.PartialAttributeList()
    for place, (name, values) in enumerate(attributes.items()):
        one = rfc4511.PartialAttribute()
        one["type"] = rfc4511.AttributeDescription(name)
        one["vals"] = rfc4511.Vals()
        for index, value in enumerate(values):
            one["vals"][index] = rfc4511.AttributeValue(value)
        listed[place] = one
    found["attributes"] = listed
    return _message(number, "searchResEntry", found)


def done(number: int, code: int = 0, cookie: bytes | None = None, diagnostic: str = "") -> bytes:
    """Return a searchResDone, with a paged results control if there is a cookie."""
    controls = [] if cookie is None else [_paged(cookie)]
    return _message(number, "searchResDone", _result(rfc4511.SearchResultDone(), code, diagnostic), controls)


def synchronized(number: int, value: bytes, code: int = 0) -> bytes:
    """Return a searchResDone with a Sync Done control (RFC 4533 §2.4)."""
    control = rfc4511.Control()
    control["controlType"] = rfc4511.LDAPOID("1.3.6.1.4.1.4203.1.9.1.3")
    control["controlValue"] = rfc4511.ControlValue(value)
    return _message(number, "searchResDone", _result(rfc4511.SearchResultDone(), code, ""), [control])


def informed(number: int, value: bytes) -> bytes:
    """Return a Sync Info message (RFC 4533 §2.5)."""
    found = rfc4511.IntermediateResponse()
    found["responseName"] = rfc4511.IntermediateResponseName("1.3.6.1.4.1.4203.1.9.1.4")
    found["responseValue"] = rfc4511.IntermediateResponseValue(value)
    return _message(number, "intermediateResponse", found)


def reference(number: int, *uris: str) -> bytes:
    """Return a searchResRef."""
    found = rfc4511.SearchResultReference()
    for place, uri in enumerate(uris):
        found[place] = rfc4511.URI(uri)
    return _message(number, "searchResRef", found)


def modified(number: int, code: int = 0, diagnostic: str = "") -> bytes:
    """Return a modifyResponse."""
    return _message(number, "modifyResponse", _result(rfc4511.ModifyResponse(), code, diagnostic))


def deleted(number: int, code: int = 0) -> bytes:
    """Return a delResponse."""
    return _message(number, "delResponse", _result(rfc4511.DelResponse(), code, ""))


def bound(number: int, code: int = 0) -> bytes:
    """Return a bindResponse."""
    return _message(number, "bindResponse", _result(rfc4511.BindResponse(), code, ""))


def extended(number: int, name: str = "", value: bytes = b"", code: int = 0) -> bytes:
    """Return an extendedResp."""
    found = _result(rfc4511.ExtendedResponse(), code, "")
    if name:
        found["responseName"] = rfc4511.ResponseName(name)
    if value:
        found["responseValue"] = rfc4511.ResponseValue(value)
    return _message(number, "extendedResp", found)


def _paged(cookie: bytes) -> Any:
    value = RealSearchControlValue()
    value["size"] = rfc4511.Integer0ToMax(0)
    value["cookie"] = rfc4511.AttributeValue(cookie)
    control = rfc4511.Control()
    control["controlType"] = rfc4511.LDAPOID(PAGED)
    control["criticality"] = rfc4511.Criticality(value=False)
    control["controlValue"] = rfc4511.ControlValue(encode(value))
    return control


def _result(found: Any, code: int, diagnostic: str) -> Any:
    found["resultCode"] = rfc4511.ResultCode(code)
    found["matchedDN"] = rfc4511.LDAPDN("")
    found["diagnosticMessage"] = rfc4511.LDAPString(diagnostic)
    return found


def _message(number: int, kind: str, operation: Any, controls: Iterable[Any] = ()) -> bytes:
    message = rfc4511.LDAPMessage()
    message["messageID"] = rfc4511.MessageID(number)
    message["protocolOp"] = rfc4511.ProtocolOp().setComponentByName(kind, operation)
    listed = rfc4511.Controls()
    for place, control in enumerate(controls):
        listed[place] = control
    if len(listed):
        message["controls"] = listed
    return bytes(encode(message))
