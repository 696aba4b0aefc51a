"""The probe as an H.323 terminal: the same camera, voice, screen and ear, called and heard over H.225 and H.245.

It is made of the same sessions as the gateway; chan_ooh323 and the captured vectors are there to tell what two who
learnt from one another would never notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from types import TracebackType
from typing import Any, Self

from mcu.h323 import signalling
from mcu.h323.media import Address
from mcu.h323.per import encode_h245
from mcu.h323.signalling import CallSignalling, Endpoint, Target
from tests.probe.call import CallRefused
from tests.probe.h323_channels import HD, Channels, capabilities

__all__ = ["HD", "H323Terminal", "capabilities"]


class H323Terminal(Channels):
    """``tunnelling=False`` uses a connection of its own for H.245; ``listens`` has the other side come to ours."""

    def __init__(
        self, gateway: tuple[str, int], *, tunnelling: bool = True, listens: bool = False, name: str = "Probe",
        number: str = "", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(gateway, display=name, **options)
        self.tunnelling, self.listens, self.number = tunnelling, listens, number
        self.setup: signalling.SetupReceived | None = None
        self._refuses, self._rings = 0, True
        self._connected = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):
            await self.hang_up()
        await self._close_connections()
        self.close()
        if self.faults and kind is None:
            raise self.faults[0]

    # --- calls ------------------------------------------------------------------------------------------------

    async def dial(self, number: str, late_offer: bool = False) -> None:
        """Call; returns when sound flows both ways. Raises CallRefused with the Q.850 cause."""
        reader, writer = await asyncio.open_connection(*self.gateway, local_addr=(self.sound.host, 0))
        host, port = writer.get_extra_info("sockname")[:2]
        local = Endpoint(
            address=Address(host, port), name=self.agent.display, digits=self.number, product="Probe", mcu=False,
            tunnelling=self.tunnelling,
        )  # fmt: skip
        target = Target(
            address=Address(*self.gateway), call_id=secrets.token_bytes(16), conference_id=secrets.token_bytes(16),
            alias=number,
        )  # fmt: skip
        h245 = await self._listen(host) if self.listens else None
        offer = self._fast_offer() if self.fast_start else ()
        self.session = CallSignalling.calling(local, target, self._now, h245=h245, fast_start=offer)
        self._begin(reader, writer)
        await self.until(lambda: self._flowing() or self.h323.ended.is_set(), 20, "an open call")
        if self.h323.ended.is_set():
            raise CallRefused(self.h323.cause, self.h323.reason)

    async def wait_for_calls(self, refuse: int = 0, ring: bool = True) -> tuple[str, int]:
        """Listen for calls from now on, and take them, or refuse with a Q.850 cause; the address to be called at."""

        async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            host, port = writer.get_extra_info("sockname")[:2]
            local = Endpoint(
                address=Address(host, port), name=self.agent.display, digits=self.number, product="Probe", mcu=False,
                tunnelling=self.tunnelling,
            )  # fmt: skip
            self._refuses, self._rings = refuse, ring
            self.session = CallSignalling.answering(local, self._now)
            self._begin(reader, writer)

        server = await asyncio.start_server(called, self.sound.host, 0)
        self._servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        return host, port

    async def hang_up(self) -> None:
        if self.session is not None and not self.session.over:
            if self.control is not None:
                self.control.end()
            self._flush()
            self.session.release(16)
            self._flush()
        self._over(16, "hung up")

    async def press(self, digits: str) -> None:
        assert self.control is not None
        self.control.user_input(digits)
        self._flush()

    async def ask_keyframe_h245(self) -> None:
        assert self.control is not None
        self.control.fast_update(self.receiving["video"].number)
        self._flush()

    async def request_mode(self, video: tuple[str, Any]) -> str:
        """Ask for another picture: H.245's VideoMode; the answer's name."""
        assert self.control is not None
        modes = [[{"type": ("videoMode", video)}]]
        self.mode_answer = ""
        request = ("request", ("requestMode", {"sequenceNumber": 1, "requestedModes": modes}))
        self._write_h245(encode_h245(request))
        self._flush()
        await self.until(lambda: self.mode_answer, 8, "an answer to RequestMode")
        return self.mode_answer

    async def limit_video(self, bit_rate: int | None) -> None:
        assert self.control is not None
        self.control.flow_control(self.receiving["video"].number, bit_rate)
        self._flush()

    async def hold(self) -> None:
        """An empty capability set: the other side closes its channels; we close ours."""
        assert self.control is not None
        self.control.hold(True)
        for accepted in self.sending.values():
            self.control.close(accepted.number)
        self.camera.on, self.voice.paused = False, True
        self._flush()

    async def resume(self) -> None:
        assert self.control is not None
        self.control.hold(False)
        self.sending.clear()
        assert self.peer_formats is not None
        self._open_channels(self.peer_formats)
        self.camera.on, self.voice.paused = True, False
        self._flush()

    def _flowing(self) -> bool:
        assert self.session is not None
        if self.fast_opened:
            return self._connected
        wanted = {"audio", "video"} if self.can.video else {"audio"}
        sends, receives = wanted & set(self.opens), wanted & set(self.takes)
        return self._connected and sends <= set(self.sending) and receives <= set(self.receiving)

    def state(self) -> str:
        ended = f" by {self.h323.reason!r} (Q.850 {self.h323.cause})" if self.h323.ended.is_set() else ""
        ended += f", faults {self.faults}" if self.faults else ""
        return (
            f"H.323{ended}, connected {self._connected}, sends {sorted(self.sending)}, "
            f"receives {sorted(self.receiving)}, held {self.held}, {self.fast_updates} fast updates; {super().state()}"
        )

    # --- events -----------------------------------------------------------------------------------------------

    def _signalled(self, event: signalling.Event) -> None:
        match event:
            case signalling.SetupReceived():
                self._take(event)
            case signalling.Connected():
                self._connected = self.h323.up = True
                assert self.session is not None
                if self.session.tunnelling:
                    self._start_control()
            case signalling.H245Address(address):
                if self._h245 is None and not self.tunnelling and not self.listens:
                    self._start(self._connect_h245(address))
            case signalling.H245Received(message):
                self._start_control()
                self._h245_message(message)
            case signalling.FastStartAccepted(channels):
                self._fast_accepted(channels)
            case signalling.Released(cause, reason, _):
                self._flush()
                self.h323.ended_by_peer = True
                self._over(cause, reason)
            case signalling.Lost(reason):
                self._over(41, reason)
            case _:
                pass

    def _take(self, setup: signalling.SetupReceived) -> None:
        assert self.session is not None
        self.setup = setup
        self.session.proceed()
        if self._refuses:
            self.session.release(self._refuses)
            self._flush()
            self._over(self._refuses, "refused")
            return
        if self._rings:
            self.session.alert()
        taken = self._fast_take(setup)
        if self.session.tunnelling:
            self.session.connect(None, taken)
            self._start_control()
        elif self.listens:
            self._start(self._connect_with_address())
        else:
            self.session.connect(None, taken)
        self._connected = self.h323.up = True

    async def _connect_with_address(self) -> None:
        assert self.session is not None
        self.session.connect(await self._listen("127.0.0.1"))
        self._flush()
