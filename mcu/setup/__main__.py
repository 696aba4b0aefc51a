"""``python3 -m mcu.setup``: see ``mcu/setup/cli.py``. An old Python gets a sentence here, not a traceback."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (whatever pyproject.toml says: this runs before anybody has read it)
    sys.exit("mcu.setup: Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ", " + sys.executable)

from mcu.setup.cli import main

sys.exit(main())
