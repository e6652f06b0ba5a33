"""`python -m bots`: the command `stylebot`, as a module."""

from bots.cli import main

main(prog_name="stylebot")
