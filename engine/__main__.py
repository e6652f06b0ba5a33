"""`python -m engine` is `stylebot`."""

from engine.cli import main

main()
