"""The pages for a person without a terminal: over HTTP, and in a real browser."""

from __future__ import annotations

import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
import urllib3
import waitress
import xlsxwriter
from flask import Flask, abort, request
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
from xlkijiji.settings import spoken_language
from xlkijiji.workbook.vba_reader import read_modules
from xlkijiji.xlsx_parts import Parts, sheet_part

WORD = "only our own pages know it"


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's Documents folder."""
    folder = tmp_path / "Documents"
    folder.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(folder))
    return folder


@pytest.fixture
def address(documents: Path) -> Iterator[str]:
    """Where the pages are served, with a guard as the office page has one."""
    app = Flask("xlkijiji.office_page.adopt_pages")
    app.extensions["xlkijiji"] = SimpleNamespace(guard=SimpleNamespace(word=WORD))
    app.register_blueprint(adopt_pages.pages)

    @app.before_request
    def ask_for_the_word() -> None:
        if request.method == "POST" and request.form.get("word") != WORD:
            abort(403)

    server = waitress.create_server(app, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()


def their_file(path: Path, *headers: str) -> Path:
    """A small inventory."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write_row(0, 0, headers or ("Ref", "Item name", "Blurb", "Price"))
        sheet.write_row(1, 0, ["A1", "Yellow crane", "Big and strong", 900])
        book.add_worksheet("Notes")
    return path


def send(address: str, headers: dict[str, str] | None = None, **fields: object) -> urllib3.BaseHTTPResponse:
    """Post a form; redirects are followed."""
    return urllib3.request("POST", address, headers=headers, fields={"word": WORD, **fields})


def text_of(answer: urllib3.BaseHTTPResponse) -> str:
    """The page."""
    return answer.data.decode()


def test_a_file_is_handed_in_corrected_and_made_into_a_workbook(address: str, documents: Path, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock d'été.xlsx")
    before = source.read_bytes()
    page = send(f"{address}/adopt/", file=(source.name, before))
    assert page.status == 200
    assert "Yellow crane" in text_of(page), "values are shown, so that a person sees what a column holds"
    assert "no column for &#39;Description&#39;" in text_of(page)
    token = re.search(r"/adopt/([\w-]+)", str(page.geturl()))
    assert token is not None
    chosen = {"column-1": "sku", "column-2": "title", "column-3": "", "column-4": "price", "sheet": "Stock"}
    again = send(f"{address}/adopt/{token[1]}", action="make", **chosen)
    assert "no column for &#39;Description&#39;" in text_of(again)
    assert not list(documents.iterdir())
    done = send(f"{address}/adopt/{token[1]}", action="make", **{**chosen, "column-3": "description"})
    assert "Your workbook is ready" in text_of(done)
    assert load_inventory(documents / "stock d'été.xlsm")["description"].tolist() == ["Big and strong"]
    assert (documents / "pictures").is_dir()
    assert source.read_bytes() == before
    gone = urllib3.request("GET", f"{address}/adopt/{token[1]}")
    assert gone.status == 404, "the copy that was handed in is gone"


def test_a_page_in_french_makes_a_french_workbook(address: str, documents: Path, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock.xlsx", "SKU", "Titre", "Description", "Prix")
    headers = {"Cookie": "lang=fr"}

    def answer(where: str, **fields: object) -> urllib3.BaseHTTPResponse:
        return urllib3.request("POST", where, fields={"word": WORD, **fields}, headers=headers)

    page = answer(f"{address}/adopt/", path=str(source))
    status, numbers = tell("header-status", "fr"), tell("header-ad-id", "fr")
    assert f"{status}, {numbers}" in text_of(page).replace("&#39;", "'"), "what is added is named as it will be"
    chosen = {"column-1": "sku", "column-2": "title", "column-3": "description", "column-4": "price"}
    assert answer(urljoin(address, str(page.geturl())), action="make", **chosen).status == 200
    made = documents / "stock.xlsm"
    assert settings_labels(made)["Feuille d’inventaire"] == "Stock"
    assert load_inventory(made).attrs["headers"]["posting_status"] == status


def test_who_reads_the_page_in_french_gets_a_french_workbook(address: str, documents: Path, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock.xlsx", "Ref", "Item name", "Description", "Price")
    french = {"Accept-Language": "fr-CA,fr;q=0.9"}
    page = send(f"{address}/adopt/", french, path=str(source))
    token = re.search(r"/adopt/([\w-]+)", str(page.geturl()))
    assert token is not None
    chosen = {"column-1": "sku", "column-2": "title", "column-3": "description", "column-4": "price", "sheet": "Stock"}
    done = send(f"{address}/adopt/{token[1]}", french, action="make", **chosen)
    made = documents / "stock.xlsm"
    assert tell("adopt-page-done", "fr") in text_of(done)
    labels = settings_labels(made)
    assert spoken_language(labels) == "fr"
    assert labels["Feuille d’inventaire"] == "Stock"
    assert labels["Colonne : Titre"] == "Item name"
    book = CalamineWorkbook.from_path(made)
    assert book.sheet_names == ["Stock", "Notes", "Paramètres"]
    assert "État de publication" in book.get_sheet_by_name("Stock").to_python()[0]
    assert load_inventory(made)["title"].tolist() == ["Yellow crane"]
    with zipfile.ZipFile(made) as file:
        parts = Parts(file)
        captions = [button.caption for button in buttons_of(parts, sheet_part(parts, "Stock"))]
        macros = "\n".join(read_modules(parts.read("xl/vbaProject.bin"))["XlKijiji"][1])
    assert {"Publier", "Publier la sélection", "Diagnostic"} <= set(captions)
    assert tell("vba-starting", "fr") in macros
    assert upgrade_file(made).done == (), "it is up to date in its own language"


def test_a_path_serves_too_and_a_second_workbook_has_a_name_of_its_own(
    address: str, documents: Path, tmp_path: Path
) -> None:
    source = their_file(tmp_path / "stock.xlsx", "SKU", "Title", "Description", "Price")
    for _ in range(2):
        page = send(f"{address}/adopt/", path=f'"{source}"')
        fields = {"column-1": "sku", "column-2": "title", "column-3": "description", "column-4": "price"}
        assert "Your workbook is ready" in text_of(send(urljoin(address, str(page.geturl())), action="make", **fields))
    assert sorted(path.name for path in documents.glob("*.xlsm")) == ["stock 2.xlsm", "stock.xlsm"]


def test_what_can_t_be_taken_is_said_on_the_page(address: str, tmp_path: Path) -> None:
    assert "Choose a file first" in text_of(send(f"{address}/adopt/"))
    answer = send(f"{address}/adopt/", file=("letter.docx", b"x"))
    assert answer.status == 400
    assert "the format &#39;.docx&#39; is not one of" in text_of(answer)
    assert "There is no file" in text_of(send(f"{address}/adopt/", path=str(tmp_path / "none.xlsx")))


def test_a_sheet_without_items_is_said_to_be_one(address: str, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock.xlsx", "SKU", "Title", "Description", "Price")
    page = str(send(f"{address}/adopt/", path=str(source)).geturl())
    shown = urllib3.request("GET", f"{urljoin(address, page)}?sheet=Notes")
    assert shown.status == 200
    assert "No sheet of stock.xlsx has a row of headers" in text_of(shown)
    assert "Yellow crane" in text_of(shown), "the sheet with the items is shown all the same"


def test_nothing_is_reached_without_the_word_or_outside_of_the_folder(address: str, tmp_path: Path) -> None:
    source = their_file(tmp_path / "stock.xlsx")
    refused = urllib3.request("POST", f"{address}/adopt/", fields={"file": (source.name, source.read_bytes())})
    assert refused.status == 403
    for path in ("/adopt/..%2f..%2fdata", "/adopt/aaaaaaaaaaaaaaaaaaaaaa", "/adopt/made/..%2fstock.xlsx"):
        assert urllib3.request("GET", f"{address}{path}").status == 404


def test_in_a_browser_a_drop_down_corrects_what_was_not_understood(
    address: str, documents: Path, tmp_path: Path
) -> None:
    source = their_file(tmp_path / "stock.xlsx")
    program = shutil.which("chromium")
    assert program is not None
    browser = start_browser(Path(program), headless=True, profile_dir=None, page_timeout=60)
    try:
        browser.get(f"{address}/adopt/")
        browser.find_element(By.ID, "file").send_keys(str(source))
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
        wait = WebDriverWait(browser, 30)
        box = wait.until(lambda page: page.find_element(By.ID, "column-3"))
        assert Select(browser.find_element(By.ID, "column-2")).first_selected_option.text == "Title"
        Select(box).select_by_visible_text("Description")
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
        made = wait.until(lambda page: page.find_element(By.ID, "made")).text
        assert made == str(documents / "stock.xlsm")
        assert load_inventory(made)["description"].tolist() == ["Big and strong"]
    finally:
        browser.quit()
