"""How long each state may last, in seconds."""

from __future__ import annotations

from mcu.h323 import causes
from mcu.h323.q931 import CallState

FIRST_MESSAGE = 10.0  # a connection on which nobody calls; port scanners come hundreds of times an hour
T303 = 10.0  # Setup sent, nothing came back: at least 4 s (H.225.0 7.5, Q.931 table 9-2)
T304 = 30.0  # Setup Acknowledge came; we never overlap
T310 = 60.0  # Call Proceeding came, then nothing: 30 to 120 s (Q.931 table 9-1)
T301 = 180.0  # it rings: at least 3 min (H.225.0 7.5)
OURS = 10.0  # Setup came and our own side has not answered; the peer's T303 runs

# What a state's time-out ends the call with. ACTIVE has none: there H.245's round trip finds a dead peer.
LIMITS: dict[CallState, tuple[float, int]] = {
    CallState.CALL_INITIATED: (T303, causes.NO_USER_RESPONDING),
    CallState.OVERLAP_SENDING: (T304, causes.NO_USER_RESPONDING),
    CallState.OUTGOING_PROCEEDING: (T310, causes.TIMER_EXPIRED),
    CallState.CALL_DELIVERED: (T301, causes.NO_ANSWER),
    CallState.CALL_PRESENT: (OURS, causes.TIMER_EXPIRED),
    CallState.INCOMING_PROCEEDING: (T301, causes.TIMER_EXPIRED),
    CallState.CALL_RECEIVED: (T301, causes.NO_ANSWER),
}
