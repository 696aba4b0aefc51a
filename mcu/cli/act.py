"""``mcu act …``: every act of a meeting, its commands made from what core says that the act takes.

An argument that must be given stands in its place, the others are options. Who is meant may be said by id, name or
site code (mcu/cli/choose.py); ``-`` is nobody where that has a meaning.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import click

from mcu.cli import choose
from mcu.cli.act_words import WORDS
from mcu.cli.direction import MODES
from mcu.cli.output import many
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.errors import BadRequest, NotFound

_ASKED = {
    "drop_all": "Disconnect everybody?",
    "end": "End the meeting for everybody?",
}
_IN_LOBBY = {"admit", "refuse"}
_PLACED = {("admit", "participant")}  # in its place though it may be left out
Spec = Mapping[str, Any]


class _Acts(click.Group):
    """Made when one is wanted: all of core comes with them, and other commands don't wait for that."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from mcu.core.acts.registry import SCHEMAS

        return sorted(SCHEMAS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from mcu.core.acts.registry import SCHEMAS

        if cmd_name in SCHEMAS and cmd_name not in self.commands:
            self.add_command(_command(cmd_name, SCHEMAS[cmd_name]))
        return self.commands.get(cmd_name)


@click.group(cls=_Acts)
def act() -> None:
    """Acts of a meeting: broadcast, floor, roll_call, mute_all, banner, undo, and all the others."""


def _command(name: str, schema: Mapping[str, Spec]) -> click.Command:
    def run(session: Session, /, room: str, **given: Any) -> None:
        given = {key: value for key, value in given.items() if _is_given(schema[key], value)}
        args = {key: _read(session, room, name, schema[key], key, value) for key, value in given.items()}
        done = session.call("room.act", room=room, act=name, **args)
        session.done(done, _sentence(room, done))

    command: Callable[..., Any] = pass_session(run)
    for key, spec in reversed(list(schema.items())):
        command = _parameter(name, key, spec)(command)
    command = click.argument("room", type=choose.ROOM)(command)
    command = json_option(command)
    if name in _ASKED:
        command = confirmation(_ASKED[name])(command)
    # A level of -6 dB is a number and no option.
    options = {"ignore_unknown_options": True}
    return click.command(name, help=_help(name, schema), short_help=_words(name), context_settings=options)(command)


def _help(name: str, schema: Mapping[str, Spec]) -> str:
    from mcu.core.acts.registry import ACTS

    said = " ".join((ACTS[name][0].__doc__ or "").split()).replace("``", "")
    places = [f"{key.upper()}: {_told(spec)}" for key, spec in schema.items() if _placed(name, key, spec)]
    words = _words(name)
    return "\n\n".join([f"{words[:1].upper()}{words[1:]}. {said}", *places])


def _words(name: str) -> str:
    english, vietnamese = WORDS.get(name, (name.replace("_", " "), ""))
    return f"{english} ({vietnamese})" if vietnamese else english


def _told(spec: Spec) -> str:
    """Core speaks of ids and null; here there are names, and ``-``."""
    said = str(spec["help"]).replace("the participant's id", "id, name, number or site code")
    nobody = "-:" if spec["type"] == "participant" else "without it:"
    return said.replace("null:", nobody).replace("empty: none", "-: none")


def _placed(act: str, key: str, spec: Spec) -> bool:
    return (spec["required"] and spec["type"] not in ("flag", "participants", "sites")) or (act, key) in _PLACED


def _parameter(act: str, key: str, spec: Spec) -> Callable[..., Any]:
    kind = _kind(spec)
    if _placed(act, key, spec):
        if spec["type"] == "rules":
            return click.argument(key, nargs=-1, metavar="[RULE]...")
        return click.argument(key, type=kind, required=spec["required"])
    option = f"--{key.replace('_', '-')}"
    if spec["type"] == "flag":
        off = "--off" if key == "on" else f"--no-{key.replace('_', '-')}"
        default = True if spec["required"] else None
        return click.option(f"{option}/{off}", key, default=default, help=_told(spec))
    several = spec["type"] in ("participants", "sites")
    return click.option(option, key, type=kind, multiple=several, default=None, help=_told(spec))


def _kind(spec: Spec) -> Any:
    match spec["type"]:
        case "participant" | "participants":
            return choose.PARTICIPANT
        case "sites":
            return choose.SITE
        case "layout":
            return choose.LAYOUT
        case "room":
            return choose.ROOM
        case "number":
            return click.FloatRange(spec["least"], spec["most"])
        case "choice":
            return click.Choice([one or "-" for one in spec["choices"]])
        case _:
            return str  # "whole" too: an entry of the roll may be named


def _is_given(spec: Spec, value: Any) -> bool:
    return value is not None and (spec["required"] or value != ())


def _read(session: Session, room: str, act: str, spec: Spec, key: str, value: Any) -> Any:
    """What was typed as the bus takes it."""
    match spec["type"]:
        case "participant":
            return None if value == "-" and spec.get("null") else _who(session, room, act, value)
        case "participants":
            return [_who(session, room, act, one) for one in value]
        case "sites":
            return choose.sites(session, value)
        case "whole":
            return _entry(session, room, value) if key == "entry" else _whole(key, spec, value)
        case "choice":
            return "" if value == "-" else value
        case "rules":
            return [_rule(session, room, act, one) for one in value]
        case _:
            return value


def _who(session: Session, room: str, act: str, text: str) -> str:
    if act not in _IN_LOBBY:
        return choose.participant_id(session, text, room)
    waiting = session.call("room.direction", room=room)["lobby"]
    found = choose.one_of(
        (choose.Named(w["participant"], (w["participant"], w.get("number", "")), w["name"]) for w in waiting), text
    )
    if found is None:
        raise NotFound(f"{text} does not wait in the lobby of room {room}")
    return str(found.key)


def _whole(key: str, spec: Spec, value: str) -> int:
    if (number := _number(value)) is None or not spec["least"] <= number <= spec["most"]:
        raise click.BadParameter(
            f"{value} is no whole number from {spec['least']:g} to {spec['most']:g}", param_hint=key
        )
    return number


def _number(value: str) -> int | None:
    with contextlib.suppress(ValueError):
        return int(value)
    return None


def _entry(session: Session, room: str, value: str) -> int:
    """A line of the roll by its number, or by the site's name."""
    if (number := _number(value)) is not None:
        return number
    roll = session.call("room.direction", room=room)["roll_call"]
    if roll is None:
        raise BadRequest(f"there is no roll call in room {room}")
    found = choose.one_of((choose.Named(n, (), one["name"]) for n, one in enumerate(roll["entries"])), value)
    if found is None:
        raise NotFound(f"{value} is not on the roll of room {room}; `mcu direction {room}` shows it")
    return int(found.key)


def _rule(session: Session, room: str, act: str, text: str) -> dict[str, Any]:
    """A pane's rule: auto, blank, presentation, loudest[:RANK], turning[:SECONDS[:WHO,WHO]], or who it shows."""
    kind, _, rest = text.partition(":")
    try:
        match kind:
            case "auto" | "blank" | "presentation" if not rest:
                return {"show": kind}
            case "loudest":
                return {"show": "loudest", "rank": int(rest or 1)}
            case "turning":
                seconds, _, who = rest.partition(":")
                ids = [_who(session, room, act, one.strip()) for one in who.split(",") if one.strip()]
                return {"show": "turning", "seconds": float(seconds or 10), **({"participants": ids} if ids else {})}
    except ValueError:
        raise BadRequest(f"{text}: a number is wanted after {kind}:") from None
    return {"show": "participant", "participant": _who(session, room, act, rest if kind == "participant" else text)}


def _sentence(room: str, done: dict[str, Any]) -> str:
    direction = done.get("direction") or {}
    mode = MODES.get(direction.get("mode", ""), direction.get("mode", ""))
    changed = done.get("changed") or []
    whom = f", {many(len(changed), 'participant')} changed" if changed else ""
    return f"Room {room}: {done['act']} is done{whom}{f'; now {mode}' if mode else ''}."
