"""What `send_summary` says to servers and key stores that behave oddly, and what it never gives away.

The ordinary ways are in `test_mail_summary`. Each server here is a real one, on this computer.
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import keyring.errors
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from test_mail_summary import Mailbox, OwnKeyring
from typer.testing import CliRunner

from xlkijiji import logs
from xlkijiji.cli import app
from xlkijiji.kijiji.credentials import SERVICE
from xlkijiji.notify import MAIL_SERVICE, send_summary
from xlkijiji.settings import MailSettings, Settings

USER, PASSWORD = "rené@example.com", "l'été-à-Montréal"
TO = ("boss@example.com", "clerk@example.com")
RESULT = {
    "success": True,
    "successful_posts": 1,
    "failed_posts": 1,
    "message": "Done: 1 posted, 1 failed, 0 skipped.",
    "results": [
        {"success": True, "record_id": "A1", "row": 4, "ad_url": "https://www.kijiji.ca/v-x/1", "ad_id": "1"},
        {"success": False, "record_id": "A2", "row": 5, "message": "Price: 'abc' is not a number."},
    ],
}


@pytest.fixture
def store() -> Iterator[OwnKeyring]:
    """A key store that has the password of `USER`."""
    before = keyring.get_keyring()
    own = OwnKeyring()
    own.set_password(MAIL_SERVICE, USER, PASSWORD)
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the log's file would hold."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logs.Formatter())
    ours = logging.getLogger("xlkijiji")
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    yield text
    ours.removeHandler(handler)
    ours.setLevel(level)


@pytest.fixture
def certificate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS, for this computer's names, which this computer trusts."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return context


def check_password(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


Start = Callable[..., int]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a mail server around a handler, at an address of this computer; its port."""
    running: list[Controller] = []

    def one(box: object, address: str = "127.0.0.1", **how: Any) -> int:
        with socket.create_server((address, 0)) as free:
            port = int(free.getsockname()[1])
        controller = Controller(box, address, port, **how)
        controller.start()
        running.append(controller)
        return port

    yield one
    for controller in running:
        controller.stop()


@contextlib.contextmanager
def talker(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that says to its first visitor what `talk` does, until it is left; its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with contextlib.suppress(OSError):
                visitor, _address = door.accept()
                with visitor:
                    talk(visitor)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield door.getsockname()[1]
        with contextlib.suppress(OSError):  # some systems don't know this for a door; it wakes who waits there
            door.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert not thread.is_alive()


def mail_to(port: int, user: str = USER, host: str = "127.0.0.1") -> MailSettings:
    return MailSettings(TO, host, port, "starttls", user, "office@example.com")


def send(mail: MailSettings | Settings, **more: Any) -> str:
    """What was said; blank when the mail was sent."""
    return send_summary(mail, RESULT, workbook="stock.xlsm", account="dealer@example.com", **more) or ""


# --- what arrives


def test_a_password_with_accents_signs_in(start: Start, certificate: ssl.SSLContext, store: OwnKeyring) -> None:
    box = Mailbox()
    port = start(box, tls_context=certificate, require_starttls=True, authenticator=check_password, auth_required=True)
    assert send(mail_to(port)) == ""
    ((sender, recipients, message, encrypted),) = box.received
    assert (sender, tuple(recipients), encrypted) == ("office@example.com", TO, True)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].addr_spec == "office@example.com"


def test_a_server_on_this_computer_may_do_without_encryption_and_sign_in(start: Start) -> None:
    box = Mailbox()
    settings = Settings(mail_to="; ".join(TO), mail_server=f"127.0.0.1:{start(box)}")
    assert send(settings) == ""
    assert box.received[0][0] == TO[0], "without a user the first recipient is the sender"


def test_a_server_on_this_computer_that_offers_encryption_must_prove_who_it_is(
    start: Start, certificate: ssl.SSLContext, store: OwnKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    box = Mailbox()
    assert "its certificate is not trusted" in send(mail_to(start(box, tls_context=certificate), user=""))
    assert box.received == []


def test_a_line_end_in_a_name_makes_no_header(start: Start) -> None:
    box = Mailbox()
    name = "stock\r\nBcc: all@example.com\r\n\r\nHello.xlsm"
    assert send_summary(mail_to(start(box), user=""), RESULT, workbook=name, account=name) is None
    ((_sender, recipients, message, _tls),) = box.received
    assert tuple(recipients) == TO
    assert message["Bcc"] is None
    assert message["Subject"].endswith("– stock Bcc: all@example.com Hello.xlsm")


@pytest.mark.parametrize("place", ["recipients", "sender"])
def test_a_line_end_in_an_address_is_not_sent(start: Start, place: str) -> None:
    box = Mailbox()
    bad = "a@example.com\r\nBcc: all@example.com"
    mail = replace(mail_to(start(box), user=""), **{place: (bad,) if place == "recipients" else bad})
    assert "something unforeseen went wrong" in send(mail)
    assert box.received == []


# --- what does not


def own_address() -> str:
    """An address of this computer that others would use; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this computer is on no network")
        return str(probe.getsockname()[0])


def test_nothing_goes_unencrypted_over_a_network(start: Start, store: OwnKeyring) -> None:
    box, address = Mailbox(), own_address()
    port = start(box, address, authenticator=check_password, auth_require_tls=False)
    for user in (USER, ""):
        said = send(mail_to(port, user, address))
        assert f"the mail server {address}:{port} offers no encryption" in said
        assert "587" in said
    assert box.received == []


class Refusing(Mailbox):
    """Takes no mail, for the reason that is set."""

    sender = "250 OK"
    data = "250 OK"

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # same
        return self.data if self.data[0] != "2" else await super().handle_DATA(server, session, envelope)


@pytest.mark.parametrize(
    ("what", "answer", "words"),
    [
        ("sender", "530 authentication required", "takes no mail from office@example.com without a sign-in (530)"),
        ("data", "554 looks like spam", "refused the mail (554)"),
    ],
)
def test_a_refusal_is_told_with_its_code_and_the_log_has_the_words(
    start: Start, log: io.StringIO, what: str, answer: str, words: str
) -> None:
    box = Refusing()
    setattr(box, what, answer)
    said = send(mail_to(start(box), user=""))
    assert words in said
    assert answer[4:] not in said
    assert answer[4:] in log.getvalue()


def test_when_all_recipients_are_refused_nothing_is_sent(start: Start) -> None:
    box = Mailbox(refused=TO[0])
    said = send(replace(mail_to(start(box), user=""), recipients=TO[:1]))
    assert said.startswith("The summary was not sent by e-mail: the mail server refused boss@example.com (550)")
    assert "'E-mail summary to'" in said


def test_a_server_without_sign_in_is_told_from_a_wrong_password(start: Start, store: OwnKeyring) -> None:
    said = send(mail_to(start(Mailbox())))
    assert "takes no sign-in of this kind" in said
    store.set_password(MAIL_SERVICE, "plain", "ascii only")
    assert "takes no sign-in of this kind" in send(mail_to(start(Mailbox()), user="plain"))


def test_a_password_that_a_server_repeats_is_in_no_log(
    start: Start, certificate: ssl.SSLContext, store: OwnKeyring, log: io.StringIO
) -> None:
    def gossip(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=False, handled=False, message=f"535 no: {data.password.decode()}")

    store.set_password(MAIL_SERVICE, "office", "unmistakable-word")
    port = start(Mailbox(), tls_context=certificate, authenticator=gossip)
    said = send(mail_to(port, user="office"))
    assert "refused the sign-in of office (535)" in said
    assert "unmistakable-word" not in said + log.getvalue()
    assert "[hidden]" in log.getvalue()


def test_a_name_that_nobody_has(store: OwnKeyring) -> None:
    assert "there is no mail server of the name mail.invalid" in send(mail_to(587, host="mail.invalid"), timeout=20)


def test_a_port_where_the_other_kind_of_encryption_is_spoken(
    start: Start, certificate: ssl.SSLContext, store: OwnKeyring
) -> None:
    mail = replace(mail_to(start(Mailbox(), tls_context=certificate)), security="tls")
    assert "no encrypted connection" in send(mail)


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (lambda visitor: visitor.sendall(b"220 "), "ended the connection"),
        (
            lambda visitor: visitor.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "does not speak as a mail server should",
        ),
        (lambda visitor: visitor.sendall(b"554 go away\r\n"), "refused the mail (554)"),
    ],
)
def test_what_is_no_mail_server_gets_a_sentence(talk: Callable[[socket.socket], object], words: str) -> None:
    with talker(talk) as port:
        said = send(mail_to(port, user=""))
    assert f"the mail server 127.0.0.1:{port} {words}" in said


def test_a_server_that_answers_one_byte_at_a_time_holds_nobody_up() -> None:
    left = threading.Event()

    def dribble(visitor: socket.socket) -> None:
        # each byte would start an ordinary time-out again
        while not left.wait(0.02):
            visitor.sendall(b"2")

    with talker(dribble) as port:
        said = send(mail_to(port, user=""), timeout=0.4)
        left.set()
    assert "did not answer in time" in said


# --- key stores


class Odd(OwnKeyring):
    """A key store that does what it is told to when it is asked."""

    priority = 1  # type: ignore[assignment]  # keyring asks for a number, its types for a property

    def __init__(self, do: Callable[[], object]) -> None:
        super().__init__()
        self._do = do

    def get_password(self, service: str, username: str) -> str | None:
        self._do()
        return super().get_password(service, username)


def _locked() -> None:
    raise keyring.errors.KeyringLocked("locked")


def _broken() -> None:
    raise ValueError("of no known kind")


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (_locked, "key store is missing or locked"),
        (_broken, "something unforeseen went wrong"),
        (lambda: None, f"xlkijiji password --mail {USER}"),
    ],
)
def test_a_key_store_without_an_answer_costs_the_mail_and_nothing_else(
    store: OwnKeyring, do: Callable[[], object], words: str
) -> None:
    keyring.set_keyring(Odd(do))
    assert words in send(mail_to(1))


def test_a_key_store_that_waits_for_a_person_holds_nobody_up(store: OwnKeyring) -> None:
    answered = threading.Event()
    keyring.set_keyring(Odd(lambda: answered.wait(60)))
    said = send(mail_to(1), timeout=0.2)
    answered.set()
    assert "the key store did not give the password within 0.2 seconds" in said


def test_settings_that_nobody_checked_become_a_sentence_too() -> None:
    assert "'Mail server': it is blank" in send(Settings(mail_to="a@example.com"))
    assert send(Settings()) == ""


# --- the command


def test_the_mail_password_is_kept_apart_from_the_one_of_kijiji(
    store: OwnKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["for the mail", "for Kijiji"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    for words in (["password", "--mail", "me@example.com"], ["password", "me@example.com"]):
        assert CliRunner().invoke(app, words).exit_code == 0
    assert store.get_password(MAIL_SERVICE, "me@example.com") == "for the mail"
    assert store.get_password(SERVICE, "me@example.com") == "for Kijiji"


def test_a_computer_without_a_key_store_says_so(store: OwnKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "x")
    done = CliRunner().invoke(app, ["password", "--mail", "me@example.com"])
    assert done.exit_code == 1
    assert "summaries can't be sent by a mail server that wants a sign-in" in done.output
