"""run_batch and post_single, seen from outside: the frame, the result, and the table of a bot that keeps its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from xlkijiji import data_io
from xlkijiji.errors import BatchStopped, PersonNeeded, RecordError, SiteError, UnknownOutcome, failure
from xlkijiji.inventory import Record
from xlkijiji.posting import post_single, run_batch

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5)))


def at_noon() -> dt.datetime:
    return NOON


class PlainBot:
    """Has post_ad and nothing else; `table` is what its site shows."""

    def __init__(self) -> None:
        self.table: list[dict[str, Any]] = []

    def post_ad(self, record: Record) -> dict[str, Any]:
        self.table.append(
            {"id": record["bucket_truck_id"], "title": record["title"], "image": record.get("image_filename")}
        )
        return {"success": True, "message": "ok", "ad_url": f"https://www.kijiji.ca/v-x/y/z/{len(self.table)}"}

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.table]


def trucks(*statuses: object, **changes: list[object]) -> pd.DataFrame:
    """The inventory of another project: its columns, one row per status."""
    count = len(statuses)
    columns: dict[str, list[object]] = {
        "bucket_truck_id": [f"BT{n + 1:03}" for n in range(count)],
        "image_filename": [None] * count,
        "title": [f"Bucket truck {n + 1}" for n in range(count)],
        "description": ["A good truck, {fuel_type}."] * count,
        "price": [24500 + n for n in range(count)],
        "tags": ["bucket, truck"] * count,
        "fuel_type": ["Diesel"] * count,
        "equipment_type": ["Bucket truck"] * count,
        "posting_status": list(statuses),
    }
    return pd.DataFrame(columns | changes)


def adds_up(result: dict[str, Any], df: pd.DataFrame) -> bool:
    counts = [result[name] for name in ("successful_posts", "failed_posts", "skipped_records")]
    return len(df) == result["total_records"] == sum(counts)


# --- modes and statuses


def test_mode_new_takes_blank_pending_and_error_rows_and_leaves_the_others() -> None:
    df = trucks("", None, " Pending ", "ERROR: no", "Posted 2026-01-01", "sold")
    bot = PlainBot()

    result = run_batch(df, "new", bot, clock=at_noon)

    assert bot.ids == ["BT001", "BT002", "BT003", "BT004"]
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 4 + ["Posted 2026-01-01", "sold"]
    assert result["success"] is True
    assert (result["successful_posts"], result["failed_posts"], result["skipped_records"]) == (4, 0, 2)
    assert adds_up(result, df)


def test_mode_all_takes_every_row() -> None:
    df = trucks("", "Posted 2026-01-01", "sold")
    bot = PlainBot()

    run_batch(df, "all", bot)

    assert bot.ids == ["BT001", "BT002", "BT003"]


@pytest.mark.parametrize("mode", ["NEW", "", None, 5, "everything"])
def test_another_mode_is_refused_and_the_two_are_named(mode: Any) -> None:
    df, bot = trucks(""), PlainBot()

    result = run_batch(df, mode, bot)

    assert result["success"] is False
    assert "'new'" in result["message"]
    assert "'all'" in result["message"]
    assert bot.table == []
    assert adds_up(result, df)


@pytest.mark.parametrize(
    "statuses",
    [
        pd.Series([float("nan")] * 3),
        pd.Series([None] * 3, dtype=object),
        pd.Series(["", "pending", "Posted x"], dtype="category"),
        pd.Series([None, "pending", "Posted x"], dtype="string"),
        pd.Series([pd.NaT] * 3),
        pd.Series([pd.NA, "Error", ""], dtype=object),
    ],
    ids=["float", "object", "category", "string", "time", "NA"],
)
def test_a_status_column_of_any_type_becomes_text(statuses: pd.Series) -> None:
    df = trucks("", "", "")
    df["posting_status"] = statuses
    posted = [not str(status).startswith("Posted") for status in statuses]

    run_batch(df, "new", PlainBot(), clock=at_noon)

    assert (df["posting_status"] == "Posted 2026-11-23").tolist() == posted
    assert all(isinstance(status, str) for status in df["posting_status"])


@pytest.mark.parametrize(
    "index", [[5, 9, 70], [1, 1, 1], ["b", "a", None], pd.MultiIndex.from_tuples([(1, 2), (1, 2), (0, 1)])]
)
def test_statuses_land_in_the_right_rows_whatever_the_index(index: Any) -> None:
    df = trucks("Posted x", "", "sold")
    df.index = pd.Index(index) if isinstance(index, list) else index

    run_batch(df, "new", PlainBot(), clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted x", "Posted 2026-11-23", "sold"]


def test_the_status_column_is_added_when_it_is_missing() -> None:
    df = trucks("", "").drop(columns="posting_status")

    run_batch(df, "new", PlainBot(), clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2


def test_a_row_that_failed_is_posted_by_the_next_run() -> None:
    df = trucks("", "", price=["abc", 5])
    bot = PlainBot()
    run_batch(df, "new", bot)
    assert bot.ids == ["BT002"]

    df.loc[0, "price"] = 100
    run_batch(df, "new", bot)

    assert bot.ids == ["BT002", "BT001"]


def test_ad_id_link_and_time_are_noted_where_the_frame_has_such_columns() -> None:
    class Numbering(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            return {**super().post_ad(record), "ad_id": 1700000000 + len(self.table)}

    df = trucks("", "", ad_id=[float("nan")] * 2, posted_at=[pd.NaT] * 2)

    run_batch(df, "new", Numbering(), clock=at_noon)

    assert df["ad_id"].tolist() == ["1700000001", "1700000002"]
    assert df["posted_at"].tolist() == ["2026-11-23T12:00:00-05:00"] * 2
    assert "ad_url" not in df


# --- what the bot gets


def test_the_bot_may_use_our_names_and_the_sheets_own() -> None:
    seen: list[Record] = []

    class Curious(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            seen.append(record)
            return super().post_ad(record)

    df = trucks("", image_filename=["a.jpg; b.jpg"], bucket_truck_id=[5.0])
    run_batch(df, "new", Curious())

    record = seen[0]
    assert record["sku"] == record["bucket_truck_id"] == "5"
    assert record["image_filename"] == "a.jpg; b.jpg"
    assert record["photos"] == [Path("a.jpg"), Path("b.jpg")]
    assert record["price"] == 24500.0
    assert record["tags"] == ["bucket", "truck"]
    assert record["description"] == "A good truck, Diesel."
    assert record["equipment_type"] == "Bucket truck"
    assert record.get("colour") is None


# --- the result, progress and observers


def test_each_entry_of_the_result_says_all_about_its_record() -> None:
    df = trucks("", "")

    result = run_batch(df, "new", PlainBot(), row_numbers=[4, 7], clock=at_noon)

    entry = result["results"][1]
    assert entry.pop("duration_s") >= 0
    assert entry == {
        "success": True,
        "message": "ok",
        "status_update": "Posted 2026-11-23",
        "ad_url": "https://www.kijiji.ca/v-x/y/z/2",
        "ad_id": None,
        "record_id": "BT002",
        "row": 7,
        "timestamp": "2026-11-23T12:00:00-05:00",
        "error_kind": None,
    }


def test_progress_is_called_for_each_record_and_at_the_end() -> None:
    calls: list[tuple[float, str]] = []
    df = trucks("", "", "Posted x", "", price=[1, "abc", 3, 4])

    result = run_batch(df, "new", PlainBot(), progress_cb=lambda share, text: calls.append((share, text)))

    assert calls[:-1] == [
        (pytest.approx(100 / 3), "Processing record 1/3: BT001"),
        (pytest.approx(200 / 3), "Processing record 2/3: BT002"),
        (100.0, "Processing record 3/3: BT004"),
    ]
    assert calls[-1] == (100.0, result["message"])


def test_followers_that_raise_are_logged_and_the_run_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def record_started(self, position: int, _record: Record) -> None:
            raise ValueError(f"broken at {position}")

        record_finished = record_started

    def fail(_share: float, _text: str) -> None:
        raise RuntimeError("no display")

    df, bot = trucks("", ""), PlainBot()

    result = run_batch(df, "new", bot, progress_cb=fail, observer=Broken())

    assert result["successful_posts"] == 2
    assert "no display" in caplog.text
    assert "broken at 0" in caplog.text


def test_rows_with_mistakes_are_told_before_anything_is_posted() -> None:
    events: list[str] = []

    class Watching:
        def record_started(self, position: int, _record: Record) -> None:
            events.append(f"started {position}")

        def record_finished(self, position: int, _record: Record, result: dict[str, Any]) -> None:
            events.append(f"finished {position} {result['success']}")

    run_batch(trucks("", "", price=[1, "abc"]), "new", PlainBot(), observer=Watching())

    assert events == ["finished 1 False", "started 0", "finished 0 True"]


# --- bad input


def test_problems_of_a_row_are_told_together_with_row_column_and_rule(tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("not a picture")
    df = trucks("", title=[None], price=["abc"], image_filename=["note.jpg;gone.jpg"])
    bot = PlainBot()

    result = run_batch(df, "new", bot, tmp_path, row_numbers=[7])

    status = df["posting_status"][0]
    assert status == f"Error: {result['results'][0]['message']}"
    assert status.startswith("Error: Row 7, Title: the cell is blank. Type the ad's title.")
    assert "Price: 'abc' is not a number. Type the amount alone, such as 24500 or 1299.95." in status
    assert "image_filename: 'note.jpg' is not a picture." in status
    assert f"image_filename: 'gone.jpg' can't be found. Put the picture into {tmp_path}" in status
    assert bot.table == []
    assert result["success"] is True


def test_rows_that_share_a_sku_are_all_refused_and_named() -> None:
    df = trucks("", "", "Posted x", "", bucket_truck_id=["A", "B", "B", "C"])
    bot = PlainBot()

    run_batch(df, "new", bot, row_numbers=[2, 3, 4, 5])

    assert bot.ids == ["A", "C"]
    assert "'B' stands in rows 3 and 4" in df["posting_status"][1]
    assert df["posting_status"][2] == "Posted x"


def test_a_missing_column_stops_the_run_with_its_name() -> None:
    df, bot = trucks("").drop(columns=["title", "price"]), PlainBot()

    result = run_batch(df, "new", bot)

    assert result["success"] is False
    assert result["message"] == (
        "The inventory: the columns 'Title', 'Price' are missing. Add a header for each, then try again."
    )
    assert bot.table == []


def test_two_columns_that_mean_the_same_stop_the_run() -> None:
    df, bot = trucks("").assign(SKU="x"), PlainBot()

    result = run_batch(df, "new", bot)

    assert result["success"] is False
    assert "'bucket_truck_id' (A) and 'SKU' (J) both mean SKU" in result["message"]
    assert bot.table == []


@pytest.mark.parametrize("df", [None, [], {"sku": [1]}, pd.Series([1])])
def test_what_is_no_frame_is_refused(df: Any) -> None:
    result = run_batch(df, "new", PlainBot())

    assert result["success"] is False
    assert "DataFrame" in result["message"]
    assert result["total_records"] == 0


@pytest.mark.parametrize("df", [pd.DataFrame(), trucks(), pd.DataFrame(columns=["a"])])
def test_no_rows_is_nothing_to_do(df: pd.DataFrame) -> None:
    calls: list[float] = []

    result = run_batch(df, "new", PlainBot(), progress_cb=lambda share, _text: calls.append(share))

    assert result["success"] is True
    assert "no rows" in result["message"]
    assert calls == [100.0]
    assert df["posting_status"].tolist() == []


def test_a_bot_that_cannot_post_is_refused() -> None:
    result = run_batch(trucks(""), "new", object())  # type: ignore[arg-type]

    assert result["success"] is False
    assert "post_ad" in result["message"]


def test_blank_rows_are_left_alone() -> None:
    df = pd.concat([trucks(""), pd.DataFrame([{}]), trucks("")], ignore_index=True)
    df.loc[2, "bucket_truck_id"] = "Z"
    bot = PlainBot()

    result = run_batch(df, "new", bot)

    assert bot.ids == ["BT001", "Z"]
    assert result["skipped_records"] == 1
    assert df["posting_status"][1] == ""


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
        ("yes", "Error: System error", "system"),
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


def test_a_row_that_a_dead_run_left_in_hand_is_settled_too() -> None:
    df, bot = trucks("Posting…"), PlainBot()

    run_batch(df, "new", bot)

    assert df["posting_status"][0].startswith("Error: Unsure")
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


# --- pace


def test_the_run_pauses_between_ads_and_stops_after_the_limit() -> None:
    pauses: list[float] = []
    df, bot = trucks("", "", "", "", price=[1, "abc", 3, 4]), PlainBot()

    result = run_batch(df, "new", bot, pause_seconds=20, stop_after=2, sleep=pauses.append)

    assert bot.ids == ["BT001", "BT003"]
    assert pauses == [20]
    assert result["success"] is True
    assert result["message"] == (
        "This run's limit of 2 ads is reached. 2 posted, 1 failed. 1 of 4 records remain; run it again to go on."
    )
    assert adds_up(result, df)


def test_stop_is_asked_between_records() -> None:
    df, bot = trucks("", "", ""), PlainBot()

    result = run_batch(df, "new", bot, stop=lambda: len(bot.table) == 2)

    assert bot.ids == ["BT001", "BT002"]
    assert result["success"] is False
    assert result["message"] == "Stopped, as asked. 2 posted, 0 failed. 1 of 3 records remain; run it again to go on."


# --- the file


def test_the_file_is_saved_on_the_way_and_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    df = trucks(*[""] * 20)
    df.to_csv(path, index=False)
    posted_in_file: list[int] = []

    class Looking(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            saved = data_io.load_inventory(path)["posting_status"]
            posted_in_file.append(int(saved.str.startswith("Posted").sum()))
            return super().post_ad(record)

    run_batch(df, "new", Looking(), file_path=path)

    assert posted_in_file == [n // 2 * 2 for n in range(20)]
    assert data_io.load_inventory(path)["posting_status"].str.startswith("Posted").all()


@pytest.mark.parametrize(("every", "seen"), [(3, [0, 0, 0, 3, 3]), (0.5, [0, 0, 2, 2, 4]), (0, [0] * 5)])
def test_the_interval_of_saving_is_a_share_or_a_count(tmp_path: Path, every: float, seen: list[int]) -> None:
    path = tmp_path / "trucks.csv"
    df = trucks(*[""] * 5)
    df.to_csv(path, index=False)
    posted_in_file: list[int] = []

    class Looking(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            posted_in_file.append(path.read_text().count("Posted"))
            return super().post_ad(record)

    run_batch(df, "new", Looking(), file_path=path, save_every=every)

    assert posted_in_file == seen
    assert path.read_text().count("Posted") == 5


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    df, bot = trucks("", ""), PlainBot()

    result = run_batch(df, "new", bot, file_path=tmp_path / "no folder" / "trucks.xlsx")

    assert bot.ids == ["BT001", "BT002"]
    assert result["success"] is True
    assert "could not be saved" in result["message"]
    assert "could not be saved" in caplog.text


# --- interrupts


class InterruptedBot(PlainBot):
    """Ctrl+C falls into the second record, before or after the click."""

    def __init__(self, *, after_click: bool) -> None:
        super().__init__()
        self.after_click = after_click

    def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:  # type: ignore[override]
        if record["sku"] == "BT002" and not self.after_click:
            raise KeyboardInterrupt
        before_submit()
        answer = super().post_ad(record)
        if record["sku"] == "BT002":
            raise KeyboardInterrupt
        return answer


def test_an_interrupt_before_the_click_leaves_the_row_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    df, bot = trucks("", "pending", ""), InterruptedBot(after_click=False)
    df.to_csv(path, index=False)

    result = run_batch(df, "new", bot, file_path=path, save_every=0, clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23", "pending", ""]
    assert data_io.load_inventory(path)["posting_status"].tolist() == ["Posted 2026-11-23", "pending", ""]
    assert result["success"] is False
    assert result["message"] == (
        "Interrupted after 1 of 3 records: 1 posted, 0 failed. 2 remain; run it again to go on."
    )
    assert adds_up(result, df)


def test_an_interrupt_after_the_click_leaves_the_row_unsure() -> None:
    df, bot = trucks("", "", ""), InterruptedBot(after_click=True)

    result = run_batch(df, "new", bot)
    run_batch(df, "new", PlainBot())

    assert bot.ids == ["BT001", "BT002"]
    assert df["posting_status"][1].startswith(
        "Error: Unsure – the run was interrupted while the ad was being submitted"
    )
    assert df["posting_status"][2].startswith("Posted")
    assert (result["successful_posts"], result["failed_posts"], result["remaining_records"]) == (1, 1, 1)


def test_an_interrupt_in_a_callback_loses_nothing() -> None:
    def interrupt(share: float, _text: str) -> None:
        if share > 60:
            raise KeyboardInterrupt

    df, bot = trucks("", "", ""), PlainBot()
    with pytest.raises(KeyboardInterrupt):
        run_batch(trucks(), "new", bot, progress_cb=interrupt)

    result = run_batch(
        df, "new", bot, progress_cb=lambda share, text: interrupt(share if "record 2" in text else 0, "")
    )

    assert bot.ids == ["BT001"]
    assert df["posting_status"].tolist()[1:] == ["", ""]
    assert result["success"] is False


def test_an_unforeseen_error_after_the_click_leaves_the_row_unsure() -> None:
    class Dies(PlainBot):
        def post_ad(self, _record: Record, before_submit: Any) -> dict[str, Any]:  # type: ignore[override]
            before_submit()
            raise OSError("secret")

    df = trucks("")

    run_batch(df, "new", Dies())

    assert df["posting_status"][0].startswith("Error: Unsure – something unforeseen went wrong after the ad was submit")


# --- one record


def test_post_single_takes_a_dict_or_a_row_of_a_frame() -> None:
    bot = PlainBot()

    first = post_single(trucks("").iloc[0], bot)
    second = post_single({"Stock No": 7.0, "Title": "A", "description": "B", "price": "1 299,95 $"}, PlainBot())

    assert first["success"] is True
    assert first["record_id"] == "BT001"
    assert bot.ids == ["BT001"]
    assert second["record_id"] == "7"
    assert second["success"] is True


def test_post_single_checks_first() -> None:
    bot = PlainBot()

    entry = post_single({"sku": "A", "title": "", "description": "B", "price": -1}, bot)

    assert entry["success"] is False
    assert entry["status_update"] == (
        "Error: A, Title: the cell is blank. Type the ad's title. "
        "Price: '-1' is less than 0. Type an amount of 0 or more."
    )
    assert bot.table == []


def test_photos_that_are_pictures_pass(tmp_path: Path) -> None:
    Image.new("RGB", (4, 3)).save(tmp_path / "a.png")
    bot = PlainBot()

    entry = post_single({"sku": "A", "title": "T", "description": "B", "price": 1, "photos": "a.png"}, bot, tmp_path)

    assert entry["success"] is True
