"""Where credentials may go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji.errors import SettingsError
from xlkijiji.kijiji.hosts import check_base_url, is_own_host

SITE, LOCAL = "https://www.kijiji.ca", "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    ("url", "base_url", "allowed"),
    [
        ("https://id.kijiji.ca/login?service=x", SITE, True),
        ("https://KIJIJI.ca./", SITE, True),
        ("http://id.kijiji.ca/login", SITE, False),
        ("https://kijiji.ca.evil.example/", SITE, False),
        ("https://evilkijiji.ca/", SITE, False),
        ("https://www.kijiji.ca@evil.example/", SITE, False),
        ("https://evil.example/?https://www.kijiji.ca", SITE, False),
        ("http://127.0.0.1:99/login", SITE, False),
        ("http://localhost:4000/login", LOCAL, True),
        ("http://[::1]:4000/login", LOCAL, True),
        ("http://127.0.0.2:8765/", LOCAL, False),
        ("http://sign-in.localhost:8765/", LOCAL, False),
        ("https://id.kijiji.ca/login", LOCAL, False),
        ("data:text/html,hello", LOCAL, False),
        ("http://[oops", LOCAL, False),
    ],
)
def test_own_hosts(url: str, base_url: str, allowed: bool) -> None:
    assert is_own_host(url, base_url) is allowed


@given(host=st.from_regex(r"[a-z0-9.\-]{1,30}", fullmatch=True), port=st.integers(1, 65535))
def test_no_other_host_is_ever_ours(host: str, port: int) -> None:
    url = f"https://{host}:{port}/login"
    bare = host.rstrip(".")
    assert is_own_host(url, SITE) is (bare == "kijiji.ca" or bare.endswith(".kijiji.ca"))
    assert is_own_host(url, LOCAL) is (bare in {"127.0.0.1", "localhost"})


@pytest.mark.parametrize(
    "base_url", ["http://www.kijiji.ca", "https://example.com", "http://192.168.1.5:80", "kijiji.ca", ""]
)
def test_a_bot_for_another_site_is_refused(base_url: str) -> None:
    with pytest.raises(SettingsError):
        check_base_url(base_url)
