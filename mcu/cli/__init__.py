"""The command ``mcu``: run the bridge, and steer it."""

from mcu.cli.main import main

__all__ = ["main"]
