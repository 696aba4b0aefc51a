"""Logical channels, H.245 8.4 and 8.6 (C.4, C.6): opening, answering, closing, in both directions."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from ..media import Address, Format, Kind
from . import olc
from .events import (
    ChannelAccepted,
    ChannelClosed,
    ChannelCloseRequested,
    ChannelOffered,
    ChannelRejected,
    Event,
    FlowControl,
)
from .line import Body, Key, Line
from .olc import SESSIONS, UNSAID, Proposal
from .peer import Peer

T103 = 30.0  # s for an answer to OpenLogicalChannel: a gateway behind the peer may first have to call somebody
T103_CLOSE = 10.0  # s for CloseLogicalChannelAck
T108 = 10.0  # s for an answer to RequestChannelClose
ANSWER = 30.0  # s that we take to answer an OpenLogicalChannel
ANSWER_CLOSE = 5.0  # s that we take to answer a RequestChannelClose
MOST = 24  # channels of the peer's at a time: audio, video and content, old and new, are six
FIRST, LAST = 1, 65535
NAME = "channels"


class State(enum.Enum):
    WAITING = enum.auto()  # the opener's: sent, not answered; the other side's: came, not answered
    OPEN = enum.auto()
    CLOSING = enum.auto()  # ours only: CloseLogicalChannel is out


@dataclass(slots=True)
class Channel:
    proposal: Proposal
    state: State = State.WAITING
    session: int = UNSAID
    close_asked: bool = False
    given_up: bool = False  # its opener was told so: that it is closed at last says nothing new


class Channels:
    """All channels of one session. Channels that are to be opened too early wait until ``ready``."""

    def __init__(self, peer: Peer, line: Line) -> None:
        self.ours: dict[int, Channel] = {}
        self.theirs: dict[int, Channel] = {}
        self.ready = False  # capabilities are exchanged, the master is determined, the peer has not put us on hold
        self._peer = peer
        self._line = line
        self._next = FIRST
        self._queue: list[int] = []

    @property
    def any_open(self) -> bool:
        """Whether media may flow, in whatever direction."""
        return any(c.state is State.OPEN for c in (*self.ours.values(), *self.theirs.values()))

    # ---- ours

    def open(self, kind: Kind, fmt: Format, rtp: Address | None, rtcp: Address) -> int:
        session = SESSIONS[kind]
        proposal = Proposal(self._number(), kind, fmt, session, rtp, rtcp)
        olc.write(proposal)  # ValueError now and not when the peer is ready
        self.ours[proposal.number] = Channel(proposal, session=session)
        self._queue.append(proposal.number)
        self.flush()
        return proposal.number

    def flush(self) -> None:
        """Sends what has waited."""
        if not self.ready:
            return
        for number in self._queue:
            channel = self.ours[number]
            if channel.proposal.kind == "content" and not self._peer.master:
                # A slave leaves the number of an extra session to the master (H.245 B.3.1, sessionID), like Tandberg.
                channel.session = UNSAID
                channel.proposal = replace(channel.proposal, session=UNSAID)
            self._line.request("openLogicalChannel", olc.write(channel.proposal, self._peer.audio_said))
            self._line.timers.start((NAME, "open", number), T103)
        self._queue.clear()

    def acknowledged(self, body: Body) -> list[Event]:
        """OpenLogicalChannelAck."""
        number = body["forwardLogicalChannelNumber"]
        channel = self.ours.get(number)
        if channel is None or channel.state is not State.WAITING or number in self._queue:
            return []
        self._line.timers.stop((NAME, "open", number))
        answer = olc.read_acknowledgement(body)
        if answer.rtp is None:
            self._release(number, given_up=True)
            return [ChannelRejected(number, "no address")]
        channel.state = State.OPEN
        channel.session = answer.session or channel.session
        fmt = channel.proposal.format
        payload_type = answer.payload_type if answer.payload_type >= 0 else fmt.payload_type
        accepted = ChannelAccepted(number, channel.proposal.kind, fmt, answer.rtp, answer.rtcp, payload_type)
        return [accepted, FlowControl(number, 0)] if answer.silent else [accepted]

    def rejected(self, body: Body) -> list[Event]:
        """OpenLogicalChannelReject."""
        number = body["forwardLogicalChannelNumber"]
        channel = self.ours.get(number)
        if channel is None or number in self._queue:
            return []
        if channel.state is State.CLOSING:
            return self._closed(number)
        self._forget(number)
        return [ChannelRejected(number, body["cause"][0])]

    def close(self, number: int) -> list[Event]:
        """Closes a channel of ours; ChannelClosed follows when the peer has confirmed. KeyError where there is none."""
        channel = self.ours[number]
        if channel.state is State.CLOSING:
            return []
        if number in self._queue:
            return self._closed(number)
        if channel.close_asked:
            self._line.timers.stop((NAME, "asked", number))
            self._line.response("requestChannelCloseAck", {"forwardLogicalChannelNumber": number})
        self._release(number)
        return []

    def close_acknowledged(self, body: Body) -> list[Event]:
        """CloseLogicalChannelAck."""
        number = body["forwardLogicalChannelNumber"]
        channel = self.ours.get(number)
        if channel is None or channel.state is not State.CLOSING:
            return []
        return self._closed(number)

    def close_requested(self, body: Body) -> list[Event]:
        """RequestChannelClose: the peer has enough of a channel of ours."""
        number = body["forwardLogicalChannelNumber"]
        channel = self.ours.get(number)
        if channel is None or channel.state is State.CLOSING or number in self._queue:
            if channel is None:
                self._refuse_close(number)
            return []
        if channel.close_asked:
            return []
        channel.close_asked = True
        self._line.timers.start((NAME, "asked", number), ANSWER_CLOSE)
        return [ChannelCloseRequested(number, body.get("reason", ("unknown", 0))[0] == "reopen")]

    def close_request_released(self, body: Body) -> None:
        """RequestChannelCloseRelease: the peer waits no longer for our answer."""
        number = body["forwardLogicalChannelNumber"]
        if number in self.ours:
            self.ours[number].close_asked = False
            self._line.timers.stop((NAME, "asked", number))

    # ---- the peer's

    def offered(self, body: Body, knows: bool, proposal: Proposal | None) -> list[Event]:
        """OpenLogicalChannel, read into ``proposal``; ``knows``: it is in our offer."""
        number = body["forwardLogicalChannelNumber"]
        events: list[Event] = []
        if number in self.theirs:
            # opened anew without having been closed: H.245 C.4 takes the old one as released
            events += self._drop(number)
        cause = self._objection(proposal, knows)
        if cause or proposal is None:
            self._line.response("openLogicalChannelReject", olc.reject(number, cause or "dataTypeNotSupported"))
            return events
        self.theirs[number] = Channel(proposal, session=proposal.session)
        self._line.timers.start((NAME, "answer", number), ANSWER)
        return [*events, ChannelOffered(number, proposal.kind, proposal.format, proposal.rtcp, proposal.session)]

    def _objection(self, proposal: Proposal | None, knows: bool) -> str:
        """The cause to reject with, "" where nothing speaks against the channel."""
        if proposal is None:
            return "dataTypeNotSupported"
        if not knows:
            return "dataTypeNotSupported"
        if len(self.theirs) >= MOST:
            return "unspecified"
        if (
            proposal.kind == "content"
            and self._peer.master
            and any(c.proposal.kind == "content" and c.state is not State.CLOSING for c in self.ours.values())
        ):
            return "masterSlaveConflict"  # one presentation at a time, and we are the master (H.245 8.4)
        return ""

    def accept(self, number: int, rtp: Address, rtcp: Address) -> None:
        """Answers a ChannelOffered. KeyError where there is none, ValueError where it was answered."""
        channel = self._unanswered(number)
        channel.state = State.OPEN
        # Session 0 is the slave's way to leave it to the master; Tandberg opens so as a master, too, and means 32.
        channel.session = channel.proposal.session or SESSIONS[channel.proposal.kind]
        self._line.timers.stop((NAME, "answer", number))
        self._line.response("openLogicalChannelAck", olc.acknowledge(channel.proposal, channel.session, rtp, rtcp))

    def reject(self, number: int, cause: str) -> None:
        """Answers a ChannelOffered with no; ``cause`` is one of ``olc.CAUSES``."""
        if cause not in olc.CAUSES:
            raise ValueError(f"no cause of OpenLogicalChannelReject: {cause!r}")
        self._unanswered(number)
        self._drop(number)
        self._line.response("openLogicalChannelReject", olc.reject(number, cause))

    def closed(self, body: Body) -> list[Event]:
        """CloseLogicalChannel; acknowledged whether we know the channel or not (H.245 C.4)."""
        number = body["forwardLogicalChannelNumber"]
        self._line.response("closeLogicalChannelAck", {"forwardLogicalChannelNumber": number})
        return self._drop(number)

    def request_close(self, number: int) -> None:
        """Asks the peer to close its channel; ChannelClosed follows if it does. KeyError where there is none."""
        if number not in self.theirs:
            raise KeyError(number)
        body = {"forwardLogicalChannelNumber": number, "reason": ("normal", 0)}
        self._line.request("requestChannelClose", body)
        self._line.timers.start((NAME, "request", number), T108)

    def close_request_answered(self, body: Body) -> None:
        """RequestChannelCloseAck or RequestChannelCloseReject: the rest is up to the peer."""
        self._line.timers.stop((NAME, "request", body["forwardLogicalChannelNumber"]))

    def adopt(self, proposal: Proposal, sending: bool) -> int:
        """A channel that fast start has opened; the number under which it is known from now on."""
        channel = Channel(proposal, State.OPEN, proposal.session)
        if not sending:
            self.theirs[proposal.number] = channel
            return proposal.number
        number = proposal.number if proposal.number not in self.ours else self._number()
        channel.proposal = replace(proposal, number=number)
        self.ours[number] = channel
        return number

    # ---- all

    def close_all(self) -> list[Event]:
        """Closes every channel of ours: the peer has put us on hold."""
        return [event for number in list(self.ours) for event in self.close(number)]

    def expired(self, key: Key) -> list[Event]:
        """A timer has run out."""
        what, number = key[1], int(str(key[2]))
        if what == "open":
            self._release(number, given_up=True)  # H.245 C.4: it may still have taken it as open
            return [ChannelRejected(number, "timeout")]
        if what == "close":
            return self._closed(number)
        if what == "answer":
            self.reject(number, "unspecified")
            return [ChannelClosed(number, by_peer=True)]
        if what == "asked" and number in self.ours:
            self.ours[number].close_asked = False
            self._refuse_close(number)
        if what == "request":
            self._line.indication("requestChannelCloseRelease", {"forwardLogicalChannelNumber": number})
        return []

    def _refuse_close(self, number: int) -> None:
        self._line.response(
            "requestChannelCloseReject", {"forwardLogicalChannelNumber": number, "cause": ("unspecified", 0)}
        )

    def _unanswered(self, number: int) -> Channel:
        channel = self.theirs[number]
        if channel.state is not State.WAITING:
            raise ValueError(f"channel {number} is open already")
        return channel

    def _release(self, number: int, given_up: bool = False) -> None:
        self.ours[number].state = State.CLOSING
        self.ours[number].given_up = given_up
        self._line.timers.stop((NAME, "open", number))
        self._line.timers.start((NAME, "close", number), T103_CLOSE)
        self._line.request(
            "closeLogicalChannel",
            {"forwardLogicalChannelNumber": number, "source": ("user", 0), "reason": ("unknown", 0)},
        )

    def _closed(self, number: int) -> list[Event]:
        given_up = self.ours[number].given_up
        self._forget(number)
        return [] if given_up else [ChannelClosed(number, by_peer=False)]

    def _forget(self, number: int) -> None:
        del self.ours[number]
        if number in self._queue:
            self._queue.remove(number)
        for what in ("open", "close", "asked"):
            self._line.timers.stop((NAME, what, number))

    def _drop(self, number: int) -> list[Event]:
        """The peer's channel is no more."""
        for what in ("answer", "request"):
            self._line.timers.stop((NAME, what, number))
        return [ChannelClosed(number, by_peer=True)] if self.theirs.pop(number, None) else []

    def _number(self) -> int:
        while self._next in self.ours:
            self._next += 1
        number = self._next
        self._next = number + 1 if number < LAST else FIRST
        return number
