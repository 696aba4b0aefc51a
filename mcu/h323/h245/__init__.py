"""H.245: one control channel as a class without I/O, and fast start's channels as functions."""

from .fast import FastChannel, answered, choose, fast_accepted, fast_answer, fast_offer, fast_proposals
from .offer import Offer
from .peer import Peer
from .session import Control

__all__ = [
    "Control",
    "FastChannel",
    "Offer",
    "Peer",
    "answered",
    "choose",
    "fast_accepted",
    "fast_answer",
    "fast_offer",
    "fast_proposals",
]
