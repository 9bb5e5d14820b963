"""Check Sheet: what it writes beside which row, what it leaves alone, and what it says."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from journal_bots import SiteBot, new_journal
from posting_bots import PlainBot, at_noon

from xlkijiji import addin, worker
from xlkijiji.clicked_rows import hand_on, take_over
from xlkijiji.inventory import Record
from xlkijiji.inventory_check import check_inventory
from xlkijiji.messages import LANGUAGES, language, speaking, tell
from xlkijiji.posting import run_batch
from xlkijiji.records import InventoryTable, table_from_grid
from xlkijiji.runlock import RunLock
from xlkijiji.sheet_check import MARK, SheetCheck, SheetNotes, sheet_notes
from xlkijiji.workbook.session import Host

HEADERS = ("SKU", "Title", "Description", "Price", "Posting status", "Last error")
BAD_PRICE = "Row 4, Price: 'abc' is not a number. Type the amount alone, such as 24500 or 1299.95."


class WarningBot(PlainBot):
    """Warns of titles with a question mark."""

    def warnings(self, record: Record) -> list[str]:
        return ["Title: it asks something."] if "?" in record["title"] else []


def sheet(*rows: Sequence[object], headers: Sequence[str] = HEADERS) -> InventoryTable:
    """Rows of (price, posting status, last error, title), from row 4 of a sheet; what is left out is blank."""
    whole = [[*row, *[None] * (4 - len(row))] for row in rows]
    grid = [
        [f"A{at}", title or f"Truck {at}", "It runs very well", price, status, error][: len(headers)]
        for at, (price, status, error, title) in enumerate(whole, 1)
    ]
    return table_from_grid([[*headers], *grid], "Sheet 'Inventory'", first_row=3)


def check(table: InventoryTable) -> SheetNotes:
    return sheet_notes(table, check_inventory(table.frame, WarningBot()))


def carried_on(table: InventoryTable, notes: SheetNotes, **cells: object) -> InventoryTable:
    """The sheet after the check; the person then puts `cells` into its first row."""
    frame = table.frame.copy(deep=True)
    frame.attrs = copy.copy(table.frame.attrs)
    for position, values in notes.cells.items():
        for name, value in values.items():
            frame.loc[position, name] = value
    for name, value in cells.items():
        frame[name] = frame[name].astype(object)
        frame.loc[0, name] = value
    return InventoryTable(frame, table.header_row, table.rows, table.columns)


@pytest.mark.parametrize("status", ["", "pending", "Error: the site said no", "error", "Error: Draft not posted – no"])
def test_a_row_that_cannot_be_posted_gets_what_a_run_would_write(status: str) -> None:
    table = sheet(("abc", status, "something of a run"))
    notes = check(table)
    assert notes.cells == {0: {"posting_status": f"Error: {BAD_PRICE}", "last_error": f"{MARK}{BAD_PRICE}"}}
    run = run_batch(table.frame, "new", WarningBot(), row_numbers=table.rows)
    assert run["results"][0]["status_update"] == notes.cells[0]["posting_status"]


@pytest.mark.parametrize(
    "status",
    ["Error: Unsure – look", "Posting…", "Posting… – uploading 3 photos", "Error: not there", "ERROR: Not there 2"],
)
def test_a_status_that_means_something_stays_and_last_error_keeps_what_a_run_said(status: str) -> None:
    notes = check(sheet(("abc", status, "Unsure – look (code 12AB; the log has the details)")))
    told = f"Unsure – look (code 12AB; the log has the details)\n{MARK}{BAD_PRICE}"
    assert notes.cells == {0: {"last_error": told}}


@pytest.mark.parametrize("status", ["Posted 2026-11-23", "Posted", "Removed – look", "sold", "hold"])
def test_a_row_that_post_new_leaves_alone_is_not_touched(status: str) -> None:
    notes = check(sheet(("abc", status, f"{MARK}old words")))
    assert notes.cells == {}
    assert notes.first is None
    assert notes.message.startswith("There is no row to check")


def test_a_warning_is_told_as_one_and_takes_nothing_away() -> None:
    notes = check(sheet((5, "", None, "A truck?"), (5, "Error: site", "The site failed. Picture: x.png", "Any truck?")))
    assert notes.cells == {
        0: {"last_error": f"{MARK}Row 4, warning: Title: it asks something."},
        1: {"last_error": f"The site failed. Picture: x.png\n{MARK}Row 5, warning: Title: it asks something."},
    }
    assert notes.message == (
        "All 2 rows can be posted; 2 with warnings. Nothing was posted. Look at row 4 first: Last error says what to "
        "do."
    )


def test_the_counts_are_said_and_the_first_mistake_comes_before_an_earlier_warning() -> None:
    notes = check(sheet((5, "", None, "A truck?"), ("abc",), (None,), (5, "Posted 2026-01-01"), (5,)))
    assert notes.message == (
        "2 of 4 rows can't be posted; 1 with warnings. Nothing was posted. Look at row 5 first: Posting status and "
        "Last error say what to do. 1 row not checked: Post New leaves it alone."
    )
    assert notes.first is not None
    assert notes.first.row == 5


def test_a_second_check_changes_nothing_and_a_correction_takes_the_error_back() -> None:
    first = sheet(("abc", "pending", None, "A truck?"))
    once = check(first)
    again = carried_on(first, once)
    assert check(again).cells == {}
    right = carried_on(first, once, price=5, title="A truck")
    assert check(right).cells == {0: {"posting_status": "", "last_error": ""}}
    still = carried_on(first, once, price=5)
    assert check(still).cells == {
        0: {"posting_status": "", "last_error": f"{MARK}Row 4, warning: Title: it asks something."}
    }


def test_words_of_a_check_about_an_unsure_row_are_taken_back_alone() -> None:
    first = sheet(("abc", "Error: Unsure – look", "Unsure – look"))
    right = carried_on(first, check(first), price=5)
    assert check(right).cells == {0: {"last_error": "Unsure – look"}}


@pytest.mark.parametrize(
    ("status", "last_error"),
    [
        (f"Error: {BAD_PRICE}", BAD_PRICE),
        ("Error: The site said no.", "The site said no."),
        ("Error: typed by hand", None),
        ("Error: typed by hand", f"{MARK}{BAD_PRICE}"),
        (f"Error: {BAD_PRICE}", None),
    ],
)
def test_an_error_that_no_check_wrote_stays(status: str, last_error: str | None) -> None:
    notes = check(sheet((5, status, last_error)))
    assert "posting_status" not in notes.cells.get(0, {})
    assert "1 row with an Error of an earlier run can be tried again." in notes.message


def test_what_a_check_wrote_changes_nothing_for_the_next_run(tmp_path: Path) -> None:
    """A row whose ad is live, and whose sheet has forgotten it, is redrawn and not posted, with or without a check."""
    bot = SiteBot()
    journal = new_journal(tmp_path)
    run_batch(sheet((5,)).frame, "new", bot, journal=journal, clock=at_noon)
    forgotten = sheet(("abc",))
    checked = carried_on(forgotten, check(forgotten), price=5)
    assert checked.frame["posting_status"].tolist() == [f"Error: {BAD_PRICE}"]
    run_batch(checked.frame, "new", bot, journal=journal, clock=at_noon)
    assert checked.frame["posting_status"].tolist() == ["Posted 2026-11-23"]
    assert bot.accepted == ["A1"]


def test_a_sheet_without_last_error_is_told_in_the_status_bar() -> None:
    notes = check(sheet((5, "", None, "A truck?"), headers=HEADERS[:4]))
    assert notes.message == (
        "The one row to post can be posted; 1 with warnings. Nothing was posted. Row 4 (A1), warning: Title: it asks "
        "something."
    )


# --- the job around it


class FakeView:
    """A sheet as the live view gives it: what is read at each reading, and what is written."""

    def __init__(self, *readings: InventoryTable, trouble: str = "", hidden: frozenset[int] = frozenset()) -> None:
        self.readings = list(readings)
        self.hidden = hidden
        self.trouble = trouble
        self.said: list[str] = []
        self.cells: dict[int, dict[str, object]] = {}
        self.cursor: tuple[int, str] | None = None
        self.forgot = False

    def show(self, text: str) -> None:
        self.said.append(text)

    def read(self) -> tuple[InventoryTable, dict[str, object]]:
        return (self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]), {"Category": "Power Tools"}

    def read_shown(self) -> tuple[InventoryTable, dict[str, object], frozenset[int]]:
        table, labels = self.read()
        return table, labels, frozenset(range(len(table.frame))) - self.hidden

    def write(self, position: int, **values: object) -> None:
        self.cells[position] = values

    def settle(self, _timeout: float) -> bool:
        return not self.trouble

    def forget_unwritten(self) -> None:
        self.forgot = True

    def select(self, position: int, header: str) -> bool:
        self.cursor = (position, header)
        return True


class FakeLock:
    def __init__(self, *, stop: bool = False) -> None:
        self.stop = stop

    def stop_requested(self) -> bool:
        return self.stop

    def clicked_meanwhile(self) -> bool:
        return False


def job(view: FakeView, folder: Path, lock: FakeLock | None = None) -> SheetCheck:
    host = Host(str(folder / "inventory.xlsm"), "Inventory")
    return SheetCheck(host, cast(Any, view), cast(Any, lock or FakeLock()))


def test_it_follows_a_row_that_was_moved_and_leaves_one_that_was_changed(tmp_path: Path) -> None:
    read = sheet(("abc",), ("xyz",))
    moved = table_from_grid(
        [
            [*HEADERS],
            ["A0", "New truck", "It runs very well", 5, None, None],
            ["A2", "Truck 2", "It runs very well", "xyz", "sold", None],
            ["A1", "Truck 1", "It runs very well", "abc", None, None],
        ],
        "Sheet 'Inventory'",
        first_row=3,
    )
    view = FakeView(read, moved)
    message = job(view, tmp_path).carry_out()["message"]
    assert list(view.cells) == [2]
    assert str(view.cells[2]["posting_status"]).startswith("Error: Row 4, Price: 'abc' is not a number.")
    assert view.cursor == (2, "Price")
    assert message.endswith("1 row changed meanwhile: click again.")
    assert view.said[0] == "xlkijiji: reading the sheet…"
    assert view.said[1:3] == ["[0.0%] Checking row 1/2", "[50.0%] Checking row 2/2"]
    assert view.said[-1] == f"xlkijiji: {message}"


def test_stop_ends_it_and_nothing_is_written(tmp_path: Path) -> None:
    view = FakeView(sheet(("abc",)))
    assert job(view, tmp_path, FakeLock(stop=True)).carry_out()["message"].startswith("Stopped, as asked.")
    assert view.cells == {}
    assert view.cursor is None


@pytest.mark.parametrize("trouble", ["closed", "gone", "busy"])
def test_a_sheet_that_takes_no_writes_is_not_waited_for_and_that_is_said(trouble: str, tmp_path: Path) -> None:
    view = FakeView(sheet(("abc",)), trouble=trouble)
    assert job(view, tmp_path).carry_out()["message"].endswith(tell("not-all-written"))
    assert view.forgot
    assert view.cursor is None


def test_it_opens_no_journal_and_leaves_no_result(tmp_path: Path, own_home: Path) -> None:
    job(FakeView(sheet(("abc",), (5,))), tmp_path).carry_out()
    assert not [path for path in own_home.rglob("*") if path.suffix in {".sqlite3", ".json"}]


def test_what_nobody_foresaw_is_a_sentence(tmp_path: Path) -> None:
    assert "Nothing was posted" in job(FakeView(sheet((5,))), tmp_path).unexpected


# --- the button


@pytest.fixture
def clicked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[Any]]:
    """What the button's process started, and what it said, for a workbook in `tmp_path`."""
    found: dict[str, list[Any]] = {"started": [], "said": []}
    host = Host(str(tmp_path / "inventory.xlsm"), "Inventory")
    monkeypatch.setattr("xlkijiji.workbook.session.calling_host", lambda **_wishes: host)
    monkeypatch.setattr("xlkijiji.workbook.session.tell_caller", found["said"].append)
    monkeypatch.setattr(addin, "start_detached", found["started"].append)
    return found


@pytest.mark.parametrize(
    ("button", "name"),
    [
        (addin.check_sheet, "check"),
        (addin.post_new, "post"),
        (addin.post_all, "all"),
        (addin.post_selected, "selected"),
        (addin.sign_in, "sign-in"),
        (addin.check_setup, "setup"),
    ],
)
def test_a_button_starts_its_own_job(clicked: dict[str, list[Any]], button: Any, name: str) -> None:
    button()
    (command,) = clicked["started"]
    assert command[command.index("--job") + 1] == name
    assert clicked["said"] == []


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_worker_speaks_the_workbooks_language_from_its_first_word(
    clicked: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch, spoken: str
) -> None:
    """Also what is said before it has read the Settings, such as that a run is on."""
    with speaking(spoken):
        addin.post_new()
    (command,) = clicked["started"]
    heard: list[str] = []
    monkeypatch.setattr(worker, "run", lambda *_run: heard.append(language()) or 0)
    with speaking("en"):
        assert worker.main(command[3:]) == 0
    assert heard == [spoken]


def test_the_rows_that_were_selected_are_handed_on(
    monkeypatch: pytest.MonkeyPatch, clicked: dict[str, list[Any]], tmp_path: Path
) -> None:
    path = str(tmp_path / "inventory.xlsm")
    monkeypatch.setattr(
        "xlkijiji.workbook.session.calling_host",
        lambda clicked, **_wishes: Host(path, "Inventory", selection="$A$4", clicked=clicked),
    )
    monkeypatch.setattr("xlkijiji.workbook.session.caller_rows", lambda host: {4: ["A1", host.selection]})
    hosts: list[Host] = []
    monkeypatch.setattr(worker, "run", lambda host, *_run: hosts.append(host) or 0)
    addin.post_selected()
    (command,) = clicked["started"]
    assert worker.main(command[3:]) == 0
    assert take_over(path, hosts[0].clicked) == {4: ["A1", "$A$4"]}


def test_a_worker_that_finds_a_run_on_says_so_and_leaves_nothing_of_its_click(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_home: Path
) -> None:
    path, said = str(tmp_path / "inventory.xlsm"), []

    class View:
        """A view that has what is shown."""

        def __init__(self, *_given: object) -> None:
            self.show = said.append
            self.start = self.close = lambda: None
            self.settle = lambda _seconds: True

    monkeypatch.setattr(worker, "LiveView", View)
    hand_on(path, 5.0, {4: ["A1"]})
    lock = RunLock(path)
    assert lock.acquire()
    with speaking("en"):
        worker.main([f"--fullname={path}", "--sheet=Inventory", "--job=selected", "--clicked=5.0", "--language=fr"])
        lock.release()
        assert said == [tell("already-running", "fr")]
    assert not list(own_home.rglob("*.click"))


def test_a_click_while_a_run_is_on_says_so(clicked: dict[str, list[Any]], tmp_path: Path) -> None:
    lock = RunLock(str(tmp_path / "inventory.xlsm"))
    assert lock.acquire()
    addin.check_sheet()
    lock.release()
    assert clicked == {"started": [], "said": [tell("already-running")]}


def test_a_click_that_cannot_start_it_is_a_sentence(
    clicked: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_command: object) -> None:
        raise PermissionError

    monkeypatch.setattr(addin, "start_detached", refuse)
    addin.check_sheet()
    assert clicked["said"] == [tell("not-started")]


def test_the_worker_refuses_a_job_that_it_has_not() -> None:
    with pytest.raises(SystemExit):
        worker.main(["--fullname=x", "--sheet=y", "--job=delete"])


def copied(*rows: Sequence[object]) -> InventoryTable:
    """Rows of (SKU, status, Ad id, last error), from row 4 of a sheet, each with a title of its own."""
    headers = ("SKU", "Title", "Description", "Price", "Posting status", "Ad id", "Last error")
    grid = [
        [sku, f"Truck {at}", "It runs very well", 450 + at, status, ad_id, *(more or [None])]
        for at, (sku, status, ad_id, *more) in enumerate(rows)
    ]
    return table_from_grid([[*headers], *grid], "Sheet 'Inventory'", first_row=3)


def test_a_row_that_was_copied_with_its_status_and_ad_is_told_of() -> None:
    table = copied(("A1", "Posted 2026-11-01", 1012), ("A1-2", "Posted 2026-11-01", 1012), ("A2", "", None))
    notes = check(table)
    told = "'1012' stands in row {}, too. If this row is the copy and another item, give it a SKU of its own and clear"
    assert {at: [*values] for at, values in notes.cells.items()} == {0: ["last_error"], 1: ["last_error"]}
    assert told.format(5) in notes.cells[0]["last_error"]
    assert told.format(4) in notes.cells[1]["last_error"]
    assert "2 posted rows have the Ad id of another row." in notes.message
    assert notes.message.startswith("The one row to post can be posted.")
    assert check(carried_on(table, notes)).cells == {}, "a second check finds it told already"


def test_what_was_told_of_a_copied_row_goes_when_it_is_an_item_of_its_own() -> None:
    before = copied(("A1", "Posted 2026-11-01", 1012), ("A1-2", "Posted 2026-11-01", 1012))
    said = check(before)
    assert "There is no row to check" in said.message
    told = said.cells[0]["last_error"], said.cells[1]["last_error"]
    after = copied(("A1", "Posted 2026-11-01", 1012, told[0]), ("A1-2", "", None, told[1]))
    assert check(after).cells == {0: {"last_error": ""}, 1: {"last_error": ""}}


def test_a_run_says_that_it_left_copied_rows_alone() -> None:
    table = copied(("A1", "Posted 2026-11-01", 1012), ("A1-2", "Posted 2026-11-01", 1012), ("A2", "", None))
    bot = PlainBot()
    result = run_batch(table.frame, "new", bot, row_numbers=table.rows)
    assert [entry["record_id"] for entry in result["results"]] == ["A2"]
    assert "2 rows have the Ad id of another row, and were left as they are: Check Sheet" in result["message"]
    alone = copied(("A1", "Posted 2026-11-01", 1012), ("A2", "", None))
    assert "of another row" not in run_batch(alone.frame, "new", PlainBot(), row_numbers=alone.rows)["message"]


@pytest.mark.parametrize("status", ["sold", "hold", "Removed – look", "Error: Unsure – look"])
def test_of_rows_that_do_not_say_posted_no_copy_is_told_and_nothing_is_cleared(status: str) -> None:
    old = f"{MARK}old words"
    table = copied(("A1", "Posted 2026-11-01", 1012), ("A1-2", status, 1012, old))
    notes = check(table)
    assert 0 not in notes.cells
    assert notes.cells == {} or status.startswith("Error")
    assert "of another row" not in notes.message


@pytest.mark.parametrize("word", ["-", "n/a", "#N/A", "none"])
def test_only_numbers_of_ads_are_compared(word: str) -> None:
    table = copied(("A1", "Posted 2026-11-01", word), ("A2", "Posted 2026-11-01", word))
    assert check(table).cells == {}
    assert "of another row" not in run_batch(table.frame, "new", PlainBot())["message"]


def test_what_was_told_of_a_copied_row_goes_when_the_other_row_is_deleted() -> None:
    told = check(copied(("A1", "Posted 2026-11-01", 1012), ("A1-2", "Posted 2026-11-01", 1012))).cells[0]["last_error"]
    assert check(copied(("A1", "Posted 2026-11-01", 1012, told))).cells == {0: {"last_error": ""}}


def test_copied_rows_that_are_hidden_are_told_of_by_neither() -> None:
    table = copied(("A1", "Posted 2026-11-01", 1012), ("A1-2", "Posted 2026-11-01", 1012), ("A2", "", None))
    findings = check_inventory(table.frame, WarningBot(), only={2})
    assert "of another row" not in sheet_notes(table, findings, {2}).message
    assert "of another row" not in run_batch(table.frame, "new", PlainBot(), only={2})["message"]


def test_a_total_with_its_word_under_description_is_no_item_and_is_told_of() -> None:
    grid = [["SKU", "Title", "Description", "Price"], ["A1", "Truck", "It runs very well", 450], ["", "", "Total", 450]]
    table = table_from_grid(grid, "Sheet 'Inventory'", first_row=3)
    notes = check(table)
    assert notes.cells == {}
    assert "Row 5 has neither SKU nor Title, so it is no item." in notes.message
