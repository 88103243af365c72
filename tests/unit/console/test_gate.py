"""What stands before every page."""

from __future__ import annotations

import pytest

from syncagent.console.gate import cookies, from_here, session_cookie

_HOSTS = frozenset({"duyet.vn", "127.0.0.1:8443"})


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"origin": "https://duyet.vn"}, True),
        ({"origin": "https://127.0.0.1:8443", "sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://duyet.vn"}, False),
        ({"origin": "https://duyet.vn.evil.vn"}, False),
        ({"origin": "https://duyet.vn:444"}, False),
        ({"origin": "https://duyet.vn", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "https://duyet.vn", "sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)
def test_only_a_page_of_ours_changes_anything(headers: dict[str, str], passes: bool) -> None:  # noqa: FBT001 - a table
    """Same origin by the browser's own word or by its Origin; silence is no browser that somebody is logged in with."""
    assert from_here(headers, _HOSTS, secure=True) is passes


def test_the_cookie_is_bound_to_the_host_and_read_back() -> None:
    """Over TLS it bears __Host- and Secure; a broken header is no cookie; taking it back empties it."""
    assert session_cookie("abc", secure=True) == "__Host-syncagent=abc; Path=/; HttpOnly; SameSite=Strict; Secure"
    assert session_cookie("", secure=False) == "syncagent=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
    assert cookies("__Host-syncagent=abc; lang=en; x=y", secure=True) == ("abc", "en")
    assert cookies("syncagent=abc", secure=True).session == ""
    assert cookies("a=b=c;;;=", secure=True).session == ""
