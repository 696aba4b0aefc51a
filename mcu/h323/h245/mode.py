"""RequestMode, H.245 8.9 (C.9): the peer asks us to send something else."""

from __future__ import annotations

from dataclasses import replace

from ..media import Format, write_fmtp
from . import audio
from .events import Event, ModeRequested
from .generic import read_capability
from .h264 import H264
from .line import Body, Key, Line, Value
from .peer import Peer

ANSWER = 5.0  # s that we take to answer
NAME = "mode"

H261_SIZES = {"qcif": "QCIF", "cif": "CIF"}
BIT_RATE_UNIT = 100  # bit/s
H263_SIZES = {"sqcif": "SQCIF", "qcif": "QCIF", "cif": "CIF", "cif4": "CIF4", "cif16": "CIF16"}


class Mode:
    """At most one request at a time; a newer one replaces it."""

    def __init__(self, peer: Peer, line: Line) -> None:
        self._peer = peer
        self._line = line
        self._sequence: int | None = None
        self._answer = ""

    def requested(self, body: Body) -> list[Event]:
        """RequestMode: the first of its modes that we know and the peer can receive is put before our side."""
        self._sequence = body["sequenceNumber"]
        for place, mode in enumerate(body["requestedModes"]):
            wanted = self._read(mode)
            if wanted is not None:
                self._answer = "willTransmitLessPreferredMode" if place else "willTransmitMostPreferredMode"
                self._line.timers.start((NAME,), ANSWER)
                return [wanted]
        self._refuse("modeUnavailable")
        return []

    def accept(self) -> None:
        """Our side switches. ValueError where nobody asks."""
        self._line.response("requestModeAck", {"sequenceNumber": self._over(), "response": (self._answer, 0)})

    def reject(self) -> None:
        """Our side goes on as before. ValueError where nobody asks."""
        self._refuse("requestDenied")

    def released(self) -> None:
        """RequestModeRelease: the peer waits no longer."""
        if self._sequence is not None:
            self._over()

    def expired(self, _: Key) -> list[Event]:
        self._refuse("requestDenied")
        return []

    def _refuse(self, cause: str) -> None:
        self._line.response("requestModeReject", {"sequenceNumber": self._over(), "cause": (cause, 0)})

    def _over(self) -> int:
        sequence = self._sequence
        if sequence is None:
            raise ValueError("nobody requests a mode")
        self._sequence = None
        self._line.timers.stop((NAME,))
        return sequence

    def _read(self, mode: list[Body]) -> ModeRequested | None:
        """None where one of the mode's elements is nothing that we could send to this peer."""
        found: dict[str, Format] = {}
        for element in mode:
            kind, value = element["type"]
            if kind == "audioMode":
                fmt = self._audio(value)
            elif kind == "videoMode":
                fmt = self._video(value)
            else:
                return None
            if fmt is None:
                return None
            found[kind] = fmt
        return ModeRequested(found.get("audioMode"), found.get("videoMode")) if found else None

    def _audio(self, value: Value) -> Format | None:
        name, inner = value
        if name in audio.MILLISECONDS:
            codec = audio.MILLISECONDS[name]
            return next((f for f in self._peer.audio if f.codec == codec), None)
        if name in audio.G729:
            return next((f for f in self._peer.audio if f.codec == "g729"), None)
        if name == "genericAudioMode":
            wanted = audio.read(("genericAudioCapability", inner))
            return next(
                (f for f in self._peer.audio if wanted and f.codec == wanted.codec and audio.same_rate(f, wanted)), None
            )
        return None

    def _video(self, value: Value) -> Format | None:
        name, inner = value
        if name == "genericVideoMode":
            generic = read_capability(inner)
            known = generic is not None and generic.identifier == H264
            return next((f for f in self._peer.video if known and f.codec == "h264"), None)
        if name == "h261VideoMode":
            codecs: tuple[str, ...] = ("h261",)
            size = H261_SIZES.get(inner["resolution"][0])
        elif name == "h263VideoMode":
            codecs = ("h263p", "h263")
            size = H263_SIZES.get(inner["resolution"][0])
        else:
            return None
        for fmt in self._peer.video:
            interval = fmt.parameters.get(size.lower(), "") if size else ""
            if fmt.codec in codecs and size and interval:
                limits = [rate for rate in (fmt.bit_rate, inner["bitRate"] * BIT_RATE_UNIT) if rate]
                return replace(fmt, fmtp=write_fmtp({size: interval}), bit_rate=min(limits, default=0))
        return None
