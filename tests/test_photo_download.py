"""Photos named by their address: a real server, and names that lead where they must not."""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from xlkijiji import photo_download
from xlkijiji.photo_download import PhotoError, fetch_photo
from xlkijiji.records import as_record
from xlkijiji.validators import Pictures, check_record


def _picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, kind)
    return out.getvalue()


class Web:
    """A server on this computer; `asked` are the paths it was asked for, with the Host header."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {
            "/a.jpg": (200, {"Content-Type": "text/html"}, _picture()),
            "/page": (200, {"Content-Type": "image/png"}, b"<html>no picture</html>"),
            "/big": (200, {}, b"x" * 200_000),
            "/round": (302, {"Location": "/round"}, b""),
            "/inside": (302, {"Location": "http://intranet.example/a.jpg"}, b""),
            "/moved": (301, {"Location": "/a.jpg"}, b""),
            "/file": (302, {"Location": "file:///etc/passwd"}, b""),
        }
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append((self.path, self.headers["Host"]))
                status, headers, body = web.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Web]:
    """`pictures.example` is looked up as the server, which counts as public here; `intranet.example` doesn't."""
    monkeypatch.setenv("XLKIJIJI_HOME", str(tmp_path / "home"))
    web = Web()
    threading.Thread(target=web.server.serve_forever, daemon=True).start()
    known = {"pictures.example": "127.0.0.1", "intranet.example": "10.0.0.7"}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *more: Any, **also: Any) -> Any:
        return real(known.get(host, host), port, *more, **also)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(photo_download, "_is_public", lambda address: str(address) == "127.0.0.1")
    photo_download._refused.clear()
    yield web
    web.server.shutdown()


def test_a_picture_is_downloaded_once_and_named_by_what_it_is(web: Web) -> None:
    address = f"http://pictures.example:{web.port}/moved"
    path = fetch_photo(address)
    assert path.suffix == ".png"
    assert path.read_bytes() == web.pages["/a.jpg"][2]
    assert fetch_photo(address) == path
    assert web.asked == [("/moved", f"pictures.example:{web.port}"), ("/a.jpg", f"pictures.example:{web.port}")]


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/page", "not the address of a picture"),
        ("/big", "is larger than"),
        ("/round", "redirects again and again"),
        ("/inside", "not on the public web"),
        ("/file", "no web address"),
        ("/gone", "error 404"),
    ],
)
def test_what_is_no_picture_of_the_public_web_is_refused_and_not_kept(
    web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str, rule: str
) -> None:
    monkeypatch.setattr(photo_download, "MOST_BYTES", 100_000)
    with pytest.raises(PhotoError) as caught:
        fetch_photo(f"http://pictures.example:{web.port}{path}")
    assert rule in caught.value.rule
    assert list((tmp_path / "home" / "cache" / "photos").iterdir()) == []


def test_a_name_that_is_answered_otherwise_the_second_time_gains_nothing(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.1"])  # a second look-up of the name would end the test
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **also: real(next(answers) if host == "rebinding.example" else host, *more, **also),
    )
    assert fetch_photo(f"http://rebinding.example:{web.port}/a.jpg").is_file()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost/a.jpg",
        "http://[::1]/a.jpg",
        "http://10.1.2.3/a.jpg",
        "http://192.168.0.1/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/a.jpg",
        "http://[::ffff:127.0.0.1]/a.jpg",
        "http://[64:ff9b::a00:1]/a.jpg",
        "http://0.0.0.0/a.jpg",
        "http://2130706433/a.jpg",
        "ftp://example.com/a.jpg",
        "file:///etc/passwd",
        "http:///a.jpg",
        "http://me:secret@example.com/a.jpg",
        "http://example.com:99999/a.jpg",
    ],
)
def test_this_computer_and_its_network_are_never_asked(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XLKIJIJI_HOME", str(tmp_path))
    photo_download._refused.clear()

    def never(*_args: Any) -> Any:
        raise AssertionError("it was asked")

    monkeypatch.setattr(photo_download, "_ask", never)
    with pytest.raises(PhotoError):
        fetch_photo(address)


@given(address=st.ip_addresses())
def test_addresses_that_python_knows_to_be_private_are_not_public(address: Any) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped
        assert mapped or not photo_download._is_public(address)


def test_a_row_may_name_an_address_and_any_bot_gets_the_file(web: Web, tmp_path: Path) -> None:
    address = f"http://pictures.example:{web.port}/a.jpg"
    record = as_record({"sku": "A", "title": "T", "description": "D", "price": 1, "photos": address}, tmp_path)
    pictures = Pictures(tmp_path)
    assert check_record(record, pictures) == []
    pictures.fetch(record)
    assert record["photos"] == [fetch_photo(address)]

    bad = as_record({"sku": "A", "title": "T", "description": "D", "price": 1, "photos": f"{address}x"}, tmp_path)
    (problem,) = check_record(bad, pictures)
    assert str(problem).startswith(f"Photos: 'http://pictures.example:{web.port}/a.jpgx' is answered with error 404")


@pytest.mark.parametrize(("name", "good"), [("pictures.example", True), ("other.example", False)])
def test_over_https_the_certificate_must_be_the_names(
    web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, good: bool
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    address = f"https://pictures.example:{web.port}/a.jpg"
    if good:
        assert fetch_photo(address).read_bytes() == web.pages["/a.jpg"][2]
    else:
        with pytest.raises(PhotoError, match=r"can't be downloaded \(SSLError\)"):
            fetch_photo(address)
