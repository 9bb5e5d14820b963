"""The summary by e-mail, as a real mail server on this computer gets it; and every way in which it may not arrive."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis import strategies as st
from journal_bots import SiteBot
from posting_bots import trucks

from xlkijiji import notify
from xlkijiji.notify import MAIL_SERVICE, send_summary
from xlkijiji.posting import run_batch
from xlkijiji.report import build_report
from xlkijiji.settings import MailSettings

USER, PASSWORD = "office@example.com", "mot de passe secret"
BOOK = "/stock/inventaire été <b>.xlsm"


class OwnKeyring(keyring.backend.KeyringBackend):
    """A key store of the test's own."""

    priority = 1  # type: ignore[assignment]  # keyring asks for a number, its types for a property

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def key_store() -> Iterator[OwnKeyring]:
    """The office's key store has the mail password."""
    before = keyring.get_keyring()
    own = OwnKeyring()
    own.set_password(MAIL_SERVICE, USER, PASSWORD)
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@dataclass
class Mailbox:
    """What the server took, and whom it refuses."""

    received: list[tuple[str, list[str], EmailMessage, bool]] = field(default_factory=list)
    refused: str = ""

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # same
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        encrypted = session.ssl is not None
        self.received.append((str(envelope.mail_from), list(envelope.rcpt_tos), message, encrypted))
        return "250 OK"


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


Server = Callable[..., tuple[Mailbox, MailSettings]]


class _FromTheFirstByte(Controller):
    """aiosmtpd's own check of a new server speaks without TLS verification of ours; the tests connect themselves."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port), 10) as plain:
            context = ssl.create_default_context()
            with context.wrap_socket(plain, server_hostname="127.0.0.1"):
                return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """Start a mail server whose certificate this computer trusts."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    running: list[Controller] = []

    def start(security: str = "starttls") -> tuple[Mailbox, MailSettings]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        box = Mailbox()
        how: dict[str, Any] = {"authenticator": _authenticate, "auth_required": True}
        if security == "tls":
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            controller: Controller = _FromTheFirstByte(
                box, "127.0.0.1", port, ssl_context=context, auth_require_tls=False, **how
            )
        else:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            controller = Controller(box, "127.0.0.1", port, tls_context=context, require_starttls=True, **how)
        controller.start()
        running.append(controller)
        recipients = ("boss@example.com", "clerk@example.com")
        return box, MailSettings(recipients, "127.0.0.1", port, security, USER, USER)  # type: ignore[arg-type]  # one of two words

    yield start
    for one in running:
        one.stop()


def _result() -> dict[str, Any]:
    return run_batch(trucks("", "", title=["One", "Two"], price=[1, "abc"]), "new", SiteBot(), row_numbers=[4, 5])


def _send(mail: MailSettings, **more: Any) -> str | None:
    return send_summary(mail, _result(), workbook=BOOK, account="dealer@example.com", **more)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_summary_arrives_encrypted_in_both_forms_with_failed_rows_and_links(
    server: Server, key_store: OwnKeyring, security: str
) -> None:
    box, mail = server(security)

    assert _send(mail) is None

    ((sender, recipients, message, encrypted),) = box.received
    assert (sender, recipients) == (USER, ["boss@example.com", "clerk@example.com"])
    assert encrypted or security == "tls"  # where that server speaks nothing else, aiosmtpd doesn't say
    assert message["Subject"] == "Kijiji: 1 posted, 1 failed – inventaire été <b>.xlsm"
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert "BT002 (row 5): Row 5, Price: 'abc' is not a number." in " ".join(plain.get_content().split())
    assert "https://site.example/1001" in plain.get_content()
    assert 'href="https://site.example/1001"' in rich.get_content()
    assert "inventaire été &lt;b&gt;.xlsm" in rich.get_content()
    assert "A good truck" not in message.as_string(), "no description"


def test_a_wrong_password_is_said_with_what_to_do(server: Server, key_store: OwnKeyring) -> None:
    box, mail = server()
    key_store.set_password(MAIL_SERVICE, USER, "wrong and secret")
    said = _send(mail)
    assert said is not None
    assert f"refused the sign-in of {USER} (535)" in said
    assert f"xlkijiji password --mail {USER}" in said
    assert "secret" not in said
    assert box.received == []


def test_without_a_stored_password_nothing_is_sent(server: Server, key_store: OwnKeyring) -> None:
    box, mail = server()
    key_store.delete_password(MAIL_SERVICE, USER)
    assert "no password is stored for the mail user" in str(_send(mail))
    assert box.received == []


def test_a_certificate_that_is_not_trusted_gets_neither_password_nor_mail(
    server: Server, key_store: OwnKeyring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    box, mail = server()
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    assert "certificate is not trusted" in str(_send(mail))
    assert box.received == []


def test_one_refused_recipient_keeps_nobody_else_from_the_mail(server: Server, key_store: OwnKeyring) -> None:
    box, mail = server()
    box.refused = "clerk@example.com"
    assert "but not to clerk@example.com (550)" in str(_send(mail))
    assert [recipients for _sender, recipients, _message, _tls in box.received] == [["boss@example.com"]]


def test_a_server_that_is_down_is_said_in_a_sentence(key_store: OwnKeyring) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = _send(MailSettings(("boss@example.com",), "127.0.0.1", port, "starttls", USER, USER))
    assert said is not None
    assert f"the mail server 127.0.0.1:{port} could not be reached" in said


def test_a_server_that_never_answers_holds_nobody_up(key_store: OwnKeyring) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail = MailSettings(("boss@example.com",), "127.0.0.1", silent.getsockname()[1], "starttls", USER, USER)
        said = _send(mail, timeout=0.3)
    assert said is not None
    assert "did not answer in time" in said


def test_nobody_who_wants_no_mail_gets_one(key_store: OwnKeyring) -> None:
    assert send_summary(None, _result(), workbook=BOOK, account="a") is None


def test_a_mail_that_cannot_be_sent_does_not_harm_the_run(key_store: OwnKeyring) -> None:
    broken: Any = replace(MailSettings(("boss@example.com",), "127.0.0.1", 1, "starttls", USER, USER), port="none")
    assert "was not sent" in str(_send(broken))
    assert threading.active_count() < 50
    assert notify.TIMEOUT_SECONDS <= 20


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
def test_whatever_a_row_says_is_escaped_and_on_one_line(sku: str, why: str, book: str) -> None:
    marked = "<script>alert(1)</script>"
    entry = {
        "success": False,
        "record_id": sku + marked,
        "row": 4,
        "message": why + marked,
        "status_update": f"Error: {why}{marked}",
        "ad_url": f"javascript:{marked}",
        "ad_id": None,
        "error_kind": "record",
    }
    result = _empty() | {"results": [entry], "failed_posts": 1, "total_records": 1}
    report = build_report(result, workbook=f"{book}{marked}", account=marked)
    assert "<script>" not in report.html
    assert 'href="javascript' not in report.html
    assert len(report.subject.splitlines()) == 1


def _empty() -> dict[str, Any]:
    return run_batch(trucks(), "new", SiteBot())
