"""One message at hand, and what was found out about who sent it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcu.h323.media import Address
from mcu.h323.ras.messages import Body, address_of


@dataclass(slots=True, kw_only=True)
class Request:
    name: str
    body: Body
    octets: bytes
    source: Address
    at: float
    seq: int
    multicast: bool = False
    secret: str = field(default="", repr=False)  # password to sign the answer with; "" leaves it unsigned
    sender: str = ""  # what the other side calls itself in its token

    @property
    def reply_to(self) -> Address:
        """The address that the message names, if it is on the host that it came from: else there is a NAT between us,
        or somebody wants our answer sent to a third one."""
        named = address_of(self.body.get("replyAddress") or self._ras_address())
        return named if named is not None and named.host == self.source.host else self.source

    def _ras_address(self) -> object:
        if self.name != "gatekeeperRequest":
            return None  # of a registration, answers go where its messages come from
        return self.body.get("rasAddress")
