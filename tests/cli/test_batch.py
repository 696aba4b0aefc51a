"""`mcu batch`: a file of commands, read before the first is carried out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.scripted import ScriptedControl

Run = Callable[..., Result]


@pytest.fixture
def batch(run: Run, tmp_path: Path) -> Callable[..., Result]:
    def invoke(text: str, *words: str) -> Result:
        file = tmp_path / "evening.txt"
        file.write_text(text, encoding="utf-8")
        return run("batch", str(file), *words)

    return invoke


def changes(control: ScriptedControl) -> list[tuple[str, str]]:
    return [(name, args.get("number", args.get("room"))) for name, args in control.calls]


GOOD = """\
# the evening before
room create 2001 --name "Giao ban tuần"   # quotes hold words together

mcu room lock 2001
act mute_all 1001
"""


def test_each_line_is_a_command(scripted: ScriptedControl, batch: Callable[..., Result]) -> None:
    result = batch(GOOD)
    assert result.exit_code == 0, result.output
    assert changes(scripted) == [("room.create", "2001"), ("room.act", "2001"), ("room.act", "1001")]
    assert scripted.rooms["2001"]["name"] == "Giao ban tuần"
    assert result.stdout.splitlines()[0] == "Room 2001 is there."


def test_it_stops_at_the_first_error_and_names_its_line(
    scripted: ScriptedControl, batch: Callable[..., Result]
) -> None:
    text = "room lock 1001\nroom show 4711\nroom lock 1001 --off\n"
    result = batch(text)
    assert result.exit_code == 1
    assert "evening.txt, line 2: there is no room 4711" in result.stderr
    assert [name for name, _ in scripted.calls] == ["room.act", "room.show"]
    result = batch(text, "--keep-going")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert scripted.rooms["1001"]["locked"] is False


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("room lokc 1001", "No such command"),
        ("room create", "Missing argument"),
        ("room", "a command is missing after room"),
        ("room lock 1001 --of", "--of"),
        ("room delete 1001", "--yes"),
        ("user add lan", ""),
        ('room create 2001 --name "Giao', "No closing quotation"),
        ("batch other.txt", "can't stand in a batch"),
        ("run", "can't stand in a batch"),
        ("tail", "can't stand in a batch"),
        ("room --help", "--help"),
        ("act gain 1001 x in 99", "99"),
        ("nonsense", "No such command"),
    ],
)
def test_nothing_is_done_while_a_line_is_wrong(
    scripted: ScriptedControl, batch: Callable[..., Result], line: str, told: str
) -> None:
    result = batch(f"room lock 1001\n{line}\n")
    if line == "user add lan":  # what is asked for can't be had; that shows when its turn comes
        assert result.exit_code == 1
        assert "password in a batch" in result.stderr
        return
    assert result.exit_code == 2, result.output
    assert "line 2" in result.stderr
    assert told in result.stderr
    assert scripted.calls == []


def test_a_dry_run_only_reads(scripted: ScriptedControl, batch: Callable[..., Result]) -> None:
    assert batch(GOOD, "--dry-run").stdout == "3 commands, none misspelt.\n"
    assert batch("room lokc\n", "--dry-run").exit_code == 2
    assert scripted.calls == []


def test_all_lines_that_are_wrong_are_named(scripted: ScriptedControl, batch: Callable[..., Result]) -> None:
    result = batch("room lokc\nstatus\nrom list\n")
    assert "line 1:" in result.stderr
    assert "line 3:" in result.stderr


def test_standard_input_and_json(scripted: ScriptedControl, run: Run) -> None:
    result = run("--json", "batch", "-", input="room lock 1001\nroom list\n")
    assert result.exit_code == 0, result.output
    assert '"number": "1001"' in result.stdout
    one_with_it = run("batch", "-", input="room pin 1001 --json\nroom pin 1001\n")
    assert one_with_it.stdout.endswith("}\nRoom 1001 asks for no PIN.\n")


def test_a_file_that_is_no_text(run: Run, scripted: ScriptedControl, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\xff\xfe\x00")
    assert "no UTF-8" in run("batch", str(file)).stderr
    assert "No such file" in run("batch", str(tmp_path / "none")).stderr
