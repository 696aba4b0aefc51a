"""An Asterisk that answers every offer as endpoint [h323] does: of each line the first codec that it knows, alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from sipmessage import Request

from mcu import config
from mcu.h323 import sip
from mcu.h323.gateway import Gateway
from mcu.h323.gateway.formats import AUDIO, VIDEO
from mcu.h323.media import Address
from mcu.h323.sip import sdp
from tests.asterisk.running import free_ports
from tests.h323.sip.fake_asterisk import FakeAsterisk

SOUND, PICTURE = 40_000, 40_002  # ports, to which nobody listens


class Answering:
    """``invites``, their ``offers`` and the ``answers``: what was said, the latest last. ``video``: the codecs that it
    allows."""

    def __init__(self, video: tuple[str, ...] = VIDEO) -> None:
        self.fake = FakeAsterisk()
        self.invites: list[Request] = []
        self.offers: list[sdp.Description] = []
        self.answers: list[sdp.Description] = []
        self._allowed = {*AUDIO, *video}
        self._task: asyncio.Task[None] | None = None

    @property
    def picture(self) -> tuple[tuple[str, int, str], ...]:
        """(codec, payload type, fmtp) of what the gateway offers last for video."""
        line = self.offers[-1].find("video") if self.offers else None
        return tuple((form.codec, form.payload_type, form.fmtp) for form in line.formats) if line else ()

    async def start(self) -> None:
        await self.fake.start()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.fake.close()
        await asyncio.sleep(0)

    async def _run(self) -> None:
        while True:
            request = await self.fake.requests.get()
            if request.method == "INVITE":
                self._answer(request)
            elif request.method != "ACK":
                self.fake.answer(request, 200)

    def _answer(self, invite: Request) -> None:
        offer = sdp.read(invite.body)
        lines = []
        for line in offer.media:
            fitting = [form for form in line.formats if form.codec in self._allowed]
            port = {"audio": SOUND, "video": PICTURE}[line.kind] if fitting else 0
            formats = tuple(fitting[:1] or line.formats[:1])
            lines.append(replace(line, address=Address("127.0.0.1", port), formats=formats, bit_rate=0))
        self.invites.append(invite)
        self.offers.append(offer)
        self.answers.append(sdp.Description(media=tuple(lines)))
        self.fake.answer(invite, 200, self.answers[-1].text(1, len(self.offers)))


@contextlib.asynccontextmanager
async def running(asterisk: Answering, **options: Any) -> AsyncIterator[Gateway]:
    """A gateway in front of it."""
    port, ras, sip_port = free_ports(3)
    settings = config.H323(port=port, ras_port=ras, sip_port=sip_port, **options)
    await asterisk.start()
    gateway = Gateway(settings, "127.0.0.1", asterisk.fake.address, sip.Account("h323", "x"), lambda event, data: None)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()
        await asterisk.stop()
