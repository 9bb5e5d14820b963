"""The pages for a person without a terminal, as the office page serves them: over HTTP, and in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import urllib3
import waitress
import xlsxwriter
from python_calamine import CalamineWorkbook
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from xlkijiji.adopt.buttons import buttons_of
from xlkijiji.adopt.upgrading import upgrade_file
from xlkijiji.closed_settings import settings_labels
from xlkijiji.data_io import load_inventory
from xlkijiji.kijiji.browser import start_browser
from xlkijiji.messages import tell
from xlkijiji.office_page import adopt_pages
from xlkijiji.office_page.parts import Parts
from xlkijiji.office_page.server import create_app
from xlkijiji.settings import spoken_language
from xlkijiji.workbook.vba_reader import read_modules
from xlkijiji.xlsx_parts import Parts as PackageParts
from xlkijiji.xlsx_parts import sheet_part


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's Documents folder."""
    folder = tmp_path / "Documents"
    folder.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(folder))
    return folder


@pytest.fixture
def parts(documents: Path) -> Iterator[Parts]:
    """The office page, served."""
    one = Parts()
    server = waitress.create_server(create_app(one), host="127.0.0.1", port=0)
    one.guard.port = server.effective_port
    threading.Thread(target=server.run, daemon=True).start()
    yield one
    server.task_dispatcher.shutdown()
    one.watcher.close()


PATIENCE = 120.0
"""Seconds for an answer: a file may be converted for it."""


class Person:
    """Somebody with the cookie and the word of the page."""

    def __init__(self, parts: Parts, language: str = "en") -> None:
        answer = urllib3.request("GET", parts.guard.new_address(), redirect=False)
        self.origin, self._word = parts.guard.origin, parts.guard.word
        self._headers = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "Accept-Language": language}

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        """Look at a page."""
        return urllib3.request("GET", urljoin(self.origin, path), headers=self._headers, timeout=PATIENCE)

    def send(self, path: str, /, **fields: object) -> urllib3.BaseHTTPResponse:
        """Post a form as a browser does; redirects are followed."""
        form = {"word": self._word, **fields}
        headers = {**self._headers, "Origin": self.origin}
        return urllib3.request("POST", urljoin(self.origin, path), headers=headers, fields=form, timeout=PATIENCE)


@pytest.fixture
def person(parts: Parts) -> Person:
    """Somebody who reads English."""
    return Person(parts)


HEADERS = ("Ref", "Item name", "Blurb", "Price")


def their_file(path: Path, *headers: str, cells: tuple[object, ...] = ()) -> Path:
    """A small inventory."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write_row(0, 0, headers or HEADERS)
        sheet.write_row(1, 0, cells or ("A1", "Yellow crane", "Big and strong", 900))
        book.add_worksheet("Notes")
    return path


def text_of(answer: urllib3.BaseHTTPResponse) -> str:
    """The page."""
    return answer.data.decode()


def choices(*names: str) -> dict[str, str]:
    """What the drop-downs say, from the left."""
    return {f"column-{number}": name for number, name in enumerate(names, 1)}


def handed_in(person: Person, source: Path) -> str:
    """Hand the file in; the path of the page with its columns."""
    page = person.send("/adopt/", file=(source.name, source.read_bytes()))
    assert page.status == 200, text_of(page)
    return str(page.geturl())


def test_a_file_is_handed_in_corrected_and_made_into_a_workbook(
    person: Person, documents: Path, tmp_path: Path
) -> None:
    source = their_file(tmp_path / "stock d'été.xlsx")
    before = source.read_bytes()
    columns = handed_in(person, source)
    page = text_of(person.get(columns))
    assert "Yellow crane" in page, "values are shown, so that a person sees what a column holds"
    assert "has no column for &#39;Description&#39;" in page
    assert "--" not in re.sub(r"<!--.*?-->", "", page), "nobody here has a terminal"
    again = person.send(columns, action="make", **choices("sku", "title", "", "price"), sheet="Stock")
    assert "has no column for &#39;Description&#39;" in text_of(again)
    assert not list(documents.iterdir())
    done = person.send(columns, action="make", **choices("sku", "title", "description", "price"), sheet="Stock")
    assert "Your workbook is ready" in text_of(done)
    assert load_inventory(documents / "stock d'été.xlsm")["description"].tolist() == ["Big and strong"]
    assert (documents / "pictures").is_dir()
    assert source.read_bytes() == before
    gone = person.get(columns)
    assert gone.status == 404, "the copy that was handed in is gone"
    assert "Choose it once more" in text_of(gone)


def test_a_column_that_fills_in_a_field_of_the_ad_is_not_said_to_be_left_alone(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, ["SKU", "Title", "Description", "Cost", "Colour"])
    page = text_of(person.get(handed_in(person, path)))
    blank = dict(re.findall(r'name="column-(\d)">\s*<option value="">([^<]*)', page))
    assert (blank["4"], blank["5"]) == ("yours, left alone", "yours; fills in this field of the ad")


def test_the_tick_box_adds_blank_columns_for_what_is_missing(person: Person, documents: Path, tmp_path: Path) -> None:
    columns = handed_in(person, their_file(tmp_path / "stock.xlsx"))
    fields = {**choices("sku", "title", "", "price"), "missing": "yes", "action": "make"}
    assert "Your workbook is ready" in text_of(person.send(columns, **fields))
    assert load_inventory(documents / "stock.xlsm")["description"].fillna("").tolist() == [""]


def test_who_reads_the_page_in_french_gets_a_french_workbook(parts: Parts, documents: Path, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock.xlsx", "Ref", "Item name", "Description", "Price")
    french = Person(parts, "fr-CA,fr;q=0.9")
    columns = handed_in(french, source)
    done = french.send(columns, action="make", **choices("sku", "title", "description", "price"), sheet="Stock")
    made = documents / "stock.xlsm"
    assert tell("adopt-page-done", "fr") in text_of(done)
    labels = settings_labels(made)
    assert spoken_language(labels) == "fr"
    assert labels["Feuille d’inventaire"] == "Stock"
    assert labels["Colonne\u00a0: Titre"] == "Item name"
    book = CalamineWorkbook.from_path(made)
    assert book.sheet_names == ["Stock", "Notes", "Paramètres"]
    assert "État de publication" in book.get_sheet_by_name("Stock").to_python()[0]
    assert load_inventory(made)["title"].tolist() == ["Yellow crane"]
    with zipfile.ZipFile(made) as file:
        package = PackageParts(file)
        captions = [button.caption for button in buttons_of(package, sheet_part(package, "Stock"))]
        macros = "\n".join(read_modules(package.read("xl/vbaProject.bin"))["XlKijiji"][1])
    assert {"Publier", "Publier la sélection", "Diagnostic"} <= set(captions)
    assert tell("vba-starting", "fr") in macros
    assert upgrade_file(made).done == (), "it is up to date in its own language"


def test_a_path_serves_too_and_a_second_workbook_has_a_name_of_its_own(
    person: Person, documents: Path, tmp_path: Path
) -> None:
    source = their_file(tmp_path / "stock.xlsx", "SKU", "Title", "Description", "Price")
    for _ in range(2):
        columns = str(person.send("/adopt/", path=f'"{source}"').geturl())
        fields = choices("sku", "title", "description", "price")
        assert "Your workbook is ready" in text_of(person.send(columns, action="make", **fields))
    assert sorted(path.name for path in documents.glob("*.xlsm")) == ["stock 2.xlsm", "stock.xlsm"]


def test_two_columns_of_the_same_header_are_told_apart(person: Person, documents: Path, tmp_path: Path) -> None:
    source = their_file(
        tmp_path / "stock.xlsx", "SKU", "Title", "Notes", "Price", "Notes", "Blurb",
        cells=("A1", "Yellow crane", "from Ann", 900, "by the door", "Big and strong"),
    )  # fmt: skip
    columns = handed_in(person, source)
    page = text_of(person.get(columns))
    assert "Two columns of the sheet are called &#39;Notes&#39;" in page, "they look like a description"
    fields = choices("sku", "title", "", "price", "", "description")
    assert "Your workbook is ready" in text_of(person.send(columns, action="make", **fields))
    assert load_inventory(documents / "stock.xlsm")["description"].tolist() == ["Big and strong"]


def test_what_can_t_be_taken_is_said_on_the_page(person: Person, tmp_path: Path) -> None:
    assert "Choose a file first" in text_of(person.send("/adopt/"))
    answer = person.send("/adopt/", file=("letter.docx", b"x"))
    assert answer.status == 400
    assert "the format &#39;.docx&#39; is not one of" in text_of(answer)
    assert "There is no file" in text_of(person.send("/adopt/", path=str(tmp_path / "none.xlsx")))
    bare = person.send("/adopt/", path=str(their_file(tmp_path / "bare.xlsx", "a", "b", "c", "d")))
    assert bare.status == 400
    assert "Write such words above your columns" in text_of(bare)
    assert "--column" not in text_of(bare)


def test_a_copy_that_has_gone_bad_meanwhile_is_asked_for_again(person: Person, own_home: Path, tmp_path: Path) -> None:
    columns = handed_in(person, their_file(tmp_path / "stock.xlsx"))
    (kept,) = (own_home / "data" / "adopt").glob("*/*.xlsx")
    adopt_pages._read.cache_clear()  # as another server has it, which was started since
    kept.write_bytes(b"not a workbook")
    answer = person.get(columns)
    assert answer.status == 400
    assert "can&#39;t be read as a workbook" in text_of(answer)
    kept.unlink()
    assert person.get(columns).status == 404


def test_a_sheet_without_items_is_said_to_be_one(person: Person, tmp_path: Path) -> None:
    columns = handed_in(person, their_file(tmp_path / "stock.xlsx", "SKU", "Title", "Description", "Price"))
    shown = person.get(f"{columns}?sheet=Notes")
    assert shown.status == 200
    assert "No row of headers was found there" in text_of(shown)
    assert "Yellow crane" in text_of(shown), "the sheet with the items is shown all the same"


def test_the_whole_page_speaks_one_language(parts: Parts, tmp_path: Path) -> None:
    person = Person(parts, "fr-CA,fr;q=0.9,en;q=0.5")
    refused = text_of(person.send("/adopt/", file=("lettre.docx", b"x")))
    assert "ne peut pas être repris" in refused
    columns = handed_in(person, their_file(tmp_path / "stock.xlsx"))
    page = text_of(person.get(columns))
    assert "n’a pas de colonne pour" in page
    fields = {**choices("sku", "title", "description", "price"), "action": "look"}
    assert "Ajouté à droite, à partir de la colonne" in text_of(person.send(columns, **fields)), "the plan too"
    assert "has no column for" in text_of(person.get(f"{columns}?lang=en"))


def test_an_old_file_is_converted_once(
    person: Person, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = shutil.which("soffice")
    assert program is not None
    source, profile = tmp_path / "stock.ods", (tmp_path / "profile").as_uri()
    command = [program, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "ods", "--outdir"]
    subprocess.run([*command, tmp_path, their_file(tmp_path / "stock.xlsx")], check=True, timeout=120)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "soffice").write_text(f'#!/bin/sh\necho started >> "{folder}/log"\nexec "{program}" "$@"\n')
    (folder / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    columns = handed_in(person, source)
    assert person.get(columns).status == 200
    fields = choices("sku", "title", "description", "price")
    assert "was converted by LibreOffice" in text_of(person.send(columns, action="look", **fields))
    assert "Your workbook is ready" in text_of(person.send(columns, action="make", **fields))
    assert (folder / "log").read_text().splitlines() == ["started"]


def test_nothing_is_reached_without_the_word_or_outside_of_the_folder(person: Person, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock.xlsx")
    assert person.send("/adopt/", word="", file=(source.name, source.read_bytes())).status == 403
    for path in ("/adopt/..%2f..%2fdata", "/adopt/aaaaaaaaaaaaaaaaaaaaaa", "/adopt/made/..%2fstock.xlsx"):
        assert person.get(path).status == 404


def test_in_a_browser_a_person_goes_from_the_file_to_the_workbook(
    parts: Parts, documents: Path, tmp_path: Path
) -> None:
    source = their_file(tmp_path / "stock.xlsx")
    program = shutil.which("chromium")
    assert program is not None
    browser = start_browser(Path(program), headless=True, profile_dir=None, page_timeout=60)
    try:
        browser.get(parts.guard.new_address())
        browser.find_element(By.CSS_SELECTOR, 'a[href="/adopt/"]').click()
        wait = WebDriverWait(browser, 30)
        wait.until(lambda page: page.find_element(By.ID, "file")).send_keys(str(source))
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
        box = wait.until(lambda page: page.find_element(By.ID, "column-3"))
        assert Select(browser.find_element(By.ID, "column-2")).first_selected_option.text == "Title"
        Select(box).select_by_visible_text("Description")
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
        made = wait.until(lambda page: page.find_element(By.ID, "made")).text
        assert made == str(documents / "stock.xlsm")
        assert load_inventory(made)["description"].tolist() == ["Big and strong"]
    finally:
        browser.quit()
