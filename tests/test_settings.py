"""The Settings sheet: defaults, what is understood, and what is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlkijiji.errors import SettingsError
from xlkijiji.settings import FIELDS, SITE_URL, MailSettings, Settings


def test_a_workbook_without_a_settings_sheet_rehearses() -> None:
    settings = Settings.from_labels({})
    assert settings == Settings()
    assert settings.practice_mode
    assert settings.base_url != SITE_URL


def test_every_default_on_the_sheet_is_the_default_in_the_code() -> None:
    assert Settings.from_labels({field.label: field.shown_default for field in FIELDS}) == Settings()


def test_labels_match_without_regard_to_case_and_blanks() -> None:
    settings = Settings.from_labels(
        {"PRACTICE  mode": "no", "kijiji account ": "me@example.com", "Stop after (ads)": 5.0}
    )
    assert (settings.practice_mode, settings.account, settings.stop_after) == (False, "me@example.com", 5)
    assert settings.base_url == SITE_URL


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Practice mode", "perhaps"),
        ("For sale by", "the bank"),
        ("Pause between ads (s)", "soon"),
        ("Pause between ads (s)", -1),
        ("Practice site", "http://example.com:8765"),
        ("Practice site", "https://www.kijiji.ca"),
        ("Practice site", "http://127.0.0.1"),
        ("Practice site", "http://127.0.0.1:abc"),
        ("Practice site", "http://127.0.0.1.example.com:80"),
        ("E-mail summary to", "the boss"),
        ("E-mail summary to", "Boss <boss@example.com>"),
        ("E-mail summary to", "boss@example"),
        ("E-mail summary to", "boss..x@example.com"),
        ("E-mail summary to", "patron@québec.example"),
        ("E-mail summary to", "boss@example.com\rBcc: all@example.com"),
        ("Mail server", "smtp example.com"),
        ("Mail server", "smtp.example.com:"),
        ("Mail server", "smtp.example.com:mail"),
        ("Mail server", "smtp.example.com:0"),
        ("Mail server", "smtp.example.com:65536"),
        ("Mail server", "smtps://smtp.example.com"),
        ("Mail server", "smtp.example.com/x"),
        ("Mail server", "me@smtp.example.com"),
        ("Mail server", "::1"),
        ("Mail server", "[::x]:587"),
        ("Mail user", "the office"),
        ("Mail user", "office\nBcc"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_label(label: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_labels({label: value})
    assert label in str(caught.value)
    assert str(value) in str(caught.value)


def test_pictures_are_beside_the_workbook_unless_the_path_is_full(tmp_path: Path) -> None:
    assert Settings().images_dir(tmp_path) == tmp_path / "pictures"
    assert Settings(pictures_folder=str(tmp_path / "p")).images_dir(Path("/elsewhere")) == tmp_path / "p"


# --- mail


def _mail(**values: str) -> MailSettings | None:
    labels = {"to": "E-mail summary to", "server": "Mail server", "user": "Mail user"}
    return Settings.from_labels({labels[key]: value for key, value in values.items()}).mail


def test_without_a_recipient_there_is_no_mail() -> None:
    assert Settings().mail is None
    assert _mail(server="smtp.example.com", user="me@example.com") is None


def test_recipients_are_separated_by_semicolons_commas_or_lines_and_the_first_one_sends() -> None:
    mail = _mail(to=" boss@example.com; clerk@example.com,x@example.ca\nboss@example.com ;", server="smtp.example.com")
    assert mail == MailSettings(
        ("boss@example.com", "clerk@example.com", "x@example.ca"),
        "smtp.example.com",
        587,
        "starttls",
        "",
        "boss@example.com",
    )


@pytest.mark.parametrize(
    ("server", "host", "port", "security"),
    [
        ("smtp.example.com:465", "smtp.example.com", 465, "tls"),
        ("smtp.example.com:2525", "smtp.example.com", 2525, "starttls"),
        ("SMTP.Example.com", "smtp.example.com", 587, "starttls"),
        ("localhost:25", "localhost", 25, "starttls"),
        ("192.0.2.7", "192.0.2.7", 587, "starttls"),
        ("[2001:db8::7]:465", "2001:db8::7", 465, "tls"),
    ],
)
def test_the_port_says_how_mail_is_encrypted(server: str, host: str, port: int, security: str) -> None:
    mail = _mail(to="boss@example.com", server=server)
    assert mail is not None
    assert (mail.host, mail.port, mail.security) == (host, port, security)


@pytest.mark.parametrize(
    ("user", "sender"), [("office@example.com", "office@example.com"), ("apikey", "boss@example.com")]
)
def test_a_user_that_is_an_address_is_the_sender(user: str, sender: str) -> None:
    mail = _mail(to="boss@example.com", server="smtp.example.com", user=user)
    assert mail is not None
    assert (mail.user, mail.sender) == (user, sender)


def test_a_recipient_without_a_server_is_refused() -> None:
    with pytest.raises(SettingsError, match="'Mail server': it is blank"):
        _mail(to="boss@example.com")


def test_no_setting_is_a_password() -> None:
    assert not [field for field in FIELDS if "password" in field.name or "password" in field.label.casefold()]
