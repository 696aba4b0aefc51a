"""Fast start (H.323 8.1.7): which of the proposed channels are taken, and what we propose ourselves. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mcu.h323.gateway.streams import MEDIA, Medium, Received, Sent, Streams
from mcu.h323.h245 import Control, FastChannel, Offer, fast
from mcu.h323.media import Address, Format, Kind
from mcu.h323.sip.sdp import Description

FIRST = 1  # number of our first channel


def learn(streams: Streams, channels: Iterable[FastChannel]) -> bool:
    """Take a caller's proposals for its capabilities; of a picture's codecs those for both ways, if there are any.
    False where they hold no sound that goes to it."""
    listed = list(channels)
    ours = [channel for channel in listed if channel.sending]
    theirs = {c.format.codec for c in listed if c.kind == "video" and not c.sending}
    video = [c.format for c in ours if c.kind == "video"]
    both = [form for form in video if form.codec in theirs]
    streams.learn(tuple(c.format for c in ours if c.kind == "audio"), tuple(both or video))
    for channel in ours:
        if channel.kind != "content" and channel.rtp is not None:
            streams.expected.setdefault(channel.kind, channel.rtp)
    return bool(streams.audio)


def choose(streams: Streams, channels: Iterable[FastChannel]) -> list[FastChannel]:
    """What is taken: for each medium a channel of ours in Asterisk's first codec, and one of the caller's, the same if
    there is one. Nothing at all where no sound would flow."""
    listed = list(channels)
    chosen: list[FastChannel] = []
    for medium in MEDIA:
        line = streams.asterisk.find(medium) if streams.asterisk is not None else None
        wanted = [form.codec for form in line.formats] if line is not None else []
        ours = _best(listed, medium, True, wanted)
        if ours is not None:
            chosen.append(ours)
            wanted.sort(key=lambda codec: codec != ours.format.codec)
        theirs = _best(listed, medium, False, wanted)
        if theirs is not None:
            chosen.append(theirs)
    return chosen if any(c.sending and c.kind == "audio" for c in chosen) else []


def _best(channels: list[FastChannel], medium: Medium, sending: bool, wanted: list[str]) -> FastChannel | None:
    fitting = [c for c in channels if c.kind == medium and c.sending == sending and c.format.codec in wanted]
    return min(fitting, key=lambda c: wanted.index(c.format.codec), default=None)


def answer(streams: Streams, chosen: list[FastChannel]) -> list[bytes]:
    """The fastStart of our Connect."""
    addresses: dict[Kind, tuple[Address, Address]] = {}
    for medium in MEDIA:
        rtp, rtcp = streams.rtp(medium), streams.rtcp(medium)
        if rtp is not None and rtcp is not None:
            addresses[medium] = rtp, rtcp
    return fast.fast_answer(chosen, addresses, FIRST)


def adopt(streams: Streams, control: Control, taken: Iterable[FastChannel]) -> None:
    """The channels are open: H.245 and ``streams`` shall know them."""
    for channel in taken:
        number = control.adopt(channel)
        if channel.kind == "content":
            continue
        if channel.sending:
            streams.sent[channel.kind] = Sent(number, channel.format, channel.rtp, channel.rtcp)
        else:
            streams.receive(channel.kind, Received(number, channel.format, channel.rtcp, accepted=True))


def proposals(offer: Offer, description: Description, host: str) -> tuple[bytes, ...]:
    """The fastStart of our Setup: what Asterisk offers, under its numbers. ``host``: where its media is reached."""
    addresses: dict[Kind, tuple[Address, Address]] = {}
    told: dict[Medium, tuple[Format, ...]] = {"audio": (), "video": ()}
    for medium in MEDIA:
        line = description.find(medium)
        if line is None or line.address is None:
            continue
        ours = offer.audio if medium == "audio" else offer.video
        rtp = replace(line.address, host=host) if host else line.address
        addresses[medium] = rtp, replace(rtp, port=rtp.port + 1)
        numbers = {form.codec: form.payload_type for form in reversed(line.formats)}
        # Of H.263 what all can unpack: H323Plus takes a proposal of RFC 2429, and then packs as RFC 2190 all the same.
        known = [form for form in ours if form.codec in numbers and form.codec != "h263p"]
        told[medium] = tuple(replace(form, payload_type=numbers[form.codec]) for form in known)
    limited = replace(offer, audio=told["audio"], video=told["video"])
    return tuple(fast.fast_proposals(limited, addresses, FIRST))
