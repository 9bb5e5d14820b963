"""Every example as a reader starts it, judged by what it prints and leaves behind; and the page that explains them."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xlkijiji import data_io
from xlkijiji.journal import Journal
from xlkijiji.practice import PracticeSite

TESTS = Path(__file__).parent
POSTED = re.compile(r"Posted \d{4}-\d\d-\d\d")


def _run(script: Path, *words: str, cwd: Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a script to its end; it must end well."""
    plain = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    done = subprocess.run(
        [sys.executable, str(script), *words],
        cwd=cwd,
        env=plain,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_basic_posts_the_good_rows_and_names_the_mistake(examples: Path, tmp_path: Path) -> None:
    lines = _run(examples / "basic.py", cwd=tmp_path).stdout.splitlines()
    assert [line for line in lines if line.startswith("  posting")] == [
        "  posting A1: Oak desk. Solid oak, stock number A1.",
        "  posting A3: Office chair. Five wheels, all turn.",
    ]
    assert "Done: 2 posted, 1 failed, 0 skipped." in lines
    assert any(re.fullmatch(r"  A1: Posted \S+ https://ads\.example\.com/A1", line) for line in lines)
    assert any(line.startswith("  A2: Error: ") and "'about 40' is not a number" in line for line in lines)
    assert lines[-1] == "Second run: Done: 0 posted, 1 failed, 2 skipped."
    assert not list(tmp_path.iterdir())


def test_with_progress_tells_each_record_and_ends_with_a_full_bar(examples: Path, tmp_path: Path) -> None:
    done = _run(examples / "with_progress.py", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        *(f"[{20.0 * n:5.1f}%] Processing record {n}/5: B{n}" for n in range(1, 6)),
        "[100.0%] Done: 5 posted, 0 failed, 0 skipped.",
        "Done: 5 posted, 0 failed, 0 skipped.",
    ]
    # rich breaks the line where the terminal ends
    bar = " ".join(done.stderr.split())
    assert re.fullmatch(r"posting ━+ 100\.0% \d:\d\d:\d\d Done: 5 posted, 0 failed, 0 skipped\.", bar)


def test_with_file_posts_each_row_once_and_saves_it(examples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    day = dt.datetime.now().astimezone().date()
    done = _run(examples / "with_file.py", str(folder), cwd=tmp_path)
    posted = re.findall(r"^  posting (\w+): (.*)$", done.stdout, re.MULTILINE)
    assert posted == [
        ("C1", "A green bench, seats three."),
        ("C4", "No leaks."),
        ("C3", "Holds 200 litres, blue."),
    ]
    # beside it there may be the file as it was before the run
    assert {path.name for path in folder.iterdir()} - {"stock.backup.csv"} == {"stock.csv"}
    with (folder / "stock.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["Stock No", "Title", "Description", "Price", "Colour", "Posting status"]
    assert [row[0] for row in rows] == ["C1", "C2", "C3", "C4"]
    # a run around midnight may be of either day
    days = {f"Posted {day}", f"Posted {day + dt.timedelta(days=1)}"}
    assert {row[0] for row in rows if row[5] in days} == {"C1", "C3", "C4"}
    assert rows[1][5] == "sold"
    assert rows[0][2] == "A {colour} bench, seats three."


def test_with_file_makes_a_folder_of_its_own(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = _run(examples / "with_file.py", cwd=tmp_path)
    (path,) = tmp_path.glob("xlkijiji-example-*/stock.csv")
    assert f"{path} is now:" in done.stdout


def test_complete_posts_to_the_practice_site_once(examples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    done = _run(examples / "complete.py", str(folder), cwd=tmp_path, seconds=300)

    with PracticeSite(folder / "site") as site:
        ads = site.ads()
    assert [(ad["title"], ad["price"], ad["state"]) for ad in ads] == [
        ("Cordless drill, two batteries", 85, "active"),
        ("Table saw, 10 inch blade", 240, "active"),
    ]
    assert ads[0]["description"] == "Charger and case included. Stock number E1."
    wanted = [["drill.png", "drill-case.png"], ["saw.png"]]
    for ad, names in zip(ads, wanted, strict=True):
        files = [(folder / "pictures" / name).read_bytes() for name in names]
        assert [photo["sha256"] for photo in ad["photos"]] == [hashlib.sha256(file).hexdigest() for file in files]

    ids = [str(ad["id"]) for ad in ads]
    for name in ("stock.xlsx", "unsaved.xlsx"):
        saved = data_io.load_inventory(folder / name)
        statuses = saved["posting_status"].tolist()
        assert [bool(POSTED.match(status)) for status in statuses] == [True, True, False], name
        assert "sander.png" in statuses[2]
        assert saved["ad_id"].tolist()[:2] == ids, name
    with Journal(folder / "journal.sqlite3") as journal:
        known = {record.record_id: (record.state, record.ad_id) for record in journal.records()}
    assert {name: known[name] for name in ("E1", "E2")} == {"E1": ("posted", ids[0]), "E2": ("posted", ids[1])}
    assert known.get("E3", ("",))[0] != "posted"
    assert "stock.xlsx: Done: 2 posted, 1 failed, 0 skipped." in done.stdout
    for ad_id in ids:
        assert f"\n  {ad_id} " in done.stdout


# --- the page about them

PRELUDE = """
import queue
import threading
import tkinter as tk
from tkinter import ttk

import pandas as pd

from xlkijiji.posting import run_batch

POLL_MS = 50


class Bot:
    def post_ad(self, record, before_submit):
        before_submit()
        return {"success": True}


def make_stock():
    return pd.DataFrame([{"sku": "S1", "title": "Bookshelf", "description": "Oak, as new.", "price": 5}])


bot, root = Bot(), tk.Tk()
bar, label = ttk.Progressbar(root), ttk.Label(root)
"""
WAIT_FOR_THE_WINDOW = """
def look():
    if str(label["text"]).startswith("Done"):
        print(f"label: {label['text']} bar: {bar['value']}")
        root.destroy()
    else:
        root.after(10, look)


look()
root.mainloop()
"""


def _page(docs: Path) -> str:
    return (docs / "front-ends.md").read_text(encoding="utf-8")


def _python_blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_code_of_the_page_runs(docs: Path, tmp_path: Path, display: str) -> None:
    blocks = _python_blocks(_page(docs))
    script = tmp_path / "page.py"
    script.write_text(
        "\nstock = make_stock()\n".join([PRELUDE, *blocks]) + "\nprint(result['ended'])\n" + WAIT_FOR_THE_WINDOW,
        encoding="utf-8",
    )
    lines = _run(script, cwd=tmp_path).stdout.splitlines()
    done = "Done: 1 posted, 0 failed, 0 skipped."
    assert lines[:2] == ["row 0: the bot has S1 now", "row 0: Posting…"]
    assert re.fullmatch(r"row 0: Posted \S+", lines[2])
    assert lines[3:] == [done, "done", f"label: {done} bar: 100.0"]


def test_the_handler_on_the_page_is_the_one_in_the_example(docs: Path, examples: Path) -> None:
    (block,) = [block for block in _python_blocks(_page(docs)) if block.startswith("class BatchProgressHandler")]
    assert block in (examples / "tk_window.py").read_text(encoding="utf-8")


def test_every_local_link_of_the_page_leads_somewhere(docs: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", _page(docs))
    assert links
    for link in links:
        assert (docs / link).exists(), link


def test_every_example_is_on_the_page_and_has_a_test(docs: Path, examples: Path) -> None:
    page, tested = _page(docs), _names_in_tests()
    names = [path.name for path in examples.iterdir() if path.name != "__pycache__"]
    assert names
    for name in names:
        assert f"(examples/{name})" in page, f"docs/front-ends.md doesn't link to {name}"
        assert name in tested, f"no test runs {name}"


def _names_in_tests() -> set[str]:
    """Each text `NAME` in an expression `examples / NAME`, in a test function of this folder."""
    return {
        node.right.value
        for path in TESTS.glob("test_*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
        if isinstance(node.left, ast.Name) and node.left.id == "examples"
    }
