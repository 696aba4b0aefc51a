"""RAS: our gatekeeper for terminals that want one, and ourselves as a client of somebody else's."""

from mcu.h323.ras.accounts import Account, Policy
from mcu.h323.ras.gatekeeper import Gatekeeper

__all__ = ["Account", "Gatekeeper", "Policy"]
