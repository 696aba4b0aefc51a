"""Links to control: kept for the next call, and none left open at the end."""

from __future__ import annotations

import threading
import time

import pytest
from mcu.web.control_link import ControlLink

from mcu.config import Settings
from mcu.core.roles import LOCAL
from mcu.errors import ControlDown, TimedOut, Unavailable
from tests.fakes.control import FakeControl


def test_a_link_is_kept_for_the_next_call(control: FakeControl, settings: Settings) -> None:
    link = ControlLink(settings.control_socket, lambda: LOCAL)
    assert [link.call("bus.ping") for _ in range(3)] == ["pong"] * 3
    assert len(link._idle) == 1
    link.close()
    assert link._idle == []


def test_a_link_in_use_is_closed_after_its_call(control: FakeControl, settings: Settings) -> None:
    link, answers = ControlLink(settings.control_socket, lambda: LOCAL, size=1), []
    go_on = control.hang()
    thread = threading.Thread(target=lambda: answers.append(link.call("bus.ping")))
    thread.start()
    end = time.monotonic() + 10
    while link._places.acquire(blocking=False):  # the call has not begun
        link._places.release()
        assert time.monotonic() < end
    link.close()
    go_on.set()
    thread.join(10)
    assert answers == ["pong"]
    assert link._idle == []


def test_without_control_it_says_so(settings: Settings) -> None:
    link = ControlLink(settings.control_socket, lambda: LOCAL)
    with pytest.raises(ControlDown) as down:
        link.call("room.act", room="1001", act="lock", on=True)
    assert not down.value.begun
    link.close()


def test_without_a_place_nothing_was_begun(control: FakeControl, settings: Settings) -> None:
    link = ControlLink(settings.control_socket, lambda: LOCAL, size=0, timeout=0.01)
    with pytest.raises(Unavailable) as full:
        link.call("bus.ping")
    assert not full.value.begun
    link.close()


def test_an_answer_that_does_not_come_says_nothing_of_what_was_done(control: FakeControl, settings: Settings) -> None:
    link = ControlLink(settings.control_socket, lambda: LOCAL, timeout=0.2)
    go_on = control.hang()
    with pytest.raises(TimedOut) as late:
        link.call("room.act", room="1001", act="lock", on=True)
    go_on.set()
    assert late.value.begun
    link.close()
