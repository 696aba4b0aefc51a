"""Tables, migrations, and what a new installation has."""

from mcu.models.database import Database
from mcu.models.first_start import first_start
from mcu.models.migrate import upgrade
from mcu.models.tables import *  # noqa: F403  # all of its __all__
from mcu.models.tables import __all__ as _tables

__all__ = ["Database", "first_start", "upgrade", *_tables]
