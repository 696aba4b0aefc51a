"""How much of a terminal's line the slides may have, beside its main picture. In bit/s, and 0 is no limit."""

from __future__ import annotations

_SOUND = 64_000
_LEAST = 1000  # for 0 would be no limit


class Shares:
    """``most``: that an odd terminal is sent at most, for both pictures."""

    def __init__(self) -> None:
        self.most = 0
        self._whole = 0  # of a FlowControlCommand for everything
        self._channel = 0  # of one for the slides' channel

    def limit_all(self, bit_rate: int | None) -> None:
        """The terminal's wish for everything together; None lifts it."""
        self._whole = 0 if bit_rate is None else max(bit_rate - _SOUND, _LEAST)

    def limit_slides(self, bit_rate: int | None) -> None:
        """Its wish for the slides' channel."""
        self._channel = 0 if bit_rate is None else max(bit_rate, _LEAST)

    def of_slides(self, capability: int) -> int:
        """What slides may have of what the terminal is capable of."""
        return _least(capability, self._channel, self._half)

    def of_picture(self, limit: int) -> int:
        """What is left for the main picture while there are slides; ``limit`` is its own."""
        return _least(limit, self._half)

    @property
    def _half(self) -> int:
        return _least(self.most, self._whole) // 2


def _least(*limits: int) -> int:
    return min(filter(None, limits), default=0)
