"""Whatever a terminal and Asterisk do, in whatever order: slides have one channel and the token, or nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from mcu.h323 import sip
from mcu.h323.h245.channels import State as Opened
from mcu.h323.h245.h239 import State
from tests.h323.gateway.test_slides import INVITE, Bench
from tests.h323.h245.parties import OFFER, THEIR_RTCP


def _terminal_opens(bench: Bench) -> None:
    bench.pair.b.open("content", OFFER.content[0], None, THEIR_RTCP)


def _terminal_closes(bench: Bench) -> None:
    for number in list(bench.pair.b._channels.ours):
        bench.pair.b.close(number)


def _terminal_asks(bench: Bench) -> None:
    if bench.pair.b.token not in (State.OURS, State.ASKING):
        bench.pair.b.request_token(0)


def _terminal_has_enough(bench: Bench) -> None:
    for number in list(bench.pair.b._channels.theirs):
        bench.pair.b.request_close(number)


def _asterisk_ends(bench: Bench) -> None:
    if bench.slides.sip is not None:
        bench.slides.sip.up = False
        bench.slides.sip_event(sip.Ended(16, "hung up"))


def _room_ends_presentation(bench: Bench) -> None:
    if bench.presentation.sip is not None:
        bench.presentation.sip_event(sip.Ended(16, "somebody else presents"))


ACTS: dict[str, Callable[[Bench], object]] = {
    "invite": lambda bench: bench.invite(),
    "invite for nothing": lambda bench: bench.invite(INVITE.partition(b"m=video")[0]),
    "Asterisk ends": _asterisk_ends,
    "the room ends the presentation": _room_ends_presentation,
    "the terminal asks for the token": _terminal_asks,
    "the terminal gives the token back": lambda bench: bench.pair.b.release_token(),
    "the terminal opens a channel": _terminal_opens,
    "the terminal closes its channels": _terminal_closes,
    "the terminal has enough": _terminal_has_enough,
    "hold": lambda bench: bench.pair.b.hold(True),
    "resume": lambda bench: bench.pair.b.hold(False),
    "granted": lambda bench: bench.run(),
    "refused": lambda bench: bench.run(grant=False, take=False),
}


@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=20))
@settings(max_examples=100)
def test_nothing_is_left_of_what_is_over(names: list[str]) -> None:
    async def history() -> None:
        bench = Bench()
        for name in names:
            ACTS[name](bench)
        bench.run()
        ours = [one for one in bench.pair.a._channels.ours.values() if one.state is not Opened.CLOSING]
        if bench.slides.up:
            assert len(ours) == 1
            assert bench.pair.a.token is State.OURS
            assert not bench.presentation.begun
        elif bench.slides.sip is None:
            assert not ours
            assert bench.pair.a.token is not State.OURS
        standing: list[object] = [invited for invited in bench.everyone if invited.up]
        assert standing == ([bench.slides.sip] if bench.slides.up else [])
        bench.slides.end()
        bench.presentation.end()
        assert not any(invited.up for invited in bench.everyone)

    asyncio.run(history())
