"""Completion in a shell: commands, and what there is; quick, and silent when control is away."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import Result

from mcu.cli import completion, main
from tests.cli.scripted import ScriptedControl

Run = Callable[..., Result]


def completed(*words: str) -> list[str]:
    """What is offered for the last word."""
    *before, incomplete = words
    return [one.value for one in ShellComplete(main, {}, "mcu", "_MCU_COMPLETE").get_completions(before, incomplete)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(run: Run, tmp_path: Path, shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_MCU_COMPLETE={shell}_complete" in result.stdout
    if shutil.which(shell):
        script = tmp_path / "script"
        script.write_text(result.stdout)
        subprocess.run([shell, "-n", script], check=True)


def test_commands_and_what_there_is_are_offered(scripted: ScriptedControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "LIMIT", 60.0)  # a loaded machine takes its time
    ident = scripted.join("1001", "Xã Tân Lập", site=2)
    assert "roll_call_next" in completed("act", "roll")
    assert completed("room", "show", "") == ["1001"]
    assert completed("room", "show", "2") == []
    assert completed("act", "floor", "1001", "") == [ident]
    assert completed("act", "floor", "1001", "xã t") == [ident]  # by its name
    assert completed("site", "show", "027") == ["02701", "02702"]
    assert completed("site", "show", "phuong") == ["3"]
    assert "1+5" in completed("room", "layout", "1001", "1")
    assert completed("roomx", "") == sorted(completed("roomx", ""))


def test_a_shell_is_not_kept_waiting(scripted: ScriptedControl) -> None:
    assert completion.LIMIT < 1
    go_on = scripted.hang()
    try:
        assert completed("room", "show", "") == []  # though nothing has answered
    finally:
        go_on.set()


def test_it_is_silent_when_control_is_away(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert completed("room", "show", "") == []
    Path("mcu.toml").write_text("[sip]\nprot = 1\n")
    assert completed("room", "show", "") == []
    assert completed("--server", "https://127.0.0.1:1", "--token", "t", "room", "show", "") == []
    assert capfd.readouterr() == ("", "")
