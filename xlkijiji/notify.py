"""The summary of a run, sent by e-mail; whatever goes wrong with it, no run is harmed.

The password is in the operating system's key store and nowhere else. It, and the summary, leave this computer only
encrypted, to a server whose certificate was verified.
"""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime, make_msgid
from pathlib import Path
from typing import Any, TypeVar

import keyring
import keyring.errors

from xlkijiji import logs
from xlkijiji.errors import SettingsError
from xlkijiji.messages import tell
from xlkijiji.report import Report, build_report
from xlkijiji.settings import STARTTLS_PORT, TLS_PORT, MailSettings, Settings

__all__ = ["MAIL_SERVICE", "TIMEOUT_SECONDS", "send_summary"]

log = logging.getLogger(__name__)

MAIL_SERVICE = "xlkijiji mail"
"""The name under which the operating system's key store keeps passwords of mail servers, by user."""

TIMEOUT_SECONDS = 20.0
"""For the whole delivery, from the look-up of the server's name to its last word; and as much for the key store."""

_OWN_NAME = "[127.0.0.1]"
"""What we say at the greeting: the computer's real name is nobody's business, and may have letters SMTP can't take."""

T = TypeVar("T")


def send_summary(
    settings: Settings | MailSettings | None,
    result: Mapping[str, Any],
    *,
    workbook: str | Path,
    account: str,
    timeout: float = TIMEOUT_SECONDS,
) -> str | None:
    """Send the summary of `result` (run_batch's) by e-mail; None when it was sent, or when nobody wants one.

    Else a sentence that says why not and what to do. `workbook` is the full path or the web address of the file, and
    `account` who posted. `timeout` is in seconds. Never raises an `Exception`.
    """
    try:
        mail = settings.mail if isinstance(settings, Settings) else settings
        if mail is None or not mail.recipients:
            return None
    except SettingsError as error:
        return tell("no-summary-settings", error=error)
    try:
        message = _compose(mail, build_report(result, workbook=workbook, account=account))
        password = _password(mail.user, timeout) if mail.user else ""
        refused = _within(timeout, lambda: _deliver(mail, message, password, timeout))
    except _NotSent as reason:
        logs.event(log, "summary not sent", level=logging.WARNING, server=_name(mail), reason=reason)
        return tell("no-summary-because", reason=reason)
    except (smtplib.SMTPException, OSError) as error:  # a TimeoutError, or what ssl raises, is an OSError
        logs.event(
            log, "summary not sent", level=logging.WARNING, server=_name(mail), kind=type(error).__name__, error=error
        )
        return tell("no-summary-because", reason=_reason(error, mail))
    except Exception:
        log.exception("the summary could not be sent")
        return tell("no-summary-unforeseen")
    if refused:
        logs.event(log, "summary sent in part", level=logging.WARNING, server=_name(mail), refused=refused)
        return tell("summary-not-to", refused=_refusals(refused))
    logs.event(log, "summary sent", server=_name(mail), recipients=len(mail.recipients))
    return None


class _NotSent(Exception):
    """The rest of the sentence that says why not, and what to do."""


def _name(mail: MailSettings) -> str:
    return f"{mail.host}:{mail.port}"


def _within(seconds: float, job: Callable[[], T]) -> T:
    """What `job` returns or raises; TimeoutError when it takes longer.

    A socket's own time-out starts again with each byte, and a look-up of a name or an unlock dialog of a key store has
    none: so the job has a thread of its own. One that hangs is left behind, and doesn't keep the process alive.
    """
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(job())
        except Exception as error:  # noqa: BLE001 - not swallowed: it is raised again where the result is awaited
            future.set_exception(error)

    threading.Thread(target=work, name="xlkijiji mail", daemon=True).start()
    return future.result(seconds)


def _password(user: str, timeout: float) -> str:
    """The stored password, which no log shows from then on; raises _NotSent when there is none to be had."""
    store = tell("store-mail-password", user=user)
    try:
        password = _within(timeout, lambda: keyring.get_password(MAIL_SERVICE, user))
    except keyring.errors.KeyringError as error:
        log.info("no key store: %s", error)
        raise _NotSent(tell("key-store-locked")) from error
    except TimeoutError as error:
        raise _NotSent(tell("key-store-slow", seconds=timeout)) from error
    if not password:
        raise _NotSent(tell("no-mail-password", user=user, advice=store))
    # also as it goes over the wire, in case that a server repeats it
    for secret in (password, _base64(password), _plain(user, password)):
        logs.hide(secret)
    return password


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


def _plain(user: str, password: str) -> str:
    """What the PLAIN mechanism sends (RFC 4616)."""
    return _base64(f"\0{user}\0{password}")


# --- the message


def _compose(mail: MailSettings, report: Report) -> EmailMessage:
    """The summary as a mail with both bodies. EmailMessage itself refuses a header with a line end in it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr(("xlkijiji", mail.sender))
    message["To"] = ", ".join(mail.recipients)
    message["Subject"] = report.subject
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies (RFC 3834)
    # lines of a mail have at most 998 bytes; this way of writing breaks longer ones
    message.set_content(report.text, cte="quoted-printable")
    message.add_alternative(report.html, subtype="html", cte="quoted-printable")
    return message


# --- the conversation


def _deliver(mail: MailSettings, message: EmailMessage, password: str, timeout: float) -> dict[str, tuple[int, bytes]]:
    """Hand `message` to the server; the recipients that it refused, each with the server's code and words."""
    smtp = _connect(mail, 2 * timeout)  # longer than anyone waits: this only ends a thread that was left behind
    try:
        if mail.user:
            _sign_in(smtp, mail.user, password)
        refused = smtp.send_message(message, mail.sender, mail.recipients)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.putcmd("quit")  # the mail is accepted, so nobody waits for a farewell
        return refused
    finally:
        smtp.close()


def _connect(mail: MailSettings, timeout: float) -> smtplib.SMTP:
    """An encrypted connection, its certificate verified; a plain one only to a server on this very computer."""
    context = ssl.create_default_context()
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, _OWN_NAME, timeout=timeout, context=context)
    smtp = smtplib.SMTP(mail.host, mail.port, _OWN_NAME, timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        elif not _is_on_this_computer(smtp.sock):
            raise _NotSent(tell("mail-no-encryption", name=_name(mail), starttls=STARTTLS_PORT, tls=TLS_PORT))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _is_on_this_computer(connected: socket.socket | None) -> bool:
    """Judged by whom we are really connected to, since a name may mean anything."""
    return connected is not None and ipaddress.ip_address(connected.getpeername()[0]).is_loopback


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    if user.isascii() and password.isascii():
        smtp.login(user, password)
        return
    # smtplib's own login knows ASCII only, and a French password may have more
    smtp.ehlo_or_helo_if_needed()
    if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("no sign-in with letters beyond ASCII")
    code, words = smtp.docmd("AUTH", f"PLAIN {_plain(user, password)}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


# --- what went wrong, for people


def _reason(error: smtplib.SMTPException | OSError, mail: MailSettings) -> str:
    """Why, and what to do. The server's own words are for the log: they may be anything."""
    server, check = tell("the-mail-server", name=_name(mail)), tell("check-mail-server")
    match error:
        case TimeoutError():
            return tell("mail-no-answer", server=server, check=check)
        case socket.gaierror():
            return tell("mail-no-server", host=mail.host, check=check)
        case ssl.SSLCertVerificationError():
            return tell("mail-certificate", server=server, detail=error.verify_message, check=check)
        case ssl.SSLError():
            return tell("mail-no-tls", server=server, starttls=STARTTLS_PORT, tls=TLS_PORT)
        case smtplib.SMTPAuthenticationError():
            return tell("mail-sign-in-refused", server=server, user=mail.user, code=error.smtp_code)
        case smtplib.SMTPNotSupportedError():
            return tell("mail-no-sign-in", server=server)
        case smtplib.SMTPRecipientsRefused():
            return tell("mail-refused-recipients", refused=_refusals(error.recipients))
        case smtplib.SMTPSenderRefused() if not mail.user:
            return tell("mail-wants-sign-in", server=server, sender=mail.sender, code=error.smtp_code)
        case smtplib.SMTPSenderRefused():
            return tell("mail-refuses-sender", server=server, sender=mail.sender, code=error.smtp_code)
        case smtplib.SMTPServerDisconnected():
            return tell("mail-hung-up", server=server, starttls=STARTTLS_PORT, tls=TLS_PORT)
        case smtplib.SMTPResponseException() if error.smtp_code < 200:  # smtplib's -1: what came is no answer at all
            return tell("mail-no-mail-server", server=server, check=check)
        case smtplib.SMTPResponseException():
            return tell("mail-refused", server=server, code=error.smtp_code)
        case smtplib.SMTPException():
            return tell("mail-no-mail-server", server=server, check=check)
        case _:
            return tell("mail-not-reached", server=server, check=check)


def _refusals(refused: Mapping[str, tuple[int, bytes]]) -> str:
    told = ", ".join(f"{address} ({code})" for address, (code, _words) in refused.items())
    return tell("mail-not-for-address", told=told)
