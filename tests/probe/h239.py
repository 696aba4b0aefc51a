"""The probe as an H.323 terminal with a second picture (H.239): a projector besides its camera, a board besides its
screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mcu.h323.h245 import Offer as Capabilities
from mcu.h323.h245 import events
from mcu.h323.media import Address
from tests.probe.camera import Camera
from tests.probe.clip import ClipFormat
from tests.probe.h323 import H323Terminal, capabilities
from tests.probe.pump import shared
from tests.probe.rtp_port import RtpPort
from tests.probe.screen import Rect, Screen


def with_h239(can: Capabilities) -> Capabilities:
    """The same, and slides as large as its picture."""
    return replace(can, content=can.video, h239=True)


class H239Terminal(H323Terminal):
    """``present`` and ``stop_presenting``; ``slides`` is the colour of what it presents. What others present comes on
    ``board``. ``refuses``: the cause by which it rejects a channel for it; ``grants``: whether it gives the token."""

    def __init__(
        self, gateway: tuple[str, int], *, slides: str = "yellow", refuses: str = "", grants: bool = True,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(gateway, can=with_h239(options.pop("can", None) or capabilities()), **options)
        self.board = Screen()
        self.content = RtpPort("127.0.0.1", self.board.feed)
        self.refuses, self.grants = refuses, grants
        self.content_offers = 0  # channels for slides of others
        form = self.can.content[0]
        self.projector = Camera(self.content, ClipFormat(slides), form.payload_type, 1)
        self.projector.on = False
        self.content_updates = 0  # videoFastUpdatePicture that came for the slides
        self.has_token = False
        self.token_taken = 0  # how often the other side asked for it
        self.refused = ""  # the channel
        self._content_channel = 0

    def close(self) -> None:
        shared().remove_tick(self.projector.tick)
        self.content.close()
        self.board.close()
        super().close()

    # --- what it does -----------------------------------------------------------------------------------------

    async def present(self, channel_first: bool = False) -> None:
        """Ask for the token, then open the channel; or the other way round. Returns when slides flow."""
        assert self.control is not None
        self.refused = ""
        if channel_first:
            self._open_content()
        else:
            self.control.request_token()
            self._flush()
            await self.until(lambda: self.has_token, 5, "the token")
            self._open_content()
        self._flush()
        await self.until(lambda: self.projector.on or self.refused, 8, "a channel for slides")
        assert not self.refused, self.refused
        if channel_first:
            self.control.request_token(self._content_channel)
            self._flush()
            await self.until(lambda: self.has_token, 5, "the token")

    async def stop_presenting(self, by: str = "both") -> None:
        """``by``: "token" gives it back, "channel" closes it."""
        assert self.control is not None
        if by in ("token", "both"):
            self.control.release_token()
            self.has_token = False
        if by in ("channel", "both"):
            self._close_content()
        self._flush()

    @property
    def presenting(self) -> bool:
        return bool(self._content_channel)

    # --- what it is shown -------------------------------------------------------------------------------------

    @property
    def watching(self) -> bool:
        """Whether a channel brings it slides."""
        return "content" in self.receiving

    async def shown(self, colour: str, seconds: float = 8.0, rect: Rect = (0, 0, 1, 1)) -> None:
        """Wait for slides of this colour, over the whole board or a part of it."""
        try:
            await self.until(lambda: self.watching and self.board.colour(rect) == colour, seconds, f"{colour} slides")
        except AssertionError as fault:
            seen = f"{self.board.colour(rect)!r} in {self.board.pictures} pictures of {self.board.size}"
            raise AssertionError(f"{fault}; saw {seen}") from None

    async def shown_nothing(self, seconds: float = 8.0) -> None:
        """Wait until the channel for slides is closed."""
        await self.until(lambda: not self.watching, seconds, "an end of the slides")
        self.board.forget()

    async def ask_slide(self) -> None:
        """For a keyframe."""
        assert self.control is not None
        self.control.fast_update(self.receiving["content"].number)
        self._flush()

    async def limit_slides(self, bit_rate: int | None) -> None:
        assert self.control is not None
        self.control.flow_control(self.receiving["content"].number, bit_rate)
        self._flush()

    async def close_slides(self) -> None:
        """Ask the other side to close its channel."""
        assert self.control is not None
        self.control.request_close(self.receiving["content"].number)
        self._flush()

    def _open_content(self) -> None:
        assert self.control is not None
        where = Address(self.content.host, self.content.port + 1)
        self._content_channel = self.control.open("content", self.can.content[0], None, where)

    def _close_content(self) -> None:
        assert self.control is not None
        self.projector.on = False
        if self._content_channel:
            self.control.close(self._content_channel)
            self._content_channel = 0

    # --- what comes -------------------------------------------------------------------------------------------

    def _controlled(self, event: events.Event) -> None:
        assert self.control is not None
        ours = self._content_channel
        match event:
            case events.TokenGranted():
                self.has_token = True
            case events.TokenRequested():  # somebody else presents now
                self.token_taken += 1
                if not self.grants:
                    self.control.refuse_token()
                    return
                self.has_token = False
                self.control.grant_token()
                self._close_content()
            case events.ChannelOffered(number, "content"):
                self.content_offers += 1
                if self.refuses:
                    self.control.reject(number, self.refuses)
                    return
                self.receiving["content"] = event
                self.board.codecs[event.format.payload_type] = event.format.codec
                self.control.accept(
                    number,
                    Address(self.content.host, self.content.port),
                    Address(self.content.host, self.content.port + 1),
                )
                if self.content.remote is None and event.rtcp is not None:  # for reports, and a PLI
                    self.content.remote = (event.rtcp.host, event.rtcp.port - 1)
            case events.ChannelAccepted(number, "content", form, rtp) if number == ours:
                self.projector.use(form.codec, form.payload_type)
                self.content.remote = (rtp.host, rtp.port)
                self.projector.on = True
                shared().remove_tick(self.projector.tick)
                shared().add_tick(self.projector.tick)
            case events.ChannelRejected(number, cause) if number == ours:
                self._content_channel, self.refused = 0, cause
            case events.ChannelCloseRequested(number) if number == ours:
                self._close_content()
            case events.FastUpdate(number) if number == ours:
                self.content_updates += 1
                self.projector.keyframe()
            case _:
                super()._controlled(event)
