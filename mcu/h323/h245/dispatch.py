"""Which part of a session a message is for. What nobody is for is refused politely."""

from __future__ import annotations

from dataclasses import dataclass

from . import commands, h239, olc, user_input
from .channels import Channels
from .determination import Determination
from .events import Event, Held, Resumed, UserInput
from .exchange import Exchange
from .generic import read_message
from .h239 import Token
from .line import Body, Line, Value
from .liveness import Liveness
from .mode import Mode
from .peer import Peer
from .refusals import Refusals


@dataclass(slots=True)
class Dispatch:
    peer: Peer
    line: Line
    determination: Determination
    exchange: Exchange
    channels: Channels
    mode: Mode
    token: Token
    liveness: Liveness
    refusals: Refusals
    ended: bool = False  # the peer has ended the session
    resumed: bool = False  # the peer has just taken us off hold

    def take(self, kind: str, body: Value, octets: bytes, at: float) -> list[Event]:
        """One message: ``kind`` is request, response, command, indication, or a name that we don't know."""
        if not isinstance(body, tuple):
            self.refusals.not_supported("unknownFunction", octets)
            return []
        name, value = body
        if kind == "request":
            return self._request(name, value, octets)
        if kind == "response":
            return self._response(name, value, at)
        if kind == "command":
            return self._command(name, value, octets)
        return self._indication(name, value) if kind == "indication" else []

    def _request(self, name: str, body: Body, octets: bytes) -> list[Event]:
        if name == "terminalCapabilitySet":
            return self._capabilities(body)
        if name == "masterSlaveDetermination":
            return self.determination.requested(body)
        if name == "openLogicalChannel":
            proposal = olc.read(body)
            return self.channels.offered(body, proposal is not None and self._knows(proposal), proposal)
        if name == "closeLogicalChannel":
            return self.channels.closed(body)
        if name == "requestChannelClose":
            return self.channels.close_requested(body)
        if name == "requestMode":
            return self.mode.requested(body)
        if name == "roundTripDelayRequest":
            self.liveness.requested(body)
            return []
        if name == "genericRequest" and self.exchange.local.h239:
            identifier, sub, parameters = read_message(body)
            if identifier == h239.H239_MESSAGE and sub == h239.TOKEN_REQUEST:
                return self.token.requested(parameters)
            if identifier == h239.H239_MESSAGE and sub == h239.FLOW_REQUEST:
                # The peer wants to present faster than it was allowed to: what we take is in our capabilities.
                self.line.response("genericResponse", h239.flow_refusal(parameters))
                return []
        self.refusals.request(name, body, octets)
        return []

    def _response(self, name: str, body: Body, at: float) -> list[Event]:
        if name == "terminalCapabilitySetAck":
            self.exchange.acknowledged(body)
        elif name == "terminalCapabilitySetReject":
            self.exchange.rejected(body)
        elif name == "masterSlaveDeterminationAck":
            return self.determination.acknowledged(body)
        elif name == "masterSlaveDeterminationReject":
            return self.determination.rejected()
        elif name == "openLogicalChannelAck":
            return self.channels.acknowledged(body)
        elif name == "openLogicalChannelReject":
            return self.channels.rejected(body)
        elif name == "closeLogicalChannelAck":
            return self.channels.close_acknowledged(body)
        elif name in ("requestChannelCloseAck", "requestChannelCloseReject"):
            self.channels.close_request_answered(body)
        elif name == "roundTripDelayResponse":
            return self.liveness.answered(body, at)
        elif name == "genericResponse":
            identifier, sub, parameters = read_message(body)
            if identifier == h239.H239_MESSAGE and sub == h239.TOKEN_RESPONSE:
                return self.token.answered(parameters)
        return []  # an answer to what was never asked needs none itself

    def _command(self, name: str, body: Value, octets: bytes) -> list[Event]:
        if name == "endSessionCommand":
            self.ended = True
        elif name == "miscellaneousCommand":
            return commands.miscellaneous(body, self.channels)
        elif name == "flowControlCommand":
            return commands.flow_control(body, self.channels)
        elif name == "sendTerminalCapabilitySet":
            self.exchange.send(empty=self.exchange.holding)
        elif name == "genericCommand":
            identifier, sub, _ = read_message(body)
            if identifier == h239.H239_MESSAGE:
                return self.token.released() if sub == h239.TOKEN_RELEASE else []
            self.refusals.command(name, body, octets)
        elif name not in HARMLESS:
            self.refusals.command(name, body, octets)
        return []

    def _indication(self, name: str, body: Value) -> list[Event]:
        if name == "userInput":
            digits = user_input.read(body, self.exchange.local.telephone_event >= 0)
            return [UserInput(digits)] if digits else []
        if name == "masterSlaveDeterminationRelease":
            return self.determination.released()
        if name == "requestChannelCloseRelease":
            self.channels.close_request_released(body)
        elif name == "requestModeRelease":
            self.mode.released()
        elif name == "genericIndication":
            identifier, sub, parameters = read_message(body)
            if identifier == h239.H239_MESSAGE and sub == h239.TOKEN_OWNER:
                return self.token.owned(parameters)
        return []  # jitter, skew, active, inactive, vendor, non-standard, what was not understood: for information

    def _capabilities(self, body: Body) -> list[Event]:
        events = self.exchange.received(body)
        if any(isinstance(event, Held) for event in events):
            self.channels.ready = False
            events += self.channels.close_all()
        self.resumed |= any(isinstance(event, Resumed) for event in events)
        return events

    def _knows(self, proposal: olc.Proposal) -> bool:
        local = self.exchange.local
        return local.knows(proposal.format) and (local.h239 or proposal.kind != "content")


# Commands that need neither an answer nor an act of ours.
HARMLESS = frozenset({"maintenanceLoopOffCommand", "communicationModeCommand", "newATMVCCommand"})
