"""The site of the kill tests: a process of its own with a table of its own, which outlives every run.

Speaks over a socket in the file system: one JSON object per line and answer. It keeps every ad that it ever accepted,
so that a second post is seen even where an ad was deleted since.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from typing import Any

LOCK = threading.Lock()
ADS: list[dict[str, Any]] = []
LAG = {"looks": 0}


def answer(question: dict[str, Any]) -> Any:
    """What the site says: `add`, `list` (as My Ads shows it), `delete`, `all` (its own table), `reset`."""
    what = question["what"]
    if what == "reset":
        ADS.clear()
        LAG["looks"] = question.get("lag", 0)
        return True
    if what == "add":
        both = any(ad["sku"] == question["sku"] and ad["live"] for ad in ADS)
        ad = {"id": str(1000 + len(ADS)), "sku": question["sku"], "title": question["title"], "live": True}
        ADS.append(ad | {"beside_another": both, "hidden_for": LAG["looks"]})
        return ad["id"]
    if what == "list":
        shown = []
        for ad in ADS:
            if ad["live"] and ad["hidden_for"] <= 0:
                shown.append({"id": ad["id"], "title": ad["title"]})
            ad["hidden_for"] -= 1
        return shown
    if what == "delete":
        for ad in ADS:
            if ad["id"] == question["id"] and ad["live"]:
                ad["live"] = False
                return True
        return False
    return ADS


class Handler(socketserver.StreamRequestHandler):
    """Answers line by line until the other side is gone, killed or not."""

    def handle(self) -> None:
        """Serve one connection."""
        try:
            for line in self.rfile:
                if not line.endswith(b"\n"):
                    return  # the run was killed while it wrote
                with LOCK:
                    said = json.dumps(answer(json.loads(line))).encode() + b"\n"
                self.wfile.write(said)
        except OSError:
            return  # the run was killed while it waited for the answer


class Server(socketserver.ThreadingUnixStreamServer):
    """A thread for each connection; none keeps the process."""

    daemon_threads = True


if __name__ == "__main__":
    with Server(sys.argv[1], Handler) as server:
        print("ready", flush=True)
        server.serve_forever()
