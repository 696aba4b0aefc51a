"""``python -m mcu``: the same as the command ``mcu``."""

from mcu.cli import main

main(prog_name="mcu")
