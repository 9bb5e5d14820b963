"""How quickly KijijiBot enters an ad, on the practice site: beside a script that types, and beside the bare page loads.

* The typing script goes the way of a person: title, suggested category, form; it sends the keys of each field, hands
  over the photos one by one, and presses the button. It waits by Selenium's `WebDriverWait` as it comes, and doesn't
  look at My Ads, neither before nor after.
* The bare loads are the bot's own pages, with one call of a script on each, which fills in everything at once and
  waits for nothing but the photos. It looks at nothing before it clicks, so nobody should post that way.

The three take turns with one browser, and a ratio is the median of the turns' ratios. Descriptions have 2,000
characters. Pages take 0 or 200 ms longer than the site needs for them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

ROUNDS = 7
PHOTOS = 3
DESCRIPTION = ("A good truck with a long boom, serviced this spring. " * 40)[:2000].strip() + "."
CATEGORY = "339"
FORM = f"/p-post-ad.html?categoryId={CATEGORY}&adTitle=Bucket+truck"
MY_ADS = "/m-my-ads/active/1"
FILL = """
const [title, description, done] = arguments;
const put = (id, value) => {
  const field = document.getElementById(id);
  const kind = Object.getPrototypeOf(field);
  Object.getOwnPropertyDescriptor(kind, "value").set.call(field, value);
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
};
const until = (look, then) => { const found = look(); found ? then(found) : setTimeout(() => until(look, then), 5); };
put("postad-title", title);
put("pstad-descrptn", description);
put("PriceAmount", "24500");
put("caryear_i", "2016");
put("carmileageinkms_i", "120000");
put("PhoneNumber", "416-555-0123");
document.querySelector("[name='postAdForm.attributeMap[forsaleby_s]'], [id=forsaleby_s]").click();
put("pstad-tagsInput", "bucket,hydro");
document.querySelector("#pstad-tagsInput + button").click();
document.querySelector("button[data-testid=package-0-bottom-select]")?.click();
document.getElementById("PostAdConfirmationOfTerms")?.click();
const change = document.querySelector("#LocationField [data-part=chosen]:not([hidden]) button");
if (change) change.click();
put("location", "M5V 3L9");
until(() => document.getElementById("LocationSelector-item-0"), (item) => {
  item.click();
  until(() => document.querySelectorAll("li.thumbnail:not(.uploading)").length === PHOTOS, () => done(true));
});
""".replace("PHOTOS", str(PHOTOS))


class Plain:
    """What both other ways need: a signed-in browser, and the photos."""

    def __init__(self, driver: WebDriver, site: PracticeSite, photos: list[Path]) -> None:
        self.driver, self.site, self.photos = driver, site, photos

    def _find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def _until(self, condition: Callable[[], bool]) -> None:
        WebDriverWait(self.driver, 30).until(lambda _driver: condition())

    def _post(self, poll: float) -> None:
        self._find("button[data-testid=checkout-post-btn]").click()
        WebDriverWait(self.driver, 30, poll_frequency=poll).until(lambda driver: "/v-" in driver.current_url)

    def _wait_for_photos(self, count: int) -> None:
        done = "li.thumbnail:not(.uploading)"
        self._until(lambda: len(self.driver.find_elements(By.CSS_SELECTOR, done)) == count)

    def typing(self, title: str) -> None:
        """Post an ad by typing, by the way that a person goes: title, suggested category, form."""
        self.driver.get(self.site.url + "/p-select-category.html")
        self._find("#AdTitleForm").send_keys(title)
        self._find("button[aria-controls=CategorySuggestion]").click()
        for name in ("Cars & Vehicles", "Heavy Equipment", "Heavy Trucks"):
            self._until(lambda: self._find("#CategorySuggestion").is_displayed())
            names = self.driver.find_elements(By.CSS_SELECTOR, "#CategorySuggestion span[class*=categoryName-]")
            next(one for one in names if one.text == name).click()
        self._until(lambda: bool(self.driver.find_elements(By.CSS_SELECTOR, "#postad-title")))
        for field, text in {
            "postad-title": title,
            "pstad-descrptn": DESCRIPTION,
            "PriceAmount": "24500",
            "caryear_i": "2016",
            "carmileageinkms_i": "120000",
            "PhoneNumber": "416-555-0123",
        }.items():
            self._find(f"#{field}").clear()
            self._find(f"#{field}").send_keys(text)
        self._find("label[for=forsaleby_s-ownr]").click()
        self._find("#pstad-tagsInput").send_keys("bucket", Keys.ENTER, "hydro", Keys.ENTER)
        for number, photo in enumerate(self.photos, 1):
            self._find("#FileUploadInput").send_keys(str(photo))
            self._wait_for_photos(number)
        self._find("#LocationField [data-part=chosen] button").click()
        self._find("#location").send_keys("M5V 3L9")
        self._until(lambda: bool(self.driver.find_elements(By.CSS_SELECTOR, "#LocationSelector-item-0")))
        self._find("#LocationSelector-item-0").click()
        self._find("button[data-testid=package-0-bottom-select]").click()
        self._find("label[for=PostAdConfirmationOfTerms]").click()
        self._post(0.5)

    def loads(self, title: str) -> None:
        """Post an ad with the bot's page loads and one script on each."""
        rows = "return document.querySelectorAll('a').length"
        self.driver.get(self.site.url + FORM)
        self._find("#FileUploadInput").send_keys("\n".join(map(str, self.photos)))
        self.driver.execute_async_script(FILL, title, DESCRIPTION)
        self._post(0.02)
        self.driver.execute_script(rows)
        self.driver.get(self.site.url + MY_ADS)
        self.driver.execute_script(rows)


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _measure(site: PracticeSite, driver: WebDriver, photos: list[Path], delay: float) -> None:
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    bot = KijijiBot(user, password, base_url=site.url, images_dir=photos[0].parent, driver=driver, headless=True)
    plain = Plain(driver, site, photos)
    row = {
        "sku": "BT001",
        "description": DESCRIPTION,
        "price": 24500,
        "category": CATEGORY,
        "year": 2016,
        "kilometers": 120000,
        "phone": "416-555-0123",
        "tags": "bucket; hydro",
        "location": "M5V 3L9",
        "photos": "; ".join(photo.name for photo in photos),
    }

    def by_bot(title: str) -> None:
        answer = bot.post_ad(row | {"title": title})
        assert answer["success"], answer

    ways = {"bot": by_bot, "typing": plain.typing, "loads": plain.loads}
    before = len(site.ads())
    by_bot("Freightliner for warming up")
    if delay:
        site.fault("slow_pages", None, delay)
    turns = [
        {name: _seconds(partial(way, f"Freightliner bucket truck {turn}")) for name, way in ways.items()}
        for turn in range(ROUNDS)
    ]
    site.clear_faults()
    posted = site.ads()[before:]
    assert len(posted) == 1 + ROUNDS * len(ways)
    assert all(len(ad["photos"]) == PHOTOS and ad["description"] == DESCRIPTION for ad in posted), posted
    bot_s, typing_s, loads_s = (statistics.median(turn[name] for turn in turns) for name in ways)
    faster = statistics.median(turn["typing"] / turn["bot"] for turn in turns)
    longer = statistics.median(turn["bot"] / turn["loads"] for turn in turns)
    print(
        f"an ad, pages {1000 * delay:.0f} ms late: KijijiBot {bot_s:.2f} s ({60 / bot_s:.0f} a minute); typing "
        f"{typing_s:.2f} s, so {faster:.2f} times as many ads (at least 4); bare page loads {loads_s:.2f} s, so "
        f"{longer:.2f} times as long (at most 1.3)",
        flush=True,
    )


def main() -> None:
    """Print a line for each delay."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        photos = []
        for number in range(PHOTOS):
            photos.append(Path(folder) / "pictures" / f"{number + 1}.jpg")
            photos[-1].parent.mkdir(exist_ok=True)
            Image.effect_noise((1000, 750), 40 + number).convert("RGB").save(photos[-1])
        with PracticeSite(Path(folder) / "site", ads_per_page=500) as site:
            driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=30)
            try:
                for delay in (0.0, 0.2):
                    _measure(site, driver, photos, delay)
            finally:
                driver.quit()


if __name__ == "__main__":
    main()
