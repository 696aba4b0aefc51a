"""``mcu gateway`` and ``mcu call``: H.323 calls, their traces, and calls that the bridge makes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.fakes.control import FakeControl

Run = Callable[..., Result]
Read = Callable[..., Any]

CALL = {
    "tag": "0011223344556677", "name": "Xã Một", "number": "1001", "address": "10.0.0.7:1720", "vendor": "Polycom",
    "product": "HDX 8000", "version": "3.1.0", "since": 1_700_000_000.0, "trace": False, "tunnelling": True,
    "media": {
        "audio": {"to_terminal": {"codec": "g722"}, "from_terminal": {"codec": "pcma"}},
        "video": {"to_terminal": {"codec": "h264"}, "from_terminal": None},
    },
}  # fmt: skip


@pytest.fixture
def h323(control: FakeControl) -> FakeControl:
    control.h323.append(dict(CALL))
    return control


def test_calls_and_one_of_them_are_shown(h323: FakeControl, run: Run, read: Read) -> None:
    listed = run("gateway", "calls").stdout
    assert "Polycom HDX 8000 3.1.0" in listed
    assert "g722, h264" in listed
    assert read("gateway", "calls") == [CALL]
    assert "audio from_terminal codec" in run("gateway", "show", CALL["tag"]).stdout
    assert run("gateway", "show", "nobody").exit_code == 1


def test_registrations_are_shown(control: FakeControl, run: Run) -> None:
    assert "2001, xa1" in run("gateway", "registered").stdout


def test_a_trace_is_switched_on_and_saved(h323: FakeControl, run: Run, tmp_path: Path) -> None:
    assert run("gateway", "trace", CALL["tag"]).exit_code == 0
    assert h323.h323[0]["trace"] is True
    assert run("gateway", "save-trace", CALL["tag"]).stdout.startswith("0.000 <- setup")
    text, pcap = tmp_path / "call.txt", tmp_path / "call.pcap"
    assert run("gateway", "save-trace", CALL["tag"], "--text", str(text), "--pcap", str(pcap)).exit_code == 0
    assert text.read_text() == "0.000 <- setup\n"
    assert pcap.read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
    assert run("gateway", "trace", CALL["tag"], "--off").exit_code == 0
    assert h323.h323[0]["trace"] is False


@pytest.mark.parametrize("words", [("trace",), ("trace", "x", "--address", "10.0.0.7"), ("show", "")])
def test_wrong_usage_and_unknown_calls(h323: FakeControl, run: Run, words: tuple[str, ...]) -> None:
    assert run("gateway", *words).exit_code in (1, 2)


def test_a_file_that_cannot_be_written_is_named(h323: FakeControl, run: Run, tmp_path: Path) -> None:
    result = run("gateway", "save-trace", CALL["tag"], "--pcap", str(tmp_path / "no" / "x.pcap"))
    assert result.exit_code == 1
    assert "x.pcap" in result.output


def test_a_terminal_is_called_again_and_given_up(control: FakeControl, run: Run, read: Read) -> None:
    made = read("call", "dial", "1001", "h323:2001@10.0.0.7", "--name", "Xã Một", "--tries", "3")
    assert made["name"] == "Xã Một"
    control.outgoing[made["id"]].update(state="failed", reason="no_answer")
    shown = run("call", "list").stdout
    assert "no answer" in shown
    assert run("call", "again", made["id"]).exit_code == 0
    assert read("call", "list", "1001")[0]["state"] == "dialling"
    assert run("call", "end", made["id"]).exit_code == 0
    assert read("call", "list") == []
    assert run("call", "end", made["id"]).exit_code == 1
