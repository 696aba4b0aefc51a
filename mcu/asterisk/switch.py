"""The MCU's vocabulary on Asterisk: what control can ask of the telephone switch, and what it hears from it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import structlog
from panoramisk.message import Message

from mcu.asterisk import log_files, media, members, process, snapshot, values
from mcu.asterisk.ami import Ami
from mcu.asterisk.ami_wire import Fields
from mcu.asterisk.dial_string import dial_string, slides_string
from mcu.asterisk.refusals import refusal
from mcu.asterisk.secrets import AMI_USER, ami_secret
from mcu.asterisk.translate import number, text, translate
from mcu.config import Settings
from mcu.core.dialling.dialout import ANSWER_WITHIN
from mcu.core.dialling.targets import Target
from mcu.core.events import DialFailed, Event, LegFailed, LegUp, Snapshot, SwitchDown, SwitchUp, TrunkTold
from mcu.core.picture.rates import ALL_CLASSES, CODECS
from mcu.core.quality import Counters
from mcu.errors import AsteriskDown, BadRequest, McuError, NotFound, TimedOut

LEG_TIMEOUT = 4000  # ms for a mixer on loopback to answer
# ms for a terminal to take slides: the gateway gives it 8 s, and core takes a dial of 12 s for lost.
SLIDES_TIMEOUT = 10_000
HANGUP_WAIT = 0.3  # s for the Hangup, which has the true cause, after Asterisk said that an Originate failed
_MOST_FAILED = 1000  # dials whose Hangup may come yet; where no channel came to be it never does
SNAPSHOT_RETRY = 0.5  # s
# Q.850 for the coarse reasons of OriginateResponse (include/asterisk/frame.h, enum ast_control_frame_type), where no
# channel came to be and so no Hangup tells the true one; 20 is "subscriber absent", a qualified contact that is away.
_CAUSE_OF_REASON = {3: 19, 5: 17, 8: 34}
_CAUSE_ABSENT = 20
AUDIO_CODECS = ("g722", "alaw", "ulaw")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Dial:
    kind: str
    ident: str
    mixer: str
    codec: str = ""  # of a leg to the mixer


class Switch:
    """Asterisk as the conference policy sees it.

    ``on_event`` gets core events, in order, in the event loop. After every (re)connection the first is SwitchUp with a
    snapshot of everything; events that came while it was taken follow it, so they may repeat what it already says.
    Every coroutine raises AsteriskDown without a link, TimedOut when Asterisk does not answer in time, BadRequest for
    an argument that is not what it should be, NotFound or a child of it when there is no such room or channel.
    """

    def __init__(self, settings: Settings, on_event: Callable[[Event], None]) -> None:
        self._settings = settings
        self._on_event = on_event
        self._dials: dict[str, _Dial] = {}  # by the ChannelId that we gave
        self._failed: dict[str, None] = {}  # those whose failure was told before their Hangup
        self._held_back: list[Event] | None = None  # events while a snapshot is taken
        self._swept: set[str] = set()  # channels that are hung up because nobody would notice their answer
        self._arrival: asyncio.Task[None] | None = None
        self.connected = False
        self._ami = Ami(
            "127.0.0.1",
            settings.asterisk.ami_port,
            AMI_USER,
            ami_secret(settings),
            on_event=self._heard,
            on_up=self._link_up,
            on_down=self._link_down,
        )

    async def start(self) -> None:
        """Begin to connect; SwitchUp tells when the link stands."""
        await self._ami.start()

    async def stop(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
        await self._ami.stop()

    # --- what control asks -----------------------------------------------------------------------------------------

    async def mute(self, room: str, channel: str, on: bool) -> None:
        fields = {"Conference": values.room(room), "Channel": values.channel(channel)}
        await self._do("ConfbridgeMute" if on else "ConfbridgeUnmute", fields)

    async def kick(self, room: str, channel: str) -> None:
        await self._do("ConfbridgeKick", {"Conference": values.room(room), "Channel": values.channel(channel)})

    async def kick_all(self, room: str) -> None:
        """Everybody out, in one go. Answered when nearly all are out, of 200 after 0.8 s; told of them one by one
        Asterisk takes a third longer."""
        await self._do("ConfbridgeKick", {"Conference": values.room(room), "Channel": "all"})

    async def deafen(self, room: str, channel: str, on: bool) -> None:
        """Let a terminal hear nothing, or again all."""
        await self._do_all(members.deafen(channel, on))

    async def gain(self, room: str, channel: str, direction: Literal["in", "out"], db: float) -> None:
        """Make what comes "in" from a terminal, or goes "out" to it, louder by ``db``; 0 leaves it as it is."""
        await self._do_all(members.gain(channel, direction, db))

    async def move(self, room: str, channel: str, participant: str, to: str, view: str, muted: bool = False) -> None:
        """Bring a terminal from a room into another. Left and Joined follow."""
        await self._do_all(members.move(channel, participant, to, view, muted))

    async def whisper(self, channel: str, prompts: tuple[str, ...], language: str) -> None:
        """Begin to say something to one terminal alone; an empty ``language`` is the installation's."""
        await self._do_all(members.whisper(channel, prompts, language or self._settings.asterisk.language))

    async def let_in(self, room: str, channel: str, participant: str, view: str, muted: bool) -> None:
        """Bring a terminal that waits in the lobby into the room. Joined follows."""
        await self._do_all(members.let_in(channel, participant, room, view, muted))

    async def lock(self, room: str, on: bool) -> None:
        """Let nobody else in, or again anybody. Asterisk raises no event for it; an emptied room forgets it."""
        await self._do("ConfbridgeLock" if on else "ConfbridgeUnlock", {"Conference": values.room(room)})

    async def dial_leg(self, participant: str, room: str, mixer: str, codec: str) -> None:
        """Begin to dial the leg that carries a participant's picture to the mixer. LegUp or LegFailed follows."""
        ident = values.participant(participant)
        dial = _Dial("leg", ident, values.name(mixer, "mixer run"), _video(codec))
        await self._dial(dial, f"leg-{ident}", room)

    async def dial_view(self, view: str, rate_class: str, room: str, mixer: str) -> None:
        """Begin to dial the leg that brings one rate class of a view from the mixer. LegUp or LegFailed follows."""
        view, rate_class = values.name(view, "view"), values.rate_class(rate_class)
        codec = ALL_CLASSES[rate_class].codec
        dial = _Dial("view", f"{view}/{rate_class}", values.name(mixer, "mixer run"), codec)
        await self._dial(dial, f"view-{view}-{rate_class}", room)

    async def dial_slides(self, participant: str, room: str, tag: str, key: str, codec: str) -> None:
        """Begin to bring the picture ``key`` by H.239 to the terminal of the H.323 gateway's call ``tag``. LegUp or
        LegFailed follows."""
        dial = _Dial("slides", values.participant(participant), "h323")
        target = slides_string(tag, self._settings.h323.sip_port)
        more = {"Timeout": str(SLIDES_TIMEOUT), "Codecs": f"ulaw,{_video(codec)}"}
        await self._originate(dial, target, room, more, context="mcu-slides", VIEW=values.picture_key(key))

    async def dial_terminal(self, participant: str, room: str, target: Target, name: str) -> None:
        """Begin to call a terminal into a room. Its answer stands at the door; DialFailed tells that there is none.

        ``name`` is what the terminal shows of us, beside the room's number.
        """
        ident = values.participant(participant)
        await self._originate(
            _Dial("terminal", ident, ""),
            dial_string(target, self._settings.h323.sip_port, self._settings.trunk.prefix),
            room,
            {
                "Timeout": str(round(ANSWER_WITHIN * 1000)),
                "Codecs": ",".join((*AUDIO_CODECS, *CODECS)),
                "CallerID": f'"{values.quotable(name)}" <{values.room(room)}>',
            },
            context="mcu-dialled",
        )

    async def stop_dialling(self, participant: str) -> None:
        """Give up a call that dial_terminal began. One that was just answered or has failed is no error."""
        for channel_id, dial in list(self._dials.items()):
            if (dial.kind, dial.ident) == ("terminal", participant):
                del self._dials[channel_id]
                with contextlib.suppress(NotFound):  # Asterisk finds a channel by its id, too
                    await self._do("Hangup", {"Channel": channel_id, "Cause": "16"})

    async def subscribe(self, channel: str, key: str) -> None:
        """Show the channel what is published under ``key``; an empty key ends it."""
        await self._do(
            "Setvar",
            {
                "Channel": values.channel(channel),
                "Variable": "VIDEO_SUBSCRIBE()",
                "Value": values.picture_key(key) if key else "",
            },
        )

    async def hang_up(self, channel: str, cause: int = 16) -> None:
        await self._do("Hangup", {"Channel": values.channel(channel), "Cause": str(values.cause(cause))})

    async def snapshot(self) -> Snapshot:
        """Everything there is in the switch now."""
        return (await snapshot.take(self._ami)).seen

    async def media(self) -> dict[str, tuple[Counters | None, Counters | None]]:
        """Counters of every terminal's call by channel: its sound's and its picture's."""
        return await media.read(self._ami)

    async def version(self) -> str:
        """Asterisk's version, "22.10.1"."""
        return text(await self._do("CoreSettings"), "AsteriskVersion")

    async def look_for_mixer(self) -> None:
        """Ask the mixer's SIP side for a sign of life now, so that a mixer that is back can be dialled at once."""
        await self._do("PJSIPQualify", {"Endpoint": "mixer"})

    async def reload_endpoints(self) -> None:
        """Have Asterisk read pjsip.conf again, after render.render(). Calls go on."""
        await process.remote_command(self._settings, "module reload res_pjsip.so")

    async def keep_log_small(self, largest: int = log_files.LARGEST) -> None:
        """Have Asterisk begin a new log if the present one has more octets; a bounded number of old ones stays."""
        await log_files.keep_small(self._settings, largest)

    async def _do(self, action: str, fields: Fields | None = None) -> Message:
        answer = await self._ami.action(action, fields)
        if not answer.success:
            raise refusal(action, text(answer, "Message"))
        return answer

    async def _do_all(self, actions: list[members.Action]) -> None:
        for action, fields in actions:
            await self._do(action, fields)

    async def _dial(self, dial: _Dial, user: str, room: str) -> None:
        more = {"Timeout": str(LEG_TIMEOUT), "Codecs": f"ulaw,{dial.codec}"}
        await self._originate(dial, f"PJSIP/{user}@mixer", room, more, context=f"mcu-{dial.kind}", CODEC=dial.codec)

    async def _originate(
        self, dial: _Dial, channel: str, room: str, more: dict[str, str], *, context: str, **told: str
    ) -> None:
        """``told``: further variables of the channel, MCU_… by their names here."""
        channel_id = f"{snapshot.DIALLED_ID}{dial.kind}-{uuid.uuid4().hex}"
        variables = {"KIND": dial.kind, "ID": dial.ident, "ROOM": values.room(room), "MIXER": dial.mixer}
        variables |= told
        self._dials[channel_id] = dial
        try:
            await self._do(
                "Originate",
                {
                    "Channel": channel,
                    "ChannelId": channel_id,
                    "Context": context,
                    "Exten": "s",
                    "Priority": "1",
                    "Async": "true",
                    "Variable": [f"MCU_{name}={value}" for name, value in variables.items()],
                    **more,
                },
            )
        except TimedOut:
            raise  # it may be under way: its outcome is still awaited
        except McuError:
            self._dials.pop(channel_id, None)
            raise

    # --- what control hears ----------------------------------------------------------------------------------------

    def _heard(self, message: Message) -> None:
        at = time.time()
        name, channel_id = text(message, "Event"), text(message, "Uniqueid")
        if channel_id in self._dials and name == "Hangup":
            self._leg_failed(channel_id, at, number(message, "Cause"))
        elif channel_id in self._dials and name == "OriginateResponse":
            self._dialled(message, channel_id, at)
        elif name == "Hangup" and channel_id in self._failed:
            del self._failed[channel_id]  # the next attempt may be under way: it is not the one that ended
        elif name == "Hangup" and text(message, "Channel") in self._swept:
            self._swept.discard(text(message, "Channel"))  # what it stood for may have been dialled anew
        elif event := translate(message, at):
            self._emit(event)

    def _dialled(self, message: Message, channel_id: str, at: float) -> None:
        if text(message, "Response") == "Success":
            dial = self._dials.pop(channel_id)
            if dial.kind == "terminal":
                return  # it stands at the door, which asks about it
            channel = text(message, "Channel")
            self._emit(
                LegUp(at=at, channel=channel, kind=dial.kind, ident=dial.ident, mixer=dial.mixer, codec=dial.codec)
            )
        else:
            cause = _CAUSE_OF_REASON.get(number(message, "Reason"), _CAUSE_ABSENT)
            asyncio.get_running_loop().call_later(HANGUP_WAIT, self._failed_without_hangup, channel_id, at, cause)

    def _failed_without_hangup(self, channel_id: str, at: float, cause: int) -> None:
        if channel_id in self._dials:
            self._failed[channel_id] = None
            while len(self._failed) > _MOST_FAILED:
                del self._failed[next(iter(self._failed))]
            self._leg_failed(channel_id, at, cause)

    def _leg_failed(self, channel_id: str, at: float, cause: int) -> None:
        dial = self._dials.pop(channel_id, None)
        if dial is None:
            return
        if dial.kind == "terminal":
            self._emit(DialFailed(at=at, participant=dial.ident, cause=cause))
        else:
            self._emit(
                LegFailed(at=at, kind=dial.kind, ident=dial.ident, mixer=dial.mixer, cause=cause, codec=dial.codec)
            )

    def _emit(self, event: Event) -> None:
        if self._held_back is not None:
            self._held_back.append(event)
        elif self.connected:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("switch.event_failed", switch_event=type(event).__name__)

    def _link_up(self) -> None:
        self._held_back = []
        self._swept.clear()
        self._arrival = asyncio.create_task(self._arrive(), name="switch-arrival")

    async def _arrive(self) -> None:
        """Read everything, tell it, and then what happened meanwhile."""
        while True:
            try:
                taken = await snapshot.take(self._ami, trunk=self._settings.trunk.registration)
                break
            except AsteriskDown:
                return  # the next link begins anew
            except McuError as fault:
                log.warning("switch.snapshot_failed", reason=str(fault))
            except Exception:
                # Whatever it is: to give up would leave control deaf while calls go on.
                log.exception("switch.snapshot_failed")
            await asyncio.sleep(SNAPSHOT_RETRY)
        # Terminals ring on: whether anybody still wants them is core's to say.
        self._dials |= {ident: _Dial("terminal", participant, "") for ident, participant in taken.ringing.items()}
        for channel in taken.unfinished:
            # Dialled by a control process that is no more: nobody would notice its answer.
            self._swept.add(channel)
            try:
                await self.hang_up(channel)
            except NotFound:
                pass
            except McuError as fault:
                log.warning("switch.hang_up_failed", channel=channel, reason=str(fault))
        waiting, self._held_back = self._held_back or [], None
        self.connected = True
        up = SwitchUp(at=time.time(), snapshot=taken.seen)
        self._tell(up)
        if taken.registered is not None:
            self._tell(TrunkTold(at=up.at, registered=taken.registered))
        for event in waiting:  # as of now: in a minute of a slow Asterisk the clock would seem to be set back
            self._tell(replace(event, at=max(event.at, up.at)))

    def _link_down(self, reason: str) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
        self._held_back = None
        self._dials.clear()
        if self.connected:
            self.connected = False
            self._tell(SwitchDown(at=time.time(), reason=reason))


def _video(codec: str) -> str:
    if codec not in CODECS:
        raise BadRequest(f"{codec[:20]!r} is no video codec of ours")
    return codec
