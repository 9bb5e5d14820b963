"""The same bot through Firefox: `make firefox`, which needs Firefox and Mozilla's geckodriver.

They are no part of `make test`: no package of Debian's has the driver, and none of PyPI's or npm's is its makers' own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from other_site import PICTURES

from xlkijiji.errors import BrowserGone, SiteError
from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

pytestmark = pytest.mark.firefox
((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()
ROW = {
    "sku": "BT7",
    "title": "Bucket truck 2016, très élevé 🚛",
    "description": "Reach {reach}.\r\nÉquipement complet 🚛, stock {sku}.",
    "reach": "55 ft",
    "price": 24500.0,
    "category": "339",
    "photos": ";".join(PICTURES),
    "tags": "bucket; hydro; 55 ft",
    "for_sale_by": "Dealer",
    "year": 2016.0,
    "kilometers": 120000.0,
    "location": "M5V 3L9",
}


def test_an_ad_is_posted_whole_revised_and_deleted_and_the_sign_in_kept(
    practice: PracticeSite, pictures: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with KijijiBot(
        *(USER, PASSWORD), base_url=practice.url, images_dir=pictures, browser="Firefox", profile_dir=profile
    ) as bot:
        result = bot.post_ad(ROW)
        assert result["success"], result
        (ad,) = practice.ads()
        assert ad["title"] == ROW["title"]
        assert ad["description"].splitlines() == ["Reach 55 ft.", "Équipement complet 🚛, stock BT7."]
        assert ad["tags"] == ["bucket", "hydro", "55 ft"]
        assert ad["attributes"] == {"caryear_i": "2016", "carmileageinkms_i": "120000", "forsaleby_s": "delr"}
        assert [photo["sha256"] for photo in ad["photos"]] == [
            hashlib.sha256((pictures / name).read_bytes()).hexdigest() for name in PICTURES
        ]
        assert bot.revise_ad({**ROW, "price": 19999.5}, result["ad_id"])["success"]
        assert practice.ads()[0]["price"] == 19999.5
        assert bot.delete_ad(result["ad_id"])["success"]
        assert practice.ads()[0]["state"] == "deleted"
    by_hand = {"headless": True, "browser": "Firefox", "profile_dir": profile}
    with KijijiBot(USER, None, base_url=practice.url, **by_hand) as again:
        assert again.login(), "the profile has kept the sign-in"


def test_a_site_that_is_not_there_and_a_profile_in_use(tmp_path: Path) -> None:
    with (
        KijijiBot("me@example.com", "x", base_url="http://127.0.0.1:9", browser="firefox", page_timeout=10) as bot,
        pytest.raises(SiteError, match="can't be reached"),
    ):
        bot.login()
    given = {"headless": True, "profile_dir": tmp_path / "profile", "page_timeout": 10}
    first = start_browser(find_browser("firefox"), **given)
    try:
        with pytest.raises(BrowserGone, match="still open"):
            start_browser(find_browser("firefox"), **given)
    finally:
        first.quit()
