"""What the page shows and does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request, url_for

from xlkijiji import __version__, logs, paths
from xlkijiji.messages import LANGUAGES, language, tell
from xlkijiji.office_page.parts import Parts
from xlkijiji.press import buttons
from xlkijiji.report import build_report

__all__ = ["chosen_language", "pages"]

pages = Blueprint("office", __name__)

NEWEST_RUNS = 8
LOG_LINES = 300
_PERCENTAGE = re.compile(r"^\[(\d{1,3}(?:\.\d+)?)%\]")
_RUN_FILE = re.compile(r"\d{8}-\d{6}-\d+\.json")

LABELS = {
    "post": "page-post",
    "all": "page-post-all",
    "selected": "page-post-selected",
    "check": "page-check",
    "stop": "page-stop",
    "sign-in": "page-sign-in",
}
"""Job → its label."""
ABOUT = {
    "post": "page-post-about",
    "all": "page-post-all-about",
    "selected": "page-post-selected-about",
    "check": "page-check-about",
    "stop": "page-stop-about",
    "sign-in": "page-sign-in-about",
}


def chosen_language() -> str:
    """The language of this request: the one that was chosen on the page, else the browser's, else the system's."""
    wish = request.args.get("lang") or request.cookies.get("lang", "")
    if wish in LANGUAGES:
        return wish
    spoken = (name.partition("-")[0].lower() for name, _quality in request.accept_languages)  # the best first
    return next((one for one in spoken if one in LANGUAGES), language())


def _parts() -> Parts:
    parts: Parts = current_app.extensions["xlkijiji"]
    return parts


@pages.get("/")
def front() -> Response:
    """The page itself; its script fills in what changes."""
    lang = language()
    jobs = [
        {
            "job": job,
            "label": tell(LABELS[job]),
            "about": tell(ABOUT[job]),
        }
        for job in buttons()
    ]
    others = [one for one in LANGUAGES if one != lang]
    page = render_template(
        "page.html",
        lang=lang,
        others=others,
        jobs=jobs,
        word=_parts().guard.word,
        version=__version__,
        adopt=url_for("adopt.start") if "adopt.start" in current_app.view_functions else "",
        say=tell,
    )
    return make_response(page)


@pages.get("/state")
def state() -> Response:
    """All that changes, as JSON."""
    seen = _parts().watcher.look(language())
    text = str(seen.get("status") or seen.get("last") or "").removeprefix("xlkijiji: ")
    found = _PERCENTAGE.match(text)
    return jsonify(
        {
            **{name: seen.get(name, "") for name in ("problem", "book", "path", "sheet", "practice")},
            "running": bool(seen.get("running")),
            "asking": bool(seen.get("running") and seen.get("asking")),  # a killed run leaves its question's file
            "status": text,
            "percentage": float(found[1]) if found and seen.get("running") else None,
            "runs": list(_runs()),
            "setup": _parts().setup.state(),
        }
    )


@pages.post("/press/<job>")
def press(job: str) -> Response:
    """Press a button of the workbook in front."""
    if job not in buttons():
        abort(404)
    return jsonify({"problem": _parts().watcher.press(job, language())})


@pages.post("/check-setup")
def check_setup() -> Response:
    """Let the doctor look, at the workbook in front too where there is one."""
    lang = language()
    path = _parts().watcher.look(lang).get("path", "")
    _parts().setup.start(lang, path if path and Path(path).is_file() else "")
    return jsonify({})


@pages.post("/quit")
def leave() -> Response:
    """End this server; runs that are on go on."""
    _parts().ended.set()
    return jsonify({})


def _runs() -> Iterator[dict[str, str]]:
    files = sorted((path for path in paths.runs_dir().iterdir() if _RUN_FILE.fullmatch(path.name)), reverse=True)
    for path in files[:NEWEST_RUNS]:
        kept = _kept(path)
        if kept is not None:
            name = str(kept["workbook"]).replace("\\", "/").rpartition("/")[2]
            message = str(kept["result"].get("message", ""))
            yield {"ended": str(kept["ended_at"]), "book": name, "message": message, "file": path.stem}


def _kept(path: Path) -> dict[str, Any] | None:
    """A run's result as `jobs.keep_result` left it; None for a file that is damaged, or of another time."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        whole = {"workbook", "ended_at", "result"} <= kept.keys() and isinstance(kept["result"], dict)
    except (OSError, ValueError, AttributeError):
        return None
    return kept if whole else None


@pages.get("/run/<name>")
def run_report(name: str) -> Response:
    """The report of one run, as it would be mailed."""
    # the whole name: on Windows one with `\` in it would lead out of the folder
    kept = _kept(paths.runs_dir() / f"{name}.json") if _RUN_FILE.fullmatch(f"{name}.json") else None
    if kept is None:
        abort(404)
    account = str(kept["result"].get("account", ""))
    answer = make_response(build_report(kept["result"], workbook=kept["workbook"], account=account).html)
    # a mail carries its looks inside
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return answer


@pages.get("/log")
def newest_log() -> Response:
    """The newest lines of the log, in which no password is."""
    text = "\n".join(logs.last_lines(LOG_LINES)) if paths.log_file().exists() else tell("page-no-log")
    answer = make_response(text)
    answer.mimetype = "text/plain"
    return answer
