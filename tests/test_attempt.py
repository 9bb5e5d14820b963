"""Errors by kind: what is tried again, what never, who is waited for, and what ends the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from journal_bots import SiteBot, new_journal, states
from posting_bots import PlainBot, adds_up, at_noon, trucks

from xlkijiji.errors import (
    BrowserGone,
    LimitReached,
    PersonNeeded,
    RecordError,
    SiteError,
    UnknownOutcome,
    failure,
)
from xlkijiji.inventory import CHECKING, IN_HAND, Record, in_hand_status
from xlkijiji.messages import LANGUAGES, speaking, tell
from xlkijiji.outcome import Outcome
from xlkijiji.posting import run_batch


class Script(SiteBot):
    """Meets BT001 with these errors, one a try, before the click or after it; then all is well."""

    def __init__(self, *errors: BaseException, after: bool = False) -> None:
        super().__init__()
        self.errors = list(errors)
        self.after = after
        self.tries = 0

    def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
        if record["sku"] == "BT001":
            self.tries += 1
            if self.errors and not self.after:
                raise self.errors.pop(0)
        answer = super().post_ad(record, before_submit)
        if record["sku"] == "BT001" and self.errors:
            raise self.errors.pop(0)
        return answer


def _run(bot: Any, tmp_path: Path, **more: Any) -> tuple[Any, dict[str, Any], list[float]]:
    slept: list[float] = []
    df = trucks("", "", attempts=[None, None], last_error=[None, None])
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bot, journal=journal, clock=at_noon, sleep=slept.append, **more)
    assert adds_up(result, df)
    return df, result, slept


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_row_says_posting_from_the_click_on_in_each_language(tmp_path: Path, spoken: str) -> None:
    class Row:
        """An observer that has what a row shows."""

        seen: ClassVar[list[str]] = []

        def record_step(self, _position: int, text: str) -> None:
            self.seen.append(in_hand_status(text, self.seen[-1] if self.seen else CHECKING))

    Row.seen.clear()
    with speaking(spoken):
        _run(SiteBot(), tmp_path, observer=Row())
    assert IN_HAND in Row.seen
    assert not [status for status in Row.seen if status.startswith(f"{CHECKING} –")]


def test_a_hiccup_before_the_click_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    bot = Script(SiteError("down"), SiteError("down"))
    df, result, slept = _run(bot, tmp_path)
    assert bot.accepted == ["BT001", "BT002"]
    assert df["attempts"].tolist() == [3, 1]
    assert result["results"][0]["tries"] == 3
    assert result["statistics"]["retries"] == 2
    assert 1 <= slept[0] <= 2
    assert 2 <= slept[1] <= 3
    assert len({round(one % 1, 6) for one in slept} | {0.0}) > 1, "with some chance in it"


def test_a_hiccup_that_stays_is_told_after_three_tries(tmp_path: Path) -> None:
    bot = Script(*[SiteError("The page is down.")] * 5)
    df, _result, slept = _run(bot, tmp_path)
    assert bot.tries == 3
    assert len(slept) == 2
    assert df["posting_status"].tolist() == ["Error: The page is down.", "Posted 2026-11-23"]
    assert df["last_error"].tolist() == ["The page is down.", ""]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RecordError("No such category."), "Error: No such category."),
        (UnknownOutcome("No answer."), "Error: Unsure – No answer."),
    ],
)
def test_a_wrong_record_and_an_unknown_outcome_are_tried_once(tmp_path: Path, error: Exception, status: str) -> None:
    bot = Script(error, after=isinstance(error, UnknownOutcome))
    df, _result, slept = _run(bot, tmp_path)
    assert (bot.tries, slept) == (1, [])
    assert df["posting_status"][0].startswith(status)


@pytest.mark.parametrize("error", [SiteError("down"), BrowserGone("gone"), OSError("secret")])
def test_after_the_click_nothing_is_tried_again(tmp_path: Path, error: Exception) -> None:
    bot = Script(error, after=True)
    df, _result, _slept = _run(bot, tmp_path)
    assert bot.accepted.count("BT001") == 1
    assert df["posting_status"][0].startswith("Error: Unsure – ")
    _run(bot, tmp_path)
    assert bot.accepted.count("BT001") == 1, "the next run finds it"


@pytest.mark.parametrize("arrived", [True, False])
def test_a_bare_failure_after_the_click_is_looked_up(tmp_path: Path, arrived: bool) -> None:
    class Vague(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            if record["sku"] == "BT002":
                return super().post_ad(record, before_submit)
            if arrived:
                super().post_ad(record, before_submit)
            else:
                before_submit(ids_before=[])
            return {"success": False, "message": "Something went wrong."}

    bot = Vague()
    df, _result, _slept = _run(bot, tmp_path)
    assert df["posting_status"][0] == ("Posted 2026-11-23" if arrived else "Error: Something went wrong.")


# --- a person


def test_a_person_is_waited_for_and_told(tmp_path: Path) -> None:
    bot = Script(*[PersonNeeded("Please solve the captcha.")] * 3)
    told: list[str] = []

    class Watching:
        def record_step(self, _position: int, text: str) -> None:
            told.append(text)

    df, result, slept = _run(bot, tmp_path, observer=Watching())
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2
    assert slept == [5.0, 5.0, 5.0]
    assert told.count("Waiting for you: Please solve the captcha.") == 3
    assert result["success"] is True


def test_a_person_who_does_not_come_ends_the_run_in_good_order(tmp_path: Path) -> None:
    bot = Script(*[PersonNeeded("Please solve the captcha.")] * 1000)
    df, result, slept = _run(bot, tmp_path)
    assert sum(slept) == 300
    assert df["posting_status"].tolist() == ["Error: Please solve the captcha.", ""]
    assert (result["ended"], result["remaining_records"]) == ("critical", 1)


def test_where_the_bot_has_waited_already_the_run_does_not(tmp_path: Path) -> None:
    bot = Script(PersonNeeded("The browser is hidden.", waited=True))
    _df, result, slept = _run(bot, tmp_path)
    assert (slept, result["ended"]) == ([], "critical")


def test_a_sign_in_that_needs_a_person_is_waited_for_too(tmp_path: Path) -> None:
    bot, needed = SiteBot(), [PersonNeeded("Please sign in.")] * 2

    def sign_in() -> None:
        if needed:
            raise needed.pop()

    bot.points["login"] = sign_in
    _df, result, slept = _run(bot, tmp_path)
    assert (slept, result["successful_posts"]) == ([5.0, 5.0], 2)


# --- the run


def test_a_limit_ends_the_run(tmp_path: Path) -> None:
    df, result, _slept = _run(Script(LimitReached("Ten ads are enough.")), tmp_path)
    assert df["posting_status"].tolist() == ["Error: Ten ads are enough.", ""]
    assert result["message"].startswith("Ten ads are enough. The run ended after 1 of 2 records")


def test_a_browser_that_has_gone_is_replaced_once(tmp_path: Path) -> None:
    broken, fresh = Script(BrowserGone("crashed")), SiteBot()
    df, result, _slept = _run(broken, tmp_path, make_bot=lambda: fresh)
    assert fresh.accepted == ["BT001", "BT002"]
    assert broken.accepted == []
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2
    assert result["results"][0]["tries"] == 2


def test_two_browsers_in_a_row_end_the_run(tmp_path: Path) -> None:
    bots = [Script(BrowserGone("crashed")), Script(BrowserGone("crashed again")), SiteBot()]
    df, result, _slept = _run(bots[0], tmp_path, make_bot=lambda: bots.pop(1))
    assert df["posting_status"].tolist() == ["Error: crashed again", ""]
    assert result["ended"] == "critical"
    assert len(bots) == 2


GONE: dict[str, Any] = {
    "raised": lambda: _raise(BrowserGone("crashed")),
    "unknown": lambda: _raise(UnknownOutcome("Nobody saw it.", browser_gone=True)),
    "given": lambda: {"success": False, "message": "crashed", "error_kind": "browser"},
    "as KijijiBot gives it": lambda: failure(UnknownOutcome("Nobody saw it.", browser_gone=True)),
}


def _raise(error: Exception) -> dict[str, Any]:
    raise error


class DiesAtClick(SiteBot):
    """Its browser goes away right after the click, as often as it's told; the site has taken the ad."""

    def __init__(self, how: str, times: int) -> None:
        super().__init__()
        self.how, self.times = how, times

    def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
        answer = super().post_ad(record, before_submit)
        if not self.times:
            return answer
        self.times -= 1
        gone: dict[str, Any] = GONE[self.how]()
        return gone


@pytest.mark.parametrize("how", GONE)
@pytest.mark.parametrize("replaced", [True, False])
def test_browsers_that_go_at_two_clicks_in_a_row_end_the_run(tmp_path: Path, how: str, replaced: bool) -> None:
    bots = [DiesAtClick(how, 9), DiesAtClick(how, 9), DiesAtClick(how, 9)]
    df = trucks(*[""] * 5)
    if replaced:  # and the dead one says so to the next record, which is not a second time
        bots[0].points["begin BT002"] = lambda: _raise(BrowserGone("It is gone.")) and None
    with new_journal(tmp_path) as journal:
        make = {"make_bot": lambda: bots.pop(1)} if replaced else {}
        result = run_batch(df, "new", bots[0], journal=journal, **make)
        assert list(states(journal).values()) == ["uncertain"] * 2 + ["planned"] * 3
    assert df["posting_status"].str.startswith("Error: Unsure").tolist() == [True, True, False, False, False]
    assert result["ended"] == "critical"
    assert result["message"].startswith("The browser went away for the second time in a row")
    assert adds_up(result, df)


@pytest.mark.parametrize("how", GONE)
def test_a_browser_that_goes_at_one_click_is_forgiven(tmp_path: Path, how: str) -> None:
    bot = DiesAtClick(how, 1)
    gone = ["BT002", "BT004"]  # the first is the death at the click, told late; the other one has a good row before it

    def go(sku: str) -> None:
        if sku in gone:
            gone.remove(sku)
            raise BrowserGone("It is gone.")

    bot.points = {"begin BT002": lambda: go("BT002"), "begin BT004": lambda: go("BT004")}
    df = trucks(*[""] * 5)
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bot, journal=journal)
        assert result["ended"] == "done"
        again = run_batch(df, "new", bot, journal=journal)
    assert again["successful_posts"] == 1
    assert df["posting_status"].str.startswith("Posted").all()
    assert sorted(bot.accepted) == ["BT001", "BT002", "BT003", "BT004", "BT005"]


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("accepted", [False, True])
def test_a_person_who_is_needed_after_the_click_leaves_it_open_whether_the_ad_is_there(
    tmp_path: Path, accepted: bool, given: bool
) -> None:
    class Captcha(SiteBot):
        asks = True

        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            if not self.asks:
                return super().post_ad(record, before_submit)
            self.asks = False
            if accepted:
                super().post_ad(record, before_submit)
            else:
                before_submit(ids_before=[])
            error = PersonNeeded("A captcha waits.", waited=True)
            return failure(error) if given else _raise(error)

    bot = Captcha()
    df, result, _slept = _run(bot, tmp_path)
    assert result["ended"] == "critical"
    assert df["posting_status"].tolist() == ["Error: Unsure – A captcha waits. " + tell("what-to-do-when-unsure"), ""]
    with new_journal(tmp_path) as journal:
        assert run_batch(df, "new", bot, journal=journal)["successful_posts"] == 2
    assert sorted(bot.accepted) == ["BT001", "BT002"]


def test_what_nobody_foresaw_has_a_code_in_the_row_and_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    df, result, _slept = _run(Script(ZeroDivisionError("secret")), tmp_path)
    assert df["posting_status"].tolist() == ["Error: System error", "Posted 2026-11-23"]
    code = result["results"][0]["error_code"]
    assert df["last_error"][0] == (
        f"System error (code {code}; the log has the details). Click Post New again; if it stays, send the log and "
        "this code to whoever helps you."
    )
    with speaking("fr"):
        outcome = Outcome.unforeseen(ZeroDivisionError())
        assert "Cliquez de nouveau sur Publier" in outcome.last_error
        assert outcome.status == "Error: System error"
    assert f"code {code}" in caplog.text
    assert "ZeroDivisionError: secret" in caplog.text


def test_a_bot_that_cannot_tell_of_the_click_is_taken_at_its_word(tmp_path: Path) -> None:
    class Plain(PlainBot):
        account = SiteBot.account
        failures = 2

        def post_ad(self, record: Record) -> dict[str, Any]:
            if self.failures:
                self.failures -= 1
                raise SiteError("down")
            return super().post_ad(record)

    bot = Plain()
    _df, result, slept = _run(bot, tmp_path)
    assert bot.ids == ["BT001", "BT002"]
    assert len(slept) == 2
    assert result["success"] is True
    with new_journal(tmp_path) as journal:
        assert states(journal) == {"BT001": "posted", "BT002": "posted"}
