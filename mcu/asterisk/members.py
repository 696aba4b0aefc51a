"""What control does to one terminal's channel beside muting it: each as AMI actions, in order.

All by Setvar and Redirect, which the right "call" allows. AMI's own MuteAudio would need "system", which starts
processes; the function MUTEAUDIO of the same module (res_mutestream) does the same.
"""

from __future__ import annotations

from typing import Literal

from mcu.asterisk import values
from mcu.asterisk.ami_wire import Fields
from mcu.errors import BadRequest

MOST_GAIN = 20.0  # dB either way: a factor of ten
Action = tuple[str, Fields]

# What func_volume calls the way from the terminal, and the way to it.
_WAY = {"in": "RX", "out": "TX"}


def deafen(channel: str, on: bool) -> list[Action]:
    """Sound to the terminal is held back; the room still hears it."""
    return [_set(channel, "MUTEAUDIO(out)", "on" if on else "off")]


def gain(channel: str, direction: Literal["in", "out"], db: float) -> list[Action]:
    """Raises BadRequest for more than MOST_GAIN."""
    if direction not in _WAY:
        raise BadRequest(f"{direction[:20]!r} is no direction of sound")
    return [_set(channel, f"VOLUME({_WAY[direction]})", factor(db))]


def factor(db: float) -> str:
    """As VOLUME takes it: what every sample is multiplied by, with 0 for "leave them alone" (main/frame.c,
    ast_frame_adjust_volume_float). A negative number would be a divisor; the fractions say the same."""
    if not -MOST_GAIN <= db <= MOST_GAIN:  # nan is neither
        raise BadRequest(f"a gain of {db} dB; at most {MOST_GAIN:g} either way")
    return f"{10 ** (db / 20):.4f}" if db else "0"


def whisper(channel: str, prompts: tuple[str, ...], language: str) -> list[Action]:
    """Prompts are played on one half of a Local channel, whose other half whispers them to the terminal
    (mcu-prompt.conf): neither its bridge nor its picture notices."""
    told = {
        "MCU_TO": values.channel(channel),
        "MCU_PROMPT": "&".join(values.prompt(prompt) for prompt in prompts),
        "MCU_LANGUAGE": values.language(language),
    }
    there = {
        "Channel": "Local/s@mcu-prompt/n",
        "Context": "mcu-whisper",
        "Exten": "s",
        "Priority": "1",
        "Async": "true",
        "Variable": [f"{name}={value}" for name, value in told.items()],
    }
    return [("Originate", there)]


def move(channel: str, participant: str, to: str, view: str, muted: bool) -> list[Action]:
    """Out of its room and into another."""
    return _go(channel, "mcu-moved", participant, to, view, muted)


def let_in(channel: str, participant: str, room: str, view: str, muted: bool) -> list[Action]:
    """Out of the lobby into its room."""
    return _go(channel, "mcu-let-in", participant, room, view, muted)


def _go(channel: str, context: str, participant: str, room: str, view: str, muted: bool) -> list[Action]:
    """The dialplan's context does with these variables what the door does after its answer (mcu-entry.conf)."""
    told = {
        "MCU_ID": values.participant(participant),
        "MCU_ROOM": values.room(room),
        "MCU_VIEW": values.picture_key(view) if view else "",
        "MCU_MUTED": "yes" if muted else "no",
    }
    there = {"Channel": values.channel(channel), "Context": context, "Exten": "s", "Priority": "1"}
    return [*(_set(channel, name, value) for name, value in told.items()), ("Redirect", there)]


def _set(channel: str, name: str, value: str) -> Action:
    return "Setvar", {"Channel": values.channel(channel), "Variable": name, "Value": value}
