"""Carries out what core decided: in order for each room, no room waiting for another.

Switch and mixer have a lane each in a room, so that a mixer that does not answer holds up no mute. A failure is logged
and told to core, which decides whether it is tried again; it never stops the lane.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass

import structlog

from mcu.control.ports import MixerPort, SwitchPort
from mcu.core import effects as do
from mcu.errors import McuError

log = structlog.get_logger("mcu.control")

# Instructions that may wait for Asterisk's answers together. The last one's answer has to come within 5 s, and to send
# one out takes 7 to 20 ms, of 400.
AT_ONCE = 100
_ALIKE = (do.Mute, do.Subscribe, do.Kick, do.HangUp)  # one action of AMI each, for one channel


@dataclass(slots=True)
class _Job:
    effect: do.Effect
    done: asyncio.Future[None]


class Performer:
    def __init__(self, switch: SwitchPort, mixer: MixerPort, failed: Callable[[do.Effect, Exception], None]) -> None:
        self._switch = switch
        self._mixer = mixer
        self._failed = failed
        self._waiting: dict[tuple[str, bool], deque[_Job]] = {}
        self._lanes: dict[tuple[str, bool], asyncio.Task[None]] = {}

    def submit(self, effect: do.Effect) -> asyncio.Future[None]:
        """Done, or failed with the error, in the returned future; nobody has to look at it."""
        lane = effect.room, isinstance(effect, do.PutView | do.DropView)
        jobs = self._waiting.setdefault(lane, deque())
        if isinstance(effect, do.PutView):
            # A newer state of a view that waits for its turn takes the older one's place: only the last one matters.
            for job in jobs:
                if isinstance(job.effect, do.PutView) and job.effect.view == effect.view:
                    job.effect = effect
                    return job.done
        job = _Job(effect, asyncio.get_running_loop().create_future())
        job.done.add_done_callback(_looked_at)
        jobs.append(job)
        if lane not in self._lanes:
            self._lanes[lane] = asyncio.create_task(self._run(lane), name=f"effects-{effect.room}")
        return job.done

    async def stop(self) -> None:
        """What is under way is broken off."""
        for task in list(self._lanes.values()):
            task.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _run(self, lane: tuple[str, bool]) -> None:
        jobs = self._waiting[lane]
        try:
            while jobs:
                together = _together(jobs)
                await asyncio.gather(*(self._perform(job) for job in together))
        finally:
            del self._lanes[lane], self._waiting[lane]
            for job in jobs:
                job.done.cancel()

    async def _perform(self, job: _Job) -> None:
        try:
            await self._act(job.effect)
        except asyncio.CancelledError:
            job.done.cancel()
            raise
        except Exception as fault:
            if isinstance(fault, McuError):
                log.warning("control.effect_failed", effect=repr(job.effect)[:200], reason=str(fault))
            else:
                log.exception("control.effect_failed", effect=repr(job.effect)[:200])
            if not job.done.done():
                job.done.set_exception(fault)
            self._failed(job.effect, fault)
        else:
            if not job.done.done():
                job.done.set_result(None)

    async def _act(self, effect: do.Effect) -> None:
        switch, mixer = self._switch, self._mixer
        match effect:
            case do.DialLeg():
                await switch.dial_leg(effect.participant, effect.room, effect.mixer, effect.codec)
            case do.DialView():
                await switch.dial_view(effect.view, effect.rate_class, effect.room, effect.mixer)
            case do.DialSlides():
                await switch.dial_slides(effect.participant, effect.room, effect.tag, effect.key, effect.codec)
            case do.Subscribe():
                await switch.subscribe(effect.channel, effect.key)
            case do.DialTerminal():
                await switch.dial_terminal(effect.participant, effect.room, effect.target, effect.caller)
            case do.StopDialling():
                await switch.stop_dialling(effect.participant)
            case do.HangUp():
                await switch.hang_up(effect.channel)
            case do.Mute():
                await switch.mute(effect.room, effect.channel, effect.on)
            case do.Kick():
                await switch.kick(effect.room, effect.channel)
            case do.KickAll():
                await switch.kick_all(effect.room)
            case do.Lock():
                await switch.lock(effect.room, effect.on)
            case do.Deafen():
                await switch.deafen(effect.room, effect.channel, effect.on)
            case do.Gain():
                await switch.gain(effect.room, effect.channel, effect.direction, effect.db)
            case do.Move():
                await switch.move(effect.room, effect.channel, effect.participant, effect.to, effect.view, effect.muted)
            case do.LetIn():
                await switch.let_in(effect.room, effect.channel, effect.participant, effect.view, effect.muted)
            case do.Whisper():
                await switch.whisper(effect.channel, effect.prompts, effect.language)
            case do.PutView():
                await mixer.put_view(effect.view, effect.scene.describe(), [asdict(c) for c in effect.classes])
            case do.DropView():
                await mixer.drop_view(effect.view)
            case _:
                raise TypeError(f"nobody carries out {type(effect).__name__}")


def _together(jobs: deque[_Job]) -> list[_Job]:
    """What is done next: one job, or a run of those that a floor, a broadcast or a meeting's end brings for each of 200
    channels.

    They are sent in their order, and Asterisk does them in that order; only their answers are not waited for one by
    one, which took 2.7 s for 200 microphones on a busy machine, and more than 5 s to send 200 out.
    """
    first = jobs.popleft()
    batch = [first]
    if isinstance(first.effect, _ALIKE):
        channels = {first.effect.channel}
        while jobs and len(batch) < AT_ONCE:
            effect = jobs[0].effect
            if not isinstance(effect, _ALIKE) or effect.channel in channels:
                break
            channels.add(effect.channel)
            batch.append(jobs.popleft())
    return batch


def _looked_at(done: asyncio.Future[None]) -> None:
    """An error that nobody waits for was logged already; asyncio need not complain that it was never retrieved."""
    if not done.cancelled():
        done.exception()
