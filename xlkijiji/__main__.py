"""`python -m xlkijiji …` is `xlkijiji …`."""

from xlkijiji.cli import main

main()
