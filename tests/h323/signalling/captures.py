"""The calls captured between programs that nobody here wrote, H.225.0 messages only, in Q.931 and TPKT again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcu.h323 import tpkt
from mcu.h323.per import decode_h225
from mcu.h323.q931 import Kind, Message, elements, encode

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
REFERENCE = 4660

KINDS = {
    "setup": Kind.SETUP,
    "callProceeding": Kind.CALL_PROCEEDING,
    "connect": Kind.CONNECT,
    "alerting": Kind.ALERTING,
    "information": Kind.INFORMATION,
    "releaseComplete": Kind.RELEASE_COMPLETE,
    "facility": Kind.FACILITY,
    "empty": Kind.FACILITY,
}


@dataclass(frozen=True)
class Captured:
    file: Path
    from_caller: bool

    @property
    def octets(self) -> bytes:
        return self.file.read_bytes()

    @property
    def name(self) -> str:
        return self.file.stem.rpartition("_")[2]

    @property
    def pdu(self) -> dict[str, Any]:
        pdu: dict[str, Any] = decode_h225(self.octets)["h323-uu-pdu"]
        return pdu

    @property
    def body(self) -> Any:
        return self.pdu["h323-message-body"][1]

    def packet(self, reference: int = REFERENCE) -> bytes:
        """As it was on the wire; the captures hold only the User-User element."""
        ies = (elements.user_user(self.octets),)
        return tpkt.frame(encode(Message(KINDS[self.name], reference, not self.from_caller, ies)))


def calls() -> dict[str, list[Captured]]:
    """Every call, by folder and the caller's port."""
    found: dict[str, list[Captured]] = {}
    for index in sorted(VECTORS.glob("*/INDEX.txt")):
        callers: dict[frozenset[str], str] = {}
        for line in index.read_text().splitlines():
            file, _, rest = line.partition(" ")
            if "_h225_" not in file:
                continue
            source, target = rest.split()[0].split(">")
            pair = frozenset((source, target))
            caller = callers.setdefault(pair, source)  # the first message of a call is its Setup
            name = f"{index.parent.name}-{caller.rpartition(':')[2]}"
            call = found.setdefault(name, [])
            if sum(captured.name == "releaseComplete" for captured in call) < 2:  # "ooh" has a third call's end, alone
                call.append(Captured(index.parent / file, source == caller))
    return found


CALLS = calls()
MESSAGES = [captured for call in CALLS.values() for captured in call]
