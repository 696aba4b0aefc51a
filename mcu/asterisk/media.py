"""What RTP and RTCP tell of every terminal's call: TerminalMediaList (module/media.c), one question for all."""

from __future__ import annotations

from panoramisk.message import Message

from mcu.asterisk.ami import Ami
from mcu.asterisk.refusals import refusal
from mcu.asterisk.translate import text
from mcu.core.quality import Counters
from mcu.errors import Unavailable

_FIELDS = 9


async def read(ami: Ami) -> dict[str, tuple[Counters | None, Counters | None]]:
    """Sound and picture by channel. Raises AsteriskDown, TimedOut, or what a refusal means."""
    messages = await ami.list_action("TerminalMediaList", {})
    if text(messages[0], "Response") == "Error":
        raise refusal("TerminalMediaList", text(messages[0], "Message"))
    if text(messages[-1], "EventList").lower() != "complete":
        raise Unavailable("TerminalMediaList: Asterisk broke its answer off")
    return {text(m, "Channel"): _both(m) for m in messages if text(m, "Event") == "TerminalMedia"}


def _both(message: Message) -> tuple[Counters | None, Counters | None]:
    return counters(text(message, "Audio")), counters(text(message, "Video"))


def counters(line: str) -> Counters | None:
    """One stream's figures in the order of module/media.c; None for an empty line or one that is not understood."""
    parts = line.split()
    if len(parts) != _FIELDS:
        return None
    try:
        packets_in, octets_in, lost_in = (int(part) for part in parts[:3])
        packets_out, octets_out, lost_out = (int(part) for part in parts[4:7])
        jitter_in, jitter_out, rtt = float(parts[3]), float(parts[7]), float(parts[8])
    except ValueError:
        return None
    return Counters(
        packets_in=packets_in, octets_in=octets_in, lost_in=lost_in, jitter_in=jitter_in, packets_out=packets_out,
        octets_out=octets_out, lost_out=lost_out, jitter_out=jitter_out, rtt=rtt,
    )  # fmt: skip
