"""H.225.0 call signalling: one call on one TCP connection."""

from .call import CallSignalling
from .events import (
    Alerting,
    Connected,
    Event,
    FastStartAccepted,
    FastStartRefused,
    Forwarded,
    H245Address,
    H245Received,
    Keypad,
    Lost,
    Proceeding,
    ProgressReceived,
    Released,
    SetupReceived,
    TunnellingRefused,
)
from .values import Endpoint, Peer, Target

__all__ = [
    "Alerting",
    "CallSignalling",
    "Connected",
    "Endpoint",
    "Event",
    "FastStartAccepted",
    "FastStartRefused",
    "Forwarded",
    "H245Address",
    "H245Received",
    "Keypad",
    "Lost",
    "Peer",
    "Proceeding",
    "ProgressReceived",
    "Released",
    "SetupReceived",
    "Target",
    "TunnellingRefused",
]
