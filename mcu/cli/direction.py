"""``mcu direction``: what a meeting is ordered to be at this moment, as one page."""

from __future__ import annotations

from typing import Any

import click
from rich.console import RenderableType
from rich.table import Table

from mcu.cli import choose, output
from mcu.cli.output import clock, one_line, rows
from mcu.cli.session import Session, json_option, pass_session

MODES = {
    "free": "free talk (thảo luận)",
    "broadcast": "broadcast (phát điểm cầu)",
    "floor": "floor (mời phát biểu)",
    "lecture": "lecture (bài giảng)",
    "roll_call": "roll call (điểm danh)",
    "voice": "voice activated (theo tiếng nói)",
}
_MARKS = {"": "", "present": "present (có mặt)", "absent": "absent (vắng)"}
Names = dict[str, str]


@click.command()
@click.argument("room", type=choose.ROOM)
@json_option
@pass_session
def direction(session: Session, room: str) -> None:
    """How a meeting is run now: mode, who is in focus, hands, roll call, lobby, banner, and what undo takes back."""
    found = session.call("room.direction", room=room)
    if session.as_json:
        session.show(found, str)
        return
    people = session.call("participant.list", room=room)
    for part in page(found, {one["id"]: one["name"] for one in people}):
        output.show(part)


def page(d: dict[str, Any], names: Names) -> list[RenderableType]:
    """The picture for people, a piece after the other; only what there is."""
    parts: list[RenderableType] = [output.facts(_facts(d, names))]
    if d.get("hands"):
        parts += ["Hands (xin phát biểu)", _asking(d["hands"], names)]
    if d.get("help"):
        parts += ["Ask for the operator (cần hỗ trợ)", _asking(d["help"], names)]
    if d.get("lobby"):
        lines = [(one["participant"], one["name"], one.get("number", ""), clock(one["since"])) for one in d["lobby"]]
        parts += ["Lobby (phòng chờ)", rows(["Id", "Name", "Number", "Since"], lines)]
    if d.get("roll_call"):
        parts += ["Roll call (điểm danh)", _roll(d["roll_call"])]
    if d.get("views"):
        views = [(_name(viewer, names), _name(seen, names)) for viewer, seen in d["views"].items()]
        parts += ["Own pictures (xem điểm cầu)", rows(["Viewer", "Sees"], views)]
    if d.get("browse"):
        parts += ["Turning (quay vòng)", _browse(d["browse"], names)]
    if d.get("panes"):
        panes = [(str(n), _rule(rule, names)) for n, rule in enumerate(d["panes"], 1)]
        parts += ["Panes", rows(["Pane", "Shows"], panes)]
    return parts


def _facts(d: dict[str, Any], names: Names) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [("Room", d["room"]), ("Mode", MODES.get(d["mode"], d["mode"]))]
    if not d.get("conference"):
        found.append(("Conference", "none: nobody is in the room"))
    for title, key in (("Focus", "focus"), ("Chair", "chair")):
        if d.get(key):
            found.append((title, _name(d[key], names)))
    if banner := d.get("banner"):
        more = ", scrolling" if banner.get("scroll") else ""
        until = f", until {clock(banner['until'])}" if banner.get("until") else ""
        found.append(("Banner", f"{banner['text']}{more}{until}"))
    if d.get("mute_joiners"):
        found.append(("Joiners", "come in muted"))
    if d.get("presentation_locked"):
        found.append(("Presentation", "locked"))
    if d.get("ends_at"):
        found.append(("Ends", clock(d["ends_at"])))
    if d.get("undo"):
        found.append(("Undo", f"takes {d['undo']} back"))
    return found


def _asking(asking: list[dict[str, Any]], names: Names) -> Table:
    lines = [(str(n), _name(one["participant"], names), clock(one["since"])) for n, one in enumerate(asking, 1)]
    return rows(["", "Name", "Since"], lines)


def _roll(roll: dict[str, Any]) -> Table:
    lines = [
        (">" if n == roll["at"] else "", str(n), one["name"], _here(one), _MARKS.get(one["mark"], one["mark"]))
        for n, one in enumerate(roll["entries"])
    ]
    return rows(["", "Entry", "Site", "Terminal", "Mark"], lines)


def _here(entry: dict[str, Any]) -> str:
    return "connected" if entry["participant"] else "not connected"


def _browse(browse: list[dict[str, Any]], names: Names) -> Table:
    lines = [
        (
            _name(one["viewer"], names) if one["viewer"] else "all",
            _name(one.get("at", ""), names),
            [_name(who, names) for who in one["participants"]] or "everybody",
            f"{one['seconds']:g} s",
        )
        for one in browse
    ]
    return rows(["Viewer", "Now", "Of", "Each"], lines)


def _rule(rule: dict[str, Any], names: Names) -> str:
    match rule.get("show"):
        case "participant":
            return _name(rule["participant"], names)
        case "loudest":
            return f"loudest {rule.get('rank', 1)}"
        case "turning":
            return f"turning, {rule.get('seconds', 10):g} s"
        case other:
            return str(other)


def _name(participant: str, names: Names) -> str:
    return one_line(names.get(participant, participant))
