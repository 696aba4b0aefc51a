"""Whatever is typed, there is an answer or one line that says what is wrong; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcu.cli import choose, main
from mcu.cli.output import one_line, rows, show
from mcu.errors import BadRequest
from tests.cli.scripted import ScriptedControl
from tests.fakes.control import FakeControl

Run = Callable[..., Result]
WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["-", "--", "-1", "--yes", "1001", "0000000a", "xã", "id:", "code:15", "\udcff", "\x1b[2J", "{}", "[b]", "a\0b"]
    ),
)
COMMANDS = st.sampled_from([
    ["act", "mute"], ["act", "gain"], ["act", "panes"], ["act", "roll_call_to"], ["act", "banner"], ["act", "admit"],
    ["site", "show"], ["site", "add"], ["room", "show"], ["room", "create"], ["room", "pin"], ["call", "dial"],
    ["terminal", "create"], ["meeting", "add"], ["conference", "people"], ["participant", "kick"], ["token", "create"],
    ["batch"], ["site", "import"], ["audit", "--login"], ["gateway", "trace"], ["user", "change"],
    ["webhook", "create"],
])  # fmt: skip


@given(command=COMMANDS, words=st.lists(WORDS, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_words_end_politely(scripted: ScriptedControl, command: list[str], words: list[str]) -> None:
    scripted.answers |= {"webhook.create": {"id": 1, "secret": "s"}, "site.create": {"id": 1, "name": "x"}}
    scripted.answers |= {"terminal.create": {}, "meeting.create": {"id": 1}, "user.change": {"login": "x", "role": "y"}}
    scripted.answers |= {"audit.list": {"items": [], "next": None}, "token.create": {"token": "t"}}
    result = CliRunner().invoke(main, [*command, *words], input="")
    assert result.exception is None or isinstance(result.exception, SystemExit), (command, words, result.exception)
    assert result.exit_code in (0, 1, 2)


def test_octets_that_are_no_text(scripted: ScriptedControl, run: Run) -> None:
    """As Python gives an argument that is no UTF-8 (PEP 383)."""
    result = run("room", "show", "\udcff")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("odd", ["--5", "", "-", "9" * 5000, "٥٠٠٠"])
def test_a_number_that_is_none_is_said_to_be(scripted: ScriptedControl, run: Run, odd: str) -> None:
    for words in (("act", "extend", "1001"), ("act", "undo", "1001", "--step")):
        result = run(*words, odd)
        assert isinstance(result.exception, SystemExit | None), (words, result.exception)
        assert result.exit_code in (0, 2)


def test_a_batch_that_is_no_text_does_nothing(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "batch"
    file.write_text("room list\nsite import a\0b.csv\n")
    result = run("batch", str(file))
    assert (result.exit_code, result.stdout, scripted.calls) == (1, "", [])
    assert "NUL" in result.stderr


def test_a_notice_steers_no_terminal(control: FakeControl, run: Run) -> None:
    control.notices.append({"at": 1.0, "level": "info", "code": "x", "text": "a\x07\x9b2Jb"})
    assert "a2Jb\n" in run("status").stdout


@given(st.text())
def test_no_cell_steers_a_terminal(text: str) -> None:
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in one_line(text))


def test_a_text_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show("one\x1b[31m\ntwo")
    show(rows(["A"], [["\x1b]0;title\x07[red]x[/red]"]]))
    assert capsys.readouterr().out == "one[31m\ntwo\nA\n]0;title[red]x[/red]\n"


NAMED = [choose.Named("a", ("1", "x1"), "Xã Tân Lập"), choose.Named("b", ("2",), "Xã Tân Lập 2"),
         choose.Named("c", (), "Đồng Văn")]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key"),
    [("1", "a"), ("x1", "a"), ("Xã Tân Lập", "a"), ("xa tan lap", "a"), ("xã tân lập 2", "b"), ("dong", "c"),
     ("DONG VAN", "c"), ("van", "c"), ("nobody", None), ("", None), ("  ", None)],
)  # fmt: skip
def test_who_is_meant(text: str, key: str | None) -> None:
    found = choose.one_of(NAMED, text)
    assert (found.key if found else None) == key


@given(st.lists(st.builds(choose.Named, st.integers(), st.tuples(st.text(max_size=3)), st.text(max_size=5))), st.text())
def test_one_is_chosen_only_if_no_other_fits_as_well(known: list[choose.Named], text: str) -> None:
    try:
        found = choose.one_of(known, text)
    except BadRequest:
        return
    if found is not None and text in found.exact:
        assert sum(text in one.exact for one in known) == 1


def test_json_is_as_it_was_told(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    scripted.answers["room.list"] = [{"number": "1", "name": "\x1b\u202e[b]Họp"}]
    assert json.loads(run("--json", "room", "list").stdout) == scripted.answers["room.list"]
