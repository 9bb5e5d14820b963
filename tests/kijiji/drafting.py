"""A run in draft mode in a process of its own, which a test kills while the person is waited for.

`python drafting.py SITE PICTURES JOURNAL ROW` says in one line of JSON where its browser can be reached, when the
person may press the button. ROW is the record as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.bot_port import waits_for_person
from xlkijiji.journal import Journal
from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.posting import run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS


def main(site: str, pictures: str, journal_path: str, row: str) -> None:
    driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=20)
    ((user, password),) = DEFAULT_ACCOUNTS.items()

    def on_step(text: str) -> None:
        if waits_for_person(text):
            print(json.dumps(_where(driver)), flush=True)

    bot = KijijiBot(
        user, password, base_url=site, images_dir=pictures, driver=driver, headless=False, draft=True, on_step=on_step
    )
    with Journal(Path(journal_path)) as journal:
        run_batch(pd.DataFrame([json.loads(row)]), "new", bot, Path(pictures), journal=journal)


def _where(driver: WebDriver) -> dict[str, object]:
    return {
        "driver": driver.service.process.pid,
        "session": f"{driver.service.service_url}/session/{driver.session_id}",
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
