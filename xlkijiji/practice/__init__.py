"""A stand-in Kijiji on this computer: for rehearsal, demo and tests. Nothing here ever reaches the real site."""

from xlkijiji.practice.options import DEFAULT_ACCOUNTS
from xlkijiji.practice.server import PortTakenError, PracticeSite, serve

__all__ = ["DEFAULT_ACCOUNTS", "PortTakenError", "PracticeSite", "serve"]
