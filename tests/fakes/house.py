"""The real control process in a thread, with a fake telephone switch: what panel and REST meet, without Asterisk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from mcu.config import Settings
from mcu.control.process import Control
from mcu.models import first_start
from tests.fakes.switch import FakeSwitch
from tests.ports import free_port as free_port


class House:
    """Control in a thread; what a test makes happen in the switch happens there."""

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.switch: FakeSwitch

        def make_switch(settings: Settings, hear: Callable[..., None]) -> FakeSwitch:
            self.switch = FakeSwitch(hear)
            return self.switch

        async def build() -> Control:
            control = Control(settings, make_switch)
            await control.start()
            return control

        self.control = self.do(build())

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)

    def happens(self, what: Callable[..., Any], *args: Any, **more: Any) -> Any:
        async def there() -> Any:
            return what(*args, **more)

        return self.do(there())

    def stop(self) -> None:
        self.do(self.control.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=120)
        self._loop.close()


@contextmanager
def house_of(settings: Settings) -> Iterator[House]:
    """Of a new installation, as long as it is wanted."""
    first_start(settings)
    house = House(settings)
    try:
        yield house
    finally:
        house.stop()
