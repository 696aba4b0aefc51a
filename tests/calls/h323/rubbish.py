"""Wrong H.323 messages: captured ones with values altered or octets spoilt, in frames that are mostly right."""

from __future__ import annotations

import random
import socket

from mcu.h323 import q931, tpkt
from mcu.h323.q931 import Element, Kind, Message, elements
from mcu.h323.signalling.outbox import MAX_H245
from tests.h323 import vectors
from tests.h323.per import mutate
from tests.h323.vectors import Vector

_KINDS = {
    "setup": Kind.SETUP, "facility": Kind.FACILITY, "information": Kind.INFORMATION, "connect": Kind.CONNECT,
    "releaseComplete": Kind.RELEASE_COMPLETE, "callProceeding": Kind.CALL_PROCEEDING, "alerting": Kind.ALERTING,
    "progress": Kind.PROGRESS, "status": Kind.STATUS, "notify": Kind.NOTIFY, "empty": Kind.FACILITY,
}  # fmt: skip


class Rubbish:
    """Each call makes another message. Three of four are of the sort that is named, the others of any of its kind."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._all: dict[str, list[Vector]] = {}
        for vector in vectors.distinct():
            self._all.setdefault(vector.kind, []).append(vector)

    def setup(self) -> bytes:
        """A TPKT with a Setup that is wrong in its H.225, its Q.931 or, one in fifty, its own header."""
        return self._signalling("setup")

    def signalling(self) -> bytes:
        """A TPKT with any H.225 message."""
        return self._signalling("")

    def answer(self, reference: int) -> bytes:
        """A TPKT that a terminal sends which is called: any H.225 message within the call, H.245 in its tunnel."""
        return self._signalling("", reference)

    def control(self, *names: str) -> bytes:
        """An H.245 message, of one of these names in three of four; never empty."""
        return self._wrong(self._pick("h245", names))[:MAX_H245] or b"\0"

    def registration(self) -> bytes:
        """A RAS message."""
        return self._wrong(self._pick("ras", ("registrationRequest",)))

    def _pick(self, kind: str, names: tuple[str, ...]) -> Vector:
        listed = self._all[kind]
        named = [one for one in listed if one.name.rpartition("_")[2] in names]
        return self._chance.choice(named if named and self._chance.random() < 0.75 else listed)

    def _wrong(self, vector: Vector) -> bytes:
        chance = self._chance
        if chance.random() < 0.5:
            written = mutate.structured(chance, vector.kind, vector.octets)
            if written is not None:
                return written
        if chance.random() < 0.02:
            return mutate.swell(chance, vector.octets)
        return chance.choice(mutate.OCTETS)(chance, vector.octets)

    def _signalling(self, name: str, reference: int = 0) -> bytes:
        chance = self._chance
        while True:
            vector = self._pick("h225", (name,) if name else ())
            kind = _KINDS.get(vector.name.rpartition("_")[2])
            if kind is not None and (not name or kind == _KINDS[name]):
                break
        number = chance.choice(("", "2001", "1001", "99999", "0"))
        ies: tuple[Element, ...] = (elements.bearer(), elements.display("Rubbish"))
        ies += (elements.called_number(number),) if number else ()
        spoilt = chance.random()
        inner = vector.octets if spoilt < 0.1 else self._wrong(vector)
        ies += (elements.user_user(inner[:8000]),)
        packet = q931.encode(Message(kind, reference or chance.randrange(1, 32768), bool(reference), ies))
        if spoilt < 0.1:
            packet = chance.choice(mutate.OCTETS)(chance, packet)
        framed = tpkt.frame(packet[: tpkt.MAX_OCTETS] or b"\x08")
        return mutate.flip(chance, framed[:4]) + framed[4:] if chance.random() < 0.02 else framed


def stranger(chance: random.Random) -> str:
    """An address of this machine's own, of a net that nobody else here calls from."""
    return f"127.{chance.randrange(66, 70)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


def datagrams(host: str) -> socket.socket:
    """A UDP socket that sends from ``host``."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind((host, 0))
    return sock
