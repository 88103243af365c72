"""What stands before every page: where a request comes from, what a browser may do with an answer."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Of every answer. No script runs, not even our own: the console needs none."""

HSTS: Final = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

_SAFE: Final = frozenset({"GET", "HEAD"})
LANGUAGE: Final = "lang"


def is_safe(method: str) -> bool:
    """Whether a method changes nothing."""
    return method in _SAFE


def from_here(headers: Mapping[str, str], hosts: frozenset[str], *, secure: bool) -> bool:
    """Whether a request that changes something was sent by a page of ours.

    A browser says so itself (`Sec-Fetch-Site`), or names the page's origin; whoever says neither is no browser that
    somebody is logged in with.
    """
    scheme = "https" if secure else "http"
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if site and site != "same-origin":
        return False
    if origin:
        return any(origin == f"{scheme}://{host}" for host in hosts)
    return bool(site)


class Cookies(NamedTuple):
    """What a browser brought: the id of its session, and the language somebody chose."""

    session: str
    language: str


def session_name(*, secure: bool) -> str:
    """Return the name of the session's cookie; browsers take `__Host-` only over TLS, from us alone, for all paths."""
    return "__Host-syncagent" if secure else "syncagent"


def cookies(header: str, *, secure: bool) -> Cookies:
    """Given the Cookie header, return what of it is ours."""
    try:
        found = SimpleCookie(header)
    except CookieError:
        return Cookies("", "")
    told = {name: morsel.value for name, morsel in found.items()}
    return Cookies(told.get(session_name(secure=secure), ""), told.get(LANGUAGE, ""))


def session_cookie(token: str, *, secure: bool) -> str:
    """Return the Set-Cookie header that hands out a session's id, or takes it back if it is empty."""
    ends = "" if token else "; Max-Age=0"
    safe = "; Secure" if secure else ""
    return f"{session_name(secure=secure)}={token}; Path=/; HttpOnly; SameSite=Strict{safe}{ends}"


def language_cookie(language: str, *, secure: bool) -> str:
    """Return the Set-Cookie header that remembers a language for a year."""
    safe = "; Secure" if secure else ""
    return f"{LANGUAGE}={language}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000{safe}"
