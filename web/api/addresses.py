"""What stands in an address between slashes: how it looks, for the check and for the document alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcu.core.names import PARTICIPANT_ID, ROOM_NUMBER
from mcu.errors import McuError, NotFound, ParticipantNotFound, RoomNotFound

TERMINAL_NAME = r"[A-Za-z0-9_.-]{1,64}"


@dataclass(frozen=True, slots=True)
class Argument:
    """``kind`` is what there is none of where the text does not fit ``pattern``."""

    pattern: str
    kind: str
    example: str
    missing: type[McuError] = NotFound
    read: Callable[[str], Any] = str

    def value(self, text: str) -> Any:
        """As the bus takes it. Raises NotFound, or what ``missing`` says: what can't be named is not there."""
        if not re.fullmatch(self.pattern, text) or not text.isprintable():
            raise self.missing(f"there is no such {self.kind}")
        return self.read(text)

    @property
    def schema(self) -> dict[str, str]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


ARGUMENTS = {
    "number": Argument(ROOM_NUMBER, "room", "1001", RoomNotFound),
    "participant": Argument(PARTICIPANT_ID, "participant", "0a1b2c3d", ParticipantNotFound),
    "call": Argument(PARTICIPANT_ID, "outgoing call", "0a1b2c3d"),
    "id": Argument(r"[1-9][0-9]{0,8}", "id", "7", read=int),
    "conference": Argument(r"[0-9]{1,16}-[0-9]{1,20}", "conference", "1001-1795680000000"),
    "name": Argument(TERMINAL_NAME, "terminal", "xa_tan_lap"),
    "tag": Argument(r"[A-Za-z0-9]{1,64}", "H.323 call", "00112233"),
    "login": Argument(r".{1,64}", "user", "lan"),
}
