"""What an administrator types, and what the bridge and the terminal say to it."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.fakes.control import FakeControl

Run = Callable[..., Result]
Read = Callable[..., Any]


def test_rooms_are_listed_for_people_and_for_programs(control: FakeControl, run: Run, read: Read) -> None:
    control.join("1001", "Xã Tân Lập")
    assert "Phòng họp thử" in run("room", "list").stdout
    assert [(r["number"], r["participants"]) for r in read("room", "list")] == [("1001", 1)]


def test_a_room_is_made_locked_laid_out_and_deleted(control: FakeControl, run: Run, read: Read) -> None:
    assert read("room", "create", "1002", "--name", "Giao ban", "--no-guests")["number"] == "1002"
    assert control.rooms["1002"]["guests"] is False
    assert run("room", "lock", "1002").stdout == "Room 1002 is locked.\n"
    assert control.rooms["1002"]["locked"] is True
    assert run("room", "lock", "1002", "--off").stdout == "Room 1002 is open.\n"
    assert control.rooms["1002"]["locked"] is False
    run("room", "layout", "1002", "1+5")
    assert control.rooms["1002"]["layout"] == "1+5"
    assert run("room", "delete", "1002", input="n\n").exit_code == 1
    assert "1002" in control.rooms
    assert run("room", "pin", "1002").stdout == "Room 1002 asks for no PIN.\n"
    assert run("room", "pin", "1002", "4711").stdout == "Room 1002 asks for a PIN.\n"
    assert run("room", "pin", "1002").stdout == "4711\n"
    assert run("room", "pin", "1002", "4711", "--off").exit_code == 2
    assert read("room", "pin", "1002", "--off")["asks_pin"] is False
    assert run("room", "delete", "1002", "--yes").exit_code == 0
    assert "1002" not in control.rooms


def test_layouts_are_listed(control: FakeControl, read: Read) -> None:
    assert "1+7" in [layout["name"] for layout in read("room", "layout", "1001")]


def test_participants_are_muted_unmuted_and_sent_out(control: FakeControl, run: Run, read: Read) -> None:
    ident = control.join("1001", "Hội nghị [bold]đỏ[/bold]")
    shown = run("room", "show", "1001").stdout
    assert "Hội nghị [bold]đỏ[/bold]" in shown  # a name is never read as markup
    assert [p["id"] for p in read("participant", "list", "1001")] == [ident]
    run("participant", "mute", ident)
    assert control.people[ident]["muted"] is True
    run("participant", "unmute", ident)
    assert control.people[ident]["muted"] is False
    assert run("participant", "kick", ident).exit_code == 0
    assert control.people == {}


def test_status_exits_1_when_a_part_is_down(control: FakeControl, run: Run) -> None:
    assert run("status").exit_code == 0
    control.mixer_up = False
    control.notice("Mixer restarted")
    result = run("status")
    assert result.exit_code == 1
    assert "DOWN" in result.stdout
    assert "Mixer restarted" in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["room", "show", "4711"], "4711"),
        (["participant", "mute", "nobody"], "no participant nobody"),
        (["room", "create", "1001"], "1001"),
    ],
)
def test_a_refusal_is_one_line_on_stderr_and_exit_1(
    control: FakeControl, run: Run, words: list[str], told: str
) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_a_bridge_it_says_so(run: Run) -> None:
    result = run("room", "list")
    assert result.exit_code == 1
    assert "control process is not running" in result.stderr


def test_wrong_usage_exits_2(run: Run) -> None:
    assert run("room", "lokc").exit_code == 2


def test_a_wrong_setting_is_one_line(run: Run, home: Path) -> None:
    Path("mcu.toml").write_text("[sip]\nprot = 1\n")
    result = run("room", "list")
    assert result.exit_code == 1
    assert "did you mean port?" in result.stderr


def test_doctor_names_what_is_missing_and_its_cure(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCU_ASTERISK__PREFIX", "/nonexistent/asterisk")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    wrong = {finding["what"]: finding for finding in json.loads(result.stdout) if not finding["ok"]}
    assert "/nonexistent/asterisk/sbin/asterisk is missing" in wrong["Asterisk"]["found"]
    assert "make run" in wrong["Asterisk"]["cure"]


def test_a_second_bridge_in_the_same_home_is_refused(run: Run, home: Path) -> None:
    (home / "run").mkdir(parents=True)
    with (home / "run/mcu.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run("run")
    assert result.exit_code == 1
    assert "already running" in result.stderr
