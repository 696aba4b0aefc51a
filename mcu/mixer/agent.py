"""The mixer's SIP side: pjsua2 in one thread of its own, which answers Asterisk's calls.

pjsua2 keeps SIP, SDP, calls and the media transports. What a call is for is told to ``Legs`` before it is answered;
from then on its RTP goes between pjmedia's I/O thread and the engine, and no Python sees a packet.

pjsua2's rules that shape this: ``threadCnt=0`` and all calls into it from the thread that runs ``libHandleEvents``;
Call objects are dropped outside their own callbacks; an exception that leaves a callback would end the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pjsua2 as pj
import structlog

from mcu.errors import Unavailable
from mcu.mixer._native import Engine, Legs, set_pjlib_log_level
from mcu.mixer.users import LegUser, User, called_user, parse_user

_log = structlog.get_logger("mcu.mixer.sip")
_LOOPBACK = "127.0.0.1"
_POLL_MS = 50  # only how soon stop() is seen: packets wake the loop at once
_MAX_CALLS = 500


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """UDP ports on loopback: one for SIP, and those from ``rtp_first`` to ``rtp_last`` for media, four a call."""

    sip_port: int
    rtp_first: int
    rtp_last: int


class Agent:
    """Answers calls from ``start()`` to ``stop()``. ``on_up`` and ``on_down`` are called in the agent's own thread."""

    def __init__(
        self,
        settings: AgentSettings,
        engine: Engine,
        on_up: Callable[[User], object],
        on_down: Callable[[User], object],
        on_failed: Callable[[], object],
    ) -> None:
        self.legs: Legs | None = None  # from start() on
        self._settings = settings
        self._engine = engine
        self._on_up, self._on_down, self._on_failed = on_up, on_down, on_failed
        self._calls: dict[int, _Call] = {}
        self._gone: list[_Call] = []
        self._silent: list[_Call] = []  # answered, but without a video stream
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sip", daemon=True)

    def start(self) -> Legs:
        """Open the ports and take calls. Raises Unavailable, with the reason, if that fails."""
        self._thread.start()
        self._ready.wait()
        if self.legs is None:
            self._thread.join()
            raise Unavailable(f"the mixer's SIP side does not start: {self._fault}")
        return self.legs

    def stop(self) -> None:
        """Hang up all calls and close the ports; returns when that is done."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        endpoint = pj.Endpoint()
        try:
            account = self._open(endpoint)
            self._ready.set()
            while not self._stopping.is_set():
                endpoint.libHandleEvents(_POLL_MS)
                self._end_useless()
                self._gone.clear()
            endpoint.hangupAllCalls()
            endpoint.libHandleEvents(10)  # sends what is queued; Asterisk's answers are not waited for
            del account
        except Exception as fault:
            self._fault = fault
            _log.error("sip.failed", reason=_reason(fault))
            if self._ready.is_set():
                self._on_failed()
        finally:
            self._close(endpoint)
            self._ready.set()

    def _end_useless(self) -> None:
        """Hang up calls whose video did not start: to control they look good, and those that end it dials again."""
        if self.legs is None:
            return
        for call_id, reason in self.legs.take_failures():
            if call := self._calls.get(call_id):
                self._end(call, reason)
        silent, self._silent = self._silent, []
        for call in silent:
            if call in self._calls.values():
                self._end(call, "no video was negotiated, or not in a way that can be used")

    def _end(self, call: _Call, reason: str) -> None:
        _log.error("sip.no_video", user=str(call.user), reason=reason)
        try:
            call.finish(488)
        except pj.Error as fault:
            _log.warning("sip.hang_up_failed", user=str(call.user), reason=_reason(fault))

    def _open(self, endpoint: Any) -> Any:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.maxCalls = _MAX_CALLS
        config.uaConfig.userAgent = "mcu-mixer"
        config.medConfig.threadCnt = 1  # one I/O thread reads the RTP of all calls
        config.medConfig.hasIoqueue = True
        config.logConfig.level = config.logConfig.consoleLevel = 2
        config.logConfig.msgLogging = 0
        self._writer = _LogWriter()  # pjsua2 keeps no reference of its own
        config.logConfig.writer = self._writer
        set_pjlib_log_level(2)
        endpoint.libCreate()
        endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.port = self._settings.sip_port
        transport.boundAddress = _LOOPBACK  # nobody but Asterisk reaches the mixer
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        legs = Legs(self._engine)
        endpoint.libStart()
        endpoint.audDevManager().setNoDev()
        for codec in endpoint.codecEnum2():
            if not codec.codecId.startswith(("PCMU/", "PCMA/")):
                endpoint.codecSetPriority(codec.codecId, 0)
        account = _Account(self)
        account.create(self._account_config())
        self.legs = legs
        return account

    def _account_config(self) -> Any:
        config = pj.AccountConfig()
        config.idUri = f"sip:mixer@{_LOOPBACK}:{self._settings.sip_port}"
        media = config.mediaConfig
        media.transportConfig.boundAddress = _LOOPBACK
        media.transportConfig.port = self._settings.rtp_first
        # RTCP has the port after RTP's.
        media.transportConfig.portRange = self._settings.rtp_last - self._settings.rtp_first - 1
        # A mixer that follows a killed one does not begin with its ports: packets for that one may still come.
        media.transportConfig.randomizePort = True
        media.srtpUse = pj.PJMEDIA_SRTP_DISABLED
        media.streamKaEnabled = False
        config.mwiConfig.enabled = False
        return config

    def _close(self, endpoint: Any) -> None:
        if self.legs is not None:
            self.legs.close()
        self._calls.clear()
        self._gone.clear()
        try:
            endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
        except Exception as fault:
            _log.warning("sip.close_failed", reason=_reason(fault))

    # --- in callbacks of pjsua2 -------------------------------------------------------------------------------

    def incoming(self, account: Any, call_id: int, message: str) -> None:
        user = parse_user(called_user(message))
        call = _Call(self, account, call_id, user)
        self._calls[call_id] = call
        if user is None or self._stopping.is_set() or self.legs is None:
            _log.warning("sip.unknown_user", user=called_user(message)[:80])
            call.finish(404 if user is None else 503)
            return
        if isinstance(user, LegUser):
            self._replace(user, call)
            self.legs.expect_leg(call_id, user.participant)
        else:
            self.legs.expect_view(call_id, user.view, user.rate_class)
        try:
            call.accept()
        except pj.Error as fault:
            # Refused at once, control dials again; left unanswered it would wait for its time-out.
            _log.error("sip.answer_failed", user=str(user), reason=_reason(fault))
            call.finish(500)

    def _replace(self, user: LegUser, by: _Call) -> None:
        """A participant has one leg: a newer call takes over, as the older one may be what a crash left."""
        for call in list(self._calls.values()):
            if call.user == user and call is not by:
                call.user = None
                call.was_up = False
                call.finish(200)

    def confirmed(self, call: _Call) -> None:
        if call.user is not None and not call.was_up:
            if self.legs is not None and not self.legs.has_video(call.call_id):
                self._silent.append(call)
            first = not self._has_other(call)
            call.was_up = True
            if first:
                self._on_up(call.user)

    def disconnected(self, call: _Call, call_id: int) -> None:
        if self.legs is not None:
            self.legs.end(call_id)
        if self._calls.get(call_id) is call:
            del self._calls[call_id]
        self._gone.append(call)
        if call.user is not None and call.was_up and not self._has_other(call):
            self._on_down(call.user)

    def _has_other(self, call: _Call) -> bool:
        return any(other is not call and other.was_up and other.user == call.user for other in self._calls.values())


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, agent: Agent) -> None:
        super().__init__()
        self._agent = agent

    def onIncomingCall(self, prm: Any) -> None:
        try:
            self._agent.incoming(self, prm.callId, prm.rdata.wholeMsg)
        except Exception as fault:
            _log.error("sip.call_failed", reason=_reason(fault))


class _Call(pj.Call):  # type: ignore[misc]
    def __init__(self, agent: Agent, account: Any, call_id: int, user: User | None) -> None:
        super().__init__(account, call_id)
        self._agent = agent
        self.call_id = call_id
        self.user = user
        self.was_up = False

    def accept(self) -> None:
        answer = pj.CallOpParam(True)
        answer.statusCode = 200
        answer.opt.audioCount = answer.opt.videoCount = 1
        self.answer(answer)

    def finish(self, status: int) -> None:
        """Refuse with a status, or hang up if it has been answered."""
        end = pj.CallOpParam()
        end.statusCode = status
        self.hangup(end)

    def onCallState(self, prm: Any) -> None:
        try:
            state = self.getInfo().state
            if state == pj.PJSIP_INV_STATE_CONFIRMED:
                self._agent.confirmed(self)
            elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
                self._agent.disconnected(self, self.call_id)
        except Exception as fault:
            _log.error("sip.call_state_failed", reason=_reason(fault))


class _LogWriter(pj.LogWriter):  # type: ignore[misc]
    def write(self, entry: Any) -> None:
        try:
            level = _log.error if entry.level <= 1 else _log.warning
            level("pjsip", message=entry.msg.strip(), thread=entry.threadName)
        except Exception:  # noqa: S110 - a log line must not end the process
            pass


def _reason(fault: BaseException) -> str:
    """pjsua2's Error has its text in info(), str() of it is empty of meaning."""
    info = getattr(fault, "info", None)
    return str(info()) if callable(info) else f"{type(fault).__name__}: {fault}"
