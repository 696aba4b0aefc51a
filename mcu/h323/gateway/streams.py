"""What flows which way in one call, and the session description that says it to Asterisk. No input or output.

H.245 has a logical channel for each direction of each medium, SDP one line for both. From the terminal's side of view a
line's address is where it receives (its answer to our channel), its payload types are those that it receives with and,
behind them, those it sends with, for nobody rewrites payload types on the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from mcu.core.directory.overrides import Overrides
from mcu.h323.gateway import formats
from mcu.h323.h245.offer import Offer
from mcu.h323.media import DISCARD, Address, Format
from mcu.h323.sip.sdp import Description, Direction, Media

Medium = Literal["audio", "video"]
MEDIA: tuple[Medium, ...] = ("audio", "video")
_LEAST = 64_000  # bit/s of a picture
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
        self.unfit: set[tuple[Medium, str]] = set()  # codecs that it would not
        self.limits: dict[Medium, int] = {}  # bit/s, by FlowControlCommand
        self.most: dict[Medium, int] = {}  # bit/s that a channel may be opened with
        self.modes: dict[Medium, Format] = {}  # what the terminal asked for, by RequestMode
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
        self.modes.clear()
        sent = self.sent.get("video")
        for form in self.video:
            if (
                sent is not None and form.codec == sent.format.codec
            ):  # by fast start it was opened with what we proposed
                sent.format = replace(form, payload_type=sent.format.payload_type)
        self._learned = True

    def receive(self, medium: Medium, received: Received) -> None:
        """The terminal opens a channel."""
        self.received[medium] = received
        alike = [form for form in self.video if _alike(form.codec, received.format.codec)]
        if alike and received.format.codec not in {form.codec for form in alike}:
            # It told nothing of this packing of H.263, but who sends so can read it.
            form = replace(alike[0], codec=received.format.codec, payload_type=received.format.payload_type)
            self.video = (*self.video, form)

    def strange(self, medium: Medium, form: Format) -> bool:
        """Whether the terminal could not receive what it wants to send, or would not: a picture has one codec for both
        ways."""
        if medium == "audio" or not self.video:
            return False
        unheard = not any(_alike(one.codec, form.codec) for one in self.video)
        return unheard or (self.torn(form) and (medium, form.codec) in self.unfit)

    def torn(self, theirs: Format | None = None) -> bool:
        """Whether the terminal has taken a picture in another codec than it sends (or ``theirs``)."""
        sent, received = self.sent.get("video"), self.received.get("video")
        theirs = theirs or (received.format if received is not None else None)
        return (
            sent is not None
            and sent.rtp is not None
            and theirs is not None
            and not _alike(sent.format.codec, theirs.codec)
        )

    def can_switch(self, medium: Medium, mode: Format) -> bool:
        """Whether ours can be what RequestMode asks for: not, as long as the terminal sends something else."""
        received = self.received.get(medium)
        known = [received.format] if received is not None else self._open_to(medium)
        return any(_alike(one.codec, mode.codec) for one in known)

    def switch(self, medium: Medium, mode: Format) -> None:
        """From now on; ``disagrees`` tells whether a channel that is there can go on."""
        self.modes[medium] = mode
        if (sent := self.sent.get(medium)) is not None:
            sent.format = self._in_mode(medium, sent.format)

    def lower(self, medium: Medium, refused: Format) -> bool:
        """The terminal has no room for a channel of that rate: the next is opened with less. False at the end."""
        if medium == "audio" or refused.bit_rate <= _LEAST:
            return False
        received = self.received.get(medium)
        own = received.format.bit_rate if received is not None else 0  # what it sends itself fits
        self.most[medium] = max(own if 0 < own < refused.bit_rate else refused.bit_rate // 2, _LEAST)
        return True

    def _in_mode(self, medium: Medium, form: Format) -> Format:
        if form.bit_rate and medium in self.most:
            form = replace(form, bit_rate=min(form.bit_rate, self.most[medium]))
        mode = self.modes.get(medium)
        if mode is None or medium == "audio" or form.codec == "h264" or not _alike(form.codec, mode.codec):
            return form
        return replace(form, fmtp=mode.fmtp, bit_rate=mode.bit_rate)

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
            listed = [replace(one, payload_type=self._number(medium, one)) for one in self._open_to(medium)]
        if received is not None and not any(_same(received.format, one) for one in listed):
            listed.append(received.format)
        limit = self._limit(medium)
        listed = [self._told_to_asterisk(one, limit) for one in formats.numbered(listed)]
        if not listed:
            return None
        address = self.expected.get(medium, Address(self._host, DISCARD))
        if sent is not None and sent.rtp is not None:
            address = sent.rtp
        direction: Direction = "sendrecv"
        if self.settled:
            direction = _DIRECTIONS[received is not None, sent is not None and sent.rtp is not None]
        rates = [one.bit_rate for one in listed if one.bit_rate] if medium == "video" else []
        rate = min(filter(None, (max(rates, default=0), limit)), default=0)
        return Media(kind=medium, address=address, formats=tuple(listed), direction=direction, bit_rate=rate)

    def _limit(self, medium: Medium) -> int:
        """bit/s to the terminal; 0 without a limit."""
        return min(filter(None, (self.limits.get(medium, 0), formats.video_limit(self.overrides))), default=0)

    def _told_to_asterisk(self, form: Format, limit: int) -> Format:
        return formats.limited(formats.affordable(form, limit), self.overrides) if form.kind == "video" else form

    def _open_to(self, medium: Medium) -> list[Format]:
        """What a channel of ours could still be opened with. Of a picture the codec that the terminal sends, alone: of
        several Asterisk would choose the first for both ways."""
        known = self.audio if medium == "audio" else self.video
        listed = [one for one in known if (medium, one.codec) not in self.unfit]
        received = self.received.get(medium)
        if medium == "video" and received is not None:
            return [one for one in listed if one.codec == received.format.codec] or listed
        return listed

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

    def choice(self, medium: Medium) -> Format | None:
        """What to open our channel with: the codec that the terminal sends, else the first of Asterisk's, of those that
        the terminal takes and did not refuse.

        Of several codecs Asterisk sends the one that costs it least, whatever we tell it: with one in both directions
        there is nothing to choose. Its answer about a picture names one alone; another that we then offer it by itself
        it takes.
        """
        line = self._theirs(medium)
        if line is None:
            return None
        known = _by_codec(self._open_to(medium))
        numbers = _by_codec(line.formats)
        wanted = list(numbers)
        if medium == "video":
            wanted += [codec for codec in known if codec not in numbers]
        if (mode := self.modes.get(medium)) is not None:
            wanted.sort(key=lambda codec: not _alike(codec, mode.codec))
        if (received := self.received.get(medium)) is not None:
            wanted.sort(key=lambda codec: codec != received.format.codec)
        for codec in wanted:
            if codec in known:
                number = self._number(medium, numbers.get(codec, known[codec]))
                return self._in_mode(medium, replace(known[codec], payload_type=number))
        return None

    def _number(self, medium: Medium, form: Format) -> int:
        """The terminal's own number for this codec, where it sends it: Asterisk takes the first of two alone."""
        received = self.received.get(medium)
        if received is not None and received.format.codec == form.codec and received.format.payload_type >= 0:
            return received.format.payload_type
        return form.payload_type

    def disagrees(self, medium: Medium) -> bool:
        """Whether each side sends a codec of its own, or the same under a number of its own."""
        sent, form = self.sent.get(medium), self.choice(medium)
        if sent is None or form is None:
            return False
        if form.codec != sent.format.codec:
            return True
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
            asked = self._told_to_asterisk(sent.format, self._limit(medium)) if sent is not None else None
            found[medium] = {
                "to_terminal": None
                if sent is None or asked is None or sent.rtp is None
                else _told(asked, str(sent.rtp)),
                "from_terminal": None if received is None else _told(received.format, str(self.rtp(medium) or "")),
            }
        return found


def _told(form: Format, address: str) -> dict[str, Any]:
    return {
        "codec": form.codec, "fmtp": form.fmtp, "payload_type": form.payload_type, "bit_rate": form.bit_rate,
        "address": address,
    }  # fmt: skip


def _alike(one: str, other: str) -> bool:
    """H.263 is one codec, however it is packed."""
    return one.removesuffix("p") == other.removesuffix("p") if one.startswith("h263") else one == other


def _by_codec(listed: Iterable[Format]) -> dict[str, Format]:
    """The first of each codec, in their order."""
    found: dict[str, Format] = {}
    for form in listed:
        found.setdefault(form.codec, form)
    return found


def _same(one: Format, other: Format) -> bool:
    return one.codec == other.codec and one.payload_type == other.payload_type
