"""What flows which way in one call, and the session description that says it to Asterisk. No input or output.

H.245 has a logical channel for each direction of each medium, SDP one line for both. From the terminal's side of view a
line's address is where it receives (its answer to our channel), its payload types are those that it receives with and,
behind them, those it sends with, for nobody rewrites payload types on the way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Literal

from mcu.core.overrides import Overrides
from mcu.h323.gateway import formats
from mcu.h323.h245.offer import Offer
from mcu.h323.media import Address, Format
from mcu.h323.sip.sdp import Description, Direction, Media

Medium = Literal["audio", "video"]
MEDIA: tuple[Medium, ...] = ("audio", "video")
_DISCARD = 9  # port of RFC 863: nobody minds what comes there until the true address is known
_DIRECTIONS: dict[tuple[bool, bool], Direction] = {
    (True, True): "sendrecv",
    (True, False): "sendonly",
    (False, True): "recvonly",
    (False, False): "inactive",
}


@dataclass(slots=True)
class Sent:
    """A channel of ours: what Asterisk sends to the terminal."""

    number: int
    format: Format
    rtp: Address | None = None  # known once the terminal has acknowledged it
    rtcp: Address | None = None


@dataclass(slots=True)
class Received:
    """A channel of the terminal's."""

    number: int
    format: Format
    rtcp: Address | None = None
    accepted: bool = False


class Streams:
    """``host``: the terminal's; ``media_host``: where the terminal reaches Asterisk's media, "" as Asterisk says."""

    def __init__(self, offer: Offer, host: str, media_host: str) -> None:
        self.offer = offer
        self.audio: tuple[Format, ...] = ()  # what the terminal can receive of ours
        self.video: tuple[Format, ...] = ()
        self._learned = False
        self.asterisk: Description | None = None
        self.sent: dict[Medium, Sent] = {}
        self.received: dict[Medium, Received] = {}
        self.expected: dict[Medium, Address] = {}  # where the terminal will receive, told before any channel is open
        self.refused: set[Medium] = set()  # media that the terminal would not take from us
        self.limits: dict[Medium, int] = {}  # bit/s, by FlowControlCommand
        self.overrides = formats.NOTHING
        self.settled = False  # from now on a channel that is not there is a direction that is not used
        self._host, self._media_host = host, media_host
        self._told: tuple[Media, ...] = ()
        self._version = 0

    def override(self, bit_rate: int, overrides: Overrides) -> None:
        """An odd terminal: before it is told anything."""
        self.overrides = overrides
        self.offer = formats.local_offer(bit_rate, overrides)

    def learn(self, audio: tuple[Format, ...], video: tuple[Format, ...]) -> None:
        """The terminal's capabilities."""
        self.audio = tuple(formats.common_audio(audio, self.offer.audio))
        self.video = tuple(formats.common_video(video, self.offer.video))
        self._learned = True

    # --- to Asterisk ------------------------------------------------------------------------------------------

    def description(self, session: int) -> bytes:
        """Ours, as it is now; its version grows when it has changed."""
        media = self._lines()
        if media != self._told:
            self._told = media
            self._version += 1
        return Description(media=media, host="127.0.0.1").text(session, self._version)

    @property
    def changed(self) -> bool:
        """Whether ``description`` would say something else than the last time."""
        return self._lines() != self._told

    def _lines(self) -> tuple[Media, ...]:
        """In the order of Asterisk's lines, which an answer has to keep (RFC 3264 6)."""
        if self.asterisk is None:
            return tuple(line for medium in MEDIA if (line := self._line(medium)) is not None)
        lines: list[Media] = []
        done: set[Medium] = set()
        for theirs in self.asterisk.media:
            medium = next((m for m in MEDIA if m == theirs.kind and m not in done), None)
            line = self._line(medium) if medium is not None else None
            if medium is not None:
                done.add(medium)
            lines.append(line or Media(kind=theirs.kind, address=None, formats=theirs.formats[:1]))
        return tuple(lines)

    def _line(self, medium: Medium) -> Media | None:
        sent, received = self.sent.get(medium), self.received.get(medium)
        if sent is not None:
            listed = [sent.format]
        else:
            known = self.audio if medium == "audio" else self.video
            listed = [replace(one, payload_type=self._number(medium, one)) for one in known]
        if received is not None and not any(_same(received.format, one) for one in listed):
            listed.append(received.format)
        limit = min(filter(None, (self.limits.get(medium, 0), formats.video_limit(self.overrides))), default=0)
        listed = [self._told_to_asterisk(one, limit) for one in formats.numbered(listed)]
        if not listed:
            return None
        address = self.expected.get(medium, Address(self._host, _DISCARD))
        if sent is not None and sent.rtp is not None:
            address = sent.rtp
        direction: Direction = "sendrecv"
        if self.settled:
            direction = _DIRECTIONS[received is not None, sent is not None and sent.rtp is not None]
        rates = [one.bit_rate for one in listed if one.bit_rate] if medium == "video" else []
        rate = min(filter(None, (max(rates, default=0), limit)), default=0)
        return Media(kind=medium, address=address, formats=tuple(listed), direction=direction, bit_rate=rate)

    def _told_to_asterisk(self, form: Format, limit: int) -> Format:
        form = formats.affordable(form, limit)
        if form.codec != "h264":
            return form
        return replace(form, fmtp=formats.limited(form.fmtp, self.overrides))

    # --- from Asterisk ----------------------------------------------------------------------------------------

    def _theirs(self, medium: Medium) -> Media | None:
        return self.asterisk.find(medium) if self.asterisk is not None else None

    def rtp(self, medium: Medium) -> Address | None:
        """Where the terminal shall send to; None while Asterisk has not said it, or does not want any."""
        line = self._theirs(medium)
        if line is None or line.address is None:
            return None
        return replace(line.address, host=self._media_host) if self._media_host else line.address

    def rtcp(self, medium: Medium) -> Address | None:
        address = self.rtp(medium)
        return replace(address, port=address.port + 1) if address is not None else None

    def choice(self, medium: Medium, unfit: Collection[str] = ()) -> Format | None:
        """What to open our channel with: the codec that the terminal sends, else the first of Asterisk's, of those that
        the terminal takes and did not refuse.

        Of several codecs Asterisk sends the one that costs it least, whatever we tell it: with one in both directions
        there is nothing to choose.
        """
        line, received = self._theirs(medium), self.received.get(medium)
        known = self.audio if medium == "audio" else self.video
        listed = list(line.formats) if line is not None else []
        if received is not None:
            listed.sort(key=lambda form: form.codec != received.format.codec)
        for wanted in listed:
            for one in known:
                if one.codec == wanted.codec and one.codec not in unfit:
                    return replace(one, payload_type=self._number(medium, wanted))
        return None

    def _number(self, medium: Medium, form: Format) -> int:
        """The terminal's own number for this codec, where it sends it: Asterisk takes the first of two alone."""
        received = self.received.get(medium)
        if received is not None and received.format.codec == form.codec and received.format.payload_type >= 0:
            return received.format.payload_type
        return form.payload_type

    def disagrees(self, medium: Medium, unfit: Collection[str] = ()) -> bool:
        """Whether each side sends a codec of its own, or the same under a number of its own."""
        sent, form = self.sent.get(medium), self.choice(medium, unfit)
        if sent is None or (form is not None and form.codec != sent.format.codec):
            return sent is not None
        return self._number(medium, sent.format) != sent.format.payload_type

    @property
    def complete(self) -> bool:
        """Nothing is awaited any more: all channels that could be are there, with addresses."""
        for medium in MEDIA:
            if self._theirs(medium) is None:
                continue
            if medium not in self.received:
                if medium == "video" and self._learned and not self.video:
                    continue  # who can't show a picture of ours has none of its own: a telephone
                return False
            sent = self.sent.get(medium)
            if medium not in self.refused and (sent is None or sent.rtp is None):
                return False
        return True

    def describe(self) -> dict[str, Any]:
        """For operators: what each direction carries, and where it goes."""
        found: dict[str, Any] = {}
        for medium in MEDIA:
            sent, received = self.sent.get(medium), self.received.get(medium)
            found[medium] = {
                "to_terminal": None if sent is None or sent.rtp is None else _told(sent.format, str(sent.rtp)),
                "from_terminal": None if received is None else _told(received.format, str(self.rtp(medium) or "")),
            }
        return found


def _told(form: Format, address: str) -> dict[str, Any]:
    return {
        "codec": form.codec, "fmtp": form.fmtp, "payload_type": form.payload_type, "bit_rate": form.bit_rate,
        "address": address,
    }  # fmt: skip


def _same(one: Format, other: Format) -> bool:
    return one.codec == other.codec and one.payload_type == other.payload_type
