"""What is written down for a successor: the dialogs that are up, each time that these are others, and not else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mcu import config
from mcu.h323 import sip
from mcu.h323.gateway import Gateway
from mcu.h323.gateway.call import Call
from mcu.h323.sip import leftovers
from mcu.h323.sip.leftovers import Dialog


def _sip_call(name: str) -> Any:
    return SimpleNamespace(up=True, dialog=Dialog(name, "<sip:a@x>;tag=1", "<sip:b@x>;tag=2", "sip:b@x", 7))


async def test_it_is_written_when_a_dialog_begins_or_ends_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dialogs"
    writes: list[int] = []
    real = leftovers.write

    def write(where: Path, dialogs: Iterable[Dialog]) -> None:
        listed = list(dialogs)
        writes.append(len(listed))
        real(where, listed)

    monkeypatch.setattr(leftovers, "write", write)
    gateway = Gateway(
        config.H323(), "127.0.0.1", ("127.0.0.1", 5060), sip.Account("h323", "x"), lambda event, data: None, memory=file
    )
    none = SimpleNamespace(sip=None)
    one: Any = SimpleNamespace(sip=_sip_call("one"), presentation=none, slides=none, describe=dict)
    gateway.calls["tag"] = cast(Call, one)
    for _ in range(5):
        gateway.changed(one)
    assert writes == [1]

    one.slides = SimpleNamespace(sip=_sip_call("slides"))
    for _ in range(5):
        gateway.changed(one)
    assert writes == [1, 2]
    assert {dialog.call_id for dialog in leftovers.read(file)} == {"one", "slides"}

    one.slides = SimpleNamespace(sip=_sip_call("other slides"))
    gateway.changed(one)
    assert {dialog.call_id for dialog in leftovers.read(file)} == {"one", "other slides"}

    one.slides.sip.up = one.sip.up = False
    gateway.changed(one)
    assert leftovers.read(file) == []
    assert writes == [1, 2, 2, 0]


def test_the_number_of_a_later_request_is_beyond_those_of_a_call_of_days(tmp_path: Path) -> None:
    leftovers.write(tmp_path / "dialogs", [_sip_call("one").dialog])
    (found,) = leftovers.read(tmp_path / "dialogs")
    assert 7 + 7 * 24 * 3600 < found.sequence < 2**31  # one a second; RFC 3261 8.1.1.5
