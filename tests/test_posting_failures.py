"""Bots that fail, replace, and sign in: what becomes of the row and of the run."""

from __future__ import annotations

from typing import Any

import pytest
from posting_bots import PlainBot, adds_up, at_noon, trucks

from xlkijiji.errors import BatchStopped, PersonNeeded, RecordError, SiteError, UnknownOutcome, failure
from xlkijiji.inventory import Record
from xlkijiji.posting import Patience
from xlkijiji.posting import run_batch as real_run_batch


def run_batch(*arguments: Any, **more: Any) -> dict[str, Any]:
    """A run whose waits take no time; how long it waits is proved in test_attempt.py."""
    return real_run_batch(*arguments, **{"sleep": lambda _seconds: None, "patience": Patience(site_tries=2)} | more)


# --- a bot that fails


class FailingBot(PlainBot):
    """Meets each record with what `answers` holds for it: an exception to raise, or an answer to give."""

    def __init__(self, **answers: Any) -> None:
        super().__init__()
        self.answers = answers

    def post_ad(self, record: Record) -> dict[str, Any]:
        answer = self.answers.get(record["sku"])
        if isinstance(answer, BaseException):
            raise answer
        return answer if answer is not None else super().post_ad(record)


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        (RecordError("The title is too short."), "Error: The title is too short.", "record"),
        (SiteError("The page is down."), "Error: The page is down.", "site"),
        (failure(RecordError("No such category.")), "Error: No such category.", "record"),
        ({"success": False, "message": "No."}, "Error: No.", "error"),
        (ZeroDivisionError("secret"), "Error: System error", "system"),
        (
            "yes",
            "Error: Unsure – the bot didn't say whether it posted the ad. Look at My Ads: if the ad is there, type "
            "Posted into this cell; if it isn't, type 'Error: not there', and click again.",
            "unknown",
        ),
    ],
)
def test_a_failure_is_told_to_its_row_and_the_run_goes_on(answer: Any, status: str, kind: str) -> None:
    df, bot = trucks("", "", ""), FailingBot(BT002=answer)

    result = run_batch(df, "new", bot, clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23", status, "Posted 2026-11-23"]
    assert result["results"][1]["error_kind"] == kind
    assert result["success"] is True
    assert (result["successful_posts"], result["failed_posts"]) == (2, 1)


@pytest.mark.parametrize(
    "answer",
    [
        BatchStopped("The limit is reached."),
        PersonNeeded("The limit is reached."),
        failure(BatchStopped("The limit is reached.")),
    ],
)
def test_an_error_that_meets_every_row_ends_the_run(answer: Any) -> None:
    df, bot = trucks("", "", ""), FailingBot(BT002=answer)

    result = run_batch(df, "new", bot, clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23", "Error: The limit is reached.", ""]
    assert result["success"] is False
    assert result["message"] == (
        "The limit is reached. The run ended after 2 of 3 records: 1 posted, 1 failed, 1 not tried."
    )
    assert adds_up(result, df)


def test_an_unknown_outcome_is_never_retried_blindly() -> None:
    df, bot = trucks("", ""), FailingBot(BT001=UnknownOutcome("The page did not answer."))
    run_batch(df, "new", bot)
    assert df["posting_status"][0].startswith("Error: Unsure – The page did not answer.")

    again = PlainBot()
    result = run_batch(df, "new", again)

    assert again.table == []
    assert result["failed_posts"] == 1
    assert df["posting_status"][0].startswith("Error: Unsure – The page did not answer.")


@pytest.mark.parametrize(
    ("found", "status", "posts"),
    [
        ({"ad_id": "17", "ad_url": "https://www.kijiji.ca/v-x/17"}, "Posted 2026-11-23", 0),
        (None, "Posted 2026-11-23", 1),
        (UnknownOutcome("Two ads have this title."), "Error: Unsure – x", 0),
        (RuntimeError("secret"), "Error: Unsure – x", 0),
    ],
)
@pytest.mark.parametrize("mode", ["new", "all"])
def test_an_unsure_row_is_looked_for_on_the_site_first(found: Any, status: str, posts: int, mode: str) -> None:
    class Finder(PlainBot):
        def find_ad(self, _record: Record) -> Any:
            if isinstance(found, Exception):
                raise found
            return found

    df, bot = trucks("Error: Unsure – x"), Finder()

    run_batch(df, mode, bot, clock=at_noon)

    assert df["posting_status"].tolist() == [status]
    assert len(bot.table) == posts


@pytest.mark.parametrize(
    "step", ["Checking…", "Uploading photos 2/5…", "Posting…", "Posting… – uploading 3 photos", "Checking… – x"]
)
def test_a_row_that_a_dead_run_left_in_hand_is_settled_too(step: str) -> None:
    df, bot = trucks(step), PlainBot()

    run_batch(df, "new", bot)

    assert df["posting_status"][0].startswith("Error: Unsure")
    assert bot.table == []


class TitleFinder(PlainBot):
    """Finds ads by title alone; `shown` is id → title of what stands under My Ads."""

    def __init__(self, **shown: str) -> None:
        super().__init__()
        self.shown = {name.removeprefix("ad"): title for name, title in shown.items()}

    def find_ad(self, record: Record) -> dict[str, Any] | None:
        return next(({"ad_id": ad_id} for ad_id, title in self.shown.items() if title == record["title"]), None)


class CarefulFinder(TitleFinder):
    """Leaves out the ads that are known to be others'."""

    def find_ad(self, record: Record, *, ids_before: Any = None) -> dict[str, Any] | None:
        left = {f"ad{ad_id}": title for ad_id, title in self.shown.items() if ad_id not in (ids_before or ())}
        return TitleFinder(**left).find_ad(record)


@pytest.mark.parametrize("first_id", ["111", 111.0])
def test_an_unsure_row_never_takes_another_rows_ad(first_id: Any) -> None:
    def both() -> Any:
        return trucks("Posted 2026-01-01", "Posting…", title=["Truck", "Truck"], ad_id=[first_id, None])

    plain, careful = both(), both()
    bots = TitleFinder(ad111="Truck"), CarefulFinder(ad111="Truck")

    run_batch(plain, "new", bots[0], clock=at_noon)
    run_batch(careful, "new", bots[1], clock=at_noon)

    assert plain["posting_status"][1].startswith("Error: Unsure – The ad 111 was found, but it is another row's. Look")
    assert bots[0].table == []
    assert careful["posting_status"][1] == "Posted 2026-11-23"
    assert bots[1].ids == ["BT002"], "its own ad was surely not there"


def test_an_ad_that_this_run_has_posted_is_not_another_rows() -> None:
    class Numbering(CarefulFinder):
        def post_ad(self, record: Record) -> dict[str, Any]:
            answer = super().post_ad(record)
            self.shown["222"] = record["title"]
            return answer | {"ad_id": "222"}

    df, bot = trucks("", "Error: Unsure – x", title=["Truck", "Truck"]), Numbering(ad333="Truck")

    run_batch(df, "new", bot, clock=at_noon)

    assert bot.ids == ["BT001"]
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2


@pytest.mark.parametrize("other", ["Posted 2026-01-01", "Error: Unsure – x"])
def test_of_two_rows_with_one_title_and_one_ad_nobody_knows_whose_it_is(other: str) -> None:
    df, bot = trucks(other, "Posting…", title=["Truck", "Truck"]), TitleFinder(ad111="Truck")

    run_batch(df, "new", bot, clock=at_noon)

    assert df["posting_status"][0] == other
    assert df["posting_status"][1].startswith("Error: Unsure – An ad was found, but another row has the same title.")
    assert bot.table == []


# --- the other things that a bot may have


class FullBot(PlainBot):
    """Signs in and out, replaces, and tells of the click."""

    def __init__(self, *, deletes: Any = True, accepts: Any = True) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.deletes = deletes
        self.accepts = accepts

    def login(self) -> bool:
        self.calls.append("login")
        if isinstance(self.accepts, Exception):
            raise self.accepts
        return bool(self.accepts)

    def logout(self) -> None:
        self.calls.append("logout")

    def check(self, record: Record) -> list[str]:
        return ["Title: 'no' is too short."] if record["title"] == "no" else []

    def delete_ad(self, ad_id: str) -> Any:
        self.calls.append(f"delete {ad_id}")
        if isinstance(self.deletes, Exception):
            raise self.deletes
        return self.deletes

    def post_ad(self, record: Record, before_submit: Any = None) -> dict[str, Any]:
        self.calls.append(f"post {record['sku']}")
        before_submit()
        return super().post_ad(record)


def test_the_bots_own_rules_are_asked_before_it_signs_in() -> None:
    df, bot = trucks("", title=["no"]), FullBot()

    run_batch(df, "new", bot)

    assert df["posting_status"].tolist() == ["Error: BT001, Title: 'no' is too short."]
    assert bot.calls == []


def test_the_bot_signs_in_once_and_out_at_the_end() -> None:
    bot = FullBot()

    run_batch(trucks("", ""), "new", bot)

    assert bot.calls == ["login", "post BT001", "post BT002", "logout"]


@pytest.mark.parametrize("accepts", [False, PersonNeeded("Sign in in the browser."), OSError("secret")])
def test_without_sign_in_nothing_is_posted_and_no_row_is_touched(accepts: Any) -> None:
    df, bot = trucks("", "pending"), FullBot(accepts=accepts)

    result = run_batch(df, "new", bot)

    assert result["success"] is False
    assert "ign in" in result["message"]
    assert "secret" not in result["message"]
    assert df["posting_status"].tolist() == ["", "pending"]
    assert bot.table == []
    assert adds_up(result, df)


def test_mode_all_deletes_the_old_ad_before_it_posts_the_new_one() -> None:
    df, bot = trucks("Posted 2026-01-01", "", ad_id=[170.0, None]), FullBot()

    run_batch(df, "all", bot, clock=at_noon)

    assert bot.calls == ["login", "delete 170", "post BT001", "post BT002", "logout"]
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2


@pytest.mark.parametrize("deletes", [False, {"success": False, "message": "no"}, SiteError("no"), OSError("secret")])
def test_an_old_ad_that_stays_keeps_its_row_from_being_posted_twice(deletes: Any) -> None:
    df, bot = trucks("Posted 2026-01-01", ad_id=["170"]), FullBot(deletes=deletes)

    result = run_batch(df, "all", bot)
    run_batch(df, "new", bot)

    assert bot.table == []
    assert result["failed_posts"] == 1
    assert df["posting_status"][0].startswith("Posted 2026-01-01 – not replaced: The old ad 170 could not be removed")
    assert df["ad_id"].tolist() == ["170"]


def test_a_failure_after_the_old_ad_is_gone_forgets_that_ad() -> None:
    class Unlucky(FullBot):
        def post_ad(self, _record: Record, **_more: Any) -> dict[str, Any]:  # type: ignore[override]
            raise SiteError("The page is down.")

    df, bot = trucks("Posted 2026-01-01", ad_id=["170"], ad_url=["https://x"]), Unlucky()

    run_batch(df, "all", bot)

    assert df["posting_status"].tolist() == ["Error: The page is down."]
    assert (df["ad_id"][0], df["ad_url"][0]) == ("", "")
