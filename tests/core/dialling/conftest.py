"""Asterisk that is there, and core that calls a lost site again twice."""

from __future__ import annotations

import pytest

from tests.core.called import world_of
from tests.core.world import World


@pytest.fixture
def world() -> World:
    return world_of()
