"""Commands to and from the peer that concern a running stream: keyframes (MiscellaneousCommand) and bit rate."""

from __future__ import annotations

from .channels import Channels, State
from .events import Event, FastUpdate, FlowControl
from .line import Body, Line

# What can only be answered with a new picture: we code no single groups or macroblocks of blocks on demand.
PICTURE = frozenset(
    {
        "videoFastUpdatePicture",
        "videoFastUpdateGOB",
        "videoFastUpdateMB",
        "lostPicture",
        "lostPartialPicture",
        "recoveryReferencePicture",
    }
)
BIT_RATE_UNIT = 100  # bit/s
MOST_BIT_RATE = 0xFFFFFF  # in those units: H.245 FlowControlCommand

WHOLE = 0  # FlowControl.number for all channels together


def miscellaneous(body: Body, channels: Channels) -> list[Event]:
    """MiscellaneousCommand. All others are harmless: freezing, sharpness against motion, multipoint mode, delays."""
    number, (what, _) = body["logicalChannelNumber"], body["type"]
    if what not in PICTURE:
        return []
    if number in channels.ours:
        return [FastUpdate(number)] if channels.ours[number].state is State.OPEN else []
    # Some name their own channel, or 0: what they can mean is our only picture.
    pictures = [n for n, c in channels.ours.items() if c.proposal.kind == "video" and c.state is State.OPEN]
    return [FastUpdate(pictures[0])] if len(pictures) == 1 else []


def flow_control(body: Body, channels: Channels) -> list[Event]:
    """FlowControlCommand."""
    (scope, number), (restriction, limit) = body["scope"], body["restriction"]
    bit_rate = limit * BIT_RATE_UNIT if restriction == "maximumBitRate" else None
    if scope == "wholeMultiplex":
        return [FlowControl(WHOLE, bit_rate)]
    if scope == "logicalChannelNumber" and number in channels.ours:
        return [FlowControl(number, bit_rate)]
    return []


def ask_picture(number: int, line: Line) -> None:
    line.command("miscellaneousCommand", {"logicalChannelNumber": number, "type": ("videoFastUpdatePicture", 0)})


def ask_bit_rate(number: int, bit_rate: int | None, line: Line) -> None:
    """``bit_rate`` in bit/s, None lifts the limit."""
    restriction: tuple[str, int] = ("noRestriction", 0)
    if bit_rate is not None:
        if bit_rate < 0:
            raise ValueError(f"bit rate {bit_rate}")
        restriction = ("maximumBitRate", min(bit_rate // BIT_RATE_UNIT, MOST_BIT_RATE))
    line.command("flowControlCommand", {"scope": ("logicalChannelNumber", number), "restriction": restriction})
