"""`python -m xlkijiji.practice`: the practice site from a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from xlkijiji.messages import tell, use
from xlkijiji.practice.options import ERAS
from xlkijiji.practice.server import PortTakenError, serve
from xlkijiji.system_language import system_language


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and serve. Returns the exit code."""
    use(system_language())
    parser = argparse.ArgumentParser(prog="python -m xlkijiji.practice", description=tell("practice-help"))
    parser.add_argument("--port", type=int, default=0, help=tell("practice-help-port"))
    parser.add_argument("--sign-in-port", type=int, default=0, help=tell("practice-help-sign-in-port"))
    parser.add_argument("--data-dir", type=Path, required=True, help=tell("practice-help-data-dir"))
    parser.add_argument("--idle-exit", type=float, metavar="MINUTES", help=tell("practice-help-idle-exit"))
    parser.add_argument("--era", type=int, choices=ERAS, default=ERAS[-1], help=tell("command-practice-era"))
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
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
