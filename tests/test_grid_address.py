"""Which addresses of a Selenium Grid are taken, and that none with a password or a key in it is shown."""

from __future__ import annotations

import pytest

from xlkijiji.errors import SettingsError
from xlkijiji.grid_address import parse_grid_url
from xlkijiji.settings import Settings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        ("  ", ""),
        ("http://127.0.0.1:4444", "http://127.0.0.1:4444"),
        ("http://localhost:4444/", "http://localhost:4444"),
        ("http://[::1]:4444/wd/hub/", "http://[::1]:4444/wd/hub"),
        ("http://192.168.1.20:4444", "http://192.168.1.20:4444"),
        ("http://10.1.2.3", "http://10.1.2.3"),
        ("http://172.31.0.9:4444", "http://172.31.0.9:4444"),
        ("http://[fd00::7]:4444", "http://[fd00::7]:4444"),
        (" https://Grid.Example.com/wd/hub ", "https://Grid.Example.com/wd/hub"),
        ("https://203.0.113.7:4444", "https://203.0.113.7:4444"),
    ],
)
def test_addresses_that_are_taken(text: str, address: str) -> None:
    assert parse_grid_url(text) == address
    assert Settings.from_labels({"Selenium Grid": text}).grid_url == address


@pytest.mark.parametrize(
    "text",
    [
        "http://grid.example.com:4444",
        "http://grid:4444",
        "http://203.0.113.7:4444",
        "http://172.32.0.9:4444",
        "http://127.0.0.1.example.com:4444",
        "http://2130706433:4444",
        "http://[2001:db8::7]:4444",
        "http://0.0.0.0:4444",
        "http://localhost.example.com",
    ],
)
def test_over_http_nothing_is_typed_outside_of_the_own_network(text: str) -> None:
    with pytest.raises(SettingsError, match=r"Settings, 'Selenium Grid': over http, others could read") as caught:
        Settings.from_labels({"Selenium Grid": text})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "grid",
        "127.0.0.1:4444",
        "ftp://127.0.0.1:4444",
        "http://",
        "http://127.0.0.1:",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:grid",
        "http://[::x]:4444",
        "http://127.0.0.1 :4444",
        "http://127.0.0.1\\example.com",
        "http://127.0.0.1\n.example.com",
        "https://grid.example.com/a b",
        "https://grid_1.example.com",
        "https://gríd.example.com",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"(?s)Settings, 'Selenium Grid': .* is not the address") as caught:
        parse_grid_url(text)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://me:s3cret@grid.example.com",
        "http://s3cret@127.0.0.1:4444",
        "https://grid.example.com/?token=s3cret",
        "https://grid.example.com/#s3cret",
        "me:s3cret@grid",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingsError, match="and xlkijiji keeps none") as caught:
        Settings.from_labels({"Selenium Grid": text})
    assert "s3cret" not in str(caught.value)
