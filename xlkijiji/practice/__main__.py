"""`python -m xlkijiji.practice`: the practice site from a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from xlkijiji.practice.options import ERAS
from xlkijiji.practice.server import PortTakenError, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and serve. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m xlkijiji.practice", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the site (default: a free one)")
    parser.add_argument("--sign-in-port", type=int, default=0, help="port of the sign-in host (default: a free one)")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder in which the site keeps its ads")
    parser.add_argument("--idle-exit", type=float, metavar="MINUTES", help="end when nobody asked for so long")
    parser.add_argument("--era", type=int, choices=ERAS, default=ERAS[-1], help="2: as in 2018 to 2022; 3: as today")
    options = parser.parse_args(arguments)
    try:
        serve(
            options.data_dir,
            port=options.port,
            sign_in_port=options.sign_in_port,
            idle_minutes=options.idle_exit,
            era=options.era,
        )
    except PortTakenError as error:
        print(error.strerror, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
