"""Small parts that need no page: the file of selectors, columns, totals, titles, starting a browser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from other_site import PASSWORD, PICTURES, USER, OtherSite

from xlkijiji import kijiji
from xlkijiji.demo.desktop import screen
from xlkijiji.errors import BrowserGone, SiteError
from xlkijiji.inventory import BY_NAME, Record, english_choice
from xlkijiji.kijiji.attributes import all_attributes, wishes, words_for
from xlkijiji.kijiji.browser import STATUS_BAR, choose_headless, find_browser, start_browser
from xlkijiji.kijiji.categories import resolve_category
from xlkijiji.kijiji.my_ads import same_title
from xlkijiji.kijiji.selectors import SelectorFileError, load_selectors, parse_selectors
from xlkijiji.kijiji.stops import amount_due
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.messages import LANGUAGES, tell

GOOD = 'format = 1\n[page]\nfield = [{ css = "#a", known = 2026-11-23, sure = "A" }]\n'


def test_every_selector_that_the_code_names_is_in_the_file() -> None:
    room = Path(kijiji.__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in room.glob("*.py"))
    named = set(re.findall(r"""(?:find|require|all|candidates)\(\s*"(\w+)", "(\w+)\"""", text))
    named |= {("details_form", field) for field in re.findall(r"""\(PAGE, "(\w+)\"""", text)}
    assert len(named) > 25
    for page, field in named:
        assert load_selectors().candidates(page, field)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("format = 2", "format"),
        ("format = ", "TOML"),
        ("format = 1\n[page]\n", "no fields"),
        (GOOD.replace('"#a"', '""'), "css is empty"),
        (GOOD.replace('"A"', '"D"'), "A, B or C"),
        (GOOD.replace("2026-11-23", '"2026-11-23"'), "a day"),
        (GOOD.replace("2026-11-23", "1999-01-01"), "a day"),
        (GOOD.replace('"#a"', "5"), "css is a text"),
        (GOOD.replace('sure = "A"', 'sure = "A", hidden = "no"'), "hidden is"),
        (GOOD.replace('sure = "A"', 'sure = "A", label = "("'), "label is no regular"),
        (GOOD.replace('sure = "A"', 'sure = "A", text = "("'), "regular expression"),
        (GOOD.replace("known", "sins"), "candidate has"),
        (GOOD.replace('[{ css = "#a", known = 2026-11-23, sure = "A" }]', "[]"), "at least one"),
    ],
)
def test_a_broken_file_of_selectors_says_where(text: str, part: str) -> None:
    parse_selectors(GOOD)
    with pytest.raises(SelectorFileError, match=part):
        parse_selectors(text)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("$0.00", ""),
        ("Total: $0.00 CAD", ""),
        ("0,00 $", ""),
        ("CA$ 0.00 (2 ads)", ""),
        ("$4.95", "4.95"),
        ("1 204,95 $", "1 204,95"),
        ("Total $0.00 + $2.50", "2.50"),
        ("free?", "free?"),
        ("Total (1) 0.00", ""),
        ("Total (2 ads): 14,95", "14,95"),
        ("Total 1 0,00 $", ""),
        ("2 items 0", ""),
        ("$1,204.00", "1,204.00"),
    ],
)
def test_what_a_total_asks_for(text: str, due: str) -> None:
    assert amount_due(text) == due


@pytest.mark.parametrize(
    ("shown", "title", "same"),
    [
        ("Bucket  Truck", "bucket truck", True),
        ("Bucket truck 2016 with…", "Bucket truck 2016 with a boom", True),
        ("Bucket...", "Bucket truck", False),
        ("Bucket truck", "Bucket truck 2", False),
    ],
)
def test_titles(shown: str, title: str, same: bool) -> None:
    assert same_title(shown, title) is same


def test_columns_find_the_attributes_of_the_category() -> None:
    record = Record(Make="Honda", Model="CRF", YEAR=2019, Colour="", cost=5)
    found = {wish.header: (wish.attributes[0], wish.typed) for wish in wishes(record, resolve_category("307"), "Owner")}
    assert found == {
        "Make": ("motorcyclesmake_s", "Honda"),
        "Model": ("motorcyclesmodel_s", "CRF"),
        "Year": ("caryear_i", "2019"),
        "For sale by": ("forsaleby_s", "Owner"),
    }


@pytest.mark.parametrize(
    ("attribute", "cell", "code"),
    [
        ("carfueltype_s", "DIESEL", "diesel"),
        ("carfueltype_s", "Gasoline", "gas"),
        ("drivetrain_s", "4 X 4", "4x4"),
        ("forsaleby_s", "dealer", "delr"),
        ("condition_s", "used – like new", "usedlikenew"),
        ("condition_s", "Used – Good", "usedgood"),
        ("vehicletype_s", "Used - Good", "used"),
    ],
)
def test_values_by_code_or_label(attribute: str, cell: str, code: str) -> None:
    assert words_for(attribute, cell)[0] == code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dash", ["-", "–", "—", "−"])
@pytest.mark.parametrize("column", ["condition", "for_sale_by"])
def test_a_dash_that_calc_made_of_a_hyphen_is_a_hyphen(column: str, dash: str, language: str) -> None:
    """Calc's AutoCorrect writes it between blanks as somebody types, and nobody sees the difference."""
    attribute = {"condition": "condition_s", "for_sale_by": "forsaleby_s"}[column]
    keys = BY_NAME[column].choice_keys
    found = [words_for(attribute, english_choice(column, tell(key, language).replace("-", dash)))[0] for key in keys]
    assert found == [words_for(attribute, tell(key, "en"))[0] for key in keys]
    assert set(found) <= set(all_attributes()[attribute].values)


def test_who_sees_the_browser() -> None:
    assert choose_headless(None, loopback=True, person_signs_in=False, display=True)
    assert not choose_headless(None, loopback=False, person_signs_in=False, display=True)
    assert not choose_headless(None, loopback=True, person_signs_in=True, display=True)
    assert choose_headless(None, loopback=False, person_signs_in=True, display=False)
    assert not choose_headless(False, loopback=True, person_signs_in=False, display=False)


def test_a_browser_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(BrowserGone, match="no-such-browser"):
        find_browser("no-such-browser")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserGone, match="Install Google Chrome"):
        find_browser()


def test_two_browsers_cannot_share_a_profile(tmp_path: Path) -> None:
    first = start_browser(find_browser(), headless=True, profile_dir=tmp_path / "profile", page_timeout=10)
    try:
        with pytest.raises(BrowserGone, match="still open"):
            start_browser(find_browser(), headless=True, profile_dir=tmp_path / "profile", page_timeout=10)
    finally:
        first.quit()


@pytest.mark.parametrize(("wide", "high", "free"), [(1600, 900, 400), (1366, 768, 360)])
def test_the_window_leaves_the_workbooks_buttons_and_its_status_bar_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: int, high: int, free: int
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("xlkijiji.demo.desktop.SIZE", f"{wide}x{high}")
    with screen(show=False):
        driver = start_browser(find_browser(), headless=False, profile_dir=tmp_path / "profile", page_timeout=20)
        try:
            command = [
                "xdotool",
                "search",
                "--sync",
                "--onlyvisible",
                "--class",
                "chrom",
                "getwindowgeometry",
                "--shell",
            ]
            answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        finally:
            driver.quit()
    window = dict(re.findall(r"(\w+)=(\d+)", answer))
    x, y, width, height = (int(window[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
    assert (x + width, y + height) == (wide, high - STATUS_BAR), answer
    assert x >= free, answer
    assert y >= 170, answer
    assert width >= 1000, answer


def test_a_site_that_is_not_there_is_no_sign_in() -> None:
    with (
        KijijiBot("seller@example.com", "x", base_url="http://127.0.0.1:9", page_timeout=10) as bot,
        pytest.raises(SiteError, match="can't be reached"),
    ):
        bot.login()


def test_a_browser_lost_at_the_click_leaves_the_ad_unsure_and_the_bot_usable(pictures: Path) -> None:
    row = {
        "title": "Ladder of ten feet",
        "description": "Made of aluminium.",
        "price": 5,
        "category": "341",
        "photos": PICTURES[0],
        "location": "London",
    }
    with (
        OtherSite() as site,
        KijijiBot(USER, PASSWORD, base_url=site.url, images_dir=pictures, page_timeout=10, confirm_timeout=10) as bot,
    ):
        lost = bot.post_ad(row, before_submit=bot.close)
        assert (lost["success"], lost["error_kind"], site.submits) == (False, "unknown", 0)
        assert bot.find_ad(row) is None
        assert bot.post_ad(row)["success"]
        assert [ad.title for ad in site.live()] == [row["title"]]
