"""`python -m engine` is `stylebot`."""

from engine.command.cli import main

main()
