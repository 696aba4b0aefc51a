"""Fast start (H.323 8.1.7): channels proposed in Setup and opened by the answer, without a message of H.245.

The caller proposes alternatives: its own channels in the forward parameters, those that it wants to receive in the
reverse ones. The called side answers with the ones that it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mcu.errors import Garbled

from ..media import Address, Format, Kind
from ..per import decode_olc, encode_olc
from . import olc
from .line import Body
from .offer import Offer
from .olc import Proposal

MOST = 64  # proposals looked at: OPAL makes 30


@dataclass(frozen=True, slots=True)
class FastChannel:
    """One proposal, or one that was taken, as our side sees it."""

    sending: bool  # we send
    kind: Kind
    format: Format
    number: int  # the sender's, as far as it is known
    session: int
    rtp: Address | None  # where its receiver listens; None where that is still to be said
    rtcp: Address | None  # the other side's


def fast_offer(elements: Iterable[bytes], local: Offer) -> list[FastChannel]:
    """What the caller proposes, in its order, as far as we can do it. What is none of ours, or garbled, is left out."""
    return [channel for channel in _read(elements, called=True) if _possible(channel, local)]


def choose(channels: Iterable[FastChannel]) -> list[FastChannel]:
    """The caller's first choice for each kind and direction."""
    chosen: dict[tuple[Kind, bool], FastChannel] = {}
    for channel in channels:
        chosen.setdefault((channel.kind, channel.sending), channel)
    return list(chosen.values())


def fast_answer(
    channels: Iterable[FastChannel], addresses: dict[Kind, tuple[Address, Address]], first: int
) -> list[bytes]:
    """The fastStart elements that take ``channels`` (out of ``fast_offer``), at most one for each kind and direction.

    ``addresses``: (rtp, rtcp) where we receive each kind. ``first``: the number of the first channel that we send on;
    adopt ``answered(channels, first)``. ValueError where two are for the same.
    """
    taken = answered(channels, first)
    if len({(c.kind, c.sending) for c in taken}) != len(taken):
        raise ValueError("one channel for each kind and direction")
    found: list[bytes] = []
    for channel in taken:
        rtp, rtcp = addresses[channel.kind]
        if channel.sending:  # its address the caller knows, our number and RTCP address it doesn't
            proposal = Proposal(channel.number, channel.kind, channel.format, channel.session, None, rtcp)
            found.append(encode_olc(olc.write_reverse(proposal)))
        else:
            proposal = Proposal(channel.number, channel.kind, channel.format, channel.session, rtp, rtcp)
            found.append(encode_olc(olc.write(proposal)))
    return found


def answered(channels: Iterable[FastChannel], first: int) -> list[FastChannel]:
    """The channels with our own numbers for those that we send on, as ``fast_answer`` writes them."""
    taken: list[FastChannel] = []
    for channel in channels:
        if channel.sending:
            values = (channel.kind, channel.format, first, channel.session, channel.rtp, channel.rtcp)
            channel = FastChannel(True, *values)
            first += 1
        taken.append(channel)
    return taken


def fast_proposals(local: Offer, addresses: dict[Kind, tuple[Address, Address]], first: int) -> list[bytes]:
    """The fastStart of a Setup of ours: every Format of ``local`` both ways, for the kinds that have addresses.

    Each Format has a number of its own, from ``first`` on: so the answer says which it means.
    """
    found: list[bytes] = []
    groups: tuple[tuple[Kind, tuple[Format, ...]], ...] = (("audio", local.audio), ("video", local.video))
    for kind, formats in groups:
        if kind not in addresses or not formats:
            continue
        rtp, rtcp = addresses[kind]
        for fmt in formats:
            session = olc.SESSIONS[kind]
            found.append(encode_olc(olc.write(Proposal(first, kind, fmt, session, None, rtcp))))
            found.append(encode_olc(olc.write_reverse(Proposal(first, kind, fmt, session, rtp, rtcp))))
            first += 1
    return found


def fast_accepted(elements: Iterable[bytes], local: Offer) -> list[FastChannel]:
    """What the called side has taken of our proposals: to be adopted."""
    return choose(c for c in _read(elements, called=False) if _possible(c, local))


def _read(elements: Iterable[bytes], called: bool) -> Iterable[FastChannel]:
    for place, octets in enumerate(elements):
        if place >= MOST:
            return
        try:
            body = decode_olc(octets)
            channel = _channel(body, called)
        except (Garbled, LookupError, TypeError, ValueError):
            continue
        if channel is not None:
            yield channel


def _channel(body: Body, called: bool) -> FastChannel | None:
    reverse = "reverseLogicalChannelParameters" in body
    proposal = olc.read_reverse(body) if reverse else olc.read(body)
    if proposal is None:
        return None
    # The forward parameters are what the caller sends, in its proposals and in the answer.
    sending = reverse if called else not reverse
    return FastChannel(
        sending, proposal.kind, proposal.format, proposal.number, proposal.session, proposal.rtp, proposal.rtcp
    )


def _possible(channel: FastChannel, local: Offer) -> bool:
    """Whether it is a codec of ours, with an address where we are to send to."""
    return (
        local.knows(channel.format) and channel.kind != "content" and (not channel.sending or channel.rtp is not None)
    )
