"""Asterisk and a mixer that are there, with core between them."""

from __future__ import annotations

import pytest

from tests.core.world import World


@pytest.fixture
def world() -> World:
    made = World()
    made.switch_up()
    made.mixer_up("run1", calls_kept=False)
    return made
