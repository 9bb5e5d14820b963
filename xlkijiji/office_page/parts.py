"""What the pages share while the server runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from xlkijiji.office_page.children import SetupCheck, Watcher
from xlkijiji.office_page.guard import Guard

__all__ = ["Parts"]


@dataclass
class Parts:
    """One server's parts."""

    guard: Guard = field(default_factory=Guard)
    watcher: Watcher = field(default_factory=Watcher)
    setup: SetupCheck = field(default_factory=SetupCheck)
    ended: threading.Event = field(default_factory=threading.Event)
    """Somebody wants the server to end."""
