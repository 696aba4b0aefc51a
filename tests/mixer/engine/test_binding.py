"""What Python sees of the native module."""

from __future__ import annotations

import ast
import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest

from mcu.mixer import _native
from mcu.mixer._native import Engine, QueueSink, RateClass
from tests.mixer.engine.pictures import RED, Sender, one
from tests.waiting import until_blocking

STUB = Path(__file__).parents[3] / "mcu" / "mixer" / "_native.pyi"
SD = [RateClass("sd", 640, 360, 30, 600, 30)]


def test_the_types_are_those_of_the_module() -> None:
    declared: dict[str, set[str]] = {}
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef):
            functions = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
            fields = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
            values = {
                t.id for n in node.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
            }
            declared[node.name] = {n for n in functions | fields | values if not n.startswith("_")}
        elif isinstance(node, ast.FunctionDef):
            declared[node.name] = set()
    tie = {"Legs", "RtcpReports", "set_pjlib_log_level"}
    if not _native.with_pjsip:
        declared = {name: members for name, members in declared.items() if name not in tie}
    actual = {name for name in vars(_native) if not name.startswith("_") and name != "with_pjsip"}
    assert actual == set(declared)
    for name, members in declared.items():
        thing = getattr(_native, name)
        if isinstance(thing, type):
            assert {m for m in vars(thing) if not m.startswith("_")} == members, name


def test_an_engine_goes_although_callbacks_want_the_interpreter() -> None:
    for _ in range(20):
        engine = Engine()
        asked = threading.Event()
        engine.add_source("a", ask_keyframe=asked.set)
        engine.put_view("v", one("a"), SD)
        engine.attach("v", "sd", QueueSink(1))
        assert asked.wait(10)
        del engine  # waits for its threads without the interpreter's lock


def test_stop_lets_go_of_callbacks_and_sinks() -> None:
    engine = Engine()
    sender = Sender(engine, "a", RED)
    engine.put_view("v", one("a"), SD)
    sink = QueueSink()
    engine.attach("v", "sd", sink)
    until_blocking(lambda: sink.count > 0, "a picture")
    gone = weakref.ref(sender)
    engine.stop()
    del sender
    gc.collect()
    assert gone() is None
    assert sink.get(0) is not None
    engine.stop()


def test_a_callback_that_raises_is_reported_and_harmless(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> None:
        raise RuntimeError("no way to ask")

    reports: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reports.append(str(report.exc_value)))
    sink = QueueSink()
    engine.add_source("a", ask_keyframe=ask)
    engine.put_view("v", one("a"), SD)
    engine.attach("v", "sd", sink)
    until_blocking(lambda: reports, "the report")
    assert reports[0] == "no way to ask"
    before = sink.count
    until_blocking(lambda: sink.count > before, "pictures go on")
    engine.stop()
