"""The gateway's SIP side: a small user agent that speaks with our own Asterisk only, over UDP on loopback.

What was weighed:

- **sippy 2.5**, a B2BUA stack in pure Python. It works, and lost on four counts that were looked at closely. While a
  re-INVITE is under way its dialog drops INFO both ways (UacStateUpdating handles INVITE and BYE only): that is exactly
  when a picture begins and keyframes are asked for. INFO reaches the application without its Content-Type. Its event
  loop is a singleton of the process that wakes 100 times a second for ever (1.1 % of a core when idle, up to 10 ms on
  each message) and belongs to the thread that imported it, so each event would change threads. It is untyped, and
  brings 13 packages along, three of them native.
- **pjsua2**, which the mixer has. It opens its own media for each call and runs its own offer and answer; here the
  descriptions are the other side's, with addresses that are not ours.
- aiosip (last release 2018) and pyVoIP (audio phone) are no candidates.

So the messages (parsing, building, digest grammar) are **sipmessage**'s, typed and maintained, and what is written here
is the part for which no asyncio library is alive: transactions (RFC 3261 17) and one dialog a call (RFC 3261 12 to 15).
"""

from .agent import Account, UserAgent
from .call import SipCall
from .events import (
    Answered,
    Confirmed,
    Ended,
    InfoReceived,
    Provisional,
    Refused,
    ReinviteAnswered,
    Reinvited,
    ReinviteRefused,
    SipEvent,
)
from .messages import caller_of
from .sdp import Description, Media

__all__ = [
    "Account",
    "Answered",
    "Confirmed",
    "Description",
    "Ended",
    "InfoReceived",
    "Media",
    "Provisional",
    "Refused",
    "ReinviteAnswered",
    "ReinviteRefused",
    "Reinvited",
    "SipCall",
    "SipEvent",
    "UserAgent",
    "caller_of",
]
