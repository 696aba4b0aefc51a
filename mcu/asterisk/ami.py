"""The link to Asterisk's manager interface: logs in, stays, comes back, and never waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import cast

import structlog
from panoramisk.message import Message

from mcu.asterisk.ami_wire import Fields, Request, Wire
from mcu.errors import AsteriskDown, NotPermitted, TimedOut

CONNECT_TIMEOUT = 2.0  # s; the manager listens on loopback
LOGIN_TIMEOUT = 5.0  # s; Asterisk itself waits 1 s before it says no
BOOT_TIMEOUT = 60.0  # s from login to FullyBooted; the manager answers before the modules are loaded
ACTION_TIMEOUT = 5.0  # s
PING_INTERVAL = 5.0  # s; finds an Asterisk that hangs with its connection open
FIRST_RETRY, LAST_RETRY, LOGIN_RETRY = 0.1, 1.0, 5.0  # s; a refused connection on loopback costs nothing

log = structlog.get_logger()


class Ami:
    """One AMI user on one Asterisk.

    ``on_up`` is called after each successful login to a fully booted Asterisk, ``on_down`` with the reason when that
    link is lost, ``on_event`` with each event in between, in order. All three are called in the event loop and must
    return at once.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        secret: str,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[str], None] = lambda _: None,
        action_timeout: float = ACTION_TIMEOUT,
        ping_interval: float = PING_INTERVAL,
    ) -> None:
        self._address = (host, port)
        self._username, self._secret = username, secret
        self._on_event, self._on_up, self._on_down = on_event, on_up, on_down
        self._action_timeout = action_timeout
        self._ping_interval = ping_interval
        self._wire: Wire | None = None
        self._booted: asyncio.Future[str] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.connected = False
        self.down_reason = "not connected yet"
        self.version = ""  # of the manager protocol, as Asterisk greets

    async def start(self) -> None:
        """Begin to connect, and keep connected until ``stop``. Returns at once; ``on_up`` tells when it stands."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_connected(), name="ami")

    async def stop(self) -> None:
        """Log off; what is unanswered fails with AsteriskDown."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def action(self, action: str, fields: Fields | None = None, *, timeout: float | None = None) -> Message:
        """Send an action and give its response, an error response too (``Message.success`` tells).

        Raises AsteriskDown when there is no link or it breaks before the answer (the action is not sent again: it may
        have been done), TimedOut after ``timeout`` seconds, BadRequest for a value that would break out of its line.
        """
        return cast(Message, await self._ask(Request(action, fields or {}, as_list=False), timeout))

    async def list_action(
        self, action: str, fields: Fields | None = None, *, timeout: float | None = None
    ) -> list[Message]:
        """Send an action that is answered by a list, and give the whole: response, items, closing event.

        An error response is a list of one. Raises as ``action`` does.
        """
        return cast(list[Message], await self._ask(Request(action, fields or {}, as_list=True), timeout))

    async def _ask(self, request: Request, timeout: float | None) -> Message | list[Message]:
        if self._wire is None or not self.connected:
            raise AsteriskDown(f"no link to Asterisk: {self.down_reason}")
        return await self._answer(self._wire, request, timeout or self._action_timeout)

    async def _answer(self, wire: Wire, request: Request, timeout: float) -> Message | list[Message]:
        try:
            return await asyncio.wait_for(wire.request(request), timeout)
        except TimeoutError:
            raise TimedOut(f"Asterisk did not answer {request.action} within {timeout:g} s") from None

    async def _keep_connected(self) -> None:
        retry = FIRST_RETRY
        while True:
            closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            try:
                await self._open(closed)
                retry = FIRST_RETRY
                await self._stay(closed)
            except (OSError, TimeoutError) as fault:
                self._lost(f"cannot connect to {self._address[0]}:{self._address[1]}: {fault or 'timed out'}")
            except NotPermitted as fault:
                self._lost(str(fault))
                retry = LOGIN_RETRY
            except (AsteriskDown, TimedOut) as fault:
                self._lost(str(fault))
            except asyncio.CancelledError:
                self._lost("stopped")
                raise
            finally:
                if self._wire is not None:
                    self._wire.close(self.down_reason)
                    self._wire = None
            await asyncio.sleep(retry)
            retry = min(retry * 1.5, max(LAST_RETRY, retry))

    async def _open(self, closed: asyncio.Future[str]) -> None:
        """Connect, log in and wait until Asterisk has booted."""

        def on_closed(reason: str) -> None:
            if not closed.done():
                closed.set_result(reason)

        booted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._booted = booted
        wire = Wire(self._dispatch, on_closed)
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await asyncio.get_running_loop().create_connection(lambda: wire, *self._address)
        self._wire = wire
        login = Request("Login", {"Username": self._username, "Secret": self._secret, "Events": "on"}, as_list=False)
        answer = cast(Message, await self._answer(wire, login, LOGIN_TIMEOUT))
        if not answer.success:
            raise NotPermitted(f"Asterisk refused the login of AMI user {self._username}: {answer.message}")
        self.version = wire.version or ""
        await asyncio.wait({booted, closed}, timeout=BOOT_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        if closed.done():
            raise AsteriskDown(closed.result())
        if not booted.done():
            raise TimedOut(f"Asterisk has not finished booting within {BOOT_TIMEOUT:g} s of the login")
        self.connected = True
        self.down_reason = ""
        log.info("ami.up", version=self.version)
        self._on_up()

    async def _stay(self, closed: asyncio.Future[str]) -> None:
        """Until the connection ends or Asterisk no longer answers a ping."""
        assert self._wire is not None
        while True:
            await asyncio.wait({closed}, timeout=self._ping_interval)
            if closed.done():
                raise AsteriskDown(closed.result())
            await self._answer(self._wire, Request("Ping", {}, as_list=False), self._action_timeout)

    def _dispatch(self, message: Message) -> None:
        if message.event == "FullyBooted":
            if self._booted is not None and not self._booted.done():
                self._booted.set_result("")
        elif self.connected:
            self._on_event(message)

    def _lost(self, reason: str) -> None:
        was_connected, self.connected = self.connected, False
        news = reason != self.down_reason
        self.down_reason = reason
        if was_connected or news:
            log.warning("ami.down", reason=reason)
        if was_connected:
            self._on_down(reason)
