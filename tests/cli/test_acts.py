"""`mcu act`: every act of core has a command, and what is typed for whom becomes ids."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import Result

from mcu.cli.act import act as acts
from mcu.cli.act_words import WORDS
from mcu.core.acts.registry import SCHEMAS
from tests.cli.scripted import ScriptedControl

Run = Callable[..., Result]


@pytest.fixture
def people(scripted: ScriptedControl) -> dict[str, str]:
    """Ids by a short word."""
    return {
        "lap": scripted.join("1001", "Xã Tân Lập", "7001", site=2),
        "tien": scripted.join("1001", "Xã Tân Tiến", "7002", site=3),
        "ubnd": scripted.join("1001", "UBND tỉnh", "7000"),
    }


def test_every_act_has_a_command_with_help() -> None:
    context = click.Context(acts)
    assert acts.list_commands(context) == sorted(SCHEMAS)
    for name in SCHEMAS:
        command = acts.get_command(context, name)
        assert command is not None
        assert len(command.get_help(context)) > 60, name
        assert command.get_short_help_str(100) == f"{WORDS[name][0]} ({WORDS[name][1]})"


# words after the room, and what control is asked; "{lap}" is the id of the one
CASES: list[tuple[str, dict[str, Any]]] = [
    ("broadcast {lap}", {"participant": "{lap}"}),
    ("floor 02701", {"participant": "{lap}"}),  # the site's code
    ("floor code:02701", {"participant": "{lap}"}),
    ("floor id:{lap}", {"participant": "{lap}"}),
    ("floor 7002", {"participant": "{tien}"}),  # the number
    ("floor ubnd", {"participant": "{ubnd}"}),  # the beginning of the name
    ("floor_next", {}),
    ("lecture ubnd --mute", {"participant": "{ubnd}", "mute": True}),
    ("voice --hold 2.5", {"hold": 2.5}),
    ("free_talk", {}),
    ("free_talk --open", {"open": True}),
    ("roll_call", {}),
    ("roll_call --sites 02701 --sites 02702", {"sites": [2, 3]}),
    ("roll_call --participants 7001", {"participants": ["{lap}"]}),
    ("roll_call_next --mark present", {"mark": "present"}),
    ("roll_call_mark 1 absent", {"entry": 1, "mark": "absent"}),
    ("roll_call_mark 1 -", {"entry": 1, "mark": ""}),
    ("view ubnd 7001", {"viewer": "{ubnd}", "participant": "{lap}"}),
    ("view ubnd -", {"viewer": "{ubnd}", "participant": None}),
    ("browse - --seconds 5", {"viewer": None, "seconds": 5.0}),
    ("browse ubnd --participants 7001 --participants 7002",
     {"viewer": "{ubnd}", "participants": ["{lap}", "{tien}"]}),
    ("stop_browse -", {"viewer": None}),
    ("panes", {"rules": []}),
    ("panes 02701 loudest:2 turning:5:7001,7002 presentation blank auto participant:ubnd",
     {"rules": [{"show": "participant", "participant": "{lap}"}, {"show": "loudest", "rank": 2},
                {"show": "turning", "seconds": 5.0, "participants": ["{lap}", "{tien}"]}, {"show": "presentation"},
                {"show": "blank"}, {"show": "auto"}, {"show": "participant", "participant": "{ubnd}"}]}),
    ("layout 2x2", {"layout": "2x2"}),
    ("mute 7001", {"participant": "{lap}", "on": True}),
    ("mute 7001 --off", {"participant": "{lap}", "on": False}),
    ("mute_all", {"on": True}),
    ("deafen 7001 --off", {"participant": "{lap}", "on": False}),
    ("gain 7001 in -6", {"participant": "{lap}", "direction": "in", "db": -6.0}),
    ("lock", {"on": True}),
    ("lock_presentation --off", {"on": False}),
    ("banner Giải-lao --scroll --seconds 600", {"text": "Giải-lao", "scroll": True, "seconds": 600.0}),
    ("banner Chào --participant 7001", {"text": "Chào", "participant": "{lap}"}),
    ("chair ubnd", {"participant": "{ubnd}"}),
    ("chair -", {"participant": None}),
    ("rename 7001 Tân-Lập", {"participant": "{lap}", "name": "Tân-Lập"}),
    ("move 7001 1002", {"participant": "{lap}", "to": "1002"}),
    ("drop 7001", {"participant": "{lap}"}),
    ("drop_all --yes", {}),
    ("end --yes", {}),
    ("extend 15", {"minutes": 15}),
    ("hand 7001 --off", {"participant": "{lap}", "on": False}),
    ("undo", {}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "asked"), CASES, ids=[words for words, _ in CASES])
def test_an_act_is_asked_for(
    scripted: ScriptedControl, people: dict[str, str], run: Run, words: str, asked: dict[str, Any]
) -> None:
    name, *rest = words.format(**people).split()
    result = run("act", name, "1001", *rest)
    assert result.exit_code == 0, result.output
    wanted = json.loads(json.dumps(asked).replace("{lap}", people["lap"]).replace("{tien}", people["tien"]).replace(
        "{ubnd}", people["ubnd"]))  # fmt: skip
    assert scripted.asked_last("room.act") == {"room": "1001", "act": name, **wanted}
    assert f"{name} is done" in result.stdout


def test_the_beginning_of_two_names_is_refused(scripted: ScriptedControl, people: dict[str, str], run: Run) -> None:
    result = run("act", "mute", "1001", "xã tân")
    assert result.exit_code == 1
    assert f"Xã Tân Lập ({people['lap']})" in result.stderr
    assert f"Xã Tân Tiến ({people['tien']})" in result.stderr
    assert "no participant Huế in room 1001" in run("act", "mute", "1001", "Huế").stderr
    assert "room.act" not in [name for name, _ in scripted.calls]


def test_who_waits_is_let_in_by_name(scripted: ScriptedControl, run: Run) -> None:
    waiting = {"participant": "0000beef", "name": "Xã Bản Hồ", "number": "7009", "since": 1.0}
    scripted.direction["lobby"] = [waiting]
    assert run("act", "admit", "1001", "ban ho").exit_code == 0
    assert scripted.asked_last("room.act")["participant"] == "0000beef"
    assert run("act", "admit", "1001", "--all").exit_code == 0
    assert scripted.asked_last("room.act") == {"room": "1001", "act": "admit", "all": True}
    assert run("act", "refuse", "1001", "7009").exit_code == 0
    assert scripted.asked_last("room.act")["participant"] == "0000beef"
    assert "does not wait" in run("act", "refuse", "1001", "Huế").stderr


def test_an_entry_of_the_roll_may_be_named(scripted: ScriptedControl, run: Run) -> None:
    assert "no roll call" in run("act", "roll_call_to", "1001", "lap").stderr
    entries = [{"participant": "", "site": 2, "name": name, "mark": ""} for name in ("Xã Tân Tiến", "Xã Tân Lập")]
    scripted.direction["roll_call"] = {"at": 0, "entries": entries}
    assert run("act", "roll_call_to", "1001", "lap").exit_code == 0
    assert scripted.asked_last("room.act")["entry"] == 1
    assert "not on the roll" in run("act", "roll_call_to", "1001", "Huế").stderr


@pytest.mark.parametrize("words", ["panes 1001 loudest:x", "panes 1001 turning:x", "panes 1001 nobody"])
def test_a_rule_that_is_none(scripted: ScriptedControl, people: dict[str, str], run: Run, words: str) -> None:
    assert run("act", *words.split()).exit_code == 1
    assert "room.act" not in [name for name, _ in scripted.calls]


def test_what_cannot_be_taken_back_is_asked_first(scripted: ScriptedControl, run: Run) -> None:
    assert run("act", "end", "1001", input="n\n").exit_code == 1
    assert "room.act" not in [name for name, _ in scripted.calls]
    assert run("act", "end", "1001", input="y\n").exit_code == 0


def test_the_direction_is_one_page(scripted: ScriptedControl, people: dict[str, str], run: Run) -> None:
    lap, tien, ubnd = people["lap"], people["tien"], people["ubnd"]
    scripted.direction |= {
        "mode": "roll_call", "focus": lap, "chair": ubnd, "mute_joiners": True, "presentation_locked": True,
        "hands": [{"participant": tien, "since": 1.0}], "help": [{"participant": lap, "since": 1.0}],
        "lobby": [{"participant": "0000beef", "name": "Xã Bản Hồ", "number": "7009", "since": 1.0}],
        "roll_call": {"at": 1, "entries": [
            {"participant": "", "site": 7, "name": "Phường Cam Đường", "mark": "absent"},
            {"participant": lap, "site": 2, "name": "Xã Tân Lập", "mark": ""},
        ]},
        "views": {ubnd: tien}, "browse": [{"viewer": "", "participants": [lap, tien], "seconds": 10, "at": lap}],
        "panes": [{"show": "loudest", "rank": 1}, {"show": "participant", "participant": tien},
                  {"show": "turning", "seconds": 5}, {"show": "blank"}],
        "banner": {"text": "Giải lao 15 phút", "scroll": True, "until": 2.0}, "ends_at": 3.0, "undo": "mute_all",
    }  # fmt: skip
    shown = run("direction", "1001").stdout
    for told in (
        "roll call (điểm danh)", "Xã Tân Lập", "UBND tỉnh", "Giải lao 15 phút, scrolling", "come in muted", "locked",
        "takes mute_all back", "Hands (xin phát biểu)", "Lobby (phòng chờ)", "Xã Bản Hồ", "absent (vắng)",
        "not connected", "loudest 1", "turning, 5 s", "blank",
    ):  # fmt: skip
        assert told in shown
    (called,) = (line for line in shown.splitlines() if line.startswith(">"))
    assert "Xã Tân Lập" in called
    assert json.loads(run("direction", "1001", "--json").stdout) == scripted.direction
