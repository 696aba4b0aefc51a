"""``python3 -m mcu.setup``: see ``mcu/setup/cli.py``. Kept readable by old Pythons so that they get a sentence, not a traceback."""

import sys

if sys.version_info < (3, 11):
    sys.exit("mcu.setup: Python 3.11 or newer is needed, this is %d.%d (%s)" % (sys.version_info[0], sys.version_info[1], sys.executable))  # noqa: E501, UP031

from mcu.setup.cli import main

sys.exit(main())
